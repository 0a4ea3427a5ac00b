"""Workers for what may hang or crash, each killed at its limit (pebble's door)."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as WorkerTimeout
from datetime import timedelta
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from monitor.collect.worker import Failure, begin, paging, parse
from monitor.errors import SourceError
from monitor.model import ParsedFeed
from monitor.protocols import Clock

if TYPE_CHECKING:
    from monitor.collect.paging import FeedLinks

P = ParamSpec("P")
T = TypeVar("T")
FEEDS, PAGES, LISTS = "monitor.collect.parse", "monitor.collect.extract", "monitor.collect.opml"  # what they need
WORKERS = 2  # one may hang for its whole limit while another goes on
_TASKS_PER_WORKER = 1000
_LIFE = 24 * 3600.0
_IDLE = 600.0
_START = 30.0  # seconds that a worker may take to start, or to be replaced


class WorkerPool:
    """`protocols.Parser` in processes of its own; they start with the first task and end after a long rest."""

    def __init__(self, *, limit: timedelta, clock: Clock, workers: int = WORKERS, loads: str = FEEDS) -> None:
        """Kill a worker whose task takes longer than `limit`; each loads the module `loads` before its first task."""
        self._limit = limit.total_seconds()
        self._clock = clock
        self._workers = workers
        self._loads = loads
        self._pool: ProcessPool | None = None
        self._started = 0.0
        self._used = 0.0
        self._busy = 0

    async def parse(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str | None,
        country: str | None = None,
        language: str | None = None,
    ) -> ParsedFeed:
        """Parse in a worker."""
        now = self._clock.now()
        return await self.run(parse, body, url, content_type, now, country=country, language=language)

    async def paging(self, body: bytes, url: str, content_type: str | None) -> FeedLinks:
        """Find the next page of a feed, in a worker; raises as `run`."""
        return await self.run(paging, body, url, content_type)

    async def run(self, task: Callable[P, T | Failure], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one of the worker's tasks.

        Raises:
            SourceError: parse_timeout, parse_crash, or what the task itself says.
        """
        self._busy += 1
        longest = asyncio.timeout(self._busy * (self._limit + _START))
        try:
            async with longest:
                future = self._running().schedule(task, args=args, kwargs=kwargs, timeout=self._limit)
                answer: T | Failure = await asyncio.wrap_future(future)
        except (TimeoutError, WorkerTimeout) as error:
            if longest.expired():  # no worker took it: one may have died with the lock of their pipe
                self.close()
            raise SourceError("parse_timeout", f"parsing took longer than {self._limit:.0f} s") from error
        except (ProcessExpired, MemoryError, OSError, RuntimeError) as error:  # the last: the whole pool is broken
            raise SourceError("parse_crash", f"the parse worker died: {error}") from error
        except CancelledError as error:
            if (running := asyncio.current_task()) is not None and running.cancelling():
                raise
            raise SourceError("parse_crash", "the parse worker was stopped") from error
        finally:
            self._busy -= 1
            self._used = self._clock.monotonic()
        if isinstance(answer, Failure):
            raise SourceError(answer.kind, answer.detail)
        return answer

    def rest(self) -> None:
        """End workers that have had nothing to do for long, or have lived long enough."""
        now = self._clock.monotonic()
        if self._pool is not None and not self._busy and (now - self._used > _IDLE or now - self._started > _LIFE):
            self.close()

    def close(self) -> None:
        """Kill all workers; whatever they did is lost, and nobody waits for it."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call] # pebble has no types
            self._pool.join()
            self._pool = None

    def _running(self) -> ProcessPool:
        if self._pool is not None and not self._pool.active:
            self.close()  # pebble gives up a pool whose workers die (of want of memory, say) while they rest
        if self._pool is None:
            self._started = self._clock.monotonic()
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_TASKS_PER_WORKER,
                initializer=begin,
                initargs=(os.getpid(), self._loads),
                # Not fork: a child must inherit no lock, no connection and no thread's state.
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool
