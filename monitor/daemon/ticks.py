"""What the daemon does again and again, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitor.app import App
from monitor.model import Limits

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that is done every so often; it never overlaps itself, and what was missed is made up for once."""

    do: Callable[[], Awaitable[object]]
    every: timedelta


def ticks_of(app: App, limits: Limits) -> Mapping[str, Tick]:
    """Give the stages' ticks by name."""
    return {
        "collect": Tick(app.collecting.tick, limits.tick),
        "read": Tick(app.reading.tick, limits.tick),
        "watch": Tick(app.watching.tick, timedelta(seconds=15)),
        "listen": Tick(app.listening.tick, MINUTE),
        "backfill": Tick(app.backfilling.tick, limits.tick * 5),
        "form": Tick(app.delivery.form, limits.tick),
        "send": Tick(app.delivery.send, limits.tick),
        "housekeeping": Tick(app.housekeeping.tick, 10 * MINUTE),
        "reindex": Tick(app.reindexing.tick, timedelta(seconds=5)),
        "backup": Tick(app.care.safekeeping.tick, min(MINUTE, app.care.safekeeping.every)),
        "soundness": Tick(app.care.soundness.tick, timedelta(seconds=5)),
        "check": Tick(app.care.soundness.check, 5 * MINUTE),
        "rest": Tick(_as_tick(app.parser.rest), MINUTE),
        **{name: Tick(tick, MINUTE) for name, tick in app.reports.items()},
    }


def _as_tick(function: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def tick() -> None:
        function()

    return tick
