"""Tells the supervisor that we live only while every part comes on (case 36)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from monitor.daemon.supervisor import Supervisor
from monitor.protocols import Log
from monitor.pulse import Pulse

EVERY = timedelta(seconds=10)  # how often it looks where no time was asked for


class Watchdog:
    """Looks at the pulse. A machine that slept looks stuck to itself at first: it is believed at the second look."""

    def __init__(self, *, pulse: Pulse, supervisor: Supervisor, status: Callable[[], str], log: Log) -> None:
        """Take whom to look at and whom to tell; `status` gives the line that `systemctl status` shows."""
        self._pulse = pulse
        self._supervisor = supervisor
        self._status = status
        self._log = log
        self._told: frozenset[str] = frozenset()
        self._seen: frozenset[str] = frozenset()
        # Three looks in the time that was asked for: one may come late without harm.
        self._every = min(EVERY, supervisor.watchdog / 3) if supervisor.watchdog else EVERY

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(self._every.total_seconds())

    def look(self) -> None:
        """Say that we live, unless a part is late with its sign of life; that is told once, and when it is over."""
        late = frozenset(self._pulse.late())
        if not late:
            self._supervisor.alive()
            self._supervisor.status(self._status())
        stuck = late & self._seen
        if stuck - self._told:
            self._log.error("stalled", parts=sorted(stuck))
            self._supervisor.status(f"stalled: {', '.join(sorted(stuck))}")
        if self._told and not late:
            self._log.info("goes_on", parts=sorted(self._told))
        self._told = (self._told | stuck) if late else frozenset()
        self._seen = late
