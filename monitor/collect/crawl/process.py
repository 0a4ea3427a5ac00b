"""The parent's side of a crawl: one child process, served with turns, listened to, killed at its limit."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.collect.crawl.lines import Line, limits_line, read_line, source_line, write_line
from monitor.collect.crawl.memory import HostMemory
from monitor.collect.crawl.pagelines import order_line
from monitor.collect.crawl.pastlines import past_line
from monitor.collect.robots import host_keys
from monitor.collect.slots import Turns
from monitor.errors import SourceError
from monitor.model import Limits, PageOrder, PastOrder, Source
from monitor.places import Places
from monitor.protocols import Log

# By -c, so that a worker which the child spawns does not import the child's own module, and with it all of Scrapy; with
# -P (below), so that a folder of the working directory is not taken for a package of ours.
_START = "from monitor.collect.crawl.child import main; main()"
_LINE = 16 * 1024 * 1024
_TOLD = 2000
_SAID = 200  # lines of a child's that are passed on: a spider may print more than a disk can hold
_LOGGED = ("name", "message", "traceback")
_GRACE = 2.0  # seconds for a child to end by itself after its last line

Heard = Callable[[Line], Awaitable[None]]
Orders = AsyncIterator[PageOrder]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSettings:
    """What every child is started with."""

    limits: Limits
    user_agent: str
    folders: tuple[Path, ...]
    environ: Mapping[str, str]


class Crawls:
    """Starts children. What they must share is here: turns at hosts, and what is known of hosts."""

    def __init__(self, settings: CrawlSettings, *, turns: Turns, memory: HostMemory, log: Log) -> None:
        """Take what children are given and may ask for."""
        self._settings = settings
        self._turns = _Few(turns, settings.limits.total)
        self._memory = memory
        self._log = log

    async def visit(self, source: Source, conditions: Mapping[str, str], heard: Heard) -> None:
        """Visit a source in a child; `heard` gets what it finds, line by line.

        Raises:
            SourceError: crawl_timeout, crawl_broken, parse_timeout. What was heard until then counts.
        """
        hosts = {host for url in (source.url, *source.start) for host in host_keys(url)}
        job = {"source": source_line(source), "conditions": dict(conditions), **await self._memory.recall(hosts)}
        await self._run(job, heard, None)

    async def look(self, source: Source, past: PastOrder, heard: Heard) -> None:
        """Look for a time of a source's past on its start pages; raises as `visit`."""
        hosts = {host for url in source.start for host in host_keys(url)}
        job = {"source": source_line(source), "past": past_line(past), **await self._memory.recall(hosts)}
        await self._run(job, heard, None)

    async def read(self, spider: Source, orders: Orders, heard: Heard) -> None:
        """Read pages in a child until there are no more orders; raises as `visit`."""
        await self._run({"source": source_line(spider), "ordered": True}, heard, orders)

    async def _run(self, job: Mapping[str, Any], heard: Heard, orders: Orders | None) -> None:
        settings = self._settings
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", _START, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_LINE, env=settings.environ
        )
        crawl = _Crawl(child, heard, turns=self._turns, memory=self._memory, log=self._log, limits=settings.limits)
        common = {
            "limits": limits_line(settings.limits),
            "user_agent": settings.user_agent,
            "folders": [str(folder) for folder in settings.folders],
        }
        try:
            async with asyncio.timeout(settings.limits.crawl.total_seconds()):
                await crawl.talk({**job, **common}, orders)
        except TimeoutError as error:
            raise SourceError("crawl_timeout", f"the crawl took longer than {settings.limits.crawl}") from error
        finally:
            await _end(child, gently=crawl.silent)
        if child.returncode == -signal.SIGPROF:
            told = f"one page took longer than {settings.limits.parse.total_seconds():g} s of CPU time to read"
            raise SourceError("parse_timeout", told)
        if not crawl.done:
            raise SourceError("crawl_broken", f"the crawl ended early, with status {child.returncode}")


class _Few:
    """Turns of which only so many are held at a time, in all children together."""

    def __init__(self, turns: Turns, most: int) -> None:
        self._turns = turns
        self._places = Places(most)

    @contextlib.asynccontextmanager
    async def hold(self, place: str, *, gap: float = 0.0) -> AsyncIterator[None]:
        async with self._turns.hold(place, gap=gap), self._places.hold():
            yield


