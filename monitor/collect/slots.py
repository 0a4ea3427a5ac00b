"""One request at a time for each host, with a gap between two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from monitor.protocols import Clock

_MOST = 2000  # hosts remembered before idle ones are dropped


@dataclass(slots=True)
class _Slot:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class HostSlots:
    """Hands out hosts one at a time."""

    def __init__(self, clock: Clock, gap: float) -> None:
        """Keep `gap` seconds between the end of a request and the next one to the same host."""
        self._clock = clock
        self._gap = gap
        self._slots: dict[str, _Slot] = {}

    @asynccontextmanager
    async def hold(self, host: str) -> AsyncIterator[None]:
        """Wait for a host and hold it."""
        self._drop_idle()
        slot = self._slots.setdefault(host, _Slot())
        async with slot.lock:
            if (wait := slot.free_at - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            try:
                yield
            finally:
                slot.free_at = self._clock.monotonic() + self._gap

    def _drop_idle(self) -> None:
        if len(self._slots) > _MOST:
            now = self._clock.monotonic()
            self._slots = {host: slot for host, slot in self._slots.items() if slot.lock.locked() or slot.free_at > now}
