"""Pages of feeds and robots.txt, read for the past: over loopback, with a parser of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.collect.feedrobots import FeedRobots
from monitor.collect.http import HttpClient
from monitor.collect.paging import links_of
from monitor.collect.parse import parse_feed
from monitor.collect.past import FeedPast, PastByWay
from monitor.collect.slots import HostSlots
from monitor.model import Limits, Look, ParsedFeed, PastOrder, PastShown, Period, Robots, Source, Step, Way
from tests.factories import NOW
from tests.fakes import FakeClock, here
from tests.rigs.crawl import RememberedHosts, page_source, remembered_pauses
from tests.rigs.web import WebRig, ok

PERIOD = Period(since=NOW - timedelta(days=2), until=NOW, latest=NOW)


class Parser:
    """The real one, in this process."""

    async def parse(self, body: bytes, *, url: str, content_type: str | None, **_: Any) -> ParsedFeed:
        return parse_feed(body, url, content_type, NOW)


async def paging(body: bytes, url: str, content_type: str | None) -> Any:
    return links_of(body, url, content_type)


class PastRig:
    """`await rig.look(path)`: what a page shows."""

    def __init__(self, web: WebRig, client: HttpClient, clock: FakeClock) -> None:
        self.web, self.hosts = web, RememberedHosts()
        pauses = remembered_pauses(self.hosts, clock)
        self.past = FeedPast(
            client=client,
            parser=Parser(),
            paging=paging,
            pauses=pauses,
            robots=FeedRobots(client, hosts=self.hosts, pauses=pauses, on_store=here, clock=clock),
            limits=Limits(),
            clock=clock,
        )

    def source(self, **changes: Any) -> Source:
        return page_source(**{"url": self.web.url("/feed"), "start": (self.web.url("/feed"),)} | changes)

    async def look(self, path: str, way: Way = Way.FEED, **changes: Any) -> tuple[Look, PastShown]:
        step = Step(url=self.web.url(path), way=way)
        order = PastOrder(period=PERIOD, way=way, pages=6)
        shown = await self.past.look(self.source(**changes), [step], order)
        (look,) = shown.looks
        assert look.url == step.url
        return look, shown


@pytest.fixture
async def rig() -> AsyncIterator[PastRig]:
    clock, limits = FakeClock(), Limits(gap=timedelta())
    async with WebRig() as web:
        client = HttpClient(limits=limits, user_agent="t", turns=HostSlots(clock, 0), clock=clock)
        yield PastRig(web, client, clock)
        await client.close()


def rss(*hours: int, head: str = "") -> bytes:
    items = "".join(
        f"<item><title>Story {n}</title><link>https://one.example/{n}</link>"
        f"<pubDate>{NOW - timedelta(hours=n):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for n in hours
    )
    return f'<rss version="2.0"><channel><title>One</title>{head}{items}</channel></rss>'.encode()


async def test_a_page_of_a_feed_is_sorted_by_the_period_and_leads_to_the_next(rig: PastRig) -> None:
    rig.web.serve("/feed", ok(rss(1, 2, 90, head='<link rel="next" href="/feed?p=2"/>')))
    look, shown = await rig.look("/feed")
    assert (look.within, look.older, look.newest) == (2, 1, NOW - timedelta(hours=1))
    assert [draft.title for draft in shown.drafts] == ["Story 1", "Story 2"]
    assert [(lead.url, lead.way) for lead in look.leads] == [(rig.web.url("/feed?p=2"), Way.FEED)]
    again, _ = await rig.look("/feed")
    assert again.mark == look.mark != ""


@pytest.mark.parametrize(("robots", "asked"), [(Robots.PAGES, False), (Robots.OBEY, False), (Robots.IGNORE, True)])
async def test_robots_txt_holds_for_pages_that_nobody_typed_in(rig: PastRig, robots: Robots, *, asked: bool) -> None:
    rig.web.serve("/robots.txt", ok(b"User-agent: *\nDisallow: /feed"))
    rig.web.serve("/feed", ok(rss(1)))
    rig.web.serve("/feed?p=2", ok(rss(2)))
    further, _ = await rig.look("/feed?p=2", robots=robots)
    assert (further.error is None, "/feed?p=2" in rig.web.paths) == (asked, asked)
    typed, _ = await rig.look("/feed", robots=robots)
    assert (typed.error is None) is (robots is not Robots.OBEY)


async def test_robots_txt_names_sitemaps_and_is_remembered(rig: PastRig) -> None:
    rig.web.serve("/robots.txt", ok(b"Sitemap: https://one.example/a.xml\nsitemap: /b.xml\nSitemap: javascript:x\n"))
    for _ in range(2):
        look, _ = await rig.look("/robots.txt", Way.ROBOTS)
    assert [lead.url for lead in look.leads] == ["https://one.example/a.xml", rig.web.url("/b.xml")]
    assert rig.web.paths == ["/robots.txt"]


async def test_a_site_without_robots_txt_names_no_sitemap(rig: PastRig) -> None:
    look, _ = await rig.look("/robots.txt", Way.ROBOTS)
    assert (look.error, look.leads) == (None, ())


async def test_a_server_that_is_busy_is_left_alone_by_everybody(rig: PastRig) -> None:
    rig.web.serve("/feed", ok(status="503 Busy", Retry_After="600"))
    look, _ = await rig.look("/feed")
    assert (look.error, look.retry_after) == ("http_503", timedelta(minutes=10))
    again, _ = await rig.look("/feed")
    assert (again.error, rig.web.connections) == ("host_paused", 1)


async def test_what_is_no_feed_is_told_as_such(rig: PastRig) -> None:
    rig.web.serve("/feed", ok(b"<!doctype html><html><body>Not here</body></html>"))
    look, shown = await rig.look("/feed")
    assert (look.error, shown.drafts) == ("not_a_feed", ())


async def test_each_way_has_its_reader() -> None:
    class Reader:
        def __init__(self) -> None:
            self.ways: list[Way] = []

        async def look(self, source: Source, steps: Any, order: PastOrder) -> PastShown:
            assert source.name
            assert steps
            self.ways.append(order.way)
            return PastShown(looks=())

    feeds, crawls = Reader(), Reader()
    past = PastByWay(feeds=feeds, crawls=crawls)
    for way in Way:
        await past.look(page_source(), [Step(url="u", way=way)], PastOrder(period=PERIOD, way=way, pages=1))
    assert feeds.ways == [Way.FEED, Way.ROBOTS]
    assert crawls.ways == [Way.SITEMAP, Way.LISTING, Way.ARCHIVE]
