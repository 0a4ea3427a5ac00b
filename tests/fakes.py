"""Real classes that stand in for the world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.errors import MonitorError, SourceError
from monitor.model import Collected, Draft, Message, PageOrder, PageRead, ParsedFeed, Source, SourceState
from tests.factories import NOW


class FakeClock:
    """Time that moves when it is told to, or when somebody sleeps."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def step(self, seconds: float) -> None:
        """Move the wall clock alone."""
        self._now += timedelta(seconds=seconds)


class FakeLog:
    """Keeps what was logged."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, event: str, **fields: object) -> None:
        self.events.append(("debug", event, fields))

    def info(self, event: str, **fields: object) -> None:
        self.events.append(("info", event, fields))

    def warning(self, event: str, **fields: object) -> None:
        self.events.append(("warning", event, fields))

    def error(self, event: str, **fields: object) -> None:
        self.events.append(("error", event, fields))

    def named(self, event: str) -> list[dict[str, Any]]:
        return [fields for _, name, fields in self.events if name == event]


async def here(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """`OnStore` on the test's own thread."""
    await asyncio.sleep(0)
    return function(*args, **kwargs)


class FakeCollector:
    """Gives what it was told to give, by source; errors are raised."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Collected | Exception]] = {}
        self.seen: list[SourceState] = []

    async def collect(self, source: Source, state: SourceState) -> Collected:
        self.seen.append(state)
        await asyncio.sleep(0)
        answer = self.answers[source.name].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeParser:
    """Makes one draft of whatever it is given; counts, and fails when told to; `beside` is what else it says."""

    def __init__(self, **beside: Any) -> None:
        self.beside = beside
        self.parsed = 0
        self.error: SourceError | None = None

    async def parse(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str | None,
        country: str | None = None,
        language: str | None = None,
    ) -> ParsedFeed:
        assert url.startswith(("http://", "https://"))
        assert country is None or country.isalpha()
        assert language is None or language
        assert content_type is None or "/" in content_type
        await asyncio.sleep(0)
        self.parsed += 1
        if self.error:
            raise self.error
        if not body:
            raise SourceError("not_a_feed", "empty")
        return ParsedFeed(drafts=(Draft(title=body.decode()),), language="en", hint=timedelta(hours=1), **self.beside)


class FakePages:
    """Gives what it was told to give, by address; what it was told nothing of is never answered."""

    def __init__(self) -> None:
        self.answers: dict[str, list[PageRead]] = {}
        self.orders: list[PageOrder] = []
        self.error: Exception | None = None
        self.begun: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}
        self.runs = 0

    async def read(self, orders: AsyncIterator[PageOrder], keep: Callable[[PageRead], Awaitable[None]]) -> None:
        self.runs += 1
        async for order in orders:
            self.orders.append(order)
            if self.error:
                if order.url in self.begun:
                    await keep(PageRead(article_id=order.article_id, error="crawl_broken"))
                    continue
                raise self.error
            if gate := self.gates.get(order.url):
                await gate.wait()
            if answers := self.answers.get(order.url):
                await keep(replace(answers.pop(0), article_id=order.article_id))


class FakeNotifier:
    """Answers as it was told to; keeps what it sent."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.open_errors: list[MonitorError | None] = []
        self.answers: list[MonitorError | None] = []
        self.sent: list[Message] = []
        self.attempts: list[datetime] = []
        self.opened = 0

    async def open(self) -> None:
        self.opened += 1
        if self.open_errors and (error := self.open_errors.pop(0)):
            raise error

    async def send(self, message: Message) -> str:
        self.attempts.append(self._clock.now())
        if self.answers and (error := self.answers.pop(0)):
            raise error
        self.sent.append(message)
        return "250 ok"

    async def close(self) -> None:
        return
