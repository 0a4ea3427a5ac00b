"""The back-filling stage around a real store: what it stores, where it goes on, what is told and when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.failpoints import FailpointReached, Failpoints
from monitor.model import (
    Backfill,
    BackfillState,
    Draft,
    FullText,
    Lead,
    Limits,
    Look,
    PageRead,
    PastOrder,
    PastShown,
    Reason,
    Retention,
    Source,
    Step,
    Way,
)
from monitor.pipeline import Backfilling, BackfillIngest, Operator
from monitor.render import Letters
from tests.factories import NOW, source
from tests.fakes import here
from tests.unit.test_pipeline import CHANNELS, House

FEED = "https://one.example/feed"
DAY = timedelta(days=1)


def entry(number: int, title: str = "Prisoners return", **changes: Any) -> Draft:
    """An article so many hours old."""
    url = f"https://one.example/{number}"
    return Draft(**{"url": url, "guid": url, "title": title, "published_at": NOW - timedelta(hours=number)} | changes)


class FakePast:
    """Shows what it was told to show, by address; what it was told nothing of is not there."""

    def __init__(self) -> None:
        self.pages: dict[str, list[tuple[Look, tuple[Draft, ...]]]] = {}
        self.asked: list[str] = []

    def page(self, url: str, *drafts: Draft, older: int = 0, leads: Sequence[str] = (), way: Way = Way.FEED) -> None:
        look = Look(
            url=url,
            way=way,
            within=len(drafts),
            older=older,
            oldest=min((draft.published_at for draft in drafts if draft.published_at), default=None),
            mark=url,
            leads=tuple(Lead(url=lead, way=way) for lead in leads),
        )
        self.pages.setdefault(url, []).append((look, drafts))

    def fail(self, url: str, error: str, **told: Any) -> None:
        self.pages.setdefault(url, []).append((Look(url=url, way=Way.FEED, error=error, **told), ()))

    async def look(self, source: Source, steps: Sequence[Step], order: PastOrder) -> PastShown:
        assert {step.way for step in steps} == {order.way}
        await asyncio.sleep(0)
        self.asked += [step.url for step in steps]
        found = [self._shown(source, step) for step in steps]
        return PastShown(
            looks=tuple(look for look, _ in found), drafts=tuple(draft for _, drafts in found for draft in drafts)
        )

    def _shown(self, source: Source, step: Step) -> tuple[Look, tuple[Draft, ...]]:
        assert source.name
        shown = self.pages.get(step.url)
        if not shown:
            return Look(url=step.url, way=step.way, error="http_404"), ()
        return shown.pop(0) if len(shown) > 1 else shown[0]


class PastHouse(House):
    """The stages with the one for the past."""

    def __init__(
        self, path: Path, *, full_text: FullText = FullText.NEVER, failpoint: str = "", two: Source | None = None
    ) -> None:
        super().__init__(path, sources=(source("one", full_text=full_text), two or source("two")))
        self.past = FakePast()
        self.places = 0
        self.stage = self.make_stage(failpoint)

    def make_stage(self, failpoint: str = "") -> Backfilling:
        failing = Failpoints.parse(f"{failpoint}=raise" if failpoint else "")
        return Backfilling(
            configured=self.sources,
            backfills=self.store,
            on_store=here,
            past=self.past,
            ingest=BackfillIngest(
                articles=self.store, backfills=self.store, sources=self.store, judge=self.judge, failpoint=failing
            ),
            operator=Operator(
                notices=self.store,
                on_store=here,
                letters=Letters(sender="monitor@example.org", timezone=ZoneInfo("Asia/Tbilisi")),
                channel=CHANNELS["ops"],
                clock=self.clock,
                log=self.log,
            ),
            place=self._place,
            clock=self.clock,
            log=self.log,
            impasse=self.impasse,
            zone=ZoneInfo("Asia/Tbilisi"),
            limits=Limits(),
        )

    def _place(self) -> AbstractAsyncContextManager[None]:
        self.places += 1
        return nullcontext()

    def ask(self, **changes: Any) -> Backfill:
        values: dict[str, Any] = {
            "id": 0,
            "source": "one",
            "reason": Reason.ASKED,
            "since": NOW - 4 * DAY,
            "until": NOW,
            "mails": True,
            "most": 100,
            "state": BackfillState.OPEN,
            "asked_at": NOW,
        }
        return self.store.add_backfill(Backfill(**values | changes), lease=timedelta(hours=1))

    async def walk(self, backfill: Backfill) -> Backfill:
        return await self.stage.walk(backfill, lambda _: None)

    async def ticks(self, number: int) -> None:
        """Let the daemon's tick come so many times, each after the stretch before it."""
        for _ in range(number):
            await self.stage.tick()
            for _ in range(200):
                await asyncio.sleep(0)
            self.clock.advance(5)


@pytest.fixture
def past(path: Path) -> Iterator[PastHouse]:
    made = PastHouse(path)
    yield made
    made.store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitor.db"


async def test_articles_of_the_past_are_stored_as_any_others_and_told_as_one_summary(past: PastHouse) -> None:
    past.past.page(FEED, *(entry(number) for number in range(1, 11)), leads=[f"{FEED}?paged=2"])
    past.past.page(f"{FEED}?paged=2", *(entry(number) for number in range(11, 21)), older=50)
    walked = await past.walk(past.ask())
    assert (walked.state, walked.reached, walked.new, walked.requests) == (BackfillState.PAGES, True, 20, 2)
    assert await past.round() == 0  # not before it is finished
    await past.stage.settle()
    assert await past.round() == 2
    assert past.state() == [("sent", 1), ("sent", 1)]  # anna and bob
    (mail, _) = past.notifier.sent
    assert mail.subject.startswith("[prisoners] One: 20 found by reading back, ")
    assert past.rows("SELECT count(*), count(backfill), max(baseline) FROM articles") == [(20, 20, 0)]
    assert past.rows("SELECT state, found, new, matched, reached FROM v_backfills") == [("done", 20, 20, 20, 1)]


async def test_what_is_known_is_not_doubled_and_its_edits_are_left_to_the_visits(past: PastHouse) -> None:
    past.visit(entry(1), entry(2))
    past.past.page(FEED, entry(1, "Prisoners returned, it is said"), entry(2), entry(3), older=50)
    walked = await past.walk(past.ask())
    assert (walked.found, walked.new) == (0, 1)  # as it was told to `walk`; the row has the count
    assert past.rows("SELECT found, new FROM backfills") == [(3, 1)]
    assert past.rows("SELECT count(*), max(revision) FROM articles") == [(3, 0)]


async def test_an_article_on_a_mirror_of_its_outlet_is_known_in_the_past_too(path: Path) -> None:
    mirror = "https://d1.cloudfront.net"
    past = PastHouse(path, two=source("two", outlet="One", url=f"{mirror}/feed"))
    past.visit(entry(1, url="https://one.example/a/1.html"))
    past.past.page(f"{mirror}/feed", Draft(url=f"{mirror}/a/1.html", title="Prisoners return"), older=50)
    walked = await past.walk(past.ask(source="two"))
    assert walked.new == 0
    assert past.rows("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM alerts)") == [(1, 2)]
    past.store.close()


async def test_ids_rise_with_time_also_in_the_past(past: PastHouse) -> None:
    past.past.page(FEED, *(entry(number) for number in (3, 1, 2)), older=50)
    await past.walk(past.ask())
    assert past.rows("SELECT url FROM articles ORDER BY id") == [(f"https://one.example/{n}",) for n in (3, 2, 1)]


async def test_at_its_limit_the_newest_were_taken_and_the_next_one_takes_the_rest(past: PastHouse) -> None:
    past.past.page(FEED, *(entry(number) for number in range(1, 9)), older=50)
    walked = await past.walk(past.ask(most=5))
    assert (walked.new, walked.reached, len(walked.remarks)) == (5, False, 1)
    assert past.rows("SELECT max(url) FROM articles") == [("https://one.example/5",)]
    again = await past.walk(past.ask(most=5))
    assert (again.new, again.reached, again.remarks) == (3, True, ())


async def test_what_a_source_has_brought_that_is_taken_out_is_told(past: PastHouse) -> None:
    """Nobody walks on: its summary must not wait for ever. A day, for it may come back."""
    past.past.page(FEED, entry(1), leads=[f"{FEED}?paged=2"])
    past.past.fail(f"{FEED}?paged=2", "host_paused", retry_after=timedelta(hours=2))
    await past.walk(past.ask())
    past.store.sync([source("two")], now=NOW, first_due={})
    past.clock.advance(3600)
    await past.stage.settle()
    assert await past.round() == 0
    past.clock.advance(2 * 24 * 3600)
    await past.stage.settle()
    assert await past.round() == 2
    assert past.rows("SELECT state FROM backfills") == [("done",)]


async def test_without_mail_matches_are_written_down_and_nobody_is_told(past: PastHouse) -> None:
    past.past.page(FEED, entry(1), older=50)
    await past.walk(past.ask(mails=False))
    await past.stage.settle()
    assert await past.round() == 0
    assert past.rows("SELECT count(*), (SELECT count(*) FROM matches) FROM alerts") == [(0, 1)]


@pytest.mark.parametrize("place", ["before_backfill_commit", "after_backfill_commit"])
async def test_one_that_dies_half_way_goes_on_where_it_was_and_doubles_nothing(path: Path, place: str) -> None:
    past = PastHouse(path)
    try:
        past.past.page(FEED, entry(1), leads=[f"{FEED}?paged=2"])
        past.past.page(f"{FEED}?paged=2", entry(2), leads=[f"{FEED}?paged=3"])
        past.past.page(f"{FEED}?paged=3", entry(3), older=50)
        begun = past.ask()
        for _ in range(2):
            begun = await past.stage._stretch(begun, hold=timedelta(hours=1))
        past.stage = past.make_stage(place)
        with pytest.raises(FailpointReached):
            await past.walk(begun)
        past.stage = past.make_stage()
        past.past.asked.clear()
        taken = past.store.claim_backfill(now=NOW + timedelta(hours=2), lease=timedelta(hours=1), only=begun.id)
        assert taken is not None
        walked = await past.walk(taken)
        assert past.past.asked == [f"{FEED}?paged=3"]
        assert (walked.reached, past.rows("SELECT count(*) FROM articles")) == (True, [(3,)])
        await past.stage.settle()
        assert await past.round() == 2
        assert past.rows("SELECT count(*), count(DISTINCT article_id) FROM alerts") == [(6, 3)]
    finally:
        past.store.close()


async def test_one_that_is_stopped_by_hand_waits_for_its_person_and_goes_on_when_asked(past: PastHouse) -> None:
    past.past.page(FEED, entry(1), leads=[f"{FEED}?paged=2"])
    past.past.page(f"{FEED}?paged=2", entry(2), older=50)
    begun = await past.stage._stretch(past.ask(), hold=timedelta(hours=1))
    await past.stage.pause(begun.id)
    await past.ticks(3)
    assert past.past.asked == [FEED]
    found = past.store.unfinished("one", since=begun.since)
    assert found is not None
    assert found.state is BackfillState.PAUSED
    taken = past.store.claim_backfill(now=past.clock.now(), lease=timedelta(hours=1), only=found.id)
    assert taken is not None
    assert (await past.walk(taken)).reached


async def test_one_that_nobody_goes_on_with_is_told_after_a_day(past: PastHouse) -> None:
    past.past.page(FEED, entry(1), leads=[f"{FEED}?paged=2"])
    begun = await past.stage._stretch(past.ask(), hold=timedelta(hours=1))
    await past.stage.pause(begun.id)
    past.clock.advance(DAY.total_seconds() - 60)
    assert await past.stage.settle() == 0
    past.clock.advance(120)
    assert (await past.stage.settle(), await past.round()) == (1, 2)


async def test_what_another_process_walks_is_left_to_it(past: PastHouse) -> None:
    held = past.ask()
    past.store._owner_text = '{"boot": "b", "host": "h", "pid": 1, "started": 1.0}'
    assert past.store.claim_backfill(now=NOW, lease=DAY, only=held.id) is None
    await past.ticks(2)
    assert past.past.asked == []


async def test_a_server_that_asks_for_an_hour_is_left_alone_for_it(past: PastHouse) -> None:
    past.past.fail(FEED, "http_503", retry_after=timedelta(hours=1))
    past.past.page(FEED, entry(1), older=50)
    walked = await past.walk(past.ask())
    assert (walked.state, walked.due_at) == (BackfillState.OPEN, past.clock.now() + timedelta(hours=1))
    await past.ticks(3)
    assert past.past.asked == [FEED]
    past.clock.advance(3600)
    await past.ticks(2)
    assert past.rows("SELECT state, new FROM backfills") == [("done", 1)]


