from __future__ import annotations

import asyncio
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils.utils import sqlite3

from monitor.app.startup import forget_ways_out
from monitor.daemon.heartbeat import Heartbeat, clock_step
from monitor.errors import (
    CredentialsError,
    PermanentRefusal,
    SourceError,
    StoreError,
    TemporaryRefusal,
    TransportError,
    UnknownOutcome,
)
from monitor.failpoints import FailpointReached, Failpoints, nowhere
from monitor.health import Rate
from monitor.impasse import Impasse
from monitor.language import Detector
from monitor.model import (
    AlertSettings,
    Channel,
    ChannelKind,
    Collected,
    Draft,
    FirstVisit,
    Limits,
    Message,
    Notice,
    Retention,
    RetryPlan,
    Rule,
    Source,
    SourceState,
    Validators,
    VisitOutcome,
)
from monitor.pipeline import (
    Audience,
    Collecting,
    Delivery,
    Housekeeping,
    Ingest,
    Judge,
    PageIngest,
    Reading,
    Revisits,
    Transport,
)
from monitor.pipeline.lease import within
from monitor.pipeline.transport import mended
from monitor.polling.remembered import after_visit
from monitor.protocols import Failpoint
from monitor.pulse import Pulse
from monitor.render import Letters
from monitor.rules import RuleSet
from monitor.store import ArchiveRows, Store, current_owner, forget, open_store
from tests.factories import NOW, draft, rule, source, visit
from tests.fakes import FakeClock, FakeCollector, FakeLog, FakeNotifier, FakePages, here
from tests.language_fixtures import stems
from tests.rigs.virtual import run

CHANNELS = {
    "desk": Channel(name="desk", kind=ChannelKind.EMAIL, to=("anna@example.org", "bob@example.org")),
    "ops": Channel(name="ops", kind=ChannelKind.EMAIL, to=("ops@example.org",)),
}
RULES = (
    rule("prisoners", "prisoner"),
    rule("truce", "truce", when=("new", "update")),
    rule("only-two", "truce source:two"),
)
PLAN = RetryPlan(waits=tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 30, 60)), give_up=timedelta(days=5))


class House:
    """The stages around a real store, with time, network and mail in the test's hands."""

    def __init__(
        self,
        path: Path,
        *,
        failpoint: Failpoint = nowhere,
        rules: tuple[Rule, ...] = RULES,
        sources: tuple[Source, ...] = (source("one"), source("two")),
    ) -> None:
        self.clock, self.log = FakeClock(), FakeLog()
        self.path = path
        self.store: Store = open_store(path, current_owner())
        self.store.sync(sources, now=NOW, first_due={item.name: NOW for item in sources})
        self.sources = {item.name: item for item in sources}
        known = self.store.version(rules, now=NOW)
        judge = self.judge = Judge(
            rules=RuleSet(known, stems()),
            audience=Audience(rules=known, channels=CHANNELS),
            analyser=stems(),
            detect=Detector(["en"]),
            settings=AlertSettings(),
        )
        revisits = Revisits(self.store, limits=Limits(), jitter=lambda: 0.0)
        self.ingest = Ingest(
            articles=self.store,
            pages=self.store,
            sources=self.store,
            revisits=revisits,
            judge=judge,
            failpoint=failpoint,
        )
        self.impasse = Impasse(monotonic=self.clock.monotonic, writes=lambda: self.store.writes, log=self.log)
        self.pages = FakePages()
        self.reading = Reading(
            configured=self.sources,
            pages=self.store,
            looks=self.store,
            on_store=here,
            reader=self.pages,
            ingest=PageIngest(
                articles=self.store,
                pages=self.store,
                sites=self.store,
                revisits=revisits,
                backfills=self.store,
                judge=judge,
                failpoint=failpoint,
            ),
            clock=self.clock,
            log=self.log,
            impasse=self.impasse,
            limits=Limits(),
            rest=0.01,
            jitter=lambda: 0.0,
        )
        self.collector = FakeCollector()
        self.collecting = Collecting(
            configured=self.sources,
            sources=self.store,
            on_store=here,
            collector=self.collector,
            ingest=self.ingest,
            clock=self.clock,
            log=self.log,
            impasse=self.impasse,
            limits=Limits(),
            jitter=lambda: 0.0,
        )
        self.pulse = Pulse(self.clock.monotonic)
        self.notifier = FakeNotifier(self.clock)
        self.transport = Transport(
            name="smtp", notifier=self.notifier, channels=("desk", "ops"), rate=Rate(30), lease=timedelta(minutes=12)
        )
        self.delivery = Delivery(
            outbox=self.store,
            on_store=here,
            transports=(self.transport,),
            channels=CHANNELS,
            operator="ops",
            letters=Letters(sender="monitor@example.org", timezone=ZoneInfo("UTC")),
            settings=AlertSettings(),
            retry=PLAN,
            limits=Limits(),
            clock=self.clock,
            log=self.log,
            failpoint=failpoint,
            pulse=self.pulse,
            jitter=lambda: 0.0,
        )

    def visit(
        self,
        *drafts: Draft,
        name: str = "one",
        now_minutes: float = 0,
        etag: bytes = b"1",
        parser: str | None = None,
        **changes: Any,
    ) -> int:
        """Take in one visit of a source; gives the number of alerts."""
        now = NOW + timedelta(minutes=now_minutes)
        before = next(item for item in self.store.states() if item.source == name)
        seen = visit(name, started_at=now, finished_at=now, validators=Validators(etag=etag), body_hash=etag)
        seen = replace(seen, parser=parser, **changes)
        remember = partial(after_visit, self.sources[name], before, limits=Limits(), jitter=0)
        return self.ingest(self.sources[name], Collected(visit=seen, drafts=drafts), before, remember, now).alerts

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        # The store's own SQLite: two SQLite libraries on one file in one process release each other's locks.
        connection = sqlite3.connect(self.path)
        found: list[tuple[object, ...]] = connection.execute(sql).fetchall()
        connection.close()
        return found

    async def round(self) -> int:
        await self.delivery.form()
        return await self.delivery.send()

    def state(self) -> list[tuple[object, ...]]:
        return self.rows("SELECT state, attempts FROM messages ORDER BY id")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitor.db"


