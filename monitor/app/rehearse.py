"""One source, visited as the daemon visits it, with nothing kept: what would be stored, and which rules would match."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.app.analysing import make_analyser
from monitor.app.aside import ways_out_aside
from monitor.clock import SystemClock
from monitor.config import Config, cache_folder
from monitor.errors import ConfigError, SourceError
from monitor.fulltext import with_page
from monitor.language import Detector
from monitor.model import (
    Article,
    Collected,
    Match,
    PageOrder,
    PageRead,
    Source,
    SourceState,
    TextState,
    Visit,
)
from monitor.normalise import normalise
from monitor.protocols import Log, PageReader
from monitor.rules import RuleSet, read_article


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
    async with ways_out_aside(config, log) as aside:
        collected = await aside.collector.collect(source, SourceState(source=name, added_at=now, due_at=now))
        articles = _articles(config, source, collected, now)
        wanted = [number for number, article in enumerate(articles) if article.text_state is TextState.WANTED]
        read = await _read(aside.reader, source, articles, wanted[:pages], log)
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
