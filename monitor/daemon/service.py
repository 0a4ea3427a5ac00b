"""The daemon: one asyncio process that wakes the stages and ends cleanly (APScheduler's door)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.daemon.heartbeat import Heartbeat
from monitor.errors import StoreDamaged, StoreError
from monitor.model import Limits, Smtp
from monitor.pipeline import (
    Backfilling,
    Collecting,
    Delivery,
    Housekeeping,
    Listening,
    Reading,
    Reindexing,
    Safekeeping,
    Soundness,
    Watching,
)
from monitor.protocols import Clock, Leases, Log, OnStore

Tick = Callable[[], Awaitable[object]]
GRACE = timedelta(seconds=30)  # for the SMTP transaction in flight when the daemon is told to end (case 75)


class Daemon:
    """Runs the ticks until it is told to end."""

    def __init__(
        self,
        *,
        collecting: Collecting,
        reading: Reading,
        watching: Watching,
        listening: Listening,
        backfilling: Backfilling,
        delivery: Delivery,
        housekeeping: Housekeeping,
        reindexing: Reindexing,
        safekeeping: Safekeeping,
        soundness: Soundness,
        leases: Leases,
        on_store: OnStore,
        limits: Limits,
        smtp: Smtp | None,
        clock: Clock,
        log: Log,
        rest: Callable[[], None],
        show: Tick | None,
    ) -> None:
        """Take the stages; `rest` ends idle workers, `show` draws the status line, where there is one."""
        self._collecting = collecting
        self._reading = reading
        self._backfilling = backfilling
        self._delivery = delivery
        self._limits = limits
        self._log = log
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._damage: StoreDamaged | None = None
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": AsyncIOExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        heartbeat = Heartbeat(
            clock=clock, leases=leases, on_store=on_store, limits=limits, smtp=smtp, wake=self._wake, log=log
        )
        self._ticks: dict[str, tuple[Tick, timedelta]] = {
            "collect": (collecting.tick, limits.tick),
            "read": (reading.tick, limits.tick),
            "watch": (watching.tick, timedelta(minutes=1)),
            "listen": (listening.tick, timedelta(minutes=1)),
            "backfill": (backfilling.tick, limits.tick * 5),
            "form": (delivery.form, limits.tick),
            "send": (delivery.send, limits.tick),
            "heartbeat": (heartbeat.tick, timedelta(seconds=1)),
            "leases": (heartbeat.release, timedelta(seconds=5)),
            "housekeeping": (housekeeping.tick, timedelta(minutes=10)),
            "reindex": (reindexing.tick, timedelta(seconds=5)),
            "backup": (safekeeping.tick, min(timedelta(minutes=1), safekeeping.every)),
            "soundness": (soundness.tick, timedelta(seconds=5)),
            "check": (soundness.check, timedelta(minutes=5)),
            "rest": (_as_tick(rest), timedelta(minutes=1)),
        }
        if show is not None:
            self._ticks["show"] = (show, timedelta(seconds=1))

    async def run(self) -> None:
        """Run until a signal asks to end; a second signal ends at once.

        Raises:
            StoreDamaged: the database turned out not to be trusted; nothing more was written.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        for name, (tick, every) in self._ticks.items():
            self._add(name, tick, every)
        self._scheduler.start()
        try:
            await self._stop.wait()
        finally:
            # Not yet `shutdown`: it cancels the ticks under way, and one of them may be sending a mail.
            self._scheduler.pause()
            await self._end()
            self._scheduler.shutdown(wait=False)
        if self._damage is not None:
            raise self._damage

    def stop(self) -> None:
        """Ask to end; asked twice, do not wait for anything."""
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _add(self, name: str, tick: Tick, every: timedelta) -> None:
        self._scheduler.add_job(
            self._guarded(name, tick),
            "interval",
            seconds=every.total_seconds(),
            id=name,
            next_run_time=datetime.now(UTC),
        )

    def _wake(self) -> None:
        """Make every tick run now; this also wakes a scheduler that waits for a wall time gone by."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def _guarded(self, name: str, tick: Tick) -> Tick:
        """Let a tick fail without taking the others along: the next one tries again."""

        async def run() -> None:
            try:
                await tick()
            except StoreDamaged as error:
                self._give_up(error)
            except StoreError as error:
                self._log.error("store_unavailable", tick=name, error=str(error))
            except asyncio.CancelledError:
                if not self._stop.is_set():
                    raise
            except Exception as error:  # noqa: BLE001 - the boundary of one tick: the others go on
                self._log.error("tick_crashed", tick=name, exc_info=error)

        return run

    def _give_up(self, error: StoreDamaged) -> None:
        """End because of the database: said once, whatever else still stumbles over it."""
        if self._damage is None:
            self._log.error("database_unusable", error=str(error))
            self._damage = error
        self._stop.set()

    async def _end(self) -> None:
        """Give up the visits at once, and the mail in flight after its grace."""
        self._log.info("stopping")
        collecting = (self._collecting.stop(), self._reading.stop(), self._backfilling.stop())
        ending = asyncio.gather(*collecting, self._delivery.stop(GRACE))
        hurry = asyncio.create_task(self._hurry.wait())
        tasks: set[asyncio.Future[Any]] = {ending, hurry}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in (ending, hurry):
            task.cancel()
        await asyncio.gather(ending, hurry, return_exceptions=True)


def _as_tick(function: Callable[[], None]) -> Tick:
    async def tick() -> None:
        function()

    return tick
