"""Feeds read as the daemon reads them: one real client, one real pool of workers, a real store; a log that keeps."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp.abc import AbstractResolver
from sqlite_utils.utils import sqlite3

from monitor.clock import SystemClock
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.failpoints import nowhere
from monitor.impasse import Impasse
from monitor.language import Detector
from monitor.model import AlertSettings, Channel, ChannelKind, Collected, FirstVisit, Limits, Source, SourceState, Visit
from monitor.pipeline import Audience, Collecting, Ingest, Judge, Revisits
from monitor.places import PATIENCE
from monitor.protocols import Collector
from monitor.rules import RuleSet
from monitor.store import Store, current_owner, open_store
from tests.factories import rule, source
from tests.fakes import FakeLog, here
from tests.language_fixtures import stems

AGENT = "news-coverage-monitor/0 (+tests@example.org)"
LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)  # 127.0.0.2 and ::1 stay forbidden: canaries live there
LIMITS = Limits(gap=timedelta(), spread=timedelta())
CHANNELS = {"desk": Channel(name="desk", kind=ChannelKind.EMAIL, to=("anna@example.org",))}


def feed_source(name: str, url: str, **changes: Any) -> Source:
    """A feed that may stand on 127.0.0.1; all its entries are told."""
    return source(name, **{"url": url, "allow_private": LOOPBACK, "first_visit": FirstVisit.ALERT} | changes)


@dataclass
class Rounds:
    """`async with rounds(tmp_path, sources) as made`; `await made.round()` visits all and gives what came of each."""

    path: Path
    store: Store
    collecting: Collecting
    parser: WorkerPool
    log: FakeLog
    names: tuple[str, ...]
    order: list[str] = field(default_factory=list)  # sources as their visits ended

    async def round(self, *names: str) -> dict[str, Visit]:
        visits = await self.collecting.visit_all(names or self.names)
        return {visit.source: visit for visit in visits}

    def errors(self, visits: dict[str, Visit]) -> dict[str, str | None]:
        return {name: visit.error for name, visit in visits.items()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        # The store's own SQLite: two SQLite libraries on one file in one process release each other's locks.
        connection = sqlite3.connect(self.path)
        try:
            return list(connection.execute(sql).fetchall())
        finally:
            connection.close()

    def titles(self, name: str) -> set[str]:
        return {row[0] for row in self.rows(f"SELECT title FROM articles WHERE source = '{name}'")}

    def dump(self) -> str:
        """All that is in the database, as text."""
        tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return "\n".join(repr(self.rows(f"SELECT * FROM [{name}]")) for (name,) in tables)


class _Noted:
    """A collector that writes down in which order its visits ended."""

    def __init__(self, inner: Collector, order: list[str]) -> None:
        self._inner = inner
        self._order = order

    async def collect(self, visited: Source, state: SourceState) -> Collected:
        try:
            return await self._inner.collect(visited, state)
        finally:
            self._order.append(visited.name)


@asynccontextmanager
async def rounds(
    folder: Path,
    sources: Iterable[Source],
    *,
    limits: Limits = LIMITS,
    resolver: AbstractResolver | None = None,
    workers: int = 2,
    wrap: Callable[[Collector], Collector] = lambda inner: inner,
    patience: float = PATIENCE,
) -> AsyncIterator[Rounds]:
    """Give the collecting half of the daemon around these sources."""
    known = tuple(sources)
    clock, log = SystemClock(), FakeLog()
    store = open_store(folder / "monitor.db", current_owner())
    store.sync(known, now=clock.now(), first_due={one.name: clock.now() for one in known})
    turns = HostSlots(clock, limits.gap.total_seconds())
    client = HttpClient(limits=limits, user_agent=AGENT, turns=turns, clock=clock, resolver=resolver)
    parser = WorkerPool(limit=limits.parse, clock=clock, workers=workers)
    pauses = Pauses(store, on_store=here, clock=clock)
    order: list[str] = []
    robots = FeedRobots(client, hosts=store, pauses=pauses, on_store=here, clock=clock)
    feeds = FeedCollector(client=client, parser=parser, pauses=pauses, robots=robots, limits=limits, clock=clock)
    collecting = Collecting(
        configured={one.name: one for one in known},
        sources=store,
        on_store=here,
        collector=_Noted(wrap(feeds), order),
        ingest=make_ingest(store, clock.now()),
        clock=clock,
        log=log,
        impasse=Impasse(monotonic=clock.monotonic, writes=lambda: store.writes, log=log),
        limits=limits,
        patience=patience,
        jitter=lambda: 0.0,
    )
    try:
        yield Rounds(
            path=folder / "monitor.db",
            store=store,
            collecting=collecting,
            parser=parser,
            log=log,
            names=tuple(one.name for one in known),
            order=order,
        )
    finally:
        parser.close()
        await client.close()
        store.close()


def make_ingest(store: Store, now: datetime) -> Ingest:
    """Give what stores and matches, with one rule."""
    known = store.version((rule("prisoners", "prisoner"),), now=now)
    judge = Judge(
        rules=RuleSet(known, stems()),
        audience=Audience(rules=known, channels=CHANNELS),
        analyser=stems(),
        detect=Detector(["en"]),
        settings=AlertSettings(),
    )
    return Ingest(
        articles=store,
        pages=store,
        sources=store,
        revisits=Revisits(store, limits=Limits()),
        judge=judge,
        failpoint=nowhere,
    )


def shortened(**seconds: float) -> Limits:
    """Limits with some times shortened, in seconds."""
    return replace(LIMITS, **{name: timedelta(seconds=value) for name, value in seconds.items()})
