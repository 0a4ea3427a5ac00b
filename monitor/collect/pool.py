"""The pool of parse workers, each killed at its limit (pebble's door)."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as WorkerTimeout
from datetime import timedelta

from pebble import ProcessExpired, ProcessPool

from monitor.collect.worker import begin, work
from monitor.errors import SourceError
from monitor.model import ParsedFeed
from monitor.protocols import Clock

WORKERS = 2  # one may hang for its whole limit while another goes on
_FEEDS_PER_WORKER = 1000
_LIFE = 24 * 3600.0
_IDLE = 600.0


class WorkerPool:
    """`protocols.Parser` in processes of its own; they start with the first feed and end after a long rest."""

    def __init__(self, *, limit: timedelta, clock: Clock) -> None:
        """Kill a worker whose feed takes longer than `limit`."""
        self._limit = limit.total_seconds()
        self._clock = clock
        self._pool: ProcessPool | None = None
        self._started = 0.0
        self._used = 0.0
        self._busy = 0

    async def parse(self, body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Parse in a worker."""
        self._busy += 1
        try:
            future = self._running().schedule(
                work, args=(body, url, content_type, self._clock.now()), timeout=self._limit
            )
            answer = await asyncio.wrap_future(future)
        except (TimeoutError, WorkerTimeout) as error:
            raise SourceError("parse_timeout", f"parsing took longer than {self._limit:.0f} s") from error
        except (ProcessExpired, MemoryError, OSError) as error:
            raise SourceError("parse_crash", f"the parse worker died: {error}") from error
        except CancelledError as error:
            if asyncio.current_task() is not None and asyncio.current_task().cancelling():  # type: ignore[union-attr]
                raise
            raise SourceError("parse_crash", "the parse worker was stopped") from error
        finally:
            self._busy -= 1
            self._used = self._clock.monotonic()
        if isinstance(answer, ParsedFeed):
            return answer
        raise SourceError(*answer)

    def rest(self) -> None:
        """End workers that have had nothing to do for long, or have lived long enough."""
        now = self._clock.monotonic()
        if self._pool is not None and not self._busy and (now - self._used > _IDLE or now - self._started > _LIFE):
            self.close()

    def close(self) -> None:
        """Kill all workers; whatever they did is lost, and nobody waits for it."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def _running(self) -> ProcessPool:
        if self._pool is None:
            self._started = self._clock.monotonic()
            self._pool = ProcessPool(
                max_workers=WORKERS,
                max_tasks=_FEEDS_PER_WORKER,
                initializer=begin,
                initargs=(os.getpid(),),
                # Not fork: a child must inherit no lock, no connection and no thread's state.
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool
