"""One suite for each seam, run against everything that stands behind it, fakes included."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import SystemClock
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.errors import PermanentRefusal, SourceError, TransportError
from monitor.failpoints import nowhere
from monitor.log import make_log
from monitor.model import Collected, Limits, RetryPlan, Smtp, SmtpSecurity, VisitOutcome
from monitor.notify import MaildirNotifier, SmtpNotifier
from monitor.protocols import Clock, Collector, Log, Notifier, OnStore, Parser
from monitor.pulse import Pulse
from monitor.store import StoreThread
from tests.factories import draft, source, state, visit
from tests.fakes import FakeClock, FakeCollector, FakeLog, FakeNotifier, FakeParser, here
from tests.rigs.crawl import remembered_pauses, remembered_robots
from tests.rigs.smtp import Sink
from tests.rigs.web import WebRig, ok
from tests.unit.test_http import LOOPBACK
from tests.unit.test_notify import letter

# -- Clock ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [SystemClock, FakeClock])
async def test_a_clock_is_aware_and_never_steps_back(make: Callable[[], Clock]) -> None:
    clock = make()
    before, monotonic = clock.now(), clock.monotonic()
    assert before.utcoffset() == timedelta(0)
    assert before.tzinfo is UTC
    await clock.sleep(0.01)
    assert clock.monotonic() - monotonic >= 0.009
    assert clock.now() > before


# -- Log ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: make_log(io.StringIO(), human=False, debug=True), FakeLog])
def test_a_log_takes_constant_events_with_any_facts(make: Callable[[], Log]) -> None:
    log = make()
    for say in (log.debug, log.info, log.warning, log.error):
        say("something_happened", source="ქართული", number=3, nothing=None, several=[1, (2,)], error=ValueError("x"))


# -- OnStore ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["thread", "fake"])
async def test_on_store_gives_results_and_errors(kind: str) -> None:
    thread = StoreThread()
    on_store: OnStore = thread if kind == "thread" else here

    def divide(a: int, *, by: int) -> float:
        return a / by

    assert await on_store(divide, 6, by=3) == 2
    with pytest.raises(ZeroDivisionError):
        await on_store(divide, 6, by=0)
    assert await on_store(divide, 6, by=2) == 3
    thread.close()


# -- Notifier ---------------------------------------------------------------------------------------------------------


@dataclass
class WayOut:
    """A notifier, how to see what arrived, and how to make it unusable or refuse."""

    notifier: Notifier
    arrived: Callable[[], list[bytes]]
    unusable: Callable[[], object]
    refuse: Callable[[], object] | None = None


@asynccontextmanager
async def way_out(kind: str, folder: Path) -> AsyncIterator[WayOut]:
    if kind == "smtp":
        async with Sink() as sink:
            plan = RetryPlan(waits=(timedelta(minutes=1),), give_up=timedelta(days=1))
            settings = Smtp(
                host="127.0.0.1", port=sink.port, security=SmtpSecurity.NONE, sender="m@example.org", retry=plan
            )
            made = SmtpNotifier(settings, clock=SystemClock(), failpoint=nowhere, pulse=Pulse(SystemClock().monotonic))
            yield WayOut(
                made,
                lambda: [mail.raw for mail in sink.received],
                lambda: sink.say("GREETING", "421 full"),
                lambda: sink.say("RCPT", "550 no such user"),
            )
            await made.close()
    elif kind == "maildir":
        yield WayOut(
            MaildirNotifier(folder / "mail", failpoint=nowhere),
            lambda: [path.read_bytes() for path in (folder / "mail" / "new").glob("*")],
            lambda: (folder / "mail").write_text("no folder"),
        )
    else:
        fake = FakeNotifier(FakeClock())
        yield WayOut(
            fake,
            lambda: [message.raw for message in fake.sent],
            lambda: fake.open_errors.append(TransportError("full")),
            lambda: fake.answers.append(PermanentRefusal("550 no such user")),
        )


NOTIFIERS = pytest.mark.parametrize("kind", ["smtp", "maildir", "fake"])


@NOTIFIERS
async def test_a_notifier_hands_over_the_very_bytes_and_gives_the_last_words(kind: str, tmp_path: Path) -> None:
    async with way_out(kind, tmp_path) as out:
        await out.notifier.open()
        await out.notifier.open()  # once more does no harm
        message = letter()
        assert await out.notifier.send(message)
        assert out.arrived() == [message.raw]
        other = letter("boris@example.org", 2)
        await out.notifier.send(other)
        assert sorted(out.arrived()) == sorted([message.raw, other.raw])
        await out.notifier.close()
        await out.notifier.close()


@NOTIFIERS
async def test_a_notifier_can_be_used_again_after_it_was_closed(kind: str, tmp_path: Path) -> None:
    async with way_out(kind, tmp_path) as out:
        for number in (1, 2):
            await out.notifier.open()
            await out.notifier.send(letter(number=number))
            await out.notifier.close()
        assert len(out.arrived()) == 2


@NOTIFIERS
async def test_a_notifier_that_cannot_be_used_says_so_before_anything_is_claimed(kind: str, tmp_path: Path) -> None:
    async with way_out(kind, tmp_path) as out:
        out.unusable()
        with pytest.raises(TransportError):
            await out.notifier.open()
        await out.notifier.close()


@pytest.mark.parametrize("kind", ["smtp", "fake"])
async def test_case_7_a_refusal_is_of_this_message_alone(kind: str, tmp_path: Path) -> None:
    async with way_out(kind, tmp_path) as out:
        assert out.refuse
        await out.notifier.open()
        out.refuse()
        with pytest.raises(PermanentRefusal, match="550 no such user"):
            await out.notifier.send(letter())
        await out.notifier.open()
        await out.notifier.send(letter("boris@example.org", 2))
        assert len(out.arrived()) == 1


# -- Parser -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        FakeParser,
        pytest.param(lambda: WorkerPool(limit=timedelta(seconds=30), clock=SystemClock()), marks=pytest.mark.slow),
    ],
)
async def test_a_parser_gives_drafts_or_the_sources_error(make: Callable[[], Any]) -> None:
    made = make()
    parser: Parser = made
    try:
        feed = await parser.parse(
            b"<rss version='2.0'><channel><item><title>T</title></item></channel></rss>",
            url="https://one.example/feed",
            content_type="application/rss+xml",
        )
        assert len(feed.drafts) == 1
        with pytest.raises(SourceError, match="not_a_feed"):
            await parser.parse(b"", url="https://one.example/feed", content_type=None)
    finally:
        if isinstance(made, WorkerPool):
            made.close()


# -- Collector --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def collector(kind: str) -> AsyncIterator[Collector]:
    if kind == "fake":
        fake = FakeCollector()
        read, same = (visit(outcome=outcome) for outcome in (VisitOutcome.READ, VisitOutcome.UNCHANGED))
        fake.answers["one"] = [
            Collected(visit=read, drafts=(draft(),)),
            Collected(visit=same),
            SourceError("http_500", status=500),
        ]
        yield fake
        return
    async with WebRig() as web:
        web.serve("/feed", ok(b"one"), ok(b"one"), ok(status="500 Sorry"))
        clock = SystemClock()
        client = HttpClient(limits=Limits(), user_agent="t/1", turns=HostSlots(clock, 0), clock=clock)
        pauses = remembered_pauses()
        made = FeedCollector(
            client=client,
            parser=FakeParser(),
            pauses=pauses,
            robots=remembered_robots(client, pauses),
            limits=Limits(),
            clock=FakeClock(),
        )
        made_source = source(url=web.url("/feed"), allow_private=LOOPBACK)

        class Here:
            async def collect(self, _: object, before: Any) -> Collected:
                return await made.collect(made_source, before)

        try:
            yield Here()
        finally:
            await client.close()


@pytest.mark.parametrize("kind", ["feeds", "fake"])
async def test_a_collector_tells_news_nothing_new_and_failure_apart(kind: str) -> None:
    async with collector(kind) as subject:
        first = await subject.collect(source(), state())
        assert first.visit.outcome is VisitOutcome.READ
        assert len(first.drafts) == 1
        again = await subject.collect(source(), state(body_hash=first.visit.body_hash))
        assert again.visit.outcome is VisitOutcome.UNCHANGED
        assert again.drafts == ()
        with pytest.raises(SourceError) as error:
            await subject.collect(source(), state())
        assert error.value.status == 500
