"""The crawl child: one job from stdin, JSON lines to stdout, and then it is over (a part of scrapy's door)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
from collections.abc import Sequence
from typing import BinaryIO

from monitor.clock import SystemClock
from monitor.collect.crawl.blame import Blame
from monitor.collect.crawl.catalogue import find_spider, spider_folders
from monitor.collect.crawl.crawler import Desk, DeskCrawler
from monitor.collect.crawl.journal import keep_journal
from monitor.collect.crawl.lines import limits_of, source_of, write_line
from monitor.collect.crawl.pastlines import past_of
from monitor.collect.crawl.wire import Wire
from monitor.collect.http import HttpClient
from monitor.collect.pool import PAGES, WorkerPool
from monitor.errors import SourceError
from monitor.eventloop import loop_factory
from monitor.lifeline import tie_to

_MEMORY = 1024 * 1024 * 1024
_LINE = 16 * 1024 * 1024


def main() -> None:
    """Take the job, crawl, say `done`."""
    out = _own_stdout()
    tie_to(os.getppid())
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    folders: list[str] = []
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            if runner.run(_crawl(out, folders)):
                _tell(out, type="done")
    except SystemExit as error:  # of a spider: it goes through the loop and everything in it
        _tell_exit(out, error, folders)
    # Not an ordinary end: nothing that a spider left behind may hold it up.
    sys.stderr.flush()
    os._exit(0)


def _tell_exit(out: BinaryIO, error: SystemExit, folders: Sequence[str]) -> None:
    """Say which line of a spider ended the process; nothing else would."""
    detail = f"{Blame(folders).told(error)}; a spider ends by `return`, not by sys.exit()"
    with contextlib.suppress(OSError):
        _tell(out, type="visit", error="spider_error", detail=detail)


def _tell(out: BinaryIO, **line: object) -> None:
    out.write(write_line(line))
    out.flush()


def _own_stdout() -> BinaryIO:
    """Keep the parent's line to ourselves: what a spider prints goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _limit_steps(seconds: float) -> None:
    """Have the system end this process when one step of it takes that much CPU time (setitimer(2), ITIMER_PROF).

    A page is read between two turns of the event loop. No code of ours need run for this to work: a parser or a pattern
    may hold the interpreter. Time in which the process is stopped, or others use the machine, does not count.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    asyncio.get_running_loop().call_later(min(1.0, seconds / 5), _limit_steps, seconds)


async def _crawl(out: BinaryIO, folders: list[str]) -> bool:
    """Do the job and tell whether it was done to its end; `folders` are filled with those that hold spiders."""
    lines = asyncio.StreamReader(limit=_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    wire = Wire(lines, out)
    job = await wire.job()
    folders += spider_folders(job.get("folders", ()))
    blame = Blame(folders)
    keep_journal(wire, blame)
    source, clock, limits = source_of(job["source"]), SystemClock(), limits_of(job["limits"])
    extraction = WorkerPool(limit=limits.parse, clock=clock, workers=1, loads=PAGES)
    desk = Desk(
        source=source,
        limits=limits,
        conditions=job.get("conditions", {}),
        wire=wire,
        client=HttpClient(limits=limits, user_agent=job["user_agent"], turns=wire, clock=clock),
        extraction=extraction,
        blame=blame,
        clock=clock,
    )
    try:
        spider = find_spider(source.spider or source.kind.value, job.get("folders", ()))
        crawler = DeskCrawler(spider, desk)
        _limit_steps(limits.parse.total_seconds())
        orders = {"orders": wire.orders()} if job.get("ordered") else {}
        past = {"past": past_of(job["past"])} if "past" in job else {}
        await crawler.crawl_async(source=source, **orders, **past)
    except SourceError as error:
        wire.say("visit", url=source.url, start=True, error=error.kind, detail=error.detail)
    except Exception as error:  # noqa: BLE001 - a person's spider may raise anything, its constructor too
        wire.say("visit", url=source.url, start=True, error="spider_error", detail=blame.told(error))
    else:
        return True
    finally:
        extraction.close()
    return False
