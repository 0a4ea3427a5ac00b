"""The walk through an outlet's past, and what of a site is a source's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.backfill.scope import Scope, root_of
from monitor.backfill.telling import remarks
from monitor.backfill.walk import REQUESTS, USUAL_SITEMAPS, Walk, begin
from monitor.model import Lead, Look, Period, Source, SourceKind, StepState, Way
from tests.factories import source

SITE = "https://valley.example"
FEED = f"{SITE}/feed/"
ROBOTS = f"{SITE}/robots.txt"
PERIOD = Period(
    since=datetime(2026, 11, 10, tzinfo=UTC),
    until=datetime(2026, 11, 12, 12, tzinfo=UTC),
    latest=datetime(2026, 11, 27, tzinfo=UTC),
)
DAYS = tuple(f"{SITE}/2026/11/{day}/" for day in (12, 11, 10))
WAITS = (timedelta(minutes=1), timedelta(minutes=5))


def valley(**changes: Any) -> Source:
    return source("valley", **{"url": FEED, "start": (FEED,)} | changes)


def look(url: str, way: Way = Way.FEED, *, leads: tuple[str, ...] = (), to: Way | None = None, **told: Any) -> Look:
    return Look(url=url, way=way, leads=tuple(Lead(url=lead, way=to or way) for lead in leads), **told)


def asked(walk: Walk, most: int = 6) -> list[str]:
    return [step.url for step in walk.next(most)]


def after(walk: Walk, *looks: Look, new: int = 1) -> Walk:
    return walk.learned(looks, new=new)


def without_feed(**changes: Any) -> Walk:
    """A walk whose feed has no further page, and whose robots.txt names nothing."""
    walk = after(begin(valley(**changes), PERIOD), look(FEED, within=10, mark="a"))
    return after(walk, look(ROBOTS, Way.ROBOTS))


def test_a_paged_feed_is_followed_until_it_has_passed_the_beginning_and_nothing_else_is_asked() -> None:
    walk = begin(valley(), PERIOD)
    assert asked(walk) == [FEED]
    walk = after(walk, look(FEED, newer=10, mark="a", leads=(f"{FEED}?paged=2",)))
    assert asked(walk) == [f"{FEED}?paged=2"]
    walk = after(walk, look(f"{FEED}?paged=2", newer=3, within=4, older=3, mark="b", leads=(f"{FEED}?paged=3",)))
    walk = after(walk, look(f"{FEED}?paged=3", within=1, older=9, mark="c", leads=(f"{FEED}?paged=4",)))
    assert (walk.reached, walk.is_over, asked(walk), walk.requests) == (True, True, [], 3)
    assert remarks(walk, full=False) == ()


def test_a_pinned_old_article_does_not_end_a_walk() -> None:
    walk = after(begin(valley(), PERIOD), look(FEED, within=9, older=1, mark="a", leads=(f"{FEED}?paged=2",)))
    assert asked(walk) == [f"{FEED}?paged=2"]


def test_the_same_page_again_ends_a_way_and_the_sitemaps_are_asked() -> None:
    """A server that does not know `paged` answers with its first page."""
    walk = after(begin(valley(), PERIOD), look(FEED, within=10, mark="a", leads=(f"{FEED}?paged=2",)))
    walk = after(walk, look(f"{FEED}?paged=2", within=10, mark="a", leads=(f"{FEED}?paged=3",)))
    assert asked(walk) == [ROBOTS]


@pytest.mark.parametrize("error", ["http_404", "robots_disallowed", "not_a_feed"])
def test_a_further_page_that_is_not_there_ends_a_way(error: str) -> None:
    walk = after(begin(valley(), PERIOD), look(FEED, within=10, mark="a", leads=(f"{FEED}?paged=2",)))
    walk = after(walk, look(f"{FEED}?paged=2", error=error))
    assert asked(walk) == [ROBOTS]


def test_a_page_without_dates_that_shows_nothing_new_ends_a_way() -> None:
    walk = after(begin(valley(), PERIOD), look(FEED, undated=10, mark="a", leads=(f"{FEED}?paged=2",)), new=0)
    assert asked(walk) == [ROBOTS]
    walk = after(begin(valley(), PERIOD), look(FEED, undated=10, mark="a", leads=(f"{FEED}?paged=2",)), new=3)
    assert asked(walk) == [f"{FEED}?paged=2"]


def test_the_sitemaps_that_robots_txt_names_are_read_and_no_place_is_guessed() -> None:
    walk = after(begin(valley(), PERIOD), look(FEED, within=10, mark="a"))
    walk = after(walk, look(ROBOTS, Way.ROBOTS, leads=(f"{SITE}/a.xml", f"{SITE}/b.xml"), to=Way.SITEMAP))
    assert asked(walk) == [f"{SITE}/a.xml", f"{SITE}/b.xml"]
    walk = after(walk, look(f"{SITE}/a.xml", Way.SITEMAP, left=4, leads=(f"{SITE}/a2.xml", f"{SITE}/a1.xml")))
    walk = after(walk, look(f"{SITE}/b.xml", Way.SITEMAP, within=7))
    assert asked(walk) == [f"{SITE}/a2.xml", f"{SITE}/a1.xml"]
    assert not walk.is_over  # older files are there, but what can hold the period is still to be read
    walk = after(walk, *(look(f"{SITE}/{name}", Way.SITEMAP, within=5) for name in ("a2.xml", "a1.xml")))
    assert (walk.reached, walk.is_over) == (True, True)


def test_a_sitemap_that_robots_txt_names_is_read_where_it_is_at_a_usual_place_too() -> None:
    usual, other = (f"{SITE}/{name}" for name in USUAL_SITEMAPS[:2])
    walk = after(begin(valley(), PERIOD), look(FEED, within=10, mark="a"))
    walk = after(walk, look(ROBOTS, Way.ROBOTS, leads=(usual, f"{SITE}/b.xml"), to=Way.SITEMAP))
    assert sorted(asked(walk)) == sorted((usual, f"{SITE}/b.xml"))
    assert other not in asked(after(walk, look(usual, Way.SITEMAP, error="http_404")))


def test_without_a_word_in_robots_txt_usual_places_are_tried_one_by_one_until_one_is_right() -> None:
    walk = without_feed()
    assert asked(walk) == [f"{SITE}/{USUAL_SITEMAPS[0]}"]
    walk = after(walk, look(f"{SITE}/{USUAL_SITEMAPS[0]}", Way.SITEMAP, error="http_404"))
    assert asked(walk) == [f"{SITE}/{USUAL_SITEMAPS[1]}"]
    walk = after(walk, look(f"{SITE}/{USUAL_SITEMAPS[1]}", Way.SITEMAP, within=5, older=20))
    assert (walk.reached, walk.is_over) == (True, True)
    assert {step.state for step in walk.steps if step.guess} == {StepState.FAILED, StepState.DONE, StepState.SKIPPED}


def test_sitemaps_that_were_good_before_are_asked_before_any_guess() -> None:
    walk = begin(valley(), PERIOD, remembered=[f"{SITE}/maps/all.xml"])
    walk = after(walk, look(FEED, within=10, mark="a"), look(ROBOTS, Way.ROBOTS))
    assert asked(walk) == [f"{SITE}/maps/all.xml"]


def test_a_news_sitemap_that_begins_too_late_is_told_and_the_archives_of_days_are_asked() -> None:
    begins = datetime(2026, 11, 11, 9, tzinfo=UTC)
    walk = after(without_feed(), look(f"{SITE}/sitemap.xml", Way.SITEMAP, within=40, newer=9, oldest=begins))
    assert (walk.reached, asked(walk)) == (False, list(DAYS))
    assert "the sitemap begins at 2026-11-11 09:00 UTC" in remarks(walk, full=False)
    walk = after(walk, *(look(day, Way.ARCHIVE, within=8, mark=day) for day in DAYS))
    assert (walk.reached, walk.is_over, remarks(walk, full=False)) == (True, True, ())


@pytest.mark.parametrize(
    "shown", [{"error": "http_404"}, {"within": 12, "mark": "the same"}, {"older": 9, "mark": "old"}]
)
def test_days_without_an_archive_are_asked_for_twice_and_not_again(shown: dict[str, Any]) -> None:
    walk = after(without_feed(), look(f"{SITE}/sitemap.xml", Way.SITEMAP, within=40))
    walk = after(walk, *(look(day, Way.ARCHIVE, **shown) for day in DAYS[:2]))
    assert (asked(walk), walk.reached) == ([], False)


def test_a_walk_that_found_nothing_says_so() -> None:
    walk = without_feed()
    walk = after(walk, *(look(f"{SITE}/{name}", Way.SITEMAP, error="http_404") for name in USUAL_SITEMAPS))
    walk = after(walk, *(look(day, Way.ARCHIVE, error="http_404") for day in DAYS))
    assert (walk.is_over, walk.reached) == (True, False)
    assert remarks(walk, full=False) == (
        "nothing was found that tells of the past: no sitemap, archive or further page",
    )


def test_a_page_that_fails_is_tried_again_later_and_named_once_it_is_given_up() -> None:
    walk = begin(valley(), PERIOD)
    for attempt, wait in enumerate((WAITS[0], WAITS[1], WAITS[1]), 1):
        walk = after(walk, look(FEED, error="http_503"))
        assert (asked(walk), walk.wait(WAITS), walk.requests) == ([FEED], wait, attempt)
    walk = after(walk, look(FEED, error="http_503"))
    assert (asked(walk), walk.wait(WAITS)) == ([ROBOTS], timedelta())
    assert f"{FEED} could not be read: http_503" in remarks(walk, full=False)


def test_a_host_that_asks_to_be_left_alone_is_and_no_try_is_counted() -> None:
    paused = look(FEED, error="host_paused", retry_after=timedelta(hours=2))
    walk = after(begin(valley(), PERIOD), *(paused,) * 9)
    assert (asked(walk), walk.wait(WAITS), walk.requests) == ([FEED], timedelta(hours=2), 0)


def test_a_pause_of_unknown_length_is_a_short_one() -> None:
    walk = after(begin(valley(), PERIOD), look(FEED, error="host_paused"))
    assert walk.wait(WAITS) == WAITS[0]


def test_what_a_crawl_never_comes_to_ends_although_it_was_not_asked_for() -> None:
    """A crawl that comes to some of its pages has had no time for the others; one that comes to none has failed."""
    never = look(FEED, error="not_reached")
    walk = begin(valley(), PERIOD)
    for _ in range(9):
        walk = after(walk, never, look(ROBOTS, Way.ROBOTS))
    assert asked(walk) == [FEED]
    for _ in range(9):
        walk = after(walk, never)
    assert FEED not in asked(walk)


def test_a_sitemap_with_a_file_that_could_not_be_read_is_not_called_complete() -> None:
    walk = after(begin(valley(), PERIOD), look(FEED, within=10, mark="a"))
    walk = after(walk, look(ROBOTS, Way.ROBOTS, leads=(f"{SITE}/a.xml", f"{SITE}/b.xml"), to=Way.SITEMAP))
    walk = after(walk, look(f"{SITE}/a.xml", Way.SITEMAP, within=3, older=50))
    walk = after(walk, look(f"{SITE}/b.xml", Way.SITEMAP, error="too_large"))
    assert not walk.reached
    assert f"{SITE}/b.xml could not be read: too_large" in remarks(walk, full=False)


def test_a_walk_ends_at_its_limits_whatever_an_outlet_shows() -> None:
    walk, page = begin(valley(), PERIOD), FEED
    for number in range(2, 400):
        following = f"{FEED}?paged={number}"
        walk = after(walk, look(page, within=10, mark=page, leads=(following,)))
        page = following
        if page not in asked(walk):
            break
    assert walk.requests == 200
    assert asked(walk) == [ROBOTS]
    maps = tuple(f"{SITE}/{number}.xml" for number in range(5000))
    walk = after(walk, look(ROBOTS, Way.ROBOTS, leads=maps, to=Way.SITEMAP))
    assert len(walk.steps) < 2100
    while urls := asked(walk):
        walk = after(walk, *(look(url, Way.SITEMAP, within=1) for url in urls))
    assert REQUESTS <= walk.requests < REQUESTS + 6
    assert any("500 requests" in remark for remark in remarks(walk, full=False))


@pytest.mark.parametrize(
    ("kind", "first"),
    [(SourceKind.FEED, Way.FEED), (SourceKind.LISTING, Way.LISTING), (SourceKind.SITEMAP, Way.SITEMAP)],
)
def test_every_kind_of_source_begins_with_what_the_person_named(kind: SourceKind, first: Way) -> None:
    walk = begin(valley(kind=kind), PERIOD)
    assert [(step.url, step.way) for step in walk.next(6)] == [(FEED, first)]


def test_a_site_with_a_spider_of_its_own_is_read_back_by_its_sitemaps() -> None:
    assert asked(begin(valley(kind=SourceKind.SPIDER, spider="valley"), PERIOD)) == [ROBOTS]


def test_indexes_of_indexes_end() -> None:
    walk = begin(valley(kind=SourceKind.SITEMAP), PERIOD)
    for number in range(9):
        (url,) = asked(walk)
        if url == ROBOTS:
            break
        walk = after(walk, look(url, Way.SITEMAP, leads=(f"{SITE}/deeper{number}.xml",)))
    assert [step.page for step in walk.steps if step.way is Way.SITEMAP and not step.guess] == [1, 2, 3, 4]


# What of a site is a source's own.


def test_without_known_articles_a_sources_own_address_says_which_edition_it_is_of() -> None:
    english, russian = (Scope.of(valley(url=url, start=(url,)), ()) for url in (FEED, f"{SITE}/ru/feed/"))
    assert f"{SITE}/story" in english
    assert f"{SITE}/ru/story" not in english
    assert f"{SITE}/ru/story" in russian
    assert f"{SITE}/story" not in russian
    assert "https://other.example/story" not in english
    assert "https://www.valley.example/story" in english


def test_known_articles_say_which_hosts_editions_and_section_are_a_sources() -> None:
    known = [f"https://news.example/politics/story-{number}" for number in range(10)]
    scope = Scope.of(valley(url="https://feeds.example/valley", start=()), known)
    assert "https://news.example/politics/other" in scope
    assert "https://news.example/sports/other" not in scope
    assert "https://news.example/ka/politics/other" not in scope
    few = Scope.of(valley(), [f"{SITE}/politics/story"])
    assert f"{SITE}/sports/other" in few  # one article is not enough to tell


def test_dates_and_numbers_in_addresses_are_no_sections() -> None:
    scope = Scope.of(valley(), [f"{SITE}/2026/11/1{number}/story" for number in range(10)])
    assert f"{SITE}/2025/01/01/story" in scope


def test_a_persons_own_pattern_holds_for_sitemaps_as_well() -> None:
    scope = Scope.of(valley(kind=SourceKind.LISTING, links=r"/news/\d+"), ())
    assert f"{SITE}/news/17" in scope
    assert f"{SITE}/photos/17" not in scope


@pytest.mark.parametrize(("url", "root"), [(FEED, f"{SITE}/"), (f"{SITE}/ru/feed/", f"{SITE}/ru/")])
def test_archives_begin_at_the_site_or_at_its_edition(url: str, root: str) -> None:
    assert root_of(valley(url=url, start=(url,))) == root
