"""What a spider yields becomes lines for the parent: pages are read into drafts first (a part of scrapy's door)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response

from monitor.collect.crawl.crawler import Desk, desk_of
from monitor.collect.crawl.lines import draft_line
from monitor.collect.dates import plausible
from monitor.collect.html import line_of, text_of
from monitor.collect.limits import AUTHOR, GUID, TEXT, TITLE
from monitor.collect.worker import extract
from monitor.errors import SourceError
from monitor.model import Draft, Page
from monitor.urls import web_url


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

    def tell_error(self, failure: Any, response: Response) -> None:  # noqa: ANN401 - Twisted's
        """Tell the parent of an error in a spider: without this, its visit would look as if nothing were there."""
        number = response.meta["order"].article_id if "order" in response.meta else None
        told = f"{failure.type.__name__}: {failure.value}"[:300]
        self._desk.wire.say("visit", id=number, url=response.url, error="spider_error", detail=told)

    async def process_item(self, item: object) -> object:
        """Tell the parent of a draft, or of what came of a page; and of what is neither, or broken."""
        try:
            if isinstance(item, Page):
                await self._page(item)
            else:
                self._draft(item)
        except Exception as error:  # noqa: BLE001 - one item, of anybody's spider: without a word it would be lost
            number = item.article_id if isinstance(item, Page) else None
            told = f"{type(error).__name__}: {error}"[:300]
            self._desk.wire.say("visit", id=number, url=getattr(item, "url", None), error="spider_error", detail=told)
        return item

    async def _page(self, page: Page) -> None:
        now = datetime.now(UTC)
        try:
            draft = await self._desk.extraction.run(
                extract, page.body, page.url, page.content_type, page.selectors, now
            )
        except SourceError as error:
            self._desk.wire.say("visit", id=page.article_id, url=page.url, error=error.kind, detail=error.detail)
            return
        self._desk.wire.say("draft", id=page.article_id, draft=draft_line(draft))

    def _draft(self, draft: object) -> None:
        if not isinstance(draft, Draft):
            raise DropItem(f"a spider yields monitor.model.Draft, not {type(draft).__name__}")
        url = web_url(draft.url)
        if url is None:
            raise DropItem(f"no web address: {draft.url!r}")
        now = datetime.now(UTC)
        cleaned = replace(
            draft,
            url=url,
            guid=draft.guid[:GUID] if draft.guid else None,
            title=line_of(draft.title, TITLE),
            summary=text_of(draft.summary, TEXT),
            text=text_of(draft.text, TEXT) if draft.text else None,
            author=line_of(draft.author, AUTHOR) if draft.author else None,
            published_at=_moment(draft.published_at, now),
            updated_at=_moment(draft.updated_at, now),
        )
        self._desk.wire.say("draft", draft=draft_line(cleaned))


def _moment(moment: datetime | None, now: datetime) -> datetime | None:
    if moment is None:
        return None
    return plausible(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)
