"""The one thread that owns the writing connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from monitor.store.connection import translated

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """`protocols.OnStore`: runs functions one after the other on a thread of its own."""

    def __init__(self) -> None:
        """Start no thread yet; the first call does."""
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function and give its result; SQLite's errors arrive as ours."""
        loop = asyncio.get_running_loop()
        # Shielded: a task that is cancelled must not leave the connection's thread with half a result unread.
        return await asyncio.shield(
            loop.run_in_executor(self._executor, partial(_translated, function, *args, **kwargs))
        )

    def close(self) -> None:
        """Wait for what is under way and end the thread."""
        self._executor.shutdown(wait=True)


def _translated(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with translated():
        return function(*args, **kwargs)
