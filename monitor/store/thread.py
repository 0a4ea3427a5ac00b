"""The one thread that owns the writing connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from monitor.errors import IndexDamaged, StoreDamaged
from monitor.store.connection import translated

P = ParamSpec("P")
T = TypeVar("T")


class Aside:
    """`protocols.OnStore` beside the store: runs functions one after the other on a thread of its own."""

    def __init__(self, name: str, path: Path | None = None) -> None:
        """Start no thread yet; the first call does. SQLite's errors name `path`, the database, where it is given."""
        self._path = path
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function and give its result; SQLite's errors arrive as ours."""
        loop = asyncio.get_running_loop()
        # Shielded: a task that is cancelled must not leave the connection's thread with half a result unread.
        return await asyncio.shield(
            loop.run_in_executor(self._executor, partial(_translated, self._path, function, *args, **kwargs))
        )

    def close(self) -> None:
        """Wait for what is under way and end the thread."""
        self._executor.shutdown(wait=True)


class StoreThread(Aside):
    """`protocols.OnStore`: the thread that owns the store's connection.

    Once the database has turned out to be damaged, nothing is run any more: writing on could make it worse.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Start no thread yet; the first call does. Errors name `path`, the database, where it is given."""
        super().__init__("store", path)
        self._damage: StoreDamaged | None = None
        self._index_damaged = False

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function and give its result; raises StoreDamaged at once where it was raised before."""
        if self._damage is not None:
            raise StoreDamaged(str(self._damage))
        try:
            return await super().__call__(function, *args, **kwargs)
        except StoreDamaged as error:
            self._damage = error
            raise
        except IndexDamaged:
            self._index_damaged = True
            raise

    def take_index_damage(self) -> bool:
        """Tell whether a search index has turned out to be damaged since this was asked last."""
        damaged, self._index_damaged = self._index_damaged, False
        return damaged


def _translated(path: Path | None, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with translated(path):
        return function(*args, **kwargs)
