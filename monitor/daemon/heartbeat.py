"""Notices steps of the wall clock and dead neighbours, and puts right whatever waits for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.model import Limits, Smtp
from monitor.pipeline.collecting import longest_lease
from monitor.protocols import Clock, Leases, Log, OnStore

STEP = timedelta(seconds=5)


def clock_step(wall: timedelta, monotonic: timedelta) -> timedelta | None:
    """Tell by how much the wall clock ran ahead (or, negative, behind); None within the tolerance."""
    step = wall - monotonic
    return step if abs(step) > STEP else None


class Heartbeat:
    """Compares wall and monotonic time from beat to beat."""

    def __init__(
        self,
        *,
        clock: Clock,
        leases: Leases,
        on_store: OnStore,
        limits: Limits,
        smtp: Smtp | None,
        wake: Callable[[], None],
        log: Log,
    ) -> None:
        """Take what is to be put right after a step, and `wake`, which makes every tick run now."""
        self._clock = clock
        self._leases = leases
        self._on_store = on_store
        self._limits = limits
        self._retry = max(smtp.retry.waits) if smtp else timedelta(hours=1)
        self._wake = wake
        self._log = log
        self._wall: datetime = clock.now()
        self._monotonic = clock.monotonic()

    async def tick(self) -> None:
        """Compare; after a step, pull back every time that lies beyond its own maximum and wake all ticks."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        step = clock_step(wall - self._wall, timedelta(seconds=monotonic - self._monotonic))
        self._wall, self._monotonic = wall, monotonic
        if step is None:
            return
        changed = await self._on_store(
            self._leases.pull_back,
            now=wall,
            poll=self._limits.cap,
            retry=self._retry * 1.2,
            lease=self._longest_lease(),
        )
        self._log.warning("clock_stepped", seconds=round(step.total_seconds()), pulled_back=changed)
        self._wake()

    async def release(self) -> None:
        """Free at once what a process that died beside us held: a `collect` that was killed."""
        if released := await self._on_store(self._leases.release_dead, now=self._clock.now()):
            self._log.info("leases_released", leases=released)

    def _longest_lease(self) -> timedelta:
        """Give the longest lease that anyone takes: a whole SMTP session, or a queue of visits."""
        return max(timedelta(minutes=16), longest_lease(self._limits))