@pytest.fixture
def house(path: Path) -> Iterator[House]:
    made = House(path)
    yield made
    made.store.close()


def new(number: int = 1, title: str = "Prisoners return", **changes: object) -> Draft:
    return draft(number, title=title, **{"published_at": NOW + timedelta(seconds=30)} | changes)


def test_a_match_alerts_every_recipient_once(house: House) -> None:
    """(case 17)"""
    assert house.visit(new(), new(2, "Weather")) == 2
    assert house.visit(new(), new(2, "Weather")) == 0
    assert house.rows("SELECT count(*) FROM articles") == [(2,)]


def test_one_article_in_two_feeds_is_told_once(house: House) -> None:
    """(case 17)"""
    assert house.visit(new()) == 2
    assert house.visit(new(guid="other", url="http://www.one.example/1?utm_source=two"), name="two") == 0
    assert house.rows("SELECT count(*) FROM articles") == [(1,)]


def test_a_rule_about_a_source_hears_of_what_that_source_shows_later(house: House) -> None:
    """Nothing is missed because another source was first."""
    house.visit(new(title="Storm"))
    house.visit(new(2, title="A truce", url="https://x.example/2"))
    assert house.rows("SELECT count(*) FROM alerts") == [(2,)]
    assert house.visit(new(2, title="A truce", url="https://x.example/2"), name="two") == 0
    assert house.rows("SELECT rule FROM matches ORDER BY rule") == [("only-two",), ("truce",)]


def test_a_first_visit_is_told_as_one_digest(house: House) -> None:
    """(case 18)"""
    old = [new(number, published_at=NOW - timedelta(days=number)) for number in range(1, 301)]
    assert house.visit(*old, new(999)) == 602
    groups = house.rows('SELECT "group", kind, count(*) FROM alerts GROUP BY 1, 2 ORDER BY 1')
    assert groups == [("first-visit", "baseline", 600), ("rule:prisoners", "new", 2)]


async def test_first_visits_of_many_sources_are_one_mail_for_each_recipient(path: Path) -> None:
    """(case 18)"""
    house = House(path, sources=tuple(source(f"s{number}") for number in range(40)))
    for number in range(40):
        old = [
            new(part, published_at=NOW - timedelta(days=1), url=f"https://s{number}.example/{part}")
            for part in range(20)
        ]
        house.visit(*old, name=f"s{number}")
    await house.round()
    assert len(house.notifier.sent) == 2
    first = house.notifier.sent[0]
    assert first.subject == "[prisoners] 40 outlets: 800 found on the first visit"
    text = message_from_bytes(first.raw, policy=email.policy.default).get_body(("plain",))
    assert text is not None
    assert len(set(re.findall(r"^https://\S+", text.get_content(), re.MULTILINE))) == 800
    house.store.close()


@pytest.mark.parametrize(("choice", "expected"), [(FirstVisit.SILENT, []), (FirstVisit.ALERT, [("new",)] * 2)])
def test_first_visits_can_be_silent_or_loud(path: Path, choice: FirstVisit, expected: list[tuple[str]]) -> None:
    house = House(path, sources=(source("one", first_visit=choice),))
    house.visit(new(published_at=None))
    assert house.rows("SELECT kind FROM alerts") == expected
    assert house.rows("SELECT count(*) FROM matches") == [(1,)]
    house.store.close()


def test_a_burst_of_old_entries_is_one_digest(house: House) -> None:
    """(case 19)"""
    house.visit(new())
    house.visit(*(new(number, published_at=NOW - timedelta(days=9)) for number in range(100, 140)), now_minutes=60)
    assert house.rows("SELECT count(DISTINCT \"group\"), count(*) FROM alerts WHERE kind = 'flood'") == [(1, 80)]
    assert house.rows("SELECT max(flood), max(gap) FROM visits") == [(1, 0)]
    assert house.visit(*(new(number) for number in range(100, 140)), now_minutes=90) == 0


