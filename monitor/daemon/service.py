"""The daemon: one asyncio process that wakes the stages and ends cleanly (APScheduler's door)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.daemon.heartbeat import Heartbeat
from monitor.daemon.ticks import Tick
from monitor.daemon.trigger import Every
from monitor.errors import StoreDamaged, StoreError
from monitor.impasse import Impasse
from monitor.pipeline import Backfilling, Collecting, Delivery, Reading
from monitor.protocols import Log
from monitor.pulse import Pulse

BEAT = timedelta(seconds=1)  # between two looks at the clock
SOON = timedelta(minutes=1)  # until a tick that met a store in the way comes round, be it one of ten minutes
LATE = timedelta(seconds=5)  # of a tick, from where on the scheduler sleeps by a time that is wrong
LEASES = timedelta(seconds=5)  # between two looks for neighbours that died
HURRY = "a second Ctrl-C or SIGTERM ends at once"
GRACE = timedelta(seconds=30)  # for the SMTP transaction in flight when the daemon is told to end (case 75)
# The same while another configuration waits: nobody is in a hurry, but nothing is collected meanwhile.
PATIENT = timedelta(minutes=2)
WAY = timedelta(seconds=20)  # for the visits under way when it makes way for another configuration: no hurry
VITAL = frozenset({"collect", "form", "send", "heartbeat"})  # without any of these nobody is told of anything
FIRST = frozenset({"collect", "form", "heartbeat"})  # those that have come round once when the daemon is ready


class Daemon:
    """Runs the ticks until it is told to end."""

    def __init__(
        self,
        *,
        ticks: Mapping[str, Tick],
        collecting: Collecting,
        reading: Reading,
        backfilling: Backfilling,
        delivery: Delivery,
        heartbeat: Heartbeat,
        pulse: Pulse,
        impasse: Impasse,
        log: Log,
    ) -> None:
        """Take what is to be done, and the stages whose work must come to an end.

        `pulse` and `impasse` hear of the ticks.
        """
        self._collecting = collecting
        self._reading = reading
        self._backfilling = backfilling
        self._delivery = delivery
        self._heartbeat = heartbeat
        self._pulse = pulse
        self._impasse = impasse
        self._log = log
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._damage: StoreDamaged | None = None
        self._first = set(FIRST)
        self.ready = asyncio.Event()
        self.told_to_end = asyncio.Event()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": AsyncIOExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._ticks = {**ticks, "leases": Tick(heartbeat.release, LEASES)}

    async def run(self) -> None:
        """Run until a signal asks to end; a second signal ends at once.

        Raises:
            StoreDamaged: the database turned out not to be trusted; nothing more was written.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        for name, tick in self._ticks.items():
            self._scheduler.add_job(self._guarded(name, tick), Every(tick.every), id=name, next_run_time=machine_time())
        self._scheduler.start()
        heart = asyncio.create_task(self._live())
        try:
            await self._stop.wait()
        finally:
            heart.cancel()
            # Not yet `shutdown`: it cancels the ticks under way, and one of them may be sending a mail.
            self._scheduler.pause()
            await self._end()
            self._scheduler.shutdown(wait=False)
        if self._damage is not None:
            raise self._damage

    def stop(self) -> None:
        """Ask to end; asked twice, do not wait for anything."""
        if self.told_to_end.is_set():
            self._hurry.set()
        self.told_to_end.set()
        self._stop.set()

    @property
    def waits_for(self) -> str | None:
        """What the end waits for; None where it comes at once."""
        return f"the mail that is being sent, {GRACE.seconds} s at most" if self._delivery.sending else None

    def make_way(self) -> None:
        """Ask to end for another to go on: visits under way may come to their end first."""
        self._stop.set()

    async def _live(self) -> None:
        """Beat by the loop's time: the scheduler goes by the wall clock, and sleeps for an hour that is set back."""
        beat = self._guarded("heartbeat", Tick(self._heartbeat.tick, BEAT))
        while not self._stop.is_set():
            await beat()
            self._rouse()
            await asyncio.sleep(BEAT.total_seconds())

    def _rouse(self) -> None:
        """Have each tick that comes too late come now.

        A clock that is set and set right again while a beat waits for the store leaves no step to be seen, and ticks
        that are due in days.
        """
        now = machine_time()
        for job in self._scheduler.get_jobs():
            if job.next_run_time > now + self._ticks[job.id].every + LATE:
                job.modify(next_run_time=now)
            elif job.next_run_time < now - LATE:
                self._scheduler.wakeup()

    def wake(self) -> None:
        """Make every tick run now; this also wakes a scheduler that waits for a wall time gone by."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=machine_time())

    def _guarded(self, name: str, tick: Tick) -> Callable[[], Awaitable[None]]:
        """Let a tick fail without taking the others along: the next one tries again."""

        async def run() -> None:
            if name == "send":
                self._pulse.keep(name)  # each transport promises by itself: a server may take ten minutes
            elif name in VITAL:
                self._pulse.promise(name)
            try:
                await tick.do()
                self._impasse.passed(name)
            except StoreDamaged as error:
                self._give_up(error)
            except StoreError as error:
                self._impasse.met("store_unavailable", error, part=name, tick=name)
                self._try_soon(name, tick)
            except asyncio.CancelledError:
                if not self._stop.is_set():
                    raise
            except Exception as error:  # noqa: BLE001 - the boundary of one tick: the others go on
                self._log.error("tick_crashed", tick=name, exc_info=error)
            finally:
                self._came_round(name, tick.every)

        return run

    def _try_soon(self, name: str, tick: Tick) -> None:
        """Have a rare tick that the store was in the way of come round within a minute: it may be over by then."""
        if tick.every > SOON:
            self._scheduler.modify_job(name, next_run_time=machine_time() + SOON)

    def _came_round(self, name: str, every: timedelta) -> None:
        """Note that a tick ended, well or not: a full disk is no reason to be restarted, a stuck thread is."""
        if name in VITAL and not self._stop.is_set():
            self._pulse.promise(name, every)
        self._first.discard(name)
        if not self._first:
            self.ready.set()

    def _give_up(self, error: StoreDamaged) -> None:
        """End because of the database: said once, whatever else still stumbles over it."""
        if self._damage is None:
            self._log.error("database_unusable", error=str(error))
            self._damage = error
        self._stop.set()

    async def _end(self) -> None:
        """Give up the visits at once, unless another is to go on, and the mail in flight after its grace."""
        self._pulse.rest()
        told = self.told_to_end.is_set()
        if told:
            self._log.info("stopping", **({"waits_for": self.waits_for, "hint": HURRY} if self.waits_for else {}))
        way = timedelta() if told else WAY
        collecting = (self._collecting.stop(way), self._reading.stop(), self._backfilling.stop())
        delivery = self._delivery.stop(GRACE if told else PATIENT)
        # Each to its end, whatever becomes of another: a lock that pages cannot be given back for must cut no mail off.
        ending = asyncio.gather(*collecting, delivery, return_exceptions=True)
        hurry = asyncio.create_task(self._hurry.wait())
        soon = asyncio.create_task(self._told_and_grace_over())
        tasks: set[asyncio.Future[Any]] = {ending, hurry, soon}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for error in ending.result() if ending.done() else ():
            self._ended_badly(error)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pulse.rest()

    def _ended_badly(self, error: object) -> None:
        """Say what kept a stage from tidying up; what it held is free once its lease ends, or with the next start."""
        if isinstance(error, StoreDamaged):
            self._give_up(error)
        elif isinstance(error, StoreError):
            self._impasse.met("store_unavailable", error, tick="end")
        elif isinstance(error, Exception):
            self._log.error("tick_crashed", tick="end", exc_info=error)

    async def _told_and_grace_over(self) -> None:
        """Wait until it has been told to end for as long as the grace is, be it while it made way."""
        await self.told_to_end.wait()
        await asyncio.sleep((GRACE + timedelta(seconds=1)).total_seconds())


def machine_time() -> datetime:
    """Give the time that the scheduler goes by."""
    return datetime.now(UTC)