async def test_a_past_that_breaks_stays_with_itself_and_is_tried_again_later(past: PastHouse) -> None:
    async def broken(*_: object) -> PastShown:
        await asyncio.sleep(0)
        raise RuntimeError("a bug")

    looked = past.past.look
    past.past.look = broken  # type: ignore[method-assign] # once
    past.store.release_backfill(past.ask().id, now=NOW)
    await past.ticks(2)
    assert len(past.log.named("backfill_crashed")) == 1
    past.past.look = looked  # type: ignore[method-assign] # it stands in for the real one
    past.past.page(FEED, entry(1), older=50)
    past.clock.advance(DAY.total_seconds())
    await past.ticks(2)
    assert past.rows("SELECT state, new FROM backfills") == [("done", 1)]


def break_past(past: PastHouse) -> None:
    """Let every look at the past fail on a fault of the program."""

    async def broken(*_: object) -> PastShown:
        await asyncio.sleep(0)
        raise RuntimeError("a bug")

    past.past.look = broken  # type: ignore[method-assign] # it stands in for the real one


async def days(past: PastHouse, number: int) -> None:
    """Let so many days pass, with the daemon's ticks in them."""
    for _ in range(number * 24 * 2):
        await past.ticks(1)
        past.clock.advance(1800)


async def test_a_past_that_breaks_every_time_is_given_up_and_told_once(past: PastHouse) -> None:
    """What it found before goes out, and the operator hears of it on the operator's clock."""
    past.past.page(FEED, entry(1), leads=[f"{FEED}?paged=2"])
    begun = await past.stage._stretch(past.ask(), hold=timedelta(hours=1))
    past.store.release_backfill(begun.id, now=NOW)
    break_past(past)
    await days(past, 3)
    tries = len(Limits().page_retry) + 1
    assert len(past.log.named("backfill_crashed")) == tries
    ((state, finished_at, remarks),) = past.rows("SELECT state, finished_at, remarks FROM v_backfills")
    assert (state, f"given up after {tries} faults" in str(remarks)) == ("failed", True)
    assert str(finished_at) > "2026-11-23"
    assert past.rows("SELECT cause FROM events") == [("backfill:one",)]
    await past.round()
    assert sorted(mail.recipient for mail in past.notifier.sent) == [
        "anna@example.org",
        "bob@example.org",
        "ops@example.org",
    ]
    (notice,) = [mail for mail in past.notifier.sent if mail.recipient == "ops@example.org"]
    assert notice.subject.endswith("The past of one could not be read back")
    assert b"+04" in notice.raw
    await days(past, 3)
    assert len(past.log.named("backfill_crashed")) == tries


async def test_a_step_forward_makes_the_next_crash_the_first(past: PastHouse) -> None:
    past.past.page(FEED, entry(1), leads=[f"{FEED}?paged=2"])
    past.past.page(f"{FEED}?paged=2", entry(2), older=50)
    looked = past.past.look
    begun = past.ask()
    past.store.release_backfill(begun.id, now=NOW)
    break_past(past)
    await past.ticks(1)
    assert past.rows("SELECT crashes FROM backfills") == [(1,)]
    past.past.look = looked  # type: ignore[method-assign] # it stands in for the real one
    taken = past.store.claim_backfill(now=past.clock.now(), lease=DAY, only=begun.id)
    assert taken is not None
    await past.stage._stretch(taken, hold=None)
    assert past.rows("SELECT crashes FROM backfills") == [(0,)]


async def test_a_past_that_can_be_read_again_closes_the_notice(past: PastHouse) -> None:
    looked = past.past.look
    past.store.release_backfill(past.ask().id, now=NOW)
    break_past(past)
    await days(past, 3)
    past.past.look = looked  # type: ignore[method-assign] # it stands in for the real one
    past.past.page(FEED, entry(1), older=50)
    await past.walk(past.ask())
    assert past.rows("SELECT cause FROM events WHERE resolved_at IS NULL") == []