def test_two_visits_that_do_not_overlap_are_a_gap_that_is_written_down(house: House) -> None:
    def shown(*numbers: int) -> list[Draft]:
        return [new(number, published_at=NOW + timedelta(minutes=number)) for number in numbers]

    house.visit(*shown(1, 2, 3), now_minutes=5)
    house.visit(*shown(3, 4, 5), now_minutes=10)
    house.visit(*shown(9, 10, 11), now_minutes=15)
    assert house.rows("SELECT gap FROM visits ORDER BY id") == [(0,), (0,), (1,)]
    assert house.store.states()[0].newest_at == NOW + timedelta(minutes=11)


def test_an_edit_is_a_revision_and_news_only_for_rules_that_want_it(house: House) -> None:
    """(case 105)"""
    house.visit(new(text="Old text."))
    assert house.visit(new(text="Old text.\n\nA truce was signed.")) == 2
    assert house.visit(new(text="Old text.\n\nA truce was signed.\n\nPrisoners wait.")) == 0
    assert house.rows("SELECT kind, revision FROM alerts ORDER BY id") == [("new", 0)] * 2 + [("new", 1)] * 2
    assert house.rows("SELECT rules FROM alerts WHERE revision = 1") == [('["truce"]',)] * 2, (
        "which is new to that rule"
    )
    assert house.rows("SELECT count(*) FROM revisions") == [(2,)]
    for number in range(40):
        house.visit(new(text=f"Clock {number}"))
    assert house.rows("SELECT revision FROM articles") == [(42,)]
    assert house.rows("SELECT count(*) FROM revisions") == [(25,)], "24, and the one that a mail waits to be made of"
    assert house.visit(new(text="The truce holds.")) == 2, "what is read is not"
    assert house.rows("SELECT kind FROM alerts ORDER BY id DESC LIMIT 1") == [("update",)]
    house.visit(new(text="Clock 40"))
    assert house.visit(new(text="The truce holds.")) == 0, "what comes back is no news"


@pytest.mark.parametrize("place", ["before_commit", "between_article_and_alert"])
def test_a_visit_that_fails_half_way_leaves_nothing_and_is_read_again(path: Path, place: str) -> None:
    """(cases 3, 4, 20)"""
    house = House(path, failpoint=Failpoints.parse(f"{place}=raise"))
    with pytest.raises(FailpointReached):
        house.visit(new(), etag=b"new")
    assert (
        house.rows("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM alerts), etag FROM source_state")
        == [(0, 0, None)] * 2
    )
    assert house.visit(new(), etag=b"new") == 2
    house.store.close()


async def test_case_28_feeds_that_hang_hold_up_no_other(house: House) -> None:
    """As many as are visited at a time; they go on, and give their places to others (case 28)."""
    gate = asyncio.Event()

    class Hanging:
        async def collect(self, visited: Source, _: SourceState) -> Collected:
            if visited.name != "healthy":
                await gate.wait()
            return Collected(visit=visit(visited.name, outcome=VisitOutcome.NOT_MODIFIED, finished_at=NOW))

    names = [*(f"slow{number}" for number in range(8)), "healthy"]
    sources = tuple(source(name) for name in names)
    house.store.sync(sources, now=NOW, first_due={name: NOW + timedelta(seconds=at) for at, name in enumerate(names)})
    house.clock.advance(60)
    collecting = Collecting(
        configured={one.name: one for one in sources},
        sources=house.store,
        on_store=here,
        collector=Hanging(),
        ingest=house.collecting._ingest,
        clock=house.clock,
        log=house.log,
        impasse=house.impasse,
        limits=Limits(total=8),
        patience=0.01,
    )
    await collecting.tick()
    async with asyncio.timeout(30):
        while collecting.activity.visits == 0:
            await asyncio.sleep(0.01)
    assert sorted(collecting.activity.running) == names[:8]
    gate.set()
    await collecting.drain()
    assert collecting.activity.unchanged == 9


async def test_case_88_a_source_that_waits_for_its_host_is_not_failing(house: House) -> None:
    """It is visited when the pause is over, and is neither counted nor shown as failing (case 88)."""
    wait = timedelta(minutes=20)
    house.collector.answers["one"] = [SourceError("host_paused", "one.example asked to be", retry_after=wait)]
    house.collector.answers["two"] = [SourceError("dns")]
    await house.collecting.tick()
    await house.collecting.drain()
    assert house.collecting.activity.failed == {"two": "dns"}
    known = {state.source: state for state in house.store.states()}
    assert (known["one"].failures, known["one"].last_error) == (0, None)
    assert known["one"].due_at == house.clock.now() + wait


async def test_collecting_visits_what_is_due_and_writes_everything_down(house: House) -> None:
    """One source's failure leaves the others alone (case 34)."""
    house.collector.answers = {
        "one": [
            Collected(visit=visit("one"), drafts=(new(),)),
            Collected(visit=visit("one", outcome=VisitOutcome.NOT_MODIFIED, finished_at=NOW)),
        ],
        "two": [SourceError("dns", "no such name"), ValueError("odd")],
    }
    await house.collecting.tick()
    await house.collecting.drain()
    assert house.collecting.activity.failed == {"two": "dns"}
    assert house.collecting.activity.articles == 1
    await house.collecting.visit_all(["one", "two"])
    assert house.collecting.activity.failed == {"two": "internal"}
    assert house.rows("SELECT source, outcome, error FROM visits ORDER BY id") == [
        ("one", "read", None), ("two", "failed", "dns"), ("one", "not_modified", None), ("two", "failed", "internal")
    ]  # fmt: skip # a table
    assert house.rows("SELECT failures FROM source_state ORDER BY source") == [(0,), (2,)]
    assert house.log.named("visit_crashed")


