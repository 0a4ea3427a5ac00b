"""From a configuration to a running daemon, from one configuration to the next, and to its end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from monitor.app import App, open_app, prepare, say_last_word, tell_ground
from monitor.clock import SystemClock
from monitor.config import Config, changes, supervision
from monitor.daemon.heartbeat import Heartbeat
from monitor.daemon.lock import hold_lock
from monitor.daemon.reload import Reload, Reloader
from monitor.daemon.service import HURRY, Daemon, machine_time
from monitor.daemon.supervisor import Supervisor
from monitor.daemon.ticks import Tick, ticks_of
from monitor.daemon.watchdog import Watchdog
from monitor.errors import ConfigError, StoreDamaged, StoreError, StoreNewer
from monitor.eventloop import loop_factory
from monitor.impasse import Impasse
from monitor.protocols import Log
from monitor.pulse import Pulse

# For one configuration to begin after the other: word lists of a new language, a clock that is waited for.
_SWITCH = timedelta(minutes=10)
_AGAIN = timedelta(seconds=5)  # until a database that is in the way of a reload is tried again
_ENDINGS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the command line gives the daemon.

    `load` reads the configuration anew; `make_log` makes the log that hides its secrets; `show`, where there is one,
    is given the status line once a second; `hung_up` tells whether the terminal that it was started in is gone.
    """

    load: Callable[[], Config]
    make_log: Callable[[Config], Log]
    show: Callable[[str], None] | None
    hung_up: Callable[[], bool]


def run_daemon(config: Config, around: Surroundings) -> None:
    """Run the daemon until it is told to end (SIGTERM, SIGINT); SIGHUP has it take up the configuration anew.

    Raises:
        AnotherInstance: a daemon works in this data folder already.
        StoreError, StoreDamaged: the database cannot be used.
    """
    supervisor = Supervisor(supervision(os.environ, pid=os.getpid()))
    with hold_lock(config.data), asyncio.Runner(loop_factory=loop_factory()) as runner:
        try:
            runner.run(Running(around, supervisor).run(config))
        except asyncio.CancelledError:  # told to end while it was starting
            supervisor.stopping()
        around.make_log(config).info("stopped")


