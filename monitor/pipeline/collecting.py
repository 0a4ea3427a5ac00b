"""The collecting stage: claim due sources, visit them side by side, leave what they brought in the store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from monitor.errors import SourceError, StoreError
from monitor.impasse import Impasse
from monitor.model import (
    Collected,
    Limits,
    Settled,
    Source,
    SourceKind,
    SourceState,
    Visit,
    VisitOutcome,
)
from monitor.pipeline.activity import Activity
from monitor.pipeline.budget import Budget
from monitor.pipeline.ingest import Ingest, Ingested
from monitor.pipeline.lease import BACKLOG, longest_lease, longest_visit, within
from monitor.places import PATIENCE, Places
from monitor.polling.remembered import after_visit, as_of, waits
from monitor.protocols import Clock, Collector, Log, OnStore, Sources
from monitor.text import reason

STORE_WAIT = timedelta(seconds=30)  # a full disk is no reason to ask the outlets every second
_CRAWLED = (SourceKind.LISTING, SourceKind.SITEMAP, SourceKind.SPIDER)
_SETTLING = "settling"  # what is in hand while the store is in the way, and comes round until it is written


@dataclass(slots=True)
class _Lane:
    """Sources of some kinds, of which so many are visited at a time: a slow crawl must not hold up feeds."""

    kinds: tuple[SourceKind, ...]
    most: int
    places: Places
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    more: bool = False


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
        impasse: Impasse,
        limits: Limits,
        patience: float = PATIENCE,
        jitter: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 - spreads load, protects nothing
    ) -> None:
        """Take the stage's surroundings; a feed that takes longer than `patience` seconds gives its place to another.

        `jitter` gives a number from -1 to 1.
        """
        self._configured = configured
        self._sources = sources
        self._on_store = on_store
        self._collector = collector
        self._ingest = ingest
        self._clock = clock
        self._log = log
        self._impasse = impasse
        self._limits = limits
        self._jitter = jitter
        self._lanes = (
            _Lane((SourceKind.FEED,), limits.total, Places(limits.total, patience=patience)),
            # A crawl is a process: it holds its place to the end.
            _Lane(_CRAWLED, limits.crawls, Places(limits.crawls, patience=None)),
        )
        self._finished: list[Settled] = []
        self._stopping = False
        self._in_hand: set[str] = set()
        self._budget = Budget(
            configured.values(), weights=sources.weights, on_store=on_store, clock=clock, limits=limits
        )
        self.activity = Activity()

    def place_for_crawl(self) -> AbstractAsyncContextManager[None]:
        """Give what a crawl that is no visit holds while it runs: its turn among the visits that are crawls."""
        return self._lanes[1].places.hold()

    async def tick(self) -> None:
        """Write down finished visits, then take on as many due sources as there is room for."""
        await self._settle_finished()
        if self._stopping:
            return
        await self._budget.refresh()
        for lane in self._lanes:
            room = lane.most * BACKLOG - len(lane.tasks)
            if room > 0:
                claimed = await self._claim(room, kinds=lane.kinds)
                lane.more = len(claimed) == room
                self._start(claimed)

    async def visit_all(self, only: Collection[str]) -> list[Visit]:
        """Visit these sources once, due or not, and wait until everything they brought is stored.

        Sources that another process is visiting now are left to it.
        """
        await self._budget.refresh()
        tasks = self._start(await self._claim(len(only), only=only))
        await self.drain()
        return [task.result() for task in tasks]

    async def drain(self) -> None:
        """Wait for the visits under way and write down how they ended."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)
        await self._settle_finished()

    async def stop(self, grace: timedelta) -> None:
        """Take on nothing more; give up the visits that are under way after the grace: nothing of them is stored."""
        self._stopping = True
        tasks = self._tasks()
        if tasks and grace:
            await asyncio.wait(tasks, timeout=grace.total_seconds())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._settle_finished()

    def _tasks(self) -> set[asyncio.Task[Any]]:
        return {task for lane in self._lanes for task in lane.tasks}

    def _lane_of(self, source: Source) -> _Lane:
        return next(lane for lane in self._lanes if source.kind in lane.kinds)

    async def _claim(
        self, limit: int, *, only: Collection[str] | None = None, kinds: Collection[SourceKind] = tuple(SourceKind)
    ) -> tuple[SourceState, ...]:
        """Take due sources; the lease covers the wait for a slot as well as the visit."""
        return await self._on_store(
            self._sources.claim,
            now=self._clock.now(),
            limit=limit,
            lease=longest_lease(self._limits),
            only=only,
            kinds=kinds,
        )

    def _start(self, claimed: Collection[SourceState]) -> list[asyncio.Task[Visit]]:
        tasks = []
        # What is in hand may be due again: its lease ended on a clock that was set ahead, or while we were stopped.
        for state in (state for state in claimed if state.source not in self._in_hand):
            source = self._configured[state.source]
            lane = self._lane_of(source)
            self._in_hand.add(source.name)
            task = asyncio.create_task(self._visit(source, state, lane.places))
            lane.tasks.add(task)
            task.add_done_callback(partial(self._done, lane))
            tasks.append(task)
        return tasks

    def _done(self, lane: _Lane, task: asyncio.Task[Visit]) -> None:
        """Forget a finished visit; where more sources were due than there was room for, take them on now."""
        lane.tasks.discard(task)
        if lane.more and len(lane.tasks) <= lane.most and not task.cancelled():
            lane.more = False
            refill = asyncio.create_task(self.tick())
            lane.tasks.add(refill)
            refill.add_done_callback(lane.tasks.discard)

    async def _visit(self, source: Source, state: SourceState, places: Places) -> Visit:
        """Visit one source to the end; whatever goes wrong is its own misfortune and stays with it (case 34)."""
        started = self._clock.now()
        try:
            async with places.hold():
                started = self._clock.now()
                self.activity.running.add(source.name)
                collected = await within(longest_visit(self._limits), self._collector.collect(source, state))
            return await self._keep(source, state, collected)
        except SourceError as error:
            return self._finish(source, state, self._failure(source, started, error))
        except StoreError as error:
            # Nothing was stored, so nothing is remembered: the source is read again as soon as that makes sense.
            self._impasse.met("not_stored", error, part=_SETTLING, source=source.name)
            visit = self._failure(source, started, SourceError("not_stored", str(error)))
            due_at = max(state.due_at, visit.finished_at + STORE_WAIT)
            self._finished.append(Settled(visit=visit, state=replace(state, due_at=due_at)))
            return visit
        except Exception as error:  # noqa: BLE001 - the boundary of one source: the others go on
            self._log.error("visit_crashed", source=source.name, exc_info=error)
            return self._finish(source, state, self._failure(source, started, SourceError("internal", repr(error))))
        finally:
            self.activity.running.discard(source.name)
            self._in_hand.discard(source.name)
            self.activity.visits += 1

    async def _keep(self, source: Source, state: SourceState, collected: Collected) -> Visit:
        """Leave what a visit brought in the store."""
        # A crawl that was cut short has failed, but what it found is kept.
        if collected.visit.outcome is not VisitOutcome.READ and not collected.drafts:
            return self._finish(source, state, collected.visit)
        remember = partial(self._after, source, state)
        ingested = await self._on_store(self._ingest, source, collected, state, remember, self._clock.now())
        self._tell_change(source, state, ingested.state)
        return self._tell(ingested)

    def _failure(self, source: Source, started: datetime, error: SourceError) -> Visit:
        return Visit(
            source=source.name,
            started_at=started,
            finished_at=self._clock.now(),
            outcome=VisitOutcome.FAILED,
            status=error.status,
            error=error.kind,
            detail=reason(error.detail) or None,
            wait=error.retry_after,
        )

    def _after(self, source: Source, state: SourceState, visit: Visit) -> SourceState:
        pace = self._budget.pace(source)
        return after_visit(source, state, visit, limits=self._limits, jitter=self._jitter(), pace=pace)

    def _finish(self, source: Source, state: SourceState, visit: Visit) -> Visit:
        """Note a visit that brought nothing; a batch of them is written at the next tick."""
        if waits(visit):
            self._log.info("source_waits", source=source.name, detail=visit.detail, wait=str(visit.wait))
        elif visit.outcome is VisitOutcome.FAILED:
            self.activity.failed[source.name] = visit.error or "unknown"
            self._log.warning(
                "source_failed", source=source.name, error=visit.error, detail=visit.detail, failures=state.failures + 1
            )
        else:
            self.activity.unchanged += 1
            self.activity.failed.pop(source.name, None)
        after = self._after(source, state, visit)
        self._tell_change(source, state, after)
        self._finished.append(Settled(visit=visit, state=after))
        return visit

    def _tell_change(self, source: Source, before: SourceState, after: SourceState) -> None:
        if before.failures and not after.failures:
            since = before.failing_since
            self._log.info("source_works_again", source=source.name, failures=before.failures, since=since)
        here, there = before.address or source.url, after.address or source.url
        if after.address != before.address:
            self._log.warning("source_moved", source=source.name, before=here, address=there)

    def _tell(self, ingested: Ingested) -> Visit:
        visit = ingested.visit
        self.activity.failed.pop(visit.source, None)
        if visit.error:
            self._log.warning("source_partly_read", source=visit.source, error=visit.error, detail=visit.detail)
            if visit.outcome is VisitOutcome.FAILED:
                self.activity.failed[visit.source] = visit.error
        if visit.gap:
            self._log.warning("articles_perhaps_missed", source=visit.source, entries=visit.entries)
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
        now = self._clock.now()
        try:
            await self._on_store(self._sources.settle, [as_of(one, now) for one in batch])
        except StoreError as error:
            self._finished = batch + self._finished
            self._impasse.met("not_stored", error, part=_SETTLING, visits=len(batch))
        else:
            self._impasse.passed(_SETTLING)