@pytest.mark.parametrize("news", [True, False])
async def test_a_source_that_works_again_is_one_line_with_news_or_without(house: House, *, news: bool) -> None:
    well = (
        Collected(visit=visit("one"), drafts=(new(),))
        if news
        else Collected(visit=visit("one", outcome=VisitOutcome.NOT_MODIFIED))
    )
    house.collector.answers["one"] = [SourceError("dns"), SourceError("dns"), well, well]
    for _ in range(4):
        await house.collecting.visit_all(["one"])
    (line,) = house.log.named("source_works_again")
    assert (line["source"], line["failures"]) == ("one", 2)
    assert line["since"] == NOW


async def test_a_store_in_the_way_has_the_source_read_again_soon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """(cases 20, 66)"""
    house.collector.answers = {"one": [Collected(visit=visit("one"), drafts=(new(),))]}

    def full(*_: object) -> None:
        raise StoreError("database or disk is full")

    # The store cannot be made to fail at will from outside; one method stands in for a full disk.
    monkeypatch.setattr(house.store, "settle", full)
    await house.collecting.visit_all(["one"])
    assert house.log.named("not_stored")
    monkeypatch.undo()
    await house.collecting.drain()
    assert house.rows("SELECT count(*) FROM articles") == [(0,)]
    assert house.rows("SELECT due_at, etag, lease_owner FROM source_state WHERE source = 'one'") == [
        ("2026-11-24T12:00:30Z", None, None)
    ]


async def test_more_due_sources_than_room_are_all_visited(path: Path) -> None:
    sources = tuple(source(f"s{number}") for number in range(100))
    house = House(path, sources=sources)
    house.collector.answers = {
        item.name: [Collected(visit=visit(item.name, outcome=VisitOutcome.NOT_MODIFIED))] for item in sources
    }
    await house.collecting.tick()
    for _ in range(3):
        await house.collecting.drain()
        await asyncio.sleep(0)
    assert house.rows("SELECT count(*) FROM visits") == [(100,)]
    house.store.close()


async def test_stopping_gives_up_visits_at_once(house: House) -> None:
    class Endless:
        async def collect(self, source: Source, state: SourceState) -> Collected:
            await asyncio.sleep(3600)
            raise AssertionError(source, state)

    collecting = Collecting(
        configured=house.sources,
        sources=house.store,
        on_store=here,
        collector=Endless(),
        ingest=house.ingest,
        clock=house.clock,
        log=house.log,
        impasse=house.impasse,
        limits=Limits(),
    )
    await collecting.tick()
    await asyncio.sleep(0)
    assert collecting.activity.running == {"one", "two"}
    await collecting.tick()
    await collecting.stop(timedelta())
    assert house.rows("SELECT count(*) FROM visits") == [(0,)]


async def test_alerts_become_mails_and_arrive_once(house: House) -> None:
    house.visit(new())
    assert await house.round() == 2
    assert await house.round() == 0
    assert {message.recipient for message in house.notifier.sent} == {"anna@example.org", "bob@example.org"}
    assert {row["state"] for row in ArchiveRows(house.path).alerts(since=None, limit=None)} == {"sent"}


async def test_what_follows_in_a_group_waits_and_goes_together(house: House) -> None:
    house.visit(new())
    await house.round()
    house.visit(new(), new(2, "Prisoners two"), new(3, "Prisoners three"), now_minutes=1)
    house.clock.advance(60)
    assert await house.round() == 0
    house.clock.advance(300)
    assert await house.round() == 2


async def test_one_refused_recipient_is_dead_and_the_operator_hears_once(house: House) -> None:
    """(cases 7, 10)"""
    house.visit(new())
    house.notifier.answers = [PermanentRefusal("550 no such user")]
    assert await house.round() == 2
    assert house.state() == [("failed", 1), ("sent", 1), ("sent", 1)]
    assert house.notifier.sent[-1].recipient == "ops@example.org"
    assert [row["cause"] for row in ArchiveRows(house.path).open_notices()]
    assert ArchiveRows(house.path).delivery()["failed"][0]["reply"] == "550 no such user"


async def test_a_notice_that_is_refused_makes_no_notice(house: House) -> None:
    house.visit(new())
    house.notifier.answers = [PermanentRefusal("550")] * 4
    await house.round()
    await house.round()
    assert house.state() == [("failed", 1)] * 4


async def test_only_the_deferred_recipient_is_tried_again_on_schedule(house: House) -> None:
    """(cases 8, 9, 14)"""
    house.visit(new())
    house.notifier.answers = [TemporaryRefusal("450 wait")] + [None] + [TemporaryRefusal("450 wait")] * 4
    await house.round()
    for _ in range(80):
        house.clock.advance(30)
        await house.delivery.send()
    waits = [round((at - NOW).total_seconds() / 60) for at in house.notifier.attempts]
    assert waits == [0, 0, 1, 6, 21]
    for _ in range(100):
        house.clock.advance(60)
        await house.delivery.send()
    assert house.state() == [("sent", 6), ("sent", 1)]
    assert len({message.raw for message in house.notifier.sent}) == 2


