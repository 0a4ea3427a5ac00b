"""The daemon's ways out beside it, for work by hand: the same client, workers and spiders, and a memory that ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from monitor.app.libraries import check_libraries
from monitor.app.ways import crawl_settings, user_agent
from monitor.clock import SystemClock
from monitor.collect.bykind import ByKind
from monitor.collect.crawl import CrawlCollector, CrawlPages, Crawls, HostMemory
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.config import Config
from monitor.model import Host, RobotsFile
from monitor.protocols import Collector, Log, PageReader
from monitor.store import ArchiveRows, StoreThread


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """The ways out, and what stands behind them."""

    clock: SystemClock
    client: HttpClient
    parser: WorkerPool
    pauses: Pauses
    collector: Collector
    reader: PageReader


@asynccontextmanager
async def ways_out_aside(config: Config, log: Log) -> AsyncIterator[Aside]:
    """Give the ways out, on a memory of hosts that ends with them."""
    check_libraries()
    clock, thread, limits = SystemClock(), StoreThread(config.database), config.limits
    turns = HostSlots(clock, limits.gap.total_seconds())
    hosts = _Hosts(_paused(config, clock.now()))
    pauses = Pauses(hosts, on_store=thread, clock=clock)
    client = HttpClient(limits=limits, user_agent=user_agent(config.contact), turns=turns, clock=clock)
    parser = WorkerPool(limit=limits.parse, clock=clock, workers=1)
    memory = HostMemory(hosts, pauses=pauses, on_store=thread, clock=clock)
    crawls = Crawls(crawl_settings(config), turns=turns, memory=memory, log=log)
    robots = FeedRobots(client, hosts=hosts, pauses=pauses, on_store=thread, clock=clock)
    feeds = FeedCollector(client=client, parser=parser, pauses=pauses, robots=robots, limits=limits, clock=clock)
    spiders = CrawlCollector(crawls, clock=clock)
    try:
        yield Aside(
            clock=clock,
            client=client,
            parser=parser,
            pauses=pauses,
            collector=ByKind(feeds=feeds, crawls=spiders),
            reader=CrawlPages(crawls),
        )
    finally:
        parser.close()
        await client.close()
        thread.close()


def _paused(config: Config, now: datetime) -> dict[str, datetime]:
    """Give the hosts that asked the daemon to leave them alone: they are left alone here, too."""
    if not config.database.exists():
        return {}
    archive = ArchiveRows(config.database)
    try:
        return archive.paused_hosts(now)
    finally:
        archive.close()


@dataclass(slots=True)
class _Hosts:
    """`protocols.Hosts` for as long as work by hand lasts."""

    paused: dict[str, datetime]
    robots: dict[str, RobotsFile] = field(default_factory=dict)

    def hosts(self, names: Collection[str]) -> dict[str, Host]:
        known: Iterable[str] = {*names} & {*self.paused, *self.robots}
        return {
            name: Host(name=name, paused_until=self.paused.get(name), robots=self.robots.get(name)) for name in known
        }

    def paused_hosts(self, *, now: datetime) -> dict[str, datetime]:
        return {name: until for name, until in self.paused.items() if until > now}

    def pause_host(self, name: str, until: datetime) -> None:
        self.paused[name] = max(until, self.paused.get(name, until))

    def keep_robots(self, name: str, file: RobotsFile) -> None:
        self.robots[name] = file