async def test_what_ended_long_ago_is_forgotten_but_for_what_articles_name_and_where_gaps_are_noticed(
    past: PastHouse,
) -> None:
    past.visit(*(entry(number, "Weather") for number in range(70, 80)), now_minutes=-60 * 60)
    past.visit(*(entry(number) for number in range(1, 4)), now_minutes=0)
    past.past.page(FEED, *(entry(number) for number in range(1, 6)), older=50)
    await past.ticks(3)  # the gap
    await past.walk(past.ask())  # finds nothing more
    past.past.pages[FEED] = []
    past.past.page(FEED, entry(50), older=50)
    await past.walk(past.ask())
    await past.stage.settle()
    before = past.rows("SELECT id, oldest, new FROM v_backfills")
    assert [(number, new) for number, _, new in before] == [(1, 2), (2, 0), (3, 1)]
    assert before[2][1] == "2026-11-22T10:00:00Z"
    past.store.purge(now=NOW + 100 * DAY, retention=Retention(visits=90 * DAY))
    assert past.rows("SELECT id, oldest, new FROM v_backfills") == [before[0], before[2]]
    assert past.rows("SELECT count(*) FROM backfill_steps") == [(0,)]
    assert past.rows("PRAGMA foreign_key_check") == []
    assert past.store.note_gaps(now=NOW + 100 * DAY, most=10) == 0


async def test_the_newest_gap_is_remembered_although_it_brought_nothing(past: PastHouse) -> None:
    """Else gaps of visits that are still there would be noticed a second time."""
    past.visit(*(entry(number, "Weather") for number in range(70, 80)), now_minutes=-60 * 60)
    past.visit(*(entry(number) for number in range(1, 4)), now_minutes=0)
    past.past.page(FEED, *(entry(number) for number in range(1, 4)), older=50)
    await past.ticks(3)
    assert past.rows("SELECT new, state FROM backfills") == [(0, "done")]
    past.store._forget_walks("2999-01-01T00:00:00Z")
    assert past.store.note_gaps(now=NOW, most=10) == 0


async def test_pages_are_read_before_the_summary_goes_and_news_before_them(path: Path) -> None:
    """The keyword of one stands on its page alone; one turns out to be of another time."""
    past = PastHouse(path, full_text=FullText.ALWAYS)
    try:
        past.visit(now_minutes=-60)
        past.past.page(FEED, entry(1, "Talks went on"), entry(2), entry(3, published_at=None), older=50)
        await past.walk(past.ask())
        past.visit(entry(0, "News"), now_minutes=1)
        past.clock.advance(120)
        (first, *_) = past.store.claim_pages(now=past.clock.now(), limit=9, lease=DAY, only=["one"])
        assert first.url == "https://one.example/0"
        past.store.release_pages(range(9))
        assert (await past.stage.settle(), await past.round()) == (0, 0)
        long_ago = NOW - 90 * DAY
        texts = {0: ("", NOW), 1: ("The prisoners crossed the bridge. ", NOW), 2: ("Nothing. ", NOW), 3: ("", long_ago)}
        for number, (text, at) in texts.items():
            url = f"https://one.example/{number}"
            page = Draft(url=url, title="", text=text + "Long after, the bridge was closed. " * 30, published_at=at)
            past.pages.answers[url] = [PageRead(article_id=0, draft=page)]
        await past.reading.drain(["one"])
        assert (await past.stage.settle(), await past.round()) == (1, 2)
        assert past.notifier.sent[0].subject.startswith("[prisoners] One: 2 found by reading back")
        assert past.rows("SELECT count(*) FROM alerts WHERE kind != 'backfill'") == [(0,)]
        watched = past.rows(
            "SELECT url FROM revisits JOIN articles ON id = article_id WHERE due_at IS NOT NULL ORDER BY url"
        )
        assert watched == [(f"https://one.example/{number}",) for number in (0, 1, 2)]  # not the one of long ago
    finally:
        past.store.close()


async def test_a_page_that_cannot_be_read_holds_the_summary_up_for_a_bounded_time_and_is_no_second_mail(
    path: Path,
) -> None:
    past = PastHouse(path, full_text=FullText.ALWAYS)
    try:
        past.past.page(FEED, entry(1), entry(2, "Talks"), older=50)
        await past.walk(past.ask())
        await past.stage.settle()
        past.clock.advance(6 * 3600 + 1)
        assert (await past.stage.settle(), await past.round()) == (1, 2)
        page = Draft(url="https://one.example/2", text="The prisoners crossed the bridge. " * 30)
        past.pages.answers = {
            "https://one.example/1": [PageRead(article_id=0, error="http_410")],
            "https://one.example/2": [PageRead(article_id=0, draft=page)],
        }
        await past.reading.drain(["one"])
        assert await past.round() == 0
        assert past.rows("SELECT count(*) FROM matches") == [(2,)]
    finally:
        past.store.close()