async def test_an_unknown_outcome_sends_the_same_bytes_after_the_first_wait(house: House) -> None:
    """(case 5)"""
    house.visit(new())
    house.notifier.answers = [UnknownOutcome("cut off")]
    await house.round()
    assert house.state() == [("unknown", 1), ("sent", 1)]
    before = house.rows("SELECT raw FROM messages WHERE id = 1")
    house.clock.advance(59)
    assert await house.delivery.send() == 0
    house.clock.advance(2)
    assert await house.delivery.send() == 1
    assert (house.notifier.sent[-1].raw,) == before[0]


async def test_after_five_days_and_every_wait_a_message_is_given_up(house: House) -> None:
    house.visit(new())
    await house.delivery.form()
    house.clock.advance(6 * 86400)
    for _ in range(6):
        house.notifier.answers = [TemporaryRefusal("450")] * 2
        assert [state for state, _ in house.state()] == ["queued", "queued"]
        await house.delivery.send()
        house.clock.advance(3600)
    assert [state for state, _ in house.state()[:2]] == ["failed", "failed"]
    house.notifier.answers = []
    await house.delivery.send()
    assert [state for state, _ in house.state()] == ["failed", "failed", "sent", "sent"]  # the operator is told


async def test_a_wrong_password_costs_no_message_and_heals(house: House) -> None:
    """(case 11)"""
    house.visit(new())
    house.notifier.open_errors = [CredentialsError("535 wrong")] * 72
    await house.delivery.form()
    for _ in range(6 * 60):
        await house.delivery.send()
        house.clock.advance(60)
    assert house.notifier.opened <= 73
    assert house.state() == [("queued", 0)] * 2
    assert len(house.log.named("transport_fails")) == 1
    assert [row["cause"] for row in ArchiveRows(house.path).open_notices()] == ["transport:smtp"]
    house.notifier.open_errors = []
    house.clock.advance(15 * 60)
    assert await house.delivery.send() == 3
    assert ArchiveRows(house.path).open_notices() == []
    assert len(told_of_mail(house)) == 1


async def test_a_refusal_and_what_the_operator_hears_of_it_are_written_both_or_not_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(case 66)"""
    house.visit(new())
    await house.delivery.form()
    house.notifier.answers = [PermanentRefusal("550 no such user")]

    def full(_: object) -> None:
        raise StoreError("database or disk is full")

    # Patched, because no size of disk makes just this write fail.
    monkeypatch.setattr(house.store, "notice", full)
    with pytest.raises(StoreError):
        await house.delivery.send()
    assert "failed" not in {state for state, _ in house.state()}
    monkeypatch.undo()
    await house.delivery.send()
    assert [state for state, _ in house.state()].count("failed") == 1
    assert len(ArchiveRows(house.path).open_notices()) == 1


async def test_a_refusal_that_comes_once_its_recipient_is_forgotten_is_told_to_nobody(house: House) -> None:
    """The server's words repeat the address, which must not come back."""
    house.visit(new())
    await house.delivery.form()

    class Forgotten(FakeNotifier):
        async def send(self, message: Message) -> str:
            if message.recipient == "anna@example.org":
                forget(house.path, message.recipient, now=NOW)
                raise PermanentRefusal("550 <anna@example.org> unknown")
            return await super().send(message)

    house.transport.notifier = Forgotten(house.clock)
    await house.delivery.send()
    assert house.state() == [("failed", 0), ("sent", 1)]
    assert ArchiveRows(house.path).open_notices() == []


async def test_a_server_that_greets_and_takes_nothing_is_one_trouble_and_not_one_a_minute(house: House) -> None:
    """An account out of quota: the login works, MAIL is answered with 421 (case 120)."""
    house.visit(new())
    await house.delivery.form()
    house.notifier.answers = [TransportError("421 at MAIL")] * 500
    for _ in range(60):
        await house.delivery.send()
        house.clock.advance(60)
    assert len(house.log.named("transport_fails")) == 1
    assert [row["cause"] for row in ArchiveRows(house.path).open_notices()] == ["transport:smtp"]
    house.notifier.answers = []
    await house.delivery.send()
    assert ArchiveRows(house.path).open_notices() == []
    assert len(told_of_mail(house)) == 1


def test_trouble_of_a_way_out_that_was_taken_out_of_the_configuration_is_over(house: House) -> None:
    for name in ("smtp", "desk", "gone"):
        house.store.notice(Notice(cause=f"transport:{name}", text="x", at=NOW))
    forget_ways_out(house.store, {"desk": Channel(name="desk", kind=ChannelKind.MAILDIR, path="mail")}, NOW)
    assert house.store.open_causes("transport:") == {"transport:desk"}


def told_of_mail(house: House) -> list[str]:
    """Subjects of the operator's mails about the way out."""
    connection = sqlite3.connect(house.path)
    rows = connection.execute("SELECT subject FROM messages WHERE subject LIKE '%Mail c%' ORDER BY id").fetchall()
    connection.close()
    return [row[0] for row in rows]


