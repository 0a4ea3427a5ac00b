"""The real clock; only the composition root makes one."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from monitor.plausible import is_possible


class SystemClock:
    """Wall time, monotonic time and sleep, from the machine.

    While the machine's time cannot be right (1970, 2106), it goes on from the last that could: nothing is stamped with
    a false year, no retention ends, and what is due stays due.
    """

    def __init__(self) -> None:
        """Know no time yet."""
        self._trusted: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """Wall time, aware UTC."""
        wall, monotonic = datetime.now(UTC), time.monotonic()
        if is_possible(wall):
            self._trusted = wall, monotonic
        elif self._trusted is not None:
            at, then = self._trusted
            return at + timedelta(seconds=monotonic - then)
        return wall

    def monotonic(self) -> float:
        """Seconds that never step back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait without holding up anyone else."""
        await asyncio.sleep(seconds)
