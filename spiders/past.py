"""The past of an outlet: sitemaps and listings, read for a period rather than for what is new."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from monitor.model import Draft, Lead, Look, PastOrder, Source, Way
from monitor.periods import Placed, days_of, is_too_old, may_hold, placed, when
from spiders.listing import ListingSpider, moments_of
from spiders.site import Found, sortable
from spiders.sitemap import SitemapSpider, files_of

_MOST = 10_000  # entries of one file
_FIRST = datetime.min.replace(tzinfo=UTC)
# What calls itself next, and what systems for newsrooms call the way to older articles.
_OLDER = ", a.next, a.page-numbers.next, a.nextpostslink, .next > a, .pagination-next a, .nav-previous a, .nav-next a"


@dataclass(slots=True)
class _Count:
    """What a page's entries came to: how many stand where, and the ends of their dates."""

    places: dict[Placed, int] = field(default_factory=lambda: dict.fromkeys(Placed, 0))
    dates: list[datetime] = field(default_factory=list)

    def add(self, draft: Draft, place: Placed) -> None:
        self.places[place] += 1
        if (told := when(draft)) is not None:
            self.dates.append(told)

    def look(self, url: str, way: Way, *, mark: str, left: int = 0, leads: Iterable[Lead] = ()) -> Look:
        return Look(
            url=url,
            way=way,
            older=self.places[Placed.OLDER],
            within=self.places[Placed.WITHIN],
            newer=self.places[Placed.NEWER],
            undated=self.places[Placed.UNDATED],
            oldest=min(self.dates, default=None),
            newest=max(self.dates, default=None),
            left=left,
            mark=mark,
            leads=tuple(leads),
        )


class PastSitemapSpider(SitemapSpider):
    """Gives a pointer for each entry of a period, the newest first, and tells of the files that can hold more."""

    name = "past-sitemap"

    def __init__(self, source: Source, past: PastOrder) -> None:
        """Take the source, whose start pages are the files to read, and what is looked for."""
        super().__init__(source)
        self._past = past

    async def start(self) -> AsyncIterator[Request]:
        """Ask for each file; told of with the address that was asked for, wherever it leads."""
        for url in self.source.start:
            yield Request(url, dont_filter=True, cb_kwargs={"asked": url})

    def parse(
        self, response: Response, depth: int = 1, share: int = 0, *, asked: object = "", **_: object
    ) -> Iterator[Found]:
        """Give the drafts of a file, and what else it showed."""
        del depth, share
        root, drafts = self._read(response)
        count = _Count()
        within = []
        for draft in drafts:
            place = placed(draft, self._past.period)
            count.add(draft, place)
            if place is Placed.WITHIN:
                within.append(draft)
        yield from sorted(within, key=lambda draft: when(draft) or _FIRST, reverse=True)[:_MOST]
        files = files_of(root, response.url) if root is not None else {}
        period = self._past.period
        chosen = sorted(
            (url for url, at in files.items() if may_hold(url, at, period)),
            key=lambda url: sortable(files[url], days_or_first(url)),
            reverse=True,
        )
        leads = [Lead(url=Request(url).url, way=Way.SITEMAP) for url in chosen]
        left = sum(is_too_old(url, at, period) for url, at in files.items())
        yield count.look(str(asked), Way.SITEMAP, mark="", left=left, leads=leads)


def days_or_first(url: str) -> datetime:
    """Give the end of the days that an address names; without any, a time before all others."""
    span = days_of(url)
    return span[1] if span else _FIRST


class PastListingSpider(ListingSpider):
    """Gives a pointer for each article of a period, and follows the listing until it has passed it.

    What has no date is given, too: its own page will tell. On the archive of a day it is of that day.
    """

    name = "past-listing"
    following = ListingSpider.following + _OLDER

    def __init__(self, source: Source, past: PastOrder) -> None:
        """Take the source, whose start pages are the listings to read, and what is looked for."""
        super().__init__(source)
        self._past = past
        self._pages_left = past.pages
        self._marks: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask for each listing."""
        self._pages_left -= len(self.source.start)
        for url in self.source.start:
            yield Request(url, dont_filter=True, cb_kwargs={"asked": url})

    def parse(self, response: Response, page: int = 1, *, asked: object = "", **_: object) -> Iterator[Found]:
        """Give the drafts of a page and what else it showed; ask for the next one, or tell of it."""
        html = response.replace(cls=HtmlResponse)
        if self._past.way is Way.ARCHIVE and days_of(html.url) is None:
            told = f"there is no archive of that day; it leads to {html.url[:200]}"
            yield Look(url=str(asked), way=self._past.way, error="http_404", detail=told)
            return
        titles = self._titles(html)
        mark = sha256("\n".join(sorted(titles)).encode("utf-8", "replace")).hexdigest()[:16] if titles else ""
        count, drafts = self._entries(html, titles)
        yield from drafts
        look = count.look(str(asked), self._past.way, mark=mark)
        self._told |= {*titles, str(asked)}
        follow = self._next_page(html) if titles and not look.passed and mark not in self._marks else None
        self._marks.add(mark)
        if follow and self._pages_left > 0:
            self._pages_left -= 1
            yield Request(follow, cb_kwargs={"page": page + 1, "asked": Request(follow).url})
            follow = None
        yield replace(look, leads=(Lead(url=Request(follow).url, way=self._past.way),) if follow else ())

    def _entries(self, html: HtmlResponse, titles: Mapping[str, str]) -> tuple[_Count, list[Draft]]:
        """Count what a page shows, and give what may be of the period."""
        moments = moments_of(html, titles)
        count, drafts = _Count(), []
        for url, title in islice(titles.items(), _MOST):
            draft = Draft(url=url, title=title, published_at=moments.get(url))
            place = placed(draft, self._past.period)
            if place is Placed.UNDATED and self._past.way is Way.ARCHIVE:
                place = Placed.WITHIN
            count.add(draft, place)
            if place in {Placed.WITHIN, Placed.UNDATED} and url not in self._told:
                drafts.append(draft)
        return count, drafts
