"""Whether the clock can be trusted: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import Check, fine, wrong
from monitor.plausible import is_behind, is_possible

_STEP = timedelta(seconds=5)
_SET = "timedatectl; sudo timedatectl set-ntp true"


def clock(now: datetime, newest: datetime | None) -> Check:
    """Give the check of the time of day; `newest` is the latest time in the database, None where there is none."""
    told = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if not is_possible(now):
        return wrong("clock", f"{told} cannot be", _SET)
    if newest is not None and is_behind(now, newest):
        what = f"{told}, but the database knows of {newest:%Y-%m-%d %H:%M:%S} UTC: one of the two is wrong"
        return wrong(
            "clock", what, f"{_SET}; if the clock was ahead before and is right now, nothing more is to be done"
        )
    return fine("clock", told)


def drift(wall: timedelta, monotonic: timedelta) -> Check:
    """Give the check of how the clock went while everything else was looked at."""
    step = wall - monotonic
    if abs(step) <= _STEP:
        return fine("clock steps", f"none in {monotonic.total_seconds():.0f} s")
    what = f"the clock was set by {step.total_seconds():+.0f} s while this ran"
    return wrong("clock steps", what, f"{_SET}; one service alone should set the clock")
