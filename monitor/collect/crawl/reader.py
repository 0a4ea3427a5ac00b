"""The reader of article pages: one child for as long as pages come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from monitor.collect.crawl.lines import Line, draft_of
from monitor.collect.crawl.pagelines import snapshot_in, validators_in
from monitor.collect.crawl.process import Crawls
from monitor.errors import SourceError
from monitor.model import PageOrder, PageRead, Source, Validators
from monitor.tries import Try, meaning

_DIED = frozenset({"crawl_broken", "parse_timeout"})
_NOT_MODIFIED = 304
_SPIDER = Source(name="article", outlet="", url="", spider="article")


class CrawlPages:
    """`protocols.PageReader` on the article spider."""

    def __init__(self, crawls: Crawls) -> None:
        """Take who starts children."""
        self._crawls = crawls

    async def read(self, orders: AsyncIterator[PageOrder], keep: Callable[[PageRead], Awaitable[None]]) -> None:
        """Read pages until there are no more orders."""
        begun: set[int] = set()
        came: dict[int, Validators] = {}

        async def heard(line: Line) -> None:
            if line["type"] == "begun":
                begun.add(line["id"])
            elif read := _read_of(line, came):
                begun.discard(read.article_id)
                await keep(read)

        try:
            await self._crawls.read(_SPIDER, orders, heard)
        except SourceError as error:
            # A child that dies may die of a page that it asked for; of the others it has not even seen the address.
            for number in sorted(begun) if error.kind in _DIED else ():
                await keep(PageRead(article_id=number, error=error.kind, detail=error.detail))
            raise


def _read_of(line: Line, came: dict[int, Validators]) -> PageRead | None:
    """Give what a line tells of a page; None for a download that went well: its draft follows its validators."""
    number = line.get("id")
    if not isinstance(number, int):
        return None
    if line["type"] == "draft":
        validators = came.pop(number, None)
        try:
            draft, snapshot = draft_of(line["draft"]), snapshot_in(line)
            return PageRead(article_id=number, draft=draft, validators=validators, snapshot=snapshot)
        except SourceError as error:
            return PageRead(article_id=number, error=error.kind, detail=error.detail)
    told = line.get("error")
    if not told:
        came[number] = validators_in(line)
        return PageRead(article_id=number, unchanged=True) if line.get("status") == _NOT_MODIFIED else None
    wait = line.get("retry_after")
    return PageRead(
        article_id=number,
        error=told,
        detail=line.get("detail"),
        retry_after=timedelta(seconds=wait) if wait is not None else None,
        counts=meaning(told) not in {Try.NONE, Try.DAILY},
    )
