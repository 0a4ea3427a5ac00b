"""Work that is done once and by hand: one round, one test message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.app.compose import App, make_transports, open_app
from monitor.app.ground import letters
from monitor.clock import SystemClock
from monitor.config import Config, failpoints
from monitor.errors import ConfigError, DeliveryError, StoreError, TransportError
from monitor.model import Visit
from monitor.protocols import Log
from monitor.pulse import Pulse
from monitor.store import ArchiveRows, EvidenceRows, current_owner, open_store


@dataclass(frozen=True, slots=True)
class Round:
    """What one round by hand came to; `busy` sources are being visited by the daemon now, which stores them.

    `waiting` alerts are in no message yet; the last of them may go out at `waits_until`.
    """

    visits: tuple[Visit, ...]
    busy: tuple[str, ...]
    articles: int
    alerts: int
    pages: int
    sent: int
    waiting: int
    waits_until: datetime | None


async def collect_once(
    config: Config, *, names: tuple[str, ...], send: bool, log: Log, show: Callable[[str], None]
) -> Round:
    """Visit sources once, due or not, then form and send what is due.

    Raises:
        ConfigError: a name is no source of the configuration.
    """
    known = {source.name for source in config.sources}
    if unknown := set(names) - known:
        told = f"there is no enabled source {', '.join(sorted(unknown))}; see `monitor sources list`"
        raise ConfigError((f"{config.file}: {told}",))
    async with open_app(config, log=log) as app:
        wanted = names or tuple(sorted(known))
        await app.reindexing.finish(show)
        watcher = asyncio.create_task(_watch(app, len(wanted), show))
        try:
            visits = await app.collecting.visit_all(wanted)
            await app.reading.drain(wanted)
        finally:
            watcher.cancel()
        await app.backfilling.settle()
        await app.delivery.form()
        if send:
            await app.delivery.send()
        activity = app.collecting.activity
        busy = tuple(sorted(set(wanted) - {visit.source for visit in visits}))
        progress = app.reading.progress
        waiting, waits_until = ArchiveRows(config.database).held_back(config.alerts.group_interval)
        return Round(
            visits=tuple(visits),
            busy=busy,
            articles=activity.articles,
            alerts=activity.alerts + progress.alerts,
            pages=progress.read,
            sent=app.delivery.sent,
            waiting=waiting,
            waits_until=waits_until,
        )


def want_pages_again(config: Config, names: tuple[str, ...]) -> int:
    """Want the pages of these sources once more whose every try failed; gives how many."""
    store = open_store(config.database, current_owner())
    try:
        with store.transaction():
            return store.want_again(names, now=SystemClock().now())
    finally:
        store.close()


def mark_alert(config: Config, number: int, *, relevant: bool, note: str | None, only: str | None) -> tuple[str, ...]:
    """Write down what a person thinks of an alert, for all of its rules or for one; gives which.

    Raises:
        StoreError: there is no such alert, or it does not name that rule.
    """
    told = EvidenceRows(config.database).told(number)
    if told is None:
        raise StoreError(f"there is no alert {number}; see `monitor alerts`")
    if only is not None and only not in told.rules:
        raise StoreError(f"alert {number} does not name the rule {only!r}; it names {', '.join(told.rules)}")
    store = open_store(config.database, current_owner())
    try:
        now = SystemClock().now()
        return store.mark(number, relevant=relevant, note=note, only=() if only is None else (only,), now=now)
    finally:
        store.close()


async def _watch(app: App, total: int, show: Callable[[str], None]) -> None:
    while True:
        running = ", ".join(sorted(app.collecting.activity.running)) or f"{app.reading.in_hand} pages to read"
        show(f"{app.collecting.activity.visits} of {total} sources visited; now {running}")
        await asyncio.sleep(0.2)


async def send_test(config: Config, *, only: str | None, log: Log) -> list[tuple[str, bool, str]]:
    """Send a test message to every recipient at once, outside the queue; gives what came of each.

    Raises:
        ConfigError: there is no such channel.
    """
    if only and only not in {channel.name for channel in config.channels}:
        names = ", ".join(channel.name for channel in config.channels)
        raise ConfigError((f"{config.file}: there is no channel {only!r}; there are {names}",))
    clock = SystemClock()
    writer = letters(config)
    channels = {channel.name: channel for channel in config.channels if only in {None, channel.name}}
    results = []
    for transport in make_transports(config, clock=clock, failpoint=failpoints({}), pulse=Pulse(clock.monotonic)):
        for channel in (channels[name] for name in transport.channels if name in channels):
            for recipient in channel.recipients:
                message = writer.notice(
                    "this is a test\n\nIf you read this, alerts will reach you.",
                    cause="test",
                    recipient=recipient,
                    channel=channel.name,
                    now=clock.now(),
                )
                try:
                    await transport.notifier.open()
                    results.append((recipient, True, await transport.notifier.send(message)))
                except (TransportError, DeliveryError) as error:
                    log.error("test_failed", channel=channel.name, error=str(error))
                    results.append((recipient, False, str(error)))
        await transport.notifier.close()
    return results
