"""The stage of the dead-man's ping: somebody outside hears from us only while the whole comes on (case 120).

Who listens there tells a person when we are silent: the one failure that no mail of ours can tell of.
"""

from __future__ import annotations

from datetime import timedelta

from monitor.errors import SourceError
from monitor.progress import troubles
from monitor.protocols import Caller, Clock, Log, OnStore, Overview


class Pinging:
    """Asks an address every so often. That it cannot be asked is logged once, and is nobody's alarm but theirs."""

    def __init__(
        self,
        *,
        caller: Caller,
        every: timedelta,
        interval: timedelta,
        overview: Overview,
        on_store: OnStore,
        clock: Clock,
        log: Log,
    ) -> None:
        """Take who asks the address; `interval` is that by which fetching is judged."""
        self._caller = caller
        self._every = every
        self._interval = interval
        self._overview = overview
        self._on_store = on_store
        self._clock = clock
        self._log = log
        self._next = clock.monotonic()
        self._withheld: tuple[str, ...] = ()
        self._failing = False

    async def tick(self) -> None:
        """Ask the address when it is time and all is well; a failed call is made again at the next tick."""
        if self._clock.monotonic() < self._next:
            return
        standing = await self._on_store(self._overview.standing)
        found = troubles(standing, now=self._clock.now(), interval=self._interval)
        if found != self._withheld:
            self._log.warning("ping_withheld" if found else "ping_resumed", checks=list(found or self._withheld))
        self._withheld = found
        if not found and await self._call():
            self._next = self._clock.monotonic() + self._every.total_seconds()

    async def _call(self) -> bool:
        """Call; what the error says beyond its kind may hold the address, which is a secret."""
        try:
            await self._caller.call()
        except SourceError as error:
            if not self._failing:
                self._log.warning("ping_failed", error=error.kind)
            self._failing = True
            return False
        if self._failing:
            self._log.info("ping_works_again")
        self._failing = False
        return True