async def test_case_120_one_mail_says_that_mail_works_again_and_a_hiccup_is_nobodys_concern(house: House) -> None:
    house.visit(new())
    house.notifier.open_errors = [TransportError("no route"), TransportError("no route"), TransportError("no route")]
    await house.delivery.form()
    await house.delivery.send()
    house.clock.advance(46)
    house.notifier.open_errors = []
    await house.delivery.send()
    assert told_of_mail(house) == [], "the next probe found it mended"
    house.visit(draft(2, title="Prisoners are back"))
    house.clock.advance(600)
    await house.delivery.form()
    house.notifier.open_errors = [TransportError("no route")] * 99
    for _ in range(20):
        await house.delivery.send()
        house.clock.advance(46)
    house.notifier.open_errors = []
    await house.delivery.send()
    await house.delivery.send()
    (told,) = told_of_mail(house)
    assert re.fullmatch(r"News monitor: Mail could not be sent from 20\d\d-.* to 20\d\d-.*", told)


async def test_case_120_that_mail_works_again_comes_with_the_reasons_at_first_and_at_last(house: House) -> None:
    house.visit(new())
    house.notifier.open_errors = [TransportError("no route"), CredentialsError("535 wrong\r\npassword " + "x" * 900)]
    await house.delivery.form()
    for _ in range(3):
        await house.delivery.send()
        house.clock.advance(600)
    ((raw,),) = house.rows("SELECT raw FROM messages WHERE subject LIKE '%could not be sent%'")
    body = message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    text = body.get_content()
    reasons = text.partition("The reason:")[2].partition("It can now")[0].splitlines()
    assert reasons[1] == "no route"
    assert reasons[2].startswith("535 wrong password xxx")
    assert len(reasons[2]) == 400


def test_mail_that_could_not_be_sent_for_less_than_a_minute_is_told_without_a_span() -> None:
    told = mended("2026-11-28 14:05 +04", "2026-11-28 14:05 +04", first="421 busy", last="421 busy")
    assert told.partition("\n")[0] == "Mail could not be sent at 2026-11-28 14:05 +04, for less than a minute"
    assert told.count("421 busy") == 1
    assert mended("14:05", "14:09", first="x", last="").startswith("Mail could not be sent from 14:05 to 14:09\n")


async def test_case_120_a_restart_in_between_does_not_keep_back_that_mail_works_again(path: Path, house: House) -> None:
    house.visit(new())
    house.notifier.open_errors = [TransportError("no route")]
    await house.delivery.form()
    await house.delivery.send()
    house.clock.advance(3600)
    again = House(path)
    again.clock.advance(7200)
    await again.delivery.send()
    assert len(told_of_mail(again)) == 1
    (since,) = [event["since"] for event in again.log.named("transport_works_again")]
    assert since.tzinfo is UTC
    assert ArchiveRows(path).open_notices() == []


async def test_a_connection_lost_before_data_leaves_the_message_as_it_was(house: House) -> None:
    house.visit(new())
    house.notifier.answers = [TransportError("lost at RCPT")]
    await house.round()
    assert house.state() == [("queued", 0)] * 2
    house.clock.advance(46)
    assert await house.delivery.send() == 2


async def test_a_restart_keeps_attempts_and_the_next_time(path: Path, house: House) -> None:
    """(case 14)"""
    house.visit(new())
    house.notifier.answers = [TemporaryRefusal("450")] * 2
    await house.round()
    for _ in range(20):
        again = House(path)
        again.store.release_dead(now=NOW)
        assert await again.delivery.send() == 0
        again.store.close()
    assert house.state() == [("queued", 1)] * 2


async def test_ten_thousand_waiting_alerts_become_lists_with_every_link(house: House) -> None:
    """(case 12; 1,000 here)"""
    house.visit(*(new(number) for number in range(1, 1001)))
    await house.round()
    links = [
        line
        for message in house.notifier.sent
        if message.recipient.startswith("anna")
        for line in message.raw.decode().replace("=\r\n", "").splitlines()
        if line.startswith("https://one.example/")
    ]
    assert sorted(links) == sorted(f"https://one.example/{number}" for number in range(1, 1001))
    assert len([message for message in house.notifier.sent if message.recipient.startswith("anna")]) == 5


async def test_the_rate_is_kept(house: House) -> None:
    """(cases 12, 117)"""
    for number in range(40):
        house.visit(new(number), now_minutes=number * 6)
        house.clock._now = NOW + timedelta(minutes=number * 6)
        await house.delivery.form()
    assert await house.delivery.send() == 30
    assert await house.delivery.send() == 0
    house.clock.advance(61)
    assert await house.delivery.send() == 30


@pytest.mark.parametrize("place", ["before_form", "before_claim", "after_claim", "before_settle"])
async def test_a_stage_that_dies_anywhere_loses_nothing(path: Path, place: str) -> None:
    """(case 3)"""
    house = House(path, failpoint=Failpoints.parse(f"{place}=raise"))
    house.visit(new())
    with pytest.raises(FailpointReached):
        await house.round()
    house.clock.advance(3600)
    await house.round()
    assert {str(message.recipient) for message in house.notifier.sent} == {"anna@example.org", "bob@example.org"}
    assert len({(message.message_id, message.raw) for message in house.notifier.sent}) == 2
    house.store.close()


