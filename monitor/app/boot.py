"""A start by a clock that cannot be right: nothing is polled, stamped or sent until it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from monitor.errors import ClockWrong
from monitor.plausible import Suspicion, suspicion
from monitor.protocols import Clock, Log

PATIENCE = timedelta(
    minutes=5
)  # for a clock that is behind what is stored: the time that was set then may have been wrong
_LOOK = 1.0  # seconds
_REMEDY = "set the machine's clock, e.g. `timedatectl set-ntp true`"


async def check_time(clock: Clock, newest: Callable[[], Awaitable[datetime | None]], *, log: Log, waits: bool) -> None:
    """Wait for a clock that can be right or, for work by hand, refuse it.

    Raises:
        ClockWrong: it does not wait.
    """
    if waits:
        await wait_for_time(clock, await newest(), log=log)
    else:
        refuse_false_time(clock)


async def wait_for_time(clock: Clock, newest: datetime | None, *, log: Log, patience: timedelta = PATIENCE) -> None:
    """Wait until the clock can be right; one that is merely behind the newest moment stored, for a while."""
    told: Suspicion | None = None
    end = clock.monotonic() + patience.total_seconds()
    while why := suspicion(clock.now(), newest):
        if why is Suspicion.BEHIND and clock.monotonic() >= end:
            log.warning("clock_suspect", why=str(why), clock=_text(clock.now()), newest=_text(newest), waits=False)
            return
        if why is not told:
            told = why
            log.error(
                "clock_suspect",
                why=str(why),
                clock=_text(clock.now()),
                newest=_text(newest),
                waits=True,
                remedy=_REMEDY,
            )
        await clock.sleep(_LOOK)
    if told:
        log.info("clock_trusted", clock=_text(clock.now()))


def refuse_false_time(clock: Clock) -> None:
    """Refuse work by hand while the clock cannot be right.

    Raises:
        ClockWrong: it names the time and what helps.
    """
    if suspicion(now := clock.now(), None):
        raise ClockWrong(f"the machine's clock says {_text(now)}, which cannot be; {_REMEDY}")


def _text(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
