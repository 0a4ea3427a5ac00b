"""The back-filling stage: gaps become work, and the past is walked a stretch at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from monitor.backfill.scope import Scope
from monitor.backfill.telling import given_up, given_up_notice, remarks
from monitor.backfill.walk import Walk, begin
from monitor.errors import StoreError
from monitor.impasse import Impasse
from monitor.model import (
    Backfill,
    BackfillState,
    Draft,
    Limits,
    Notice,
    PastFacts,
    PastOrder,
    PastShown,
    Period,
    Reason,
    Source,
    SourceKind,
    Step,
    Way,
)
from monitor.periods import when
from monitor.pipeline.backfill_ingest import BackfillIngest
from monitor.pipeline.operator import Operator
from monitor.protocols import Backfills, Clock, Log, OnStore, Past

CAUSE = "backfill:"  # what the causes of notices about it begin with; the source's name follows
STRETCH = 6  # pages that one crawl reads of the past: it must not hold its place for long
MOST_IN_A_GAP = 1000
SLACK = timedelta(hours=1)  # before a gap: an article may be dated a while before its feed shows it
_STRETCHES = 10  # of one back-filling, until another has its turn
_BATCH = 100
_PATIENT = timedelta(seconds=90)  # for which a person's walk waits for a server itself
_NO_TIME = datetime.min.replace(tzinfo=UTC)
_MARGIN = timedelta(seconds=60)
# For how long a summary waits for articles' pages that cannot be read at once, and one who was paused for its person.
_GAP, _ASKED, _PAUSED = timedelta(minutes=30), timedelta(hours=6), timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """A back-filling with all that its walk is decided by."""

    backfill: Backfill
    source: Source
    facts: PastFacts
    walk: Walk
    written: frozenset[Step]


class Backfilling:
    """Walks the past. One back-filling at a time; what is stored and where it is are committed stretch by stretch."""

    def __init__(
        self,
        *,
        configured: Mapping[str, Source],
        backfills: Backfills,
        on_store: OnStore,
        past: Past,
        ingest: BackfillIngest,
        operator: Operator,
        place: Callable[[], AbstractAsyncContextManager[None]],
        clock: Clock,
        log: Log,
        impasse: Impasse,
        zone: tzinfo,
        limits: Limits,
    ) -> None:
        """Take the stage's surroundings; `place` is held while a crawl of the past runs, in turn with other crawls.

        `zone` is that of the times in mails.
        """
        self._configured = configured
        self._backfills = backfills
        self._on_store = on_store
        self._past = past
        self._ingest = ingest
        self._operator = operator
        self._place = place
        self._clock = clock
        self._log = log
        self._impasse = impasse
        self._zone = zone
        self._limits = limits
        self._task: asyncio.Task[None] | None = None

    async def tick(self) -> None:
        """Note gaps, finish what is complete, and go on with what is next."""
        now = self._clock.now()
        await self._on_store(self._backfills.note_gaps, now=now, most=MOST_IN_A_GAP)
        await self.settle()
        if self._task is not None and not self._task.done():
            return
        backfill = await self._on_store(self._backfills.claim_backfill, now=now, lease=self.lease)
        if backfill is not None:
            self._task = asyncio.create_task(self._guarded(backfill))

    async def settle(self) -> int:
        """Finish those whose articles' pages are read, so that their summaries go; gives how many."""
        settle = self._backfills.settle_backfills
        return await self._on_store(settle, now=self._clock.now(), gap=_GAP, asked=_ASKED, paused=_PAUSED)

    async def walk(self, backfill: Backfill, show: Callable[[Backfill], None]) -> Backfill:
        """Walk one that this process holds to its end, or until it must wait for a server; gives where it is then."""
        while backfill.state is BackfillState.OPEN:
            show(backfill)
            backfill = await self._stretch(backfill, hold=self.lease)
            wait = (backfill.due_at or self._clock.now()) - self._clock.now()
            if wait > _PATIENT:
                break
            await self._clock.sleep(max(wait, timedelta()).total_seconds())
        due_at = backfill.due_at or self._clock.now()
        await self._on_store(self._backfills.release_backfill, backfill.id, now=due_at)
        return backfill

    async def pause(self, number: int) -> None:
        """Leave one that this process holds as it is, until somebody asks for it again."""
        now = self._clock.now()
        await self._on_store(self._backfills.release_backfill, number, state=BackfillState.PAUSED, now=now)

    async def try_out(self, backfill: Backfill, show: Callable[[Backfill], None]) -> tuple[Backfill, tuple[Step, ...]]:
        """Walk without storing anything; gives what would have come of it, and the steps."""
        trip = await self._trip(backfill)
        found: dict[str, Draft] = {}
        while steps := trip.walk.next(STRETCH):
            show(replace(backfill, requests=trip.walk.requests, found=len(found)))
            looked = await self._look(trip, steps)
            fresh = {draft.url or draft.guid or draft.title: draft for draft in own(trip, looked)}
            walk = trip.walk.learned(looked.looks, new=len(fresh.keys() - found.keys()))
            found |= fresh
            trip = replace(trip, walk=walk)
            if walk.failing:
                break
        source, unusable = trip.source, trip.facts.guids_unusable
        drafts = [*found.values()]
        new = 0
        for start in range(0, len(drafts), _BATCH):
            batch, now = drafts[start : start + _BATCH], self._clock.now()
            new += await self._on_store(self._ingest.unknown, source, batch, guids_unusable=unusable, now=now)
        after = replace(
            backfill,
            found=len(drafts),
            new=new,
            requests=trip.walk.requests,
            reached=trip.walk.reached,
            remarks=remarks(trip.walk, full=False),
        )
        return after, trip.walk.steps

    async def stop(self) -> None:
        """Give up the stretch under way: it is walked again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def lease(self) -> timedelta:
        """For how long one is held at a time."""
        return self._limits.crawl * 2 + self._limits.request * STRETCH + _MARGIN

    async def _guarded(self, backfill: Backfill) -> None:
        """Walk some stretches; whatever goes wrong stays with this one, which is tried again later."""
        try:
            for _ in range(_STRETCHES):
                backfill = await self._stretch(backfill, hold=self.lease)
                due_at = backfill.due_at or self._clock.now()
                if backfill.state is not BackfillState.OPEN or due_at > self._clock.now():
                    break
            await self._on_store(self._backfills.release_backfill, backfill.id, now=due_at)
        except StoreError as error:
            self._impasse.met("not_stored", error, backfill=backfill.id)
        except Exception as error:  # noqa: BLE001 - the boundary of one back-filling: the others go on
            self._log.error("backfill_crashed", backfill=backfill.id, source=backfill.source, exc_info=error)
            await self._crashed(backfill)

    async def _crashed(self, backfill: Backfill) -> None:
        """Try again after each wait of `page_retry`; the next crash in a row is the last, and told."""
        crashes, now, waits = backfill.crashes + 1, self._clock.now(), self._limits.page_retry
        due_at = now + waits[backfill.crashes] if backfill.crashes < len(waits) else None
        if due_at is None:  # told first: what dies in between is tried, and told, once more
            text = given_up_notice(backfill, crashes, self._zone)
            await self._operator.tell([Notice(cause=f"{CAUSE}{backfill.source}", text=text, at=now)])
        told = given_up(crashes)
        await self._on_store(self._backfills.break_off, backfill.id, due_at=due_at, remarks=told, now=now)

    async def _stretch(self, backfill: Backfill, *, hold: timedelta | None) -> Backfill:
        """Take the next steps, store what they brought, write down where the walk is."""
        trip = await self._trip(backfill)
        steps = trip.walk.next(STRETCH)
        looked = await self._look(trip, steps) if steps else PastShown(looks=())
        brought = await self._store(trip, looked)
        walk = trip.walk.learned(looked.looks, new=brought - backfill.new)
        full = brought >= backfill.most
        over = full or walk.is_over
        now = self._clock.now()
        due_at = now if over else now + walk.wait(self._limits.page_retry)
        after = replace(
            backfill,
            new=brought,
            requests=walk.requests,
            reached=walk.reached and not full,
            remarks=remarks(walk, full=full) if over else (),
            state=BackfillState.PAGES if over else BackfillState.OPEN,
            due_at=due_at,
            crashes=0,
        )
        changed = [step for step in walk.steps if step not in trip.written]
        hold = None if over else hold
        await self._on_store(self._backfills.keep_steps, after, changed, due_at=due_at, now=now, hold=hold)
        if over:
            await self._operator.forget([f"{CAUSE}{after.source}"])
        self._log.info(
            "backfill_walked",
            backfill=after.id,
            source=after.source,
            reason=after.reason,
            state=after.state,
            requests=after.requests,
            new=after.new,
            reached=after.reached,
        )
        return after

    async def _trip(self, backfill: Backfill) -> _Trip:
        source = self._configured[backfill.source]
        facts = await self._on_store(self._backfills.past_facts, source.name)
        stored = await self._on_store(self._backfills.steps, backfill.id)
        slack = SLACK if backfill.reason is Reason.GAP else timedelta()
        # What came after the last good visit is news, and told as such by the next one.
        latest = max(backfill.until, facts.last_good_at or facts.added_at)
        period = Period(since=backfill.since - slack, until=backfill.until, latest=latest)
        walk = Walk(source, period, stored) if stored else begin(source, period, remembered=facts.sitemaps)
        return _Trip(backfill=backfill, source=source, facts=facts, walk=walk, written=frozenset(stored))

    async def _look(self, trip: _Trip, steps: Sequence[Step]) -> PastShown:
        order = PastOrder(period=trip.walk.period, way=steps[0].way, pages=STRETCH)
        if order.way in {Way.FEED, Way.ROBOTS}:
            return await self._past.look(trip.source, steps, order)
        async with self._place():
            return await self._past.look(trip.source, steps, order)

    async def _store(self, trip: _Trip, looked: PastShown) -> int:
        """Store drafts, the newest first; gives how many new articles there are in all."""
        backfill, total = trip.backfill, trip.backfill.new
        drafts = sorted(own(trip, looked), key=lambda draft: when(draft) or _NO_TIME, reverse=True)
        for start in range(0, len(drafts), _BATCH):
            if (room := backfill.most - total) <= 0:
                break
            total = await self._on_store(
                self._ingest,
                trip.source,
                drafts[start : start + _BATCH],
                backfill,
                language=looked.language,
                guids_unusable=trip.facts.guids_unusable,
                room=room,
                now=self._clock.now(),
            )
        return total


def own(trip: _Trip, looked: PastShown) -> list[Draft]:
    """Give the drafts that are the source's own: a sitemap is of the whole site, what the person named is theirs."""
    scope = Scope.of(trip.source, trip.facts.addresses)
    if trip.source.kind is SourceKind.SITEMAP or any(look.way in {Way.FEED, Way.LISTING} for look in looked.looks):
        return [*looked.drafts]
    return [draft for draft in looked.drafts if draft.url and draft.url in scope]
