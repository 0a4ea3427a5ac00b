"""So many at a time, of what mostly waits for others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 5.0  # seconds


class Places:
    """A number of places. Who takes long goes on without one: a few servers that hang must not hold up all others."""

    def __init__(self, most: int, *, patience: float | None = PATIENCE) -> None:
        """Offer `most` places; with `patience` None, each is held to the end."""
        self._free = asyncio.Semaphore(most)
        self._patience = patience

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Wait for a place and hold it for as long as the patience lasts."""
        await self._free.acquire()
        held = True

        def give_back() -> None:
            nonlocal held
            if held:
                held = False
                self._free.release()

        early = asyncio.get_running_loop().call_later(self._patience, give_back) if self._patience is not None else None
        try:
            yield
        finally:
            if early is not None:
                early.cancel()
            give_back()
