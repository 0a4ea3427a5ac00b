"""Whether the whole comes on: fetched, told, on a database and a clock that can be trusted; pure (case 120)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.model import Source, Standing
from monitor.plausible import is_possible

LATE = timedelta(hours=1)  # after which a mail that waits is late
_INTERVALS = 3
_SHORTEST = timedelta(minutes=5)  # short intervals say nothing: a restart or a busy minute is no standstill

FETCHING, MAIL, DATABASE, CLOCK = "fetching", "mail", "database", "clock"
CHECKS = (FETCHING, MAIL, DATABASE, CLOCK)
TRUST = (DATABASE, CLOCK)  # notices whose causes begin so say that one of these cannot be trusted


def pace(sources: Sequence[Source]) -> timedelta:
    """Give the interval by which fetching is judged: the shortest that a source has."""
    return max(_SHORTEST, min((source.every for source in sources), default=_SHORTEST))


def troubles(standing: Standing, *, now: datetime, interval: timedelta) -> tuple[str, ...]:
    """Give which of `CHECKS` fail.

    Fetching does where no source was read for three intervals although one was due all the while, or all fail: sources
    that publish rarely are visited rarely, and that is no standstill.
    """
    found = []
    if _stands_still(standing, now=now, interval=interval):
        found.append(FETCHING)
    if standing.pending_at is not None and now - standing.pending_at > LATE:
        found.append(MAIL)
    distrusted = {name for name in TRUST if any(cause.startswith(name) for cause in standing.causes)}
    if not is_possible(now):
        distrusted.add(CLOCK)
    return (*found, *(name for name in TRUST if name in distrusted))


def _stands_still(standing: Standing, *, now: datetime, interval: timedelta) -> bool:
    last = standing.last_good_at or standing.since
    if last is None or now - last <= interval * _INTERVALS:
        return False
    overdue = standing.due_at is not None and now - standing.due_at > interval
    return overdue or standing.failing == standing.sources