class Running:
    """The daemon from its start to its end, whatever configurations it works by."""

    def __init__(self, around: Surroundings, supervisor: Supervisor) -> None:
        """Take the surroundings."""
        self._around = around
        self._supervisor = supervisor
        self._clock = SystemClock()
        self._pulse = Pulse(self._clock.monotonic)
        self._status = "starting"
        self._ran = False  # the database was open once
        self._ending = False
        self._asked = asyncio.Event()  # for another configuration, by SIGHUP
        self._impasse: Impasse | None = None

    async def run(self, config: Config) -> None:
        """Work by one configuration after the other, until told to end.

        Raises:
            StoreError: the database cannot be used at the start. StoreDamaged: it cannot be trusted.
        """
        watchdog = Watchdog(
            pulse=self._pulse,
            supervisor=self._supervisor,
            status=lambda: self._status,
            log=self._around.make_log(config),
        )
        watching = asyncio.create_task(watchdog.run())
        before: Config | None = None
        try:
            while True:
                try:
                    after = await self._work(config, before)
                except StoreDamaged as error:
                    await self._say_last_word(config, error)
                    raise
                except (StoreError, ConfigError) as error:
                    config, before = await self._old_one(config, before, error), None
                    continue
                if after is None:
                    return
                config, before = after, config
        finally:
            watching.cancel()

    async def _old_one(self, config: Config, before: Config | None, error: StoreError | ConfigError) -> Config:
        """Give the configuration to go on with where one cannot begin: it worked a moment ago, rather that than none.

        Where it cannot begin either, as another holds the database or the disk is full, it is tried until it can
        (cases 66 and 67): to end would be to be started again, and again.
        """
        if before is not None:
            self._around.make_log(before).error("reload_failed", error=str(error), kept=str(before.file))
            return before
        if not self._ran or not isinstance(error, StoreError) or isinstance(error, StoreNewer):
            raise error
        self._impasse = self._impasse or Impasse(
            monotonic=self._clock.monotonic, writes=lambda: 0, log=self._around.make_log(config)
        )
        self._impasse.met("store_unavailable", error, tick="reload")
        self._pulse.promise("switch", _SWITCH)
        self._status = f"waits for the database: {error}"
        self._supervisor.ready()  # whoever asked for the reload need not wait for the end of this
        await asyncio.sleep(_AGAIN.total_seconds())  # SIGTERM ends it
        return config

    async def _say_last_word(self, config: Config, error: StoreDamaged) -> None:
        """Say it; who asks to end meanwhile, as nothing else is left to do, ends this alone."""
        saying = asyncio.create_task(say_last_word(config, error, log=self._around.make_log(config)))
        for number in _ENDINGS:
            asyncio.get_running_loop().add_signal_handler(number, saying.cancel)
        await asyncio.wait((saying,))

    async def _work(self, config: Config, before: Config | None) -> Config | None:
        """Work by a configuration until the end (None) or until there is another; `before` is what it follows."""
        starting = asyncio.current_task()
        assert starting is not None
        for number in _ENDINGS:  # until the daemon runs and takes them itself
            asyncio.get_running_loop().add_signal_handler(number, starting.cancel)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        log = self._around.make_log(config)
        self._pulse.patience = config.limits.stalled
        async with AsyncExitStack() as opened:
            try:
                app = await opened.enter_async_context(open_app(config, log=log, pulse=self._pulse, waits=True))
            except StoreDamaged as error:  # there is no daemon yet that would say so
                log.error("database_unusable", error=str(error))
                raise
            self._ran, self._impasse = True, None
            daemon = self._daemon(app, config, log)
            tell_ground(config, before, clock=self._clock, log=log)
            if before is None:
                told = {"sources": len(config.sources), "rules": len(config.rules), "data": str(config.data)}
                log.info("started", pid=os.getpid(), **told)
            else:
                log.info("reloaded", **changes(before, config))
            self._pulse.rest()
            reloader = Reloader(
                asked=self._asked,
                load=self._load(config),
                hung_up=self._around.hung_up,
                supervisor=self._supervisor,
                log=log,
            )
            saying = asyncio.create_task(self._say_end(daemon))
            try:
                after = await reloader.run(daemon)
            finally:
                saying.cancel()
            self._status = "taking up another configuration" if after else "ending"
            self._pulse.promise("switch", _SWITCH)
        # Told to end while it closed: the signal still came to this daemon.
        return None if daemon.told_to_end.is_set() else after

    def _load(self, config: Config) -> Reload:
        """Give what reads the next configuration and makes ready what takes long, while this one goes on."""

        async def load() -> Config:
            after = await asyncio.to_thread(self._around.load)
            if after.data != config.data:
                told = f"data: is {after.data} now; that the daemon cannot follow: restart it, or leave {config.data}"
                raise ConfigError((f"{after.file}: {told}",))
            await prepare(after, log=self._around.make_log(after))
            return after

        return load

    def _daemon(self, app: App, config: Config, log: Log) -> Daemon:
        heartbeat = Heartbeat(
            clock=self._clock,
            leases=app.store,
            on_store=app.on_store,
            limits=config.limits,
            smtp=config.smtp,
            wake=lambda: daemon.wake(),  # noqa: PLW0108 - there is no daemon yet
            log=log,
            machine=machine_time,
        )
        every = timedelta(seconds=1 if self._around.show else 10)
        daemon = Daemon(
            ticks={**ticks_of(app, config.limits), "show": Tick(partial(self._tell, app, len(config.sources)), every)},
            collecting=app.collecting,
            reading=app.reading,
            backfilling=app.backfilling,
            delivery=app.delivery,
            heartbeat=heartbeat,
            pulse=self._pulse,
            impasse=app.impasse,
            log=log,
        )
        return daemon

    async def _say_end(self, daemon: Daemon) -> None:
        """Let the status line say that the end was asked for, and what it waits for."""
        await daemon.told_to_end.wait()
        self._ending = True  # a tick that is under way shows nothing over it
        if self._around.show is not None:
            self._around.show(f"ending: waits for {daemon.waits_for}; {HURRY}" if daemon.waits_for else "ending")

    async def _tell(self, app: App, sources: int) -> None:
        due = await app.on_store(app.store.next_due)
        self._status = status_line(app, sources, wait=due - self._clock.now() if due else None)
        if self._around.show is not None and not self._ending:
            self._around.show(self._status)


def status_line(app: App, sources: int, *, wait: timedelta | None) -> str:
    """Give what is going on in one line; `wait` is the time until the next visit."""
    activity = app.collecting.activity
    pages = f" · {app.reading.in_hand} pages to read" if app.reading.in_hand else ""
    failed = f" · cannot reach: {', '.join(sorted(activity.failed))}" if activity.failed else ""
    running = f" · reading {', '.join(sorted(activity.running))}" if activity.running else ""
    if wait is not None and not activity.running:
        running = f" · next visit in {max(0, round(wait.total_seconds()))} s"
    return (
        f"{sources} sources · {activity.visits} visits, {activity.unchanged} unchanged · {activity.articles} articles ·"
        f" {activity.alerts} alerts · {app.delivery.sent} mails{pages}{running}{failed}"
    )
