"""Article pages: the only spider that downloads them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from scrapy import Request, Spider
from scrapy.http import Response

from monitor.model import Page, PageOrder, Snapshots, Source


class ArticleSpider(Spider):
    """Downloads the pages that were ordered, and hands them on as they came."""

    name = "article"

    def __init__(self, source: Source, orders: AsyncIterator[PageOrder]) -> None:
        """Take the orders, which come while the crawl runs; each has a source of its own."""
        super().__init__()
        self.source = source
        self._orders = orders

    async def start(self) -> AsyncIterator[Request]:
        """Ask for each page; two articles may stand at one address, and each gets its answer."""
        async for order in self._orders:
            yield Request(order.url, meta={"order": order}, dont_filter=True)

    def parse(self, response: Response, **_: object) -> Iterator[Page]:
        """Give the page."""
        order: PageOrder = response.meta["order"]
        kind = response.headers.get("Content-Type")
        yield Page(
            article_id=order.article_id,
            url=response.url,
            body=response.body,
            content_type=kind.decode("latin-1") if kind else None,
            selectors=order.source.selectors,
            country=order.source.country,
            status=response.status,
            headers=tuple(_headers(response)),
            kept=order.source.snapshots is not Snapshots.NEVER,
        )


def _headers(response: Response) -> Iterator[tuple[str, str]]:
    for name, values in response.headers.items():
        for value in values:
            yield name.decode("latin-1"), value.decode("latin-1")
