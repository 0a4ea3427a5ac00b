"""Real crawl children, started as the daemon starts them: real turns, hosts remembered in memory, a log that keeps."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from monitor.clock import SystemClock
from monitor.collect.crawl import CrawlCollector, CrawlPages, Crawls, CrawlSettings, HostMemory
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.slots import HostSlots, Turns
from monitor.config import child_environment
from monitor.model import (
    NO_VALIDATORS,
    Collected,
    Draft,
    Host,
    Limits,
    PageOrder,
    PageRead,
    RobotsFile,
    Source,
    SourceKind,
    SourceState,
    Validators,
)
from monitor.protocols import Clock
from tests.factories import source, state
from tests.fakes import FakeClock, FakeLog, here
from tests.rigs import measuring

PATIENCE = 120.0  # seconds; a limit for what must happen, never something that is measured
AGENT = "news-coverage-monitor/0 (+tests@example.org)"
LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)  # 127.0.0.2 and ::1 stay forbidden: canaries live there
LIMITS = Limits(gap=timedelta(), crawl=timedelta(seconds=PATIENCE))
CHILD = "monitor.collect.crawl.child"
SPIDER = """
import os, sys, time
from scrapy import Request, Spider
from monitor.model import Draft

class Own(Spider):
    name = "own"

    def __init__(self, source):
        super().__init__()
        self.source = source

    async def start(self):
        for url in self.source.start:
            yield Request(url, dont_filter=True)
