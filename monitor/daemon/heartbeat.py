"""Notices steps of the wall clock and dead neighbours, and puts right whatever waits for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.model import Limits, Smtp
from monitor.pipeline.lease import longest_lease
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
        machine: Callable[[], datetime] | None = None,
    ) -> None:
        """Take what is to be put right after a step, and `wake`, which makes every tick run now.

        `machine` gives the time that the scheduler goes by, where that is another than the clock's: a clock stays in
        the year that it knows when the machine's time cannot be right.
        """
        self._clock = clock
        self._leases = leases
        self._on_store = on_store
        self._limits = limits
        self._retry = max(smtp.retry.waits) if smtp else timedelta(hours=1)
        self._wake = wake
        self._log = log
        self._machine = machine or clock.now
        self._seen = self._look()
        self._begun = False

    def _look(self) -> tuple[datetime, datetime, float]:
        return self._clock.now(), self._machine(), self._clock.monotonic()

    async def tick(self) -> None:
        """Compare; after a step, put back what is to come, each within its own maximum, and wake all ticks.

        The first beat puts back what a clock that was set back while nobody ran has left in the future. Where the store
        is in the way, the step is seen again at the next beat.
        """
        wall, machine, monotonic = now = self._look()
        elapsed = timedelta(seconds=monotonic - self._seen[2])
        step, jolt = clock_step(wall - self._seen[0], elapsed), clock_step(machine - self._seen[1], elapsed)
        try:
            if step is not None:
                changed = await self._pull_back(wall, back=max(-step, timedelta()))
                self._log.warning("clock_stepped", seconds=round(step.total_seconds()), pulled_back=changed)
            elif not self._begun:
                await self._pull_back(wall)
            self._begun = True
            if step is None and jolt is not None:
                self._log.warning("clock_suspect", machine=str(machine), goes_by=str(wall))
        finally:
            if step is not None or jolt is not None:
                self._wake()
        self._seen = now

    async def _pull_back(self, now: datetime, *, back: timedelta = timedelta()) -> int:
        return await self._on_store(
            self._leases.pull_back,
            now=now,
            poll=self._limits.cap,
            retry=self._retry * 1.2,
            lease=self._longest_lease(),
            back=back,
        )

    async def release(self) -> None:
        """Free at once what a process that died beside us held: a `collect` that was killed."""
        if released := await self._on_store(self._leases.release_dead, now=self._clock.now()):
            self._log.info("leases_released", leases=released)

    def _longest_lease(self) -> timedelta:
        """Give the longest lease that anyone takes: a whole SMTP session, or a queue of visits."""
        return max(timedelta(minutes=16), longest_lease(self._limits))
