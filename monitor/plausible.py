"""Whether a clock can be right: boards without a battery begin at 1970, and a counter that runs over ends in 2106."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)  # no release of this program is older
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(days=1)  # a clock that was an hour ahead and was put right is no reason to wait
AHEAD = timedelta(minutes=5)  # of what was written down: another machine's clock may differ by a little


class Suspicion(StrEnum):
    """What speaks against a clock."""

    IMPOSSIBLE = "impossible"  # wrong, whatever else is known
    BEHIND = "behind"  # earlier than what is written down: this clock is wrong now, or another was then


def is_possible(now: datetime) -> bool:
    """Tell whether this program can run at that time at all."""
    return EARLIEST <= now < LATEST


def is_behind(now: datetime, newest: datetime | None) -> bool:
    """Tell whether a person should look at the clock: it is earlier than what is written down."""
    return newest is not None and newest - now > AHEAD


def suspicion(now: datetime, newest: datetime | None) -> Suspicion | None:
    """Give what speaks against the time, where the newest moment that was ever written down is `newest`."""
    if not is_possible(now):
        return Suspicion.IMPOSSIBLE
    if newest is not None and is_possible(newest) and newest - now > TOLERANCE:
        return Suspicion.BEHIND
    return None
