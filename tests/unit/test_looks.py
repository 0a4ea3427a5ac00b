"""Pages that were read are looked at again: how often, by whom, what a look brings, and when a page is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.looks import after_look, is_gone, watch
from monitor.model import (
    NO_VALIDATORS,
    Draft,
    Limits,
    PageRead,
    Retention,
    Revisit,
    Seen,
    Snapshot,
    Snapshots,
    SourceKind,
    Validators,
)
from monitor.packing import pack
from monitor.store import HistoryRows
from tests.factories import NOW, article
from tests.unit.test_full_text import alerts, failed, feed, new, page, read, texts
from tests.unit.test_pipeline import House

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LIMITS = Limits()
PLAIN = "Roads were mended."
TRUCE = f"{PLAIN}\n\nThe truce was signed."
SAME = PageRead(article_id=0, unchanged=True)
HELD = Validators(etag=b'"1"', last_modified=b"Tue, 24 Nov 2026 12:00:00 GMT")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "monitor.db", sources=(feed(),))
    yield made
    made.store.close()


def looked_at(
    changes: Callable[[timedelta], bool], limits: Limits = LIMITS, end: timedelta = 90 * 24 * HOUR
) -> list[timedelta]:
    """Give the ages at which a page is looked at that has changed between two looks whenever `changes` says so."""
    watched = watch(1, "one", NOW, now=NOW, limits=limits, jitter=0.0)
    ages = []
    while watched.due_at is not None and watched.due_at - NOW < end:
        now = watched.due_at
        ages.append(now - NOW)
        seen = Seen.GROWN if changes(now - NOW) else Seen.SAME
        watched = after_look(watched, seen, now=now, limits=limits, jitter=0.0)
    return ages


def until(end: timedelta) -> Callable[[timedelta], bool]:
    return lambda age: age <= end


def test_a_page_that_never_changes_costs_five_requests_in_three_days() -> None:
    assert looked_at(lambda _: False) == [age * HOUR for age in (1, 4, 12, 32, 72)]


def test_a_page_that_grows_is_looked_at_often_and_for_three_days_after_it_grew_last() -> None:
    ages = looked_at(until(12 * HOUR))
    hours = [age / HOUR for age in ages]
    assert hours[:4] == [1, 1.25, 1.5, 1.75]
    last = max(age for age in hours if age <= 12)
    assert len(hours) == 45 + 8
    assert 71 < hours[-1] - last < 73
    waits = [after - before for before, after in pairwise(hours[45:])]
    assert waits == sorted(waits), "ever more seldom"


def test_a_page_that_changes_at_every_look_is_not_asked_for_ever_at_the_pace_of_its_first_day() -> None:
    ages = looked_at(lambda _: True)
    days = [sum(day * 24 * HOUR <= age < (day + 1) * 24 * HOUR for age in ages) for day in range(30)]
    assert days[0] < 96
    assert days[2] < 24
    assert days[29] <= 2
    assert sum(days) < 260


def test_a_look_that_failed_says_nothing_of_the_page_and_ends_with_the_plans_time() -> None:
    watched = watch(1, "one", NOW, now=NOW, limits=LIMITS, jitter=0.0)
    after = after_look(watched, Seen.FAILED, now=NOW + HOUR, limits=LIMITS, jitter=0.0, asked=5 * HOUR)
    assert (after.due_at, after.still, after.looks) == (NOW + 6 * HOUR, 0, 1)
    late = after_look(watched, Seen.FAILED, now=NOW + 72 * HOUR, limits=LIMITS, jitter=0.0)
    assert late.due_at is None


def test_a_page_is_gone_by_410_at_once_and_by_404_when_it_is_asked_twice() -> None:
    watched = watch(1, "one", NOW, now=NOW, limits=LIMITS, jitter=0.0)
    gone = after_look(watched, Seen.GONE, now=NOW + HOUR, limits=LIMITS, jitter=0.0)
    assert is_gone(gone, Seen.GONE)
    once = after_look(watched, Seen.MISSING, now=NOW + HOUR, limits=LIMITS, jitter=0.0)
    assert not is_gone(once, Seen.MISSING)
    assert once.due_at == NOW + 1.25 * HOUR, "a server that stumbles is asked again soon"
    twice = after_look(once, Seen.MISSING, now=NOW + 1.25 * HOUR, limits=LIMITS, jitter=0.0)
    assert is_gone(twice, Seen.MISSING)
    assert twice.due_at == NOW + 4.25 * HOUR, "it may come back"
    back = after_look(twice, Seen.SAME, now=NOW + 5 * HOUR, limits=LIMITS, jitter=0.0)
    assert back.missing == 0


async def look(house: House, after: timedelta, *answers: PageRead, number: int = 1) -> None:
    """Let some time go by, then a round of looks."""
    house.clock.advance(after.total_seconds())
    await read(house, number, *answers)


def watched(house: House, columns: str = "due_at, looks, still, grown") -> list[tuple[object, ...]]:
    return house.rows(f"SELECT {columns} FROM revisits ORDER BY article_id")


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


async def test_a_news_page_is_looked_at_again_an_hour_after_it_was_read(house: House) -> None:
    house.visit(new())
    await read(house, 1, replace(page(PLAIN), validators=HELD))
    assert watched(house) == [(at(NOW + HOUR), 0, 0, 0)]
    await look(house, 0.9 * HOUR, page(TRUCE))
    assert len(house.pages.orders) == 1, "not before its time"
    await look(house, 0.2 * HOUR, page(TRUCE))
    assert house.pages.orders[1].validators == HELD
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    assert house.rows("SELECT kind, revision FROM alerts LIMIT 1") == [("new", 1)]
    assert watched(house)[0][1:] == (1, 0, 1)
    await look(house, 0.25 * HOUR, page(f"{TRUCE}\n\nSchools were opened."))
    assert watched(house)[0][1:] == (2, 0, 2), "a page that grows is looked at sooner"
    assert len(alerts(house)) == 1


async def test_a_page_that_was_not_modified_costs_a_row(house: House) -> None:
    """Neither its text nor the indexes over it are written."""
    house.visit(new())
    await read(house, 1, replace(page(PLAIN), validators=HELD))
    before = house.rows("SELECT * FROM articles")
    await look(house, HOUR, SAME)
    assert house.rows("SELECT * FROM articles") == before
    assert watched(house) == [(at(NOW + 4 * HOUR), 1, 1, 0)]
    assert house.store.watch(1).validators == HELD  # type: ignore[union-attr] # there is one


async def test_case_105_a_look_that_finds_but_a_clock_changed_finds_the_same(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(f"{PLAIN}\n\nUpdated 5 minutes ago\n\nViews: 12"))
    await look(house, HOUR, page(f"{PLAIN}\n\nUpdated 1 hour ago\n\nViews: 9,999"))
    assert house.rows("SELECT revision FROM articles") == [(0,)]
    assert watched(house)[0][1:] == (1, 1, 0)


async def test_what_was_there_before_its_source_is_not_looked_at_unless_it_grows(tmp_path: Path) -> None:
    site = feed(kind=SourceKind.SPIDER, spider="jamnews")
    house = House(tmp_path / "monitor.db", sources=(site,))
    house.visit(new(published_at=NOW - timedelta(days=30)))
    await read(house, 1, page(PLAIN))
    assert watched(house) == []
    house.clock.advance(3600)
    house.visit(new(published_at=NOW - timedelta(days=30), updated_at=house.clock.now()), now_minutes=60)
    await read(house, 1, page(TRUCE))
    assert watched(house, "grown, due_at IS NULL") == [(1, 0)]
    house.store.close()


@pytest.mark.parametrize("revisit", list(Revisit))
async def test_a_source_may_say_that_its_pages_are_not_looked_at_again(revisit: Revisit, tmp_path: Path) -> None:
    house = House(tmp_path / "monitor.db", sources=(feed(revisit=revisit),))
    house.visit(new())
    await read(house, 1, page(PLAIN))
    house.visit(new(title="Another title"), now_minutes=30)
    assert len(watched(house)) == (revisit is Revisit.AUTO)
    house.store.close()


async def test_looks_wait_for_a_run_or_until_a_batch_is_worth_one(house: House) -> None:
    """A child process takes a second and 75 MB to start; a minute more or less is nothing to a look."""
    house.visit(new())
    await read(house, 1, page(PLAIN))
    house.pages.answers["https://one.example/1"] = [SAME]
    runs = house.pages.runs
    house.clock.advance(3600 + 599)
    await house.reading.tick()
    assert house.reading.in_hand == 0
    house.clock.advance(20)
    await house.reading.tick()
    await house.reading.drain([])
    assert house.pages.runs == runs + 1
    assert watched(house)[0][1] == 1


async def test_a_run_that_news_started_takes_due_looks_along(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    house.pages.answers["https://one.example/1"] = [SAME]
    house.pages.answers["https://one.example/2"] = [page("News.", url="https://one.example/2")]
    house.clock.advance(3720)
    runs = house.pages.runs
    house.visit(new(2, "More news"), now_minutes=62)
    gate = house.pages.gates["https://one.example/2"] = asyncio.Event()
    await house.reading.tick()
    assert house.reading.in_hand == 2
    gate.set()
    await house.reading.drain([])
    assert house.pages.runs == runs + 1
    assert [row[1] for row in watched(house)] == [1, 0]


async def test_of_one_source_only_so_many_pages_are_looked_at_an_hour(tmp_path: Path) -> None:
    """First those that nobody has looked at yet, then the longest due."""
    house = House(tmp_path / "monitor.db", sources=(feed(),))
    house.visit(*(new(number, f"Story {number}") for number in range(1, 13)))
    for number in range(1, 13):
        house.pages.answers[f"https://one.example/{number}"] = [page(PLAIN, url=f"https://one.example/{number}")]
    await house.reading.drain(["one"])
    claim = {"patience": timedelta(), "limit": 64, "per_hour": 9, "lease": HOUR, "only": ["one"]}
    later = NOW + 2 * HOUR
    first = house.store.claim_looks(now=later, **claim)
    assert len(first) == 8, "a few at a time"
    assert house.store.claim_looks(now=later, **claim) != first
    for one in first:
        before = house.store.watch(one.article_id)
        assert before is not None
        house.store.keep_watch(after_look(before, Seen.SAME, now=later, limits=LIMITS, jitter=0.0))
    house.store.release_pages(range(1, 13))
    assert len(house.store.claim_looks(now=later, **claim)) == 1, "nine an hour"
    house.store.release_pages(range(1, 13))
    again = house.store.claim_looks(now=later + 5 * HOUR, **claim)
    assert {one.article_id for one in again[:4]} == set(range(1, 13)) - {one.article_id for one in first}
    house.store.close()


async def test_a_page_in_hand_is_looked_at_and_read_by_one_alone(tmp_path: Path) -> None:
    """Its spider says that it has grown while it is looked at: it is read once that is over."""
    house = House(tmp_path / "monitor.db", sources=(feed(kind=SourceKind.SPIDER, spider="jamnews"),))
    house.visit(new())
    await read(house, 1, page(PLAIN))
    later = NOW + 2 * HOUR
    (held,) = house.store.claim_looks(now=later, patience=timedelta(), limit=9, per_hour=9, lease=HOUR, only=["one"])
    house.clock.advance(7200)
    house.visit(new(updated_at=later), now_minutes=120)
    assert house.store.claim_pages(now=later, limit=9, lease=HOUR, only=["one"]) == ()
    ingest = house.reading._ingest
    assert ingest.look(held, replace(page(TRUCE), article_id=1), house.sources["one"], later) == 0
    assert texts(house)[0][0] == "wanted"
    await read(house, 1, page(TRUCE))
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    house.store.close()


async def test_a_page_that_is_edited_while_it_is_looked_at_is_looked_at_once_more(house: House) -> None:
    """What was fetched may be what stood there before the edit; the feed tells of it before the look ends."""
    house.visit(new())
    await read(house, 1, page(PLAIN))
    later = NOW + 2 * HOUR
    (held,) = house.store.claim_looks(now=later, patience=timedelta(), limit=9, per_hour=9, lease=HOUR, only=["one"])
    house.clock.advance(7260)
    house.visit(new(updated_at=later), now_minutes=121)
    ended = NOW + timedelta(minutes=122)
    ingest = house.reading._ingest
    assert ingest.look(held, replace(page(PLAIN), article_id=1), house.sources["one"], ended) == 0
    assert watched(house, "due_at") == [(at(ended),)]
    house.clock.advance(60)
    await read(house, 1, page(TRUCE))
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    assert watched(house, "due_at") != [(at(ended),)], "once"


async def test_an_edit_is_looked_for_where_the_last_look_was_stored_just_after_it(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    watch = house.store.watch(1)
    assert watch is not None
    edited, looked = NOW + 2 * HOUR, NOW + 2 * HOUR + timedelta(minutes=2)
    house.store.keep_watch(after_look(watch, Seen.SAME, now=looked, limits=LIMITS, jitter=0.0))
    house.store.hasten(1, "one", edited_at=edited, now=looked + timedelta(minutes=4))
    assert watched(house, "due_at") == [(at(looked + timedelta(minutes=4)),)]
    house.store.keep_watch(after_look(watch, Seen.SAME, now=NOW + 3 * HOUR, limits=LIMITS, jitter=0.0))
    due = watched(house, "due_at")
    house.store.hasten(1, "one", edited_at=edited, now=NOW + 3 * HOUR)
    assert watched(house, "due_at") == due, "it was seen well after the edit"


async def test_a_look_at_an_edit_that_fails_after_the_plan_is_over_has_another_after_it(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    watch = house.store.watch(1)
    assert watch is not None
    edited = NOW + 30 * DAY
    house.store.keep_watch(replace(watch, looked_at=NOW + 3 * DAY, still=len(LIMITS.revisit), due_at=None))
    house.store.hasten(1, "one", edited_at=edited, now=edited)
    assert watched(house, "due_at") == [(at(edited),)]
    watch = house.store.watch(1)
    assert watch is not None
    failed = after_look(watch, Seen.FAILED, now=edited, limits=LIMITS, jitter=0.0)
    assert failed.due_at == edited + min(LIMITS.revisit)
    seen = [watch]
    while (due := seen[-1].due_at) is not None:
        seen.append(after_look(seen[-1], Seen.FAILED, now=due, limits=LIMITS, jitter=0.0))
    assert len(seen) > 10
    assert due is None, "not for ever"


async def test_what_a_dead_or_late_process_brings_of_a_look_is_dropped(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    later = NOW + 2 * HOUR
    (held,) = house.store.claim_looks(now=later, patience=timedelta(), limit=9, per_hour=9, lease=HOUR, only=["one"])
    house.store.release_pages([1])
    assert house.reading._ingest.look(held, replace(page(TRUCE), article_id=1), house.sources["one"], later) == 0
    assert texts(house)[0][2] == PLAIN


async def test_a_feed_that_edits_an_entry_has_its_page_looked_at(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    house.clock.advance(600)
    house.visit(new(summary="The talks went on."), now_minutes=10)
    assert watched(house, "due_at") == [(at(NOW + timedelta(minutes=10)),)]
    await read(house, 1, page(TRUCE))
    assert '["truce"]' in [row[1] for row in alerts(house)]


async def test_a_feed_that_says_when_an_entry_was_updated_has_its_page_looked_at_once(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    house.clock.advance(600)
    said = NOW + timedelta(minutes=5)
    house.visit(new(updated_at=said), now_minutes=10)
    assert watched(house, "due_at") == [(at(NOW + timedelta(minutes=10)),)]
    await read(house, 1, page(PLAIN))
    due = watched(house, "due_at")
    house.visit(new(updated_at=said), now_minutes=20)
    assert watched(house, "due_at") == due, "it was looked at since"


@pytest.mark.parametrize("minutes", [5, 600])
async def test_a_time_that_is_the_feeds_or_of_the_future_says_nothing_of_an_entry(house: House, minutes: int) -> None:
    """Some feeds write the time of the build beside every entry."""
    house.visit(new(1), new(2, "Other news"))
    house.pages.answers["https://one.example/2"] = [page(PLAIN, url="https://one.example/2")]
    await read(house, 1, page(PLAIN))
    due = watched(house, "due_at")
    said = NOW + timedelta(minutes=minutes)
    house.visit(new(1, updated_at=said), new(2, "Other news", updated_at=said), now_minutes=10)
    assert watched(house, "due_at") == due


async def test_a_page_that_is_gone_keeps_its_text_and_its_history(house: House) -> None:
    """404 is asked for twice; a page that comes back is there again, and that it was gone stays known."""
    house.visit(new())
    await read(house, 1, page(PLAIN))
    history = HistoryRows(house.path)
    await look(house, HOUR, failed("http_404"))
    assert history.gone(1) == []
    await look(house, 0.25 * HOUR, failed("http_404"))
    gone_at = at(NOW + 1.25 * HOUR)
    assert history.gone(1) == [{"status": 404, "gone_at": gone_at, "back_at": None}]
    assert house.rows("SELECT gone_at, text, text_state FROM v_articles") == [(gone_at, PLAIN, "complete")]
    await look(house, 4 * HOUR, page(PLAIN))
    assert history.gone(1) == [{"status": 404, "gone_at": gone_at, "back_at": at(NOW + 5.25 * HOUR)}]
    assert house.rows("SELECT gone_at FROM articles") == [(None,)]


@pytest.mark.parametrize(("error", "status"), [("http_404", 404), ("http_410", 410), ("http_503", None)])
async def test_a_page_that_was_never_there_is_gone_after_its_last_try(
    house: House, error: str, status: int | None
) -> None:
    house.visit(new())
    for _ in range(6):
        await read(house, 1, failed(error))
        house.clock.advance(13 * 3600)
    assert texts(house)[0][0] == "failed"
    assert house.rows("SELECT status FROM v_gone") == ([(status,)] if status else [])


async def test_a_text_that_was_purged_is_not_compared_with_its_page(house: House) -> None:
    """All of it would be news."""
    house.visit(new(title="Truce"))
    await read(house, 1, page(TRUCE))
    house.store.purge(now=NOW + 60 * HOUR, retention=Retention(articles=24 * HOUR))
    before = len(alerts(house))
    await look(house, 61 * HOUR, page(f"{TRUCE}\n\nThe truce holds."))
    assert len(alerts(house)) == before
    assert watched(house, "due_at") == [(None,)]


async def test_a_page_that_nobody_will_look_at_is_forgotten_though_nobody_has(house: House) -> None:
    house.visit(new(title="Truce"))
    await read(house, 1, page(TRUCE))
    house.store._run("UPDATE revisits SET due_at = NULL, looked_at = NULL")
    house.store.purge(now=NOW + timedelta(days=6), retention=Retention())
    assert watched(house, "due_at") == [(None,)]
    house.store.purge(now=NOW + timedelta(days=8), retention=Retention())
    assert watched(house) == []


async def test_what_a_dead_process_was_looking_at_is_free_and_clocks_that_step_hold_nothing_up(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(PLAIN))
    house.store.pull_back(now=NOW - 999 * HOUR, poll=24 * HOUR, retry=HOUR, lease=HOUR)
    assert watched(house, "due_at") == [(at(NOW - 975 * HOUR),)]
    house.store._run('UPDATE revisits SET lease_owner = \'{"host": "here"}\'')
    house.store._run(
        "UPDATE revisits SET lease_owner = ?",
        [house.store._owner_text.replace(str(house.store._owner.pid), "999999")],
    )
    assert house.store.release_dead(now=NOW) == 1


SNAPSHOT = Snapshot(
    url="https://one.example/1",
    status=200,
    headers=(("Content-Type", "text/html"),),
    sha256="0" * 64,
    size=4,
    packed=pack(b"page"),
)


@pytest.mark.parametrize(
    ("kept", "revisions"), [(Snapshots.NEVER, []), (Snapshots.MATCHED, [1]), (Snapshots.ALWAYS, [0, 1])]
)
async def test_a_snapshot_of_each_version_is_kept_where_it_is_asked_for(
    kept: Snapshots, revisions: list[int], tmp_path: Path
) -> None:
    house = House(tmp_path / "monitor.db", sources=(feed(snapshots=kept),))
    house.visit(new())
    await read(house, 1, replace(page(PLAIN), snapshot=SNAPSHOT))
    await look(house, HOUR, replace(page(f"{PLAIN}\n\nViews: 7"), snapshot=SNAPSHOT))
    await look(house, 3 * HOUR, replace(page(TRUCE), snapshot=SNAPSHOT))
    assert [row["revision"] for row in HistoryRows(house.path).snapshots(1)] == revisions
    found = HistoryRows(house.path).snapshot(1, None)
    assert (found[2] if found else None) == (SNAPSHOT if revisions else None)
    house.store.purge(now=NOW + 10 * HOUR, retention=Retention(snapshots=HOUR))
    assert HistoryRows(house.path).snapshots(1) == []
    house.store.close()


def test_no_page_is_watched_that_gave_no_text(house: House) -> None:
    """A page that a script builds has nothing to compare."""
    house.visit(new())
    stored = article(id=1, page_read_at=None)
    revisits = house.reading._ingest._revisits
    revisits.begin(stored, house.sources["one"], PageRead(article_id=1, draft=Draft()), NOW)
    assert watched(house) == []
    assert Validators() == NO_VALIDATORS
