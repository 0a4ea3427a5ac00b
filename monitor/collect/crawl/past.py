"""Sitemaps and listings of the past: some of them at a time, in a child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitor.collect.crawl.lines import Line, draft_of
from monitor.collect.crawl.pastlines import look_of
from monitor.collect.crawl.process import Crawls
from monitor.errors import SourceError
from monitor.model import Draft, Look, PastOrder, PastShown, Source, Step, Way
from monitor.urls import web_url

MOST_DRAFTS = 40_000


@dataclass(slots=True)
class _Heard:
    """What a child has told so far."""

    drafts: list[Draft] = field(default_factory=list)
    looks: dict[str, Look] = field(default_factory=dict)
    errors: dict[str, Line] = field(default_factory=dict)

    async def hear(self, line: Line) -> None:
        match line["type"]:
            case "draft":
                if len(self.drafts) < MOST_DRAFTS:
                    self.drafts.append(draft_of(line["draft"]))
            case "look":
                look = look_of(line["look"])
                self.looks[look.url] = look
            case "visit" if line.get("error"):
                self.errors[str(line.get("url"))] = line


class CrawlPast:
    """`protocols.Past` on the spiders for it."""

    def __init__(self, crawls: Crawls) -> None:
        """Take who starts children."""
        self._crawls = crawls

    async def look(self, source: Source, steps: Sequence[Step], order: PastOrder) -> PastShown:
        """Look at pages of one way; what was not reached before the crawl ended is told as such."""
        spider = "past-sitemap" if order.way is Way.SITEMAP else "past-listing"
        start = tuple(step.url for step in steps)
        heard = _Heard()
        cut = SourceError("not_reached", "the crawl ended before this page's turn came")
        try:
            await self._crawls.look(replace(source, spider=spider, url=start[0], start=start), order, heard.hear)
        except SourceError as error:
            cut = error
        # A request's address is written in one way, whatever way it was written in before: what failed has that one.
        written = {web_url(url): url for url in start}
        errors = {written.get(url, url): line for url, line in heard.errors.items()}
        looks = [*heard.looks.values()]
        missing = dict.fromkeys(url for url in (*start, *errors) if url not in heard.looks)
        looks += [_failed(url, order.way, errors.get(url), cut) for url in missing]
        return PastShown(looks=tuple(looks), drafts=tuple(heard.drafts))


def _failed(url: str, way: Way, line: Line | None, cut: SourceError) -> Look:
    if line is None:
        return Look(url=url, way=way, error=cut.kind, detail=cut.detail, retry_after=cut.retry_after)
    wait = line.get("retry_after")
    return Look(
        url=url,
        way=way,
        error=str(line["error"]),
        detail=line.get("detail"),
        retry_after=timedelta(seconds=wait) if wait is not None else None,
    )
