"""The key index is made anew when words are analysed otherwise than before, beside everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from monitor.model import Article, IndexedText
from monitor.protocols import Clock, KeyIndex, Log, OnStore

_BATCH = 20  # articles analysed without letting others have a turn: some 0.1 s
_SHARE = 1.0  # seconds of a tick


class Reindexing:
    """Reads stored articles once more; a kill costs the batch in hand, which is read again."""

    def __init__(
        self,
        *,
        index: KeyIndex,
        read: Callable[[Article], IndexedText],
        version: str,
        on_store: OnStore,
        clock: Clock,
        log: Log,
    ) -> None:
        """Take the store's face for it, what gives an article's keys, and the version of that."""
        self._index = index
        self._read = read
        self._version = version
        self._on_store = on_store
        self._clock = clock
        self._log = log
        self._open: bool | None = None
        self._up_to = 0

    async def tick(self) -> None:
        """Go on for a second, if there is anything to do."""
        until = self._clock.monotonic() + _SHARE
        while await self._is_open() and self._clock.monotonic() < until:
            await self._batch()
            await asyncio.sleep(0)

    async def finish(self, show: Callable[[str], None]) -> None:
        """Go on to the end, for a command that runs once."""
        while await self._is_open():
            done = await self._batch()
            show(f"search index: {done} of {self._up_to} articles read anew")

    async def _is_open(self) -> bool:
        if self._open is None:
            progress = await self._on_store(self._index.begin_index, self._version)
            self._open, self._up_to = progress.is_open, progress.up_to
            if self._open:
                self._log.info("reindexing", articles=progress.up_to - progress.done)
        return self._open

    async def _batch(self) -> int:
        """Read some articles; gives the number of the last one."""
        articles = await self._on_store(self._index.unindexed, _BATCH)
        read = [(article, self._read(article)) for article in articles]
        last = articles[-1].id or 0 if articles else self._up_to
        await self._on_store(self._index.index, read, done=last)
        if last >= self._up_to:
            self._open = False
            self._log.info("reindexed", articles=self._up_to)
        return last
