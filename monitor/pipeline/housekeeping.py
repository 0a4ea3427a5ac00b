"""What is done now and then: folding and forgetting what retention says."""

from __future__ import annotations

from monitor.model import Retention
from monitor.protocols import Clock, Housekeeper, Log, OnStore


class Housekeeping:
    """Applies retention; running it twice is harmless."""

    def __init__(self, *, keeper: Housekeeper, on_store: OnStore, retention: Retention, clock: Clock, log: Log) -> None:
        """Take the store's face for it and how long things are kept."""
        self._keeper = keeper
        self._on_store = on_store
        self._retention = retention
        self._clock = clock
        self._log = log

    async def tick(self) -> None:
        """Fold old visits, drop old messages and, where the user said so, old texts."""
        purged = await self._on_store(self._keeper.purge, now=self._clock.now(), retention=self._retention)
        if purged:
            self._log.info("housekeeping", rows=purged)
