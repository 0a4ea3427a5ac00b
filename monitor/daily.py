"""Of which local date the daily mail is due: pure (case 16)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
LATE = timedelta(minutes=15)  # after which a mail says that it comes late


def moment_of(day: date, at: time, zone: tzinfo) -> datetime:
    """Give when a local time is on a date.

    On the day when clocks are put back a time that comes twice is meant the first time; one that a clock put forward
    leaves out is meant as if it had not been: an hour after it by the new time.
    """
    return datetime.combine(day, at, zone)


def last_day(now: datetime, at: time, zone: tzinfo) -> date:
    """Give the newest local date whose time has come."""
    today = now.astimezone(zone).date()
    return today if now >= moment_of(today, at, zone) else today - _DAY


def due_day(now: datetime, *, told: date, at: time, zone: tzinfo) -> date | None:
    """Give the date whose mail is due now, None where it is told; days before the newest are not made up for.

    A told date that is still to come was written while the clock was wrong, and does not count.
    """
    day = last_day(now, at, zone)
    return None if day <= told <= day + _DAY else day
