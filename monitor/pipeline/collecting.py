"""The collecting stage: claim due sources, visit them side by side, leave what they brought in the store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.errors import SourceError, StoreError
from monitor.model import (
    Collected,
    Limits,
    Settled,
    Source,
    SourceState,
    Visit,
    VisitOutcome,
)
from monitor.pipeline.ingest import Ingest, Ingested
from monitor.protocols import Clock, Collector, Log, OnStore, Sources
from monitor.schedule import after_visit

LEASE_MARGIN = timedelta(seconds=60)
BACKLOG = 4  # claimed visits for each slot: enough to keep the slots busy between two claims


@dataclass(slots=True)
class Activity:
    """What collecting is doing and has done since the start, for the status line and `collect`."""

    running: set[str] = field(default_factory=set)
    visits: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    articles: int = 0
    alerts: int = 0


class Collecting:
    """Visits sources. Every method may be called again at any time; work in hand is never taken twice."""

    def __init__(
        self,
        *,
        configured: Mapping[str, Source],
        sources: Sources,
        on_store: OnStore,
        collector: Collector,
        ingest: Ingest,
        clock: Clock,
        log: Log,
        limits: Limits,
        jitter: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 - spreads load, protects nothing
    ) -> None:
        """Take the stage's surroundings; `jitter` gives a number from -1 to 1."""
        self._configured = configured
        self._sources = sources
        self._on_store = on_store
        self._collector = collector
        self._ingest = ingest
        self._clock = clock
        self._log = log
        self._limits = limits
        self._jitter = jitter
        self._slots = asyncio.Semaphore(limits.total)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._finished: list[Settled] = []
        self._more = False
        self.activity = Activity()

    async def tick(self) -> None:
        """Write down finished visits, then take on as many due sources as there is room for."""
        await self._settle_finished()
        room = self._limits.total * BACKLOG - len(self._tasks)
        if room <= 0:
            return
        claimed = await self._claim(room, None)
        self._more = len(claimed) == room
        self._start(claimed)

    async def visit_all(self, only: Collection[str]) -> list[Visit]:
        """Visit these sources once, due or not, and wait until everything they brought is stored.

        Sources that another process is visiting now are left to it.
        """
        tasks = self._start(await self._claim(len(only), only))
        await self.drain()
        return [task.result() for task in tasks]

    async def drain(self) -> None:
        """Wait for the visits under way and write down how they ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._settle_finished()

    async def stop(self) -> None:
        """Give up the visits under way: nothing of them is stored, and their leases end by themselves."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._settle_finished()

    async def _claim(self, limit: int, only: Collection[str] | None) -> tuple[SourceState, ...]:
        """Take due sources; the lease covers the wait for a slot as well as the visit."""
        each = self._limits.request + self._limits.parse
        return await self._on_store(
            self._sources.claim,
            now=self._clock.now(),
            limit=limit,
            lease=each * (BACKLOG + 1) + LEASE_MARGIN,
            only=only,
        )

    def _start(self, claimed: Collection[SourceState]) -> list[asyncio.Task[Visit]]:
        tasks = [asyncio.create_task(self._visit(self._configured[state.source], state)) for state in claimed]
        for task in tasks:
            self._tasks.add(task)
            task.add_done_callback(self._done)
        return tasks

    def _done(self, task: asyncio.Task[Visit]) -> None:
        """Forget a finished visit; where more sources were due than there was room for, take them on now."""
        self._tasks.discard(task)
        if self._more and len(self._tasks) <= self._limits.total and not task.cancelled():
            self._more = False
            refill = asyncio.create_task(self.tick())
            self._tasks.add(refill)
            refill.add_done_callback(self._tasks.discard)

    async def _visit(self, source: Source, state: SourceState) -> Visit:
        """Visit one source to the end; whatever goes wrong is its own misfortune and stays with it (case 34)."""
        started = self._clock.now()
        try:
            async with self._slots:
                started = self._clock.now()
                self.activity.running.add(source.name)
                collected = await self._collector.collect(source, state)
            return await self._keep(source, state, collected)
        except SourceError as error:
            return self._finish(source, state, self._failure(source, started, error))
        except StoreError as error:
            # Nothing was stored, so nothing is remembered: the source stays due and is read again.
            self._log.error("not_stored", source=source.name, error=str(error))
            visit = self._failure(source, started, SourceError("not_stored", str(error)))
            self._finished.append(Settled(visit=visit, state=state))
            return visit
        except Exception as error:  # noqa: BLE001 - the boundary of one source: the others go on
            self._log.error("visit_crashed", source=source.name, exc_info=error)
            return self._finish(source, state, self._failure(source, started, SourceError("internal", repr(error))))
        finally:
            self.activity.running.discard(source.name)
            self.activity.visits += 1

    async def _keep(self, source: Source, state: SourceState, collected: Collected) -> Visit:
        """Leave what a visit brought in the store."""
        after = self._after(source, state, collected.visit)
        if collected.visit.outcome is not VisitOutcome.READ:
            return self._finish(source, state, collected.visit)
        return self._tell(await self._on_store(self._ingest, source, collected, state, after, self._clock.now()))

    def _failure(self, source: Source, started: datetime, error: SourceError) -> Visit:
        return Visit(
            source=source.name,
            started_at=started,
            finished_at=self._clock.now(),
            outcome=VisitOutcome.FAILED,
            status=error.status,
            error=error.kind,
            detail=error.detail or None,
            wait=error.retry_after,
        )

    def _after(self, source: Source, state: SourceState, visit: Visit) -> SourceState:
        return after_visit(source, state, visit, limits=self._limits, jitter=self._jitter())

    def _finish(self, source: Source, state: SourceState, visit: Visit) -> Visit:
        """Note a visit that brought nothing; a batch of them is written at the next tick."""
        if visit.outcome is VisitOutcome.FAILED:
            self.activity.failed[source.name] = visit.error or "unknown"
            self._log.warning(
                "source_failed", source=source.name, error=visit.error, detail=visit.detail, failures=state.failures + 1
            )
        else:
            self.activity.unchanged += 1
            self.activity.failed.pop(source.name, None)
        self._finished.append(Settled(visit=visit, state=self._after(source, state, visit)))
        return visit

    def _tell(self, ingested: Ingested) -> Visit:
        visit = ingested.visit
        self.activity.failed.pop(visit.source, None)
        self.activity.articles += visit.new_articles
        self.activity.alerts += ingested.alerts
        if visit.new_articles or visit.revisions or visit.flood:
            self._log.info(
                "source_read",
                source=visit.source,
                entries=visit.entries,
                new=visit.new_articles,
                revised=visit.revisions,
                alerts=ingested.alerts,
                flood=visit.flood,
            )
        return visit

    async def _settle_finished(self) -> None:
        """Write finished visits in one transaction; if that fails they stay and are tried again."""
        batch, self._finished = self._finished, []
        if not batch:
            return
        try:
            await self._on_store(self._sources.settle, batch)
        except StoreError as error:
            self._finished = batch + self._finished
            self._log.error("not_stored", visits=len(batch), error=str(error))
