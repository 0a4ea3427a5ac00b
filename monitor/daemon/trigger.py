"""When a tick runs next (APScheduler's second door)."""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger


class Every(BaseTrigger):  # type: ignore[misc] # APScheduler carries no type information
    """Fires every so often, and once for all that was missed.

    The library's own counts what was missed one by one before it is put together: 56 years of seconds, when a clock
    that began at 1970 is set.
    """

    def __init__(self, every: timedelta) -> None:
        """Take the time between two ticks."""
        self._every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the next time, which is later than now."""
        due = (previous_fire_time or now) + self._every
        return due if due > now else now + self._every

    def __str__(self) -> str:
        """Say it in a log line."""
        return f"every {self._every}"
