"""From a configuration to a running daemon, and to its end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from monitor.app import App, open_app
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.daemon.lock import hold_lock
from monitor.daemon.service import Daemon
from monitor.eventloop import loop_factory
from monitor.protocols import Log


def run_daemon(config: Config, *, log: Log, show: Callable[[str], None] | None) -> None:
    """Run the daemon until it is told to end; `show`, where there is one, is given the status line once a second.

    Raises:
        AnotherInstance: a daemon works in this data folder already.
        StoreError, StoreDamaged: the database cannot be used.
    """
    with hold_lock(config.data), asyncio.Runner(loop_factory=loop_factory()) as runner:
        with suppress(asyncio.CancelledError):  # told to end while it was starting
            runner.run(_run(config, log, show))
        log.info("stopped")


async def _run(config: Config, log: Log, show: Callable[[str], None] | None) -> None:
    starting = asyncio.current_task()
    assert starting is not None
    for number in (signal.SIGINT, signal.SIGTERM):  # until the daemon runs and takes them itself
        asyncio.get_running_loop().add_signal_handler(number, starting.cancel)
    clock = SystemClock()
    async with open_app(config, log=log) as app:

        async def tell() -> None:
            due = await app.on_store(app.store.next_due)
            assert show is not None
            show(status_line(app, len(config.sources), wait=due - clock.now() if due else None))

        daemon = Daemon(
            collecting=app.collecting,
            reading=app.reading,
            watching=app.watching,
            listening=app.listening,
            backfilling=app.backfilling,
            delivery=app.delivery,
            housekeeping=app.housekeeping,
            reindexing=app.reindexing,
            safekeeping=app.care.safekeeping,
            soundness=app.care.soundness,
            leases=app.store,
            on_store=app.on_store,
            limits=config.limits,
            smtp=config.smtp,
            clock=clock,
            log=log,
            rest=app.parser.rest,
            show=tell if show else None,
        )
        log.info(
            "started", pid=os.getpid(), sources=len(config.sources), rules=len(config.rules), data=str(config.data)
        )
        await daemon.run()


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
