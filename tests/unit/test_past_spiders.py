"""The spiders of the past on pages of our own; nothing is downloaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from monitor.collect.crawl.pastlines import look_line, look_of, past_line, past_of
from monitor.errors import SourceError
from monitor.model import Draft, Lead, Look, PastOrder, Period, Way
from spiders.past import PastListingSpider, PastSitemapSpider
from tests.factories import source
from tests.unit.test_spiders import index, urlset

SITE = "https://valley.example"
MAP = f"{SITE}/sitemap.xml"
PERIOD = Period(
    since=datetime(2026, 11, 10, 6, tzinfo=UTC),
    until=datetime(2026, 11, 12, 6, tzinfo=UTC),
    latest=datetime(2026, 11, 27, tzinfo=UTC),
)
HEADLINE = "Talks about the reservoir went on in the capital"


def order(way: Way, pages: int = 6) -> PastOrder:
    return PastOrder(period=PERIOD, way=way, pages=pages)


def read(spider: Any, body: str, url: str, kind: type[Response] = Response, **told: Any) -> tuple[list[Any], Look]:
    """What a page gives besides its look, and that."""
    found = list(spider.parse(kind(url, body=body.encode()), **{"asked": url} | told))
    (look,) = [item for item in found if isinstance(item, Look)]
    return [item for item in found if not isinstance(item, Look)], look


def sitemap(body: str, **changes: Any) -> tuple[list[Any], Look]:
    return read(PastSitemapSpider(source(**{"url": MAP, "start": (MAP,)} | changes), order(Way.SITEMAP)), body, MAP)


def entry(name: str, changed: str = "") -> str:
    return f"<loc>{SITE}/{name}</loc>" + (f"<lastmod>{changed}</lastmod>" if changed else "")


def card(name: str, when: str = "") -> str:
    time = f"<time datetime='{when}'>then</time>" if when else ""
    return f"<div><a href='/{name}'><h3>{HEADLINE} {name}</h3></a>{time}</div>"


async def test_a_spider_of_the_past_asks_for_its_pages_and_tells_of_them_by_those_addresses() -> None:
    spider = PastSitemapSpider(source(url=MAP, start=(MAP, f"{SITE}/b.xml")), order(Way.SITEMAP))
    assert [(request.url, request.cb_kwargs) async for request in spider.start()] == [
        (MAP, {"asked": MAP}),
        (f"{SITE}/b.xml", {"asked": f"{SITE}/b.xml"}),
    ]
    _, look = read(spider, urlset(), f"{SITE}/moved.xml", asked=MAP)
    assert look.url == MAP


def test_a_sitemap_gives_every_entry_of_the_period_newest_first_and_counts_the_others() -> None:
    drafts, look = sitemap(
        urlset(
            entry("story-one", "2026-11-10T07:00:00Z"),
            entry("story-two", "2026-11-11T07:00:00Z"),
            entry("story-three", "2026-11-09T07:00:00Z"),
            entry("story-four", "2026-11-20T07:00:00Z"),
            entry("2026/11/11/story-five", "2026-11-20T07:00:00Z"),
            entry("story-six"),
        )
    )
    assert [draft.url.removeprefix(f"{SITE}/") for draft in drafts] == [
        "2026/11/11/story-five",
        "story-two",
        "story-one",
    ]
    assert (look.older, look.within, look.newer, look.undated) == (1, 3, 1, 1)
    assert look.oldest == datetime(2026, 11, 9, 7, tzinfo=UTC)


def test_a_long_sitemap_is_given_whole() -> None:
    """A visit takes the newest five hundred; the past takes what is of its time."""
    first = datetime(2026, 11, 10, 7, tzinfo=UTC)
    entries = [entry(f"story-number-{n}", (first + timedelta(seconds=n)).isoformat()) for n in range(3000)]
    drafts, look = sitemap(urlset(*entries))
    assert len({draft.url for draft in drafts}) == 3000
    assert look.within == 3000


def test_of_an_index_those_files_are_named_that_can_hold_the_period_newest_first() -> None:
    files = [
        (f"{SITE}/sitemap-2026-11.xml", "2026-11-27"),
        (f"{SITE}/sitemap-2026-10.xml", "2026-11-27"),
        (f"{SITE}/posts-7.xml", "2026-11-09"),
        (f"{SITE}/posts-8.xml", "2026-11-12"),
        (f"{SITE}/category-sitemap.xml", "2026-11-27"),
        ("https://other.example/posts.xml", "2026-11-27"),
    ]
    drafts, look = sitemap(index(*files))
    assert drafts == []
    assert [lead.url for lead in look.leads] == [
        f"{SITE}/sitemap-2026-11.xml",
        f"{SITE}/posts-8.xml",
        f"{SITE}/posts-7.xml",
    ]
    assert look.left == 1


def test_times_without_a_zone_are_on_the_clock_of_some_outlet() -> None:
    drafts, look = sitemap(urlset(entry("story-one", "2026-11-09T20:00:00"), entry("story-two", "2026-11-08T10:00:00")))
    assert [draft.url for draft in drafts] == [f"{SITE}/story-one"]
    assert (look.within, look.older) == (1, 1)
    assert look.newest is not None
    assert look.newest.tzinfo is UTC


def test_what_is_no_sitemap_shows_nothing() -> None:
    drafts, look = sitemap("<!doctype html><html><body><p>Not here</p></body></html>")
    assert drafts == []
    assert (look.older, look.within, look.newer, look.undated, look.leads) == (0, 0, 0, 0, ())


def listing(body: str, url: str, pages: int = 6, way: Way = Way.LISTING, **told: Any) -> tuple[list[Any], Look]:
    spider = PastListingSpider(source(url=url, start=()), order(way, pages))
    return read(spider, body, url, HtmlResponse, **told)


def test_a_listing_is_followed_until_it_has_passed_the_period() -> None:
    following = "<a rel='next' href='/page/2/'>Older</a>"
    found, look = listing(card("first-1234", "2026-11-11T07:00:00Z") + following, f"{SITE}/")
    assert [item.url for item in found if isinstance(item, Draft)] == [f"{SITE}/first-1234"]
    assert [item.url for item in found if isinstance(item, Request)] == [f"{SITE}/page/2/"]
    assert (look.within, look.leads) == (1, ())
    found, look = listing(card("first-1234", "2026-11-09T07:00:00Z") + following, f"{SITE}/")
    assert (found, look.older, look.leads) == ([], 1, ())


def test_a_listing_that_goes_on_beyond_a_stretch_names_its_next_page() -> None:
    body = (
        card("first-1234", "2026-11-11T07:00:00Z") + "<div class=nav-previous><a href='/page/2/'>Older posts</a></div>"
    )
    found, look = listing(body, f"{SITE}/", pages=0)
    assert not [item for item in found if isinstance(item, Request)]
    assert [lead.url for lead in look.leads] == [f"{SITE}/page/2/"]


def test_the_archive_of_a_day_gives_what_is_on_it_and_one_that_leads_elsewhere_is_none() -> None:
    day = f"{SITE}/2026/11/11/"
    found, look = listing(card("first-1234") + card("second-1235"), day, way=Way.ARCHIVE)
    assert len(found) == 2
    assert (look.within, look.undated, look.error) == (2, 0, None)
    found, look = listing(card("first-1234"), f"{SITE}/", way=Way.ARCHIVE, asked=day)
    assert (found, look.error, look.url) == ([], "http_404", day)


def test_what_is_said_between_parent_and_child_comes_through() -> None:
    assert past_of(past_line(order(Way.ARCHIVE))) == order(Way.ARCHIVE)
    look = Look(url=MAP, way=Way.SITEMAP, within=3, oldest=PERIOD.since, leads=(Lead(url=MAP, way=Way.SITEMAP),))
    assert look_of(look_line(look)) == look
    with pytest.raises(SourceError, match="crawl_broken"):
        look_of({"url": MAP, "way": "sideways"})