"""  # the head of a person's own spider; what else its class has is written below it


class RememberedHosts:
    """`protocols.Hosts` in memory."""

    def __init__(self) -> None:
        self.known: dict[str, Host] = {}

    def hosts(self, names: Collection[str]) -> dict[str, Host]:
        return {name: self.known[name] for name in names if name in self.known}

    def paused_hosts(self, *, now: datetime) -> dict[str, datetime]:
        paused = {name: host.paused_until for name, host in self.known.items()}
        return {name: until for name, until in paused.items() if until is not None and until > now}

    def pause_host(self, name: str, until: datetime) -> None:
        known = self.known.get(name, Host(name=name))
        self.known[name] = replace(known, paused_until=max(until, known.paused_until or until))

    def keep_robots(self, name: str, file: RobotsFile) -> None:
        self.known[name] = replace(self.known.get(name, Host(name=name)), robots=file)


def remembered_pauses(hosts: RememberedHosts | None = None, clock: Clock | None = None) -> Pauses:
    """Pauses that only a test remembers."""
    return Pauses(hosts or RememberedHosts(), on_store=here, clock=clock or FakeClock())


def remembered_robots(
    client: HttpClient, pauses: Pauses, hosts: RememberedHosts | None = None, clock: Clock | None = None
) -> FeedRobots:
    """robots.txt files that only a test remembers."""
    return FeedRobots(
        client, hosts=hosts or RememberedHosts(), pauses=pauses, on_store=here, clock=clock or FakeClock()
    )


class RecordedTurns:
    """Turns that are granted at once, whatever gap is wanted; it is written down."""

    def __init__(self) -> None:
        self.gaps: list[tuple[str, float]] = []

    @asynccontextmanager
    async def hold(self, place: str, *, gap: float = 0.0) -> AsyncIterator[None]:
        self.gaps.append((place, gap))
        yield


@dataclass
class Run:
    """Pages that one child reads: `await run.read(url)` gives what came of one."""

    source: Source
    orders: asyncio.Queue[PageOrder | None] = field(default_factory=asyncio.Queue)
    waiting: dict[int, asyncio.Future[PageRead]] = field(default_factory=dict)
    finished: list[int] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    abandoned: bool = False
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def read(self, url: str, **changes: Any) -> PageRead:
        return await self.order(url, **changes)

    def order(self, url: str, *, validators: Validators = NO_VALIDATORS, **changes: Any) -> asyncio.Future[PageRead]:
        number = next(self.numbers)
        future = self.waiting[number] = asyncio.get_running_loop().create_future()
        ordered = replace(self.source, **changes)
        self.orders.put_nowait(PageOrder(article_id=number, url=url, source=ordered, validators=validators))
        return future

    async def read_all(self, urls: Mapping[str, str], **changes: Any) -> dict[str, PageRead]:
        """Read pages by name."""
        reads = await asyncio.gather(*(self.order(url, **changes) for url in urls.values()))
        return dict(zip(urls, reads, strict=True))

    async def taken(self) -> AsyncIterator[PageOrder]:
        while (order := await self.orders.get()) is not None:
            yield order

    async def keep(self, read: PageRead) -> None:
        self.finished.append(read.article_id)
        self.waiting.pop(read.article_id).set_result(read)

    def abandon(self) -> None:
        """Give the crawl up, with all that was ordered and not read."""
        assert self.task
        self.abandoned = True
        self.task.cancel()

    def over(self, task: asyncio.Task[None]) -> None:
        """Let nobody wait for a crawl that has ended."""
        error = None if task.cancelled() else task.exception()
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(error or RuntimeError("the crawl is over"))
                future.exception()  # whoever does not wait for it need not be told


class CrawlRig:
    """Starts children; what they share, and what they told of hosts, can be looked at."""

    def __init__(
        self,
        *,
        limits: Limits = LIMITS,
        turns: Turns | None = None,
        environ: Mapping[str, str] | None = None,
        folders: Sequence[Path] = (),
    ) -> None:
        self.limits = limits
        self.clock = SystemClock()
        self.turns = turns or HostSlots(self.clock, limits.gap.total_seconds())
        self.hosts = RememberedHosts()
        self.log = FakeLog()
        self.settings = CrawlSettings(
            limits=limits,
            user_agent=AGENT,
            folders=tuple(folders),
            # Whatever a library warns of is seen: a crawl that goes well is silent. (It leaves its stdin open to the end.)
            environ=child_environment(measuring.environment())
            | {"PYTHONWARNINGS": "default,ignore::ResourceWarning"}
            | dict(environ or {}),
        )

    @property
    def said(self) -> list[str]:
        """What children wrote to stderr or logged."""
        logged = [f"{fields['name']}: {fields['message']}" for fields in self.log.named("crawl_logged")]
        return [fields["line"] for fields in self.log.named("crawl_said")] + logged

    def crawls(self) -> Crawls:
        pauses = remembered_pauses(self.hosts, self.clock)
        memory = HostMemory(self.hosts, pauses=pauses, on_store=here, clock=self.clock)
        return Crawls(self.settings, turns=self.turns, memory=memory, log=self.log)

    async def visit(self, visited: Source, *, validators: Validators | None = None) -> Collected:
        """Visit a source in a child of its own."""
        before: SourceState = state(visited.name, validators=validators or Validators())
        return await CrawlCollector(self.crawls(), clock=self.clock).collect(visited, before)

    @asynccontextmanager
    async def reading(self, crawls: Crawls | None = None, **changes: Any) -> AsyncIterator[Run]:
        """Read pages in one child; it ends with the block, and everything ordered must have been read by then.

        Children of the same `crawls` share what is known of hosts, as those of one daemon do.
        """
        async with asyncio.timeout(PATIENCE * 1.5):
            run = Run(page_source(**changes))
            run.task = asyncio.create_task(CrawlPages(crawls or self.crawls()).read(run.taken(), run.keep))
            run.task.add_done_callback(run.over)
            try:
                yield run
                if not run.abandoned:
                    run.orders.put_nowait(None)
                    await run.task
            finally:
                run.task.cancel()
                await asyncio.gather(run.task, return_exceptions=True)


def page_source(name: str = "one", **changes: Any) -> Source:
    """A source whose pages may stand on 127.0.0.1, and nowhere else that is private."""
    return source(name, **{"allow_private": LOOPBACK} | changes)


def site_source(kind: str, url: str, **changes: Any) -> Source:
    """A listing, sitemap or spider that begins at an address."""
    return page_source(**{"kind": SourceKind(kind), "url": url, "start": (url,)} | changes)


def texts(drafts: Sequence[Draft]) -> str:
    """All that drafts say."""
    return "\n".join(f"{draft.url} {draft.title} {draft.summary} {draft.text}" for draft in drafts)


def children(process: psutil.Process | None = None) -> list[psutil.Process]:
    """The crawl children of a process, this one if none is named."""
    found = []
    for child in (process or psutil.Process()).children():
        try:
            if CHILD in " ".join(child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{what} did not come") from None


def page(title: str, *, head: str = "", more: str = "", words: str = "prisoners") -> bytes:
    """An article page with three paragraphs of news and a menu."""
    paragraphs = "".join(
        f"<p>On day {number} the {words} crossed the bridge near the village, and their families were waiting for them"
        " on the other side, said a spokesman who had come from the capital in the morning to see it.</p>"
        for number in (1, 2, 3)
    )
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head><body>"
        f"<nav><a href=/>Home</a> <a href=/about>About</a></nav><article><h1>{title}</h1>{paragraphs}{more}</article>"
        "</body></html>"
    ).encode()