async def test_stopping_waits_for_the_mail_in_flight_then_leaves_it_unknown(house: House) -> None:
    """(case 75)"""
    house.visit(new())
    await house.delivery.form()
    release, started = asyncio.Event(), asyncio.Event()

    async def slow(_: object) -> str:
        started.set()
        await release.wait()
        return "250 ok"

    house.notifier.send = slow  # type: ignore[method-assign] # this mail alone is slow
    sending = asyncio.create_task(house.delivery.send())
    await started.wait()
    await house.delivery.stop(timedelta(milliseconds=20))
    assert house.log.named("message_left_unknown")
    release.set()
    assert await sending == 1


async def test_housekeeping_tells_what_it_did(house: House) -> None:
    house.visit(new())
    keeping = Housekeeping(
        keeper=house.store,
        on_store=here,
        retention=Retention(visits=timedelta()),
        clock=FakeClock(NOW + timedelta(days=1)),
        log=house.log,
    )
    await keeping.tick()
    await keeping.tick()
    assert house.log.named("housekeeping") == [{"rows": 1}]


async def test_a_step_of_the_clock_wakes_everything_and_pulls_times_back(house: House) -> None:
    """(case 37)"""
    woken: list[int] = []
    heartbeat = Heartbeat(
        clock=house.clock,
        leases=house.store,
        on_store=here,
        limits=Limits(),
        smtp=None,
        wake=lambda: woken.append(1),
        log=house.log,
    )
    house.clock.advance(10)
    await heartbeat.tick()
    assert not woken
    house.store._run("UPDATE source_state SET due_at = '2106-01-01T00:00:00Z'")
    house.clock.step(-3600)
    await heartbeat.tick()
    assert woken == [1]
    assert house.rows("SELECT count(*) FROM source_state WHERE due_at > '2027'") == [(0,)]
    assert clock_step(timedelta(seconds=3), timedelta()) is None
    assert clock_step(timedelta(), timedelta(hours=1)) == timedelta(hours=-1)


def test_an_entry_that_is_still_shown_after_its_text_was_purged_is_no_edit(house: House) -> None:
    """(case 80)"""
    house.visit(new(text="A truce was signed."))
    house.store.purge(now=NOW + timedelta(days=9), retention=Retention(articles=timedelta(days=1)))
    assert house.visit(new(text="A truce was signed."), now_minutes=9 * 24 * 60) == 0
    assert house.rows("SELECT revision, text FROM articles") == [(0, "")]


def test_entries_that_share_an_address_do_not_edit_each_other(house: House) -> None:
    """A live page: every entry of its feed has the same link. The newest says what the article says now."""
    posts = [
        new(number, title="Live", guid=str(number), url="https://one.example/live", text=f"Post {number}.")
        for number in range(30)
    ]
    for upto in range(1, 31):
        house.visit(*reversed(posts[:upto]))
        house.visit(*reversed(posts[:upto]))
    assert house.rows("SELECT count(*), max(revision), max(text) FROM articles") == [(1, 29, "Post 29.")]


async def test_what_another_source_shows_is_named_in_the_mail_that_waits(house: House) -> None:
    """One mail an article and recipient, with every rule (case 17); its words are marked where they stand, or not at all."""
    house.visit(new(title="A night of prisoners"))
    house.visit(new(title="Truce, and a night of prisoners", guid="b"), name="two", now_minutes=1)
    assert house.rows("SELECT rules FROM alerts WHERE recipient LIKE 'anna%'") == [
        ('["prisoners", "truce", "only-two"]',)
    ]
    assert house.rows("SELECT DISTINCT words FROM matches WHERE rule != 'prisoners'") == [("[]",)]
    await house.round()
    assert b"truce" in house.notifier.sent[0].raw
    house.visit(new(title="A truce", guid="c"), name="two", now_minutes=2)
    assert len(house.rows("SELECT id FROM alerts")) == 2