class _Crawl:
    """One child, while it runs."""

    def __init__(
        self, child: Process, heard: Heard, *, turns: Turns, memory: HostMemory, log: Log, limits: Limits
    ) -> None:
        self._child = child
        self._heard = heard
        self._turns = turns
        self._memory = memory
        self._log = log
        self._request = limits.request.total_seconds()
        # Later, a request might not end within the crawl's limit.
        last = max(limits.crawl - limits.request - limits.parse, limits.crawl / 2).total_seconds()
        self._last = asyncio.get_running_loop().time() + last
        self._patience: set[asyncio.Timeout] = set()
        self._told: dict[str, float] = {}
        self._over: dict[int, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._said = 0
        self.done = False
        self.silent = False

    async def talk(self, job: Mapping[str, Any], orders: Orders | None) -> None:
        """Say the job, serve the child until it says no more; every turn that it still holds is given back."""
        self._say(job)
        log = asyncio.create_task(self._pass_on_log())
        if orders is not None:
            self._start(self._order(orders))
        try:
            await self._listen()
            self.silent = True
            await asyncio.wait({log}, timeout=_GRACE)  # something that a spider started may hold the other end
            if self._failure is not None:
                raise self._failure
        finally:
            for task in (log, *self._tasks):
                task.cancel()
            await asyncio.gather(log, *self._tasks, return_exceptions=True)

    def _start(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        """Forget what is done; a child that cannot be served any more (the store is in the way) is told to end."""
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failure = failure
            if self._child.stdin is not None:
                self._child.stdin.close()

    async def _listen(self) -> None:
        assert self._child.stdout is not None
        while raw := await _line(self._child.stdout):
            line = read_line(raw)
            match line.get("type"):
                case "turn":
                    over = self._over[line["turn"]] = asyncio.Event()
                    self._start(self._turn(line, over))
                case "over":
                    if event := self._over.pop(line["turn"], None):
                        event.set()
                case "robots" | "pause":
                    await self._memory.learn(line)
                case "draft" | "look" | "visit" | "begun" | "remark":
                    await self._heard(line)
                case "log":
                    self._log_line("crawl_logged", **{key: line[key] for key in _LOGGED if key in line})
                case "done":
                    self.done = True
                case kind:
                    raise SourceError("crawl_broken", f"the crawl said {kind!r}")

    async def _turn(self, line: Line, over: asyncio.Event) -> None:
        """Hold a turn for the child until it says that it is over; one that is over before it began is not taken."""
        async with contextlib.AsyncExitStack() as held:
            try:
                async with asyncio.timeout_at(self._last) as patience:
                    self._patience.add(patience)
                    await held.enter_async_context(self._turns.hold(line["place"], gap=line["gap"]))
            except TimeoutError:
                self._say({"turn": line["turn"], "refused": True})
                return
            finally:
                self._patience.discard(patience)
            if not over.is_set():
                self._say({"turn": line["turn"], "pauses": await self._news()})
                await over.wait()

    async def _news(self) -> dict[str, float]:
        """Give the pauses that this child does not know yet: others have heard of them since it was started."""
        paused = await self._memory.pauses()
        news = {host: until for host, until in paused.items() if self._told.get(host) != until}
        self._told = paused
        return news

    def _hurry(self) -> None:
        """Refuse turns that do not come within the time of a request: the next run must not wait for slow hosts."""
        loop = asyncio.get_running_loop()
        self._last = min(self._last, loop.time() + self._request)
        for patience in self._patience:
            if not patience.expired():
                patience.reschedule(self._last)

    async def _order(self, orders: Orders) -> None:
        told: set[str] = set()
        async for order in orders:
            fresh = host_keys(order.url) - told
            told |= fresh
            self._say({"page": order_line(order), **await self._memory.recall(fresh)})
        self._say({"end": True})
        self._hurry()

    async def _pass_on_log(self) -> None:
        """Put what the child writes to stderr into our log: most of it is about somebody's own spider."""
        assert self._child.stderr is not None
        while raw := await _line(self._child.stderr):
            self._log_line("crawl_said", line=raw.decode("utf-8", "replace").rstrip()[:_TOLD])
        if self._said > _SAID:
            self._log.warning("crawl_said_more", lines=self._said - _SAID)

    def _log_line(self, event: str, **fields: object) -> None:
        self._said += 1
        if self._said <= _SAID:
            self._log.warning(event, **fields)

    def _say(self, line: Line) -> None:
        assert self._child.stdin is not None
        with contextlib.suppress(ConnectionError):  # it is gone; its silence will tell
            self._child.stdin.write(write_line(line))


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError as error:  # longer than any line of ours
        raise SourceError("crawl_broken", f"the crawl said more than {_LINE} bytes in one line") from error


async def _end(child: Process, *, gently: bool) -> None:
    """Make sure that the child is gone; the worker that is tied to it goes with it.

    One that says no more has died, or is about to: killing it now could lose its status, which tells why.
    """
    if gently and child.returncode is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await child.wait()
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    await child.wait()
    # asyncio leaves the pipe's end to the garbage collector.
    if child.stdin is not None:
        child.stdin.close()