async def test_a_gap_becomes_work_by_itself_and_what_it_lost_is_told_as_one_summary(past: PastHouse) -> None:
    """Two visits that have nothing in common: what stood between them is in the further pages of the feed."""
    past.visit(*(entry(number, "Weather") for number in range(70, 80)), now_minutes=-60 * 60)
    past.visit(*(entry(number) for number in range(1, 4)), now_minutes=0)
    assert past.rows("SELECT count(*) FROM visits WHERE gap") == [(1,)]
    past.past.page(FEED, *(entry(number) for number in range(1, 4)), leads=[f"{FEED}?paged=2"])
    past.past.page(f"{FEED}?paged=2", *(entry(number) for number in range(4, 34)), older=50)
    await past.ticks(4)
    assert past.rows("SELECT reason, state, reached, new FROM v_backfills") == [("gap", "done", 1, 30)]
    past.clock.advance(600)
    await past.round()
    subjects = sorted({mail.subject.partition(": ")[2] for mail in past.notifier.sent})
    assert len(past.notifier.sent) == 4  # news and the gap, for anna and for bob
    assert subjects[0].startswith("30 found in a gap, ")
    await past.ticks(4)
    assert past.rows("SELECT count(*) FROM backfills") == [(1,)]


async def test_gaps_that_follow_each_other_are_one_walk_until_it_begins(past: PastHouse) -> None:
    past.visit(*(entry(number) for number in range(70, 80)), now_minutes=-60 * 60)
    past.visit(*(entry(number) for number in range(40, 50)), now_minutes=-30 * 60)
    past.store.note_gaps(now=NOW, most=10)
    past.visit(*(entry(number) for number in range(1, 11)), now_minutes=0)
    past.store.note_gaps(now=NOW, most=10)
    assert past.rows("SELECT since, until FROM backfills") == [("2026-11-22T00:00:00Z", "2026-11-24T12:00:00Z")]


async def test_gaps_go_before_what_was_asked_for(past: PastHouse) -> None:
    for reason in (Reason.ASKED, Reason.GAP):
        past.store.release_backfill(past.ask(reason=reason).id, now=NOW)
    taken = past.store.claim_backfill(now=NOW, lease=DAY)
    assert taken is not None
    assert taken.reason is Reason.GAP


async def test_a_sitemap_of_a_whole_site_brings_only_what_is_the_sources_own(past: PastHouse) -> None:
    mine, theirs = entry(3), entry(4, url="https://one.example/ru/4")
    past.past.page("https://one.example/sitemap.xml", mine, theirs, older=50, way=Way.SITEMAP)
    await past.walk(past.ask())
    assert past.rows("SELECT url FROM articles") == [("https://one.example/3",)]
    assert past.places > 0  # crawls of the past take their turn among the others


async def test_a_trial_counts_and_stores_nothing(past: PastHouse) -> None:
    past.visit(entry(1))
    past.past.page(FEED, entry(1), entry(2), leads=[f"{FEED}?paged=2"])
    past.past.page(f"{FEED}?paged=2", entry(3), older=50)
    before = past.rows("SELECT count(*) FROM articles")
    told, steps = await past.stage.try_out(replace(past.ask(), id=0), lambda _: None)
    assert (told.found, told.new, told.requests, told.reached) == (3, 2, 2, True)
    assert [step.url for step in steps if step.attempts] == [FEED, f"{FEED}?paged=2"]
    assert past.rows("SELECT count(*) FROM articles") == before
    assert past.rows("SELECT count(*) FROM backfill_steps") == [(0,)]


async def test_the_dead_hold_nothing(past: PastHouse) -> None:
    past.store._owner_text = past.store._owner_text.replace('"pid"', '"pid_"')
    past.store._owner_text = past.store._owner_text.replace('"pid_": ', '"pid": 9')
    past.ask()
    assert past.store.release_dead(now=NOW) == 1
    assert past.store.claim_backfill(now=NOW, lease=DAY) is not None