@pytest.fixture
def full_disk(house: House, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A disk that is full under the one write that settles a mail, which no size of disk gives each time; undo it."""

    def full(*_: object) -> None:
        raise StoreError("database or disk is full")

    monkeypatch.setattr(house.store, "settle_message", full)
    return monkeypatch


async def test_case_66_what_was_sent_while_the_disk_was_full_is_written_down_before_anything_else_is_sent(
    house: House, full_disk: pytest.MonkeyPatch
) -> None:
    """The server's 250 is kept, and however late there is room again, its mail is not sent twice (case 119)."""
    house.visit(draft(title="Prisoners home", url="https://x.example/1"))
    await house.delivery.form()
    for _ in range(3):
        with pytest.raises(StoreError):
            await house.round()
        house.clock.advance(3600)
    assert len(house.notifier.sent) == 1
    assert [state for state, _ in house.state()] == ["sending", "queued"]
    full_disk.undo()
    await house.round()
    assert [message.recipient for message in house.notifier.sent] == ["anna@example.org", "bob@example.org"]
    assert house.state() == [("sent", 1), ("sent", 1)]


def in_the_way(house: House, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Let the store be locked for one of its methods, which no lock gives each time; undo it."""

    def locked(*_: object) -> None:
        raise StoreError("database is locked")

    monkeypatch.setattr(house.store, method, locked)


async def test_case_67_a_lock_right_after_the_first_250_of_a_start_costs_no_second_mail(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.visit(draft(title="Prisoners home", url="https://x.example/1"))
    await house.delivery.form()
    in_the_way(house, monkeypatch, "open_notice")
    with pytest.raises(StoreError):
        await house.delivery.send()
    monkeypatch.undo()
    house.clock.advance(3600)
    await house.round()
    assert [message.recipient for message in house.notifier.sent] == ["anna@example.org", "bob@example.org"]
    assert house.state() == [("sent", 1), ("sent", 1)]


async def test_case_67_that_mail_works_again_is_told_once_the_store_lets_it_be(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.visit(new())
    house.notifier.open_errors = [TransportError("no route")]
    await house.delivery.form()
    await house.delivery.send()
    house.clock.advance(3600)
    in_the_way(house, monkeypatch, "resolve")
    with pytest.raises(StoreError):
        await house.delivery.send()
    monkeypatch.undo()
    assert told_of_mail(house) == []
    await house.delivery.send()
    assert len(told_of_mail(house)) == 1
    assert ArchiveRows(house.path).open_notices() == []


async def test_case_67_trouble_with_mail_that_could_not_be_stored_at_first_is_told_with_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.visit(new())
    await house.delivery.form()
    house.notifier.open_errors = [TransportError("no route"), TransportError("no answer")]
    in_the_way(house, monkeypatch, "notice")
    with pytest.raises(StoreError):
        await house.delivery.send()
    monkeypatch.undo()
    assert ArchiveRows(house.path).open_notices() == []
    house.clock.advance(600)
    await house.delivery.send()
    assert [row["text"] for row in ArchiveRows(house.path).open_notices()] == ["no route"]
    house.clock.advance(600)
    await house.delivery.send()
    assert len(told_of_mail(house)) == 1


async def test_case_67_trouble_with_mail_that_was_over_before_it_could_be_stored_is_told_as_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.visit(new())
    await house.delivery.form()
    house.notifier.open_errors = [TransportError("no route")]
    in_the_way(house, monkeypatch, "notice")
    with pytest.raises(StoreError):
        await house.delivery.send()
    monkeypatch.undo()
    house.clock.advance(3600)
    await house.delivery.send()
    await house.delivery.send()
    assert len(told_of_mail(house)) == 1


async def test_case_66_at_the_end_what_was_sent_is_written_down_if_it_can_be(
    house: House, full_disk: pytest.MonkeyPatch
) -> None:
    house.visit(draft(title="Prisoners home", url="https://x.example/1"))
    await house.delivery.form()
    with pytest.raises(StoreError):
        await house.delivery.send()
    await house.delivery.stop(timedelta(seconds=1))
    assert house.log.named("not_stored") == [{"messages": 1, "error": "database or disk is full"}]
    full_disk.undo()
    await house.delivery.stop(timedelta(seconds=1))
    assert house.state()[0] == ("sent", 1)


async def test_case_37_a_visit_in_hand_is_not_begun_again_though_its_lease_has_ended(house: House) -> None:
    """A suspended machine, or a clock that is set ahead: the lease is over, the visit is not."""
    gate, asked = asyncio.Event(), []

    class Held:
        async def collect(self, visited: Source, _: SourceState) -> Collected:
            asked.append(visited.name)
            await gate.wait()
            return Collected(visit=visit(visited.name, outcome=VisitOutcome.NOT_MODIFIED))

    house.collecting._collector = Held()
    await house.collecting.tick()
    await asyncio.sleep(0.01)
    house.clock.step(86400)
    await house.collecting.tick()
    await asyncio.sleep(0.01)
    gate.set()
    await house.collecting.drain()
    assert sorted(asked) == ["one", "two"]
    assert house.rows("SELECT count(*) FROM source_state WHERE lease_owner IS NOT NULL") == [(0,)]


def test_a_visit_that_would_never_end_has_failed_hours_after_its_lease_is_over(house: House) -> None:
    """Nothing else would ever let go of the source."""

    class Endless:
        async def collect(self, visited: Source, _: SourceState) -> Collected:
            if visited.name == "one":
                await asyncio.Event().wait()
            return Collected(visit=visit(visited.name, outcome=VisitOutcome.NOT_MODIFIED))

    async def visited() -> None:
        house.collecting._collector = Endless()
        async with asyncio.timeout(timedelta(days=1).total_seconds()):
            await house.collecting.tick()
            await house.collecting.drain()

    run(visited())
    assert house.collecting.activity.failed == {"one": "timeout"}
    assert house.rows("SELECT last_error FROM source_state WHERE failures = 1") == [
        ("timeout: the visit was not over after 3:24:00",)
    ]
    assert house.rows("SELECT count(*) FROM source_state WHERE lease_owner IS NOT NULL") == [(0,)]


async def test_a_visit_that_raises_a_timeout_of_its_own_is_no_visit_that_never_ended() -> None:
    async def broken() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await within(timedelta(hours=1), broken())
