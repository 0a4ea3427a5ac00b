"""The child's end of the line to its parent: the job comes in, turns are asked for, findings go out."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import BinaryIO

from monitor.collect.crawl.lines import Line, read_line, write_line
from monitor.collect.crawl.lines import robots_of as robots_file_of
from monitor.collect.crawl.pagelines import order_of
from monitor.errors import SourceError
from monitor.model import PageOrder, RobotsFile

_PARENT_GONE = 1


class Wire:
    """`slots.Turns` from the parent, and the orders it sends while the crawl runs."""

    def __init__(self, lines: asyncio.StreamReader, out: BinaryIO) -> None:
        """Take the two ends."""
        self._lines = lines
        self._out = out
        self._numbers = itertools.count(1)
        self._turns: dict[int, asyncio.Future[None]] = {}
        self._orders: asyncio.Queue[Line | None] = asyncio.Queue()
        self.pauses: dict[str, float] = {}
        self.robots: dict[str, RobotsFile] = {}
        self._listening: asyncio.Task[None] | None = None

    async def job(self) -> Line:
        """Read the job, then listen for what follows."""
        line = read_line(await self._lines.readline())
        self.learn(line)
        self._listening = asyncio.create_task(self._listen())
        return line

    def say(self, kind: str, **facts: object) -> None:
        """Tell the parent."""
        self._out.write(write_line({"type": kind, **facts}))
        self._out.flush()

    @asynccontextmanager
    async def hold(self, place: str, *, gap: float = 0.0) -> AsyncIterator[None]:
        """Ask for a turn, wait for it, and give it back.

        Raises:
            SourceError: not_reached; the crawl ends before the turn would come.
        """
        number = next(self._numbers)
        granted = self._turns[number] = asyncio.get_running_loop().create_future()
        self.say("turn", turn=number, place=place, gap=gap)
        try:
            await granted
            yield
        finally:
            self._turns.pop(number, None)
            self.say("over", turn=number)

    async def orders(self) -> AsyncIterator[PageOrder]:
        """Give pages to read as they come, until the parent has no more."""
        while (line := await self._orders.get()) is not None:
            yield order_of(line)

    def learn(self, line: Mapping[str, Line]) -> None:
        """Take over what the parent knows of hosts."""
        self.pauses.update(line.get("pauses", {}))
        self.robots.update({host: robots_file_of(told) for host, told in line.get("robots", {}).items()})

    def _answer(self, line: Line) -> None:
        """Let the one go on that waits for this turn."""
        waiting = self._turns.get(line["turn"])
        if waiting is None or waiting.done():
            return
        if line.get("refused"):
            waiting.set_exception(SourceError("not_reached", "the crawl was over before its turn came"))
        else:
            waiting.set_result(None)

    async def _listen(self) -> None:
        """Take the parent's lines; when they end, so does this process, in the middle of whatever it does."""
        try:
            while raw := await self._lines.readline():
                line = read_line(raw)
                if "turn" in line:
                    self.learn(line)
                    self._answer(line)
                elif "page" in line:
                    self.learn(line)
                    self._orders.put_nowait(line["page"])
                elif "end" in line:
                    self._orders.put_nowait(None)
        except Exception:  # what it waits for would never come
            logging.getLogger(__name__).exception("the parent's line cannot be read")
        os._exit(_PARENT_GONE)
