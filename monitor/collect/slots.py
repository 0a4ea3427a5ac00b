"""One request at a time for each place on the network, with a gap between two.

A place is an address (several names of one server share it), or a name where none is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from monitor.protocols import Clock

_MOST = 2000  # places remembered before idle ones are dropped


class Turns(Protocol):
    """Hands out turns: one at a time for each place."""

    def hold(self, place: str, *, gap: float = 0.0) -> AbstractAsyncContextManager[None]:
        """Wait for a turn at a place and hold it; `gap` is how many seconds at least lie before the next one."""


@dataclass(slots=True)
class _Slot:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class HostSlots:
    """`Turns` of this process, and of the children that ask it for theirs."""

    def __init__(self, clock: Clock, gap: float) -> None:
        """Keep `gap` seconds between the end of a request and the next one to the same place."""
        self._clock = clock
        self._gap = gap
        self._slots: dict[str, _Slot] = {}

    @asynccontextmanager
    async def hold(self, place: str, *, gap: float = 0.0) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        self._drop_idle()
        slot = self._slots.setdefault(place, _Slot())
        async with slot.lock:
            if (wait := slot.free_at - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            try:
                yield
            finally:
                slot.free_at = self._clock.monotonic() + max(gap, self._gap)

    def _drop_idle(self) -> None:
        if len(self._slots) > _MOST:
            now = self._clock.monotonic()
            self._slots = {name: slot for name, slot in self._slots.items() if slot.lock.locked() or slot.free_at > now}
