"""One source, visited as the daemon visits it, with nothing kept: what would be stored, and which rules would match."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.app.compose import crawl_settings, make_analyser, user_agent
from monitor.app.libraries import check_libraries
from monitor.clock import SystemClock
from monitor.collect.bykind import ByKind
from monitor.collect.crawl import CrawlCollector, CrawlPages, Crawls, HostMemory
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.config import Config, cache_folder
from monitor.errors import ConfigError, SourceError
from monitor.fulltext import with_page
from monitor.language import Detector
from monitor.model import (
    Article,
    Collected,
    Host,
    Match,
    PageOrder,
    PageRead,
    RobotsFile,
    Source,
    SourceState,
    TextState,
    Visit,
)
from monitor.normalise import normalise
from monitor.protocols import Collector, Log, PageReader
from monitor.rules import RuleSet, read_article
from monitor.store import ArchiveRows, StoreThread


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article as it would be stored; `page` is what came of reading its page, None where it was not read."""

    article: Article
    matches: tuple[Match, ...]
    page: PageRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a visit would bring."""

    visit: Visit
    found: tuple[Found, ...]


async def rehearse(config: Config, name: str, *, pages: int, log: Log) -> Rehearsal:
    """Visit a source, disabled or not, and read the pages of its first articles; nothing is stored or sent.

    Raises:
        ConfigError: there is no such source. SourceError: nothing came of the visit.
    """
    source = source_named(config, name)
    clock = SystemClock()
    now = clock.now()
    async with _ways_out(config, log) as (collector, reader):
        collected = await collector.collect(source, SourceState(source=name, added_at=now, due_at=now))
        articles = _articles(config, source, collected, now)
        wanted = [number for number, article in enumerate(articles) if article.text_state is TextState.WANTED]
        read = await _read(reader, source, articles, wanted[:pages], log)
        analyser = await make_analyser(cache_folder(os.environ, config.data), config.languages, log)
    detect, rules = Detector(config.languages), RuleSet(config.rules, analyser, config.concepts)
    found = []
    for number, article in enumerate(articles):
        page = read.get(number)
        whole = with_page(article, page.draft, source, now=now, detect=detect) if page and page.draft else article
        found.append(Found(article=whole, matches=rules.match(whole, read_article(whole, analyser)), page=page))
    return Rehearsal(visit=replace(collected.visit, entries=len(found)), found=tuple(found))


def source_named(config: Config, name: str) -> Source:
    """Give a source of the configuration, disabled or not.

    Raises:
        ConfigError: there is no such source.
    """
    for source in (*config.sources, *config.resting):
        if source.name == name:
            return source
    raise ConfigError((f"{config.file}: there is no source {name}; see `monitor sources list`",))


def _articles(config: Config, source: Source, collected: Collected, now: datetime) -> list[Article]:
    detect = Detector(config.languages)
    return [
        normalise(draft, source, now=now, feed_language=collected.language, detect=detect, baseline=False)
        for draft in collected.drafts
    ]


async def _read(
    reader: PageReader, source: Source, articles: Sequence[Article], numbers: Sequence[int], log: Log
) -> dict[int, PageRead]:
    """Read the pages of these articles; gives what came of each."""
    read: dict[int, PageRead] = {}

    async def orders() -> AsyncIterator[PageOrder]:
        for number in numbers:
            yield PageOrder(article_id=number, url=articles[number].url or "", source=source)

    async def keep(page: PageRead) -> None:
        read[page.article_id] = page

    try:
        if numbers:
            await reader.read(orders(), keep)
    except SourceError as error:  # what the visit found is worth showing all the same
        log.warning("crawl_failed", error=error.kind, detail=error.detail, pages=len(numbers) - len(read))
    return read


@asynccontextmanager
async def _ways_out(config: Config, log: Log) -> AsyncIterator[tuple[Collector, PageReader]]:
    """Give the collector and the reader of the daemon, on a memory of hosts that ends with them."""
    check_libraries()
    clock, aside, limits = SystemClock(), StoreThread(), config.limits
    turns = HostSlots(clock, limits.gap.total_seconds())
    hosts = _Hosts(_paused(config, clock.now()))
    pauses = Pauses(hosts, on_store=aside, clock=clock)
    client = HttpClient(limits=limits, user_agent=user_agent(config.contact), turns=turns, clock=clock, log=log)
    parser = WorkerPool(limit=limits.parse, clock=clock, workers=1)
    memory = HostMemory(hosts, pauses=pauses, on_store=aside, clock=clock)
    crawls = Crawls(crawl_settings(config), turns=turns, memory=memory, log=log)
    feeds = FeedCollector(client=client, parser=parser, pauses=pauses, limits=limits, clock=clock)
    spiders = CrawlCollector(crawls, clock=clock)
    try:
        yield (
            ByKind(feeds=feeds, crawls=spiders),
            CrawlPages(crawls),
        )
    finally:
        parser.close()
        await client.close()
        aside.close()


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
    """`protocols.Hosts` for as long as one rehearsal lasts."""

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
