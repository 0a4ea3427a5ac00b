"""Looking at feeds, queries and stored articles, without running anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from monitor.app.words import analyser_in, analyser_of
from monitor.clock import SystemClock
from monitor.collect.pool import PAGES, WorkerPool
from monitor.collect.worker import extract
from monitor.config import Config, shipped_glossary
from monitor.language import EXPECTED, Detector, terms_of
from monitor.model import Filters, IndexProgress, Page, Selectors, Source
from monitor.normalise import normalise
from monitor.query import evaluate, parse, to_fts
from monitor.rules import read_article, try_query
from monitor.store import ArchiveRows

_SEARCH_BATCH = 200
_SEARCH_COLUMNS = frozenset(
    {"id", "source", "outlet", "country", "language", "title", "summary", "author", "url", "published_at"}
    | {"first_seen_at", "text_state", "revision", "gone_at"}
)


def try_feed(body: bytes, *, url: str, content_type: str | None, data: Path | None) -> Iterator[dict[str, object]]:
    """Give each entry of a feed as it would be stored.

    Raises:
        SourceError: it cannot be read as a feed.
    """
    del data
    clock = SystemClock()
    parser = WorkerPool(limit=timedelta(seconds=5), clock=clock)
    try:
        feed = asyncio.run(parser.parse(body, url=url, content_type=content_type))
    finally:
        parser.close()
    source = Source(name="try", outlet="try", url=url)
    detect = Detector(EXPECTED)
    for draft in feed.drafts:
        article = normalise(draft, source, now=clock.now(), feed_language=feed.language, detect=detect, baseline=False)
        hidden = {"id", "source", "outlet", "country", "first_seen_at", "baseline", "revision", "left_out", "gone_at"}
        yield {name: value for name, value in asdict(article).items() if name not in hidden}


def try_page(page: Page, source: Source | None) -> dict[str, object]:
    """Give what would be read out of an article's page; with a source, as of one of its articles.

    Raises:
        SourceError: it is no page, there is no article on it, or a selector is none.
    """
    clock = SystemClock()
    worker = WorkerPool(limit=timedelta(seconds=5), clock=clock, workers=1, loads=PAGES)
    try:
        draft = asyncio.run(worker.run(extract, page, clock.now()))
    finally:
        worker.close()
    sample = f"{draft.title}\n{draft.text or ''}"
    told = {
        "title": draft.title,
        "text": draft.text or "",
        "author": draft.author,
        "published_at": draft.published_at,
        "language": Detector(EXPECTED)(sample, (source.language if source else None) or draft.language),
        "canonical_url": draft.canonical_url or page.url,
        "site": draft.site,
    }
    if source:
        told |= {"source": source.name, "outlet": source.outlet, "country": source.country}
    return told | ({"unmatched": list(draft.unmatched)} if page.selectors != Selectors() else {})


def try_rule(
    query: str, lines: Iterable[str], *, lang: str | None, data: Path | None, config: Config | None
) -> Iterator[dict[str, object]]:
    """Match a query against texts; it may name the concepts of a configuration, without one the shipped ones."""
    concepts = config.concepts if config else terms_of(shipped_glossary())
    parse(query, concepts)  # an error first, before word lists are built
    languages = config.languages if config else EXPECTED
    analyser, detect = analyser_in(data, languages), Detector(languages)
    return try_query(query, lines, lang=lang, analyser=analyser, detect=detect, concepts=concepts)


def index_progress(config: Config) -> IndexProgress:
    """Give how far the search index is made anew, after words came to be analysed otherwise."""
    return ArchiveRows(config.database).index_progress()


def search_articles(config: Config, query: str, filters: Filters, *, limit: int) -> Iterator[dict[str, object]]:
    """Search stored articles, newest first: the index proposes, the same evaluation as for rules decides.

    Raises:
        QueryError: the query cannot be read. StoreError: there is no database yet.
    """
    node = parse(query, config.concepts)
    archive = ArchiveRows(config.database)
    analyser = analyser_of(config)
    match = to_fts(node, analyser)
    before: int | None = None
    found = 0
    while found < limit:
        candidates = archive.search(match, filters, before=before, limit=_SEARCH_BATCH)
        for article in candidates:
            if found < limit and evaluate(node, read_article(article, analyser), analyser) is not None:
                found += 1
                yield {name: value for name, value in asdict(article).items() if name in _SEARCH_COLUMNS}
        if len(candidates) < _SEARCH_BATCH:
            return
        before = candidates[-1].id
