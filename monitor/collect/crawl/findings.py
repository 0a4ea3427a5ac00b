"""What a spider yields becomes lines for the parent: pages are read into drafts first (a part of scrapy's door)."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from datetime import tzinfo
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from monitor.collect.crawl.crawler import Desk, desk_of
from monitor.collect.crawl.lines import draft_line
from monitor.collect.crawl.mend import mended
from monitor.collect.crawl.pagelines import raw_line
from monitor.collect.crawl.pastlines import look_line
from monitor.collect.worker import extract
from monitor.collect.zones import zone_at
from monitor.errors import SourceError
from monitor.model import Draft, Look, Page, SourceKind
from monitor.patterns import Pattern

_INSTEAD = "yield Draft(url=..., title=...) of monitor.model, or a Request"


class Yields:
    """Scrapy's spider middleware: drafts as they were surely meant go on; what is unclear is told once a visit."""

    def __init__(self, desk: Desk, spider_file: str) -> None:
        """Take the desk, and the file to name."""
        self._desk = desk
        self._file = spider_file
        links = (
            desk.source.links if desk.source.kind is SourceKind.SPIDER else None
        )  # listing and sitemap look at theirs
        self._pattern = Pattern(links) if links else None
        self._told: set[str] = set()
        self._without_address = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawler."""
        desk = desk_of(crawler)
        made = cls(desk, desk.blame.named(inspect.getfile(crawler.spidercls)))
        crawler.signals.connect(made.tell_rest, signal=signals.spider_closed)
        return made

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on what a spider begins with."""
        url = self._desk.source.url
        async for item in start:
            if (passed := self._read(item, url, lambda href: urljoin(url, href))) is not None:
                yield passed

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on what a spider found on a page."""
        async for item in result:
            if (passed := self._read(item, response.url, response.urljoin)) is not None:
                yield passed

    def tell_rest(self) -> None:
        """Tell the parent how many drafts had no address: it matters only where nothing else was found."""
        if self._without_address:
            self._desk.wire.say("remark", without_address=self._without_address)

    def _read(self, item: object, page: str, join: Callable[[str], str]) -> object | None:
        """Give what goes on: a draft in order, a page, a request; None for what is dropped."""
        if item is None or isinstance(item, Look | Page | Request):
            return item
        if not isinstance(item, Draft):
            self._complain(page, type(item).__name__, f"it yields {_named(type(item))}; {_INSTEAD}")
            return None
        found = mended(item, join=join, now=self._desk.clock.now(), place=lambda: self._place(item, page))
        for field, sentence in found.unclear.items():
            self._complain(page, field, sentence)
        self._without_address += found.draft is None and not found.unclear
        wanted = found.draft is None or self._pattern is None or self._pattern.fits(found.draft.url or "")
        return found.draft if wanted else None

    def _place(self, draft: Draft, page: str) -> tzinfo | None:
        """Give the zone of the outlet by its source's country, the page's address, or the language it writes in."""
        told = draft.language if isinstance(draft.language, str) else None
        return zone_at(self._desk.source.country, page, self._desk.source.language or told)

    def _complain(self, page: str, about: str, sentence: str) -> None:
        if about not in self._told:
            self._told.add(about)
            detail = f"{self._file}: {sentence} (on {page[:200]})"
            self._desk.wire.say("visit", url=page, error="bad_draft", detail=detail)


class Findings:
    """Scrapy's item pipeline: the only one."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk."""
        self._desk = desk

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawler, and hear of what a spider does wrong."""
        made = cls(desk_of(crawler))
        crawler.signals.connect(made.tell_error, signal=signals.spider_error)
        return made

    def tell_error(self, failure: Any, response: Any) -> None:  # noqa: ANN401 - Twisted's; a page, a failure or nothing
        """Tell the parent of an error in a spider: without this, its visit would look as if nothing were there."""
        request = getattr(response, "request", None)
        number = request.meta["order"].article_id if request is not None and "order" in request.meta else None
        url = getattr(response, "url", self._desk.source.url)
        self._tell(number, url, failure.value)

    async def process_item(self, item: object) -> object:
        """Tell the parent of a draft, or of what came of a page; and of what is broken."""
        try:
            if isinstance(item, Page):
                await self._page(item)
            elif isinstance(item, Look):
                self._desk.wire.say("look", look=look_line(item))
            else:
                assert isinstance(item, Draft)
                self._desk.wire.say("draft", draft=draft_line(item))
        except Exception as error:  # noqa: BLE001 - one item, of anybody's spider: without a word it would be lost
            self._tell(item.article_id if isinstance(item, Page) else None, getattr(item, "url", None), error)
        return item

    def _tell(self, number: int | None, url: object, error: BaseException) -> None:
        self._desk.wire.say("visit", id=number, url=url, error="spider_error", detail=self._desk.blame.told(error))

    async def _page(self, page: Page) -> None:
        now = self._desk.clock.now()
        try:
            draft = await self._desk.extraction.run(extract, page, now)
        except SourceError as error:
            self._desk.wire.say("visit", id=page.article_id, url=page.url, error=error.kind, detail=error.detail)
            return
        self._desk.wire.say("draft", id=page.article_id, draft=draft_line(draft), **raw_line(page))


def _named(kind: type) -> str:
    return f"{'an' if kind.__name__[:1].lower() in 'aeiou' else 'a'} {kind.__name__}"
