"""The past of an outlet, page by page: paged feeds and robots.txt by our client, sitemaps and listings by a crawl."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

from monitor.collect.challenge import refusal
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.feeds import ACCEPT
from monitor.collect.http import HttpClient, Response
from monitor.collect.paging import FeedLinks, next_page
from monitor.collect.pauses import Pauses
from monitor.collect.robots import host_key
from monitor.errors import SourceError
from monitor.model import Draft, Lead, Limits, Look, PastOrder, PastShown, Period, Robots, Source, Step, Way
from monitor.periods import Placed, placed, when
from monitor.polling.hints import BUSY, retry_after
from monitor.protocols import Clock, Parser, Past
from monitor.urls import web_url

Paging = Callable[[bytes, str, str | None], Awaitable[FeedLinks]]
_OK = 200
_MOST_SITEMAPS = 50  # that one robots.txt names


class FeedPast:
    """`protocols.Past` for pages of feeds, and for robots.txt.

    Nobody typed in the further pages of a feed, so its robots.txt is obeyed for them, unless the person said otherwise.
    """

    def __init__(
        self,
        *,
        client: HttpClient,
        parser: Parser,
        paging: Paging,
        pauses: Pauses,
        robots: FeedRobots,
        limits: Limits,
        clock: Clock,
    ) -> None:
        """Take the way out, who reads what comes, who knows of pauses, and what robots.txt says."""
        self._client = client
        self._parser = parser
        self._paging = paging
        self._pauses = pauses
        self._robots = robots
        self._limits = limits
        self._clock = clock

    async def look(self, source: Source, steps: Sequence[Step], order: PastOrder) -> PastShown:
        """Look at pages, one after the other."""
        looked = []
        for step in steps:
            try:
                read = self._sitemaps_step if step.way is Way.ROBOTS else self._feed_step
                looked.append(await read(source, step, order.period))
            except SourceError as error:
                looked.append(PastShown(looks=(_failed(step, error),)))
        return PastShown(
            looks=tuple(look for part in looked for look in part.looks),
            drafts=tuple(draft for part in looked for draft in part.drafts),
            language=next((part.language for part in looked if part.language), None),
        )

    async def _feed_step(self, source: Source, step: Step, period: Period) -> PastShown:
        typed = step.url in {source.url, *source.start}
        obeys = source if typed or source.robots is Robots.IGNORE else replace(source, robots=Robots.OBEY)
        response = await self._fetch(step.url, obeys)
        kind = response.text("content-type")
        feed = await self._parser.parse(response.body, url=response.url, content_type=kind)
        links = await self._paging(response.body, response.url, kind)
        following = next_page(step.url, links, entries=len(feed.drafts))
        leads = (Lead(url=following, way=Way.FEED),) if following else ()
        look, drafts = _sorted_out(step.url, feed.drafts, period, leads)
        return PastShown(looks=(look,), drafts=drafts, language=feed.language)

    async def _sitemaps_step(self, source: Source, step: Step, period: Period) -> PastShown:
        del period
        rules = await self._robots.rules(step.url, source)
        told = (web_url(url, step.url) for url in rules.sitemaps())
        leads = tuple(Lead(url=url, way=Way.SITEMAP) for url in dict.fromkeys(told) if url)
        return PastShown(looks=(Look(url=step.url, way=Way.ROBOTS, leads=leads[:_MOST_SITEMAPS]),))

    async def _fetch(self, url: str, source: Source) -> Response:
        response = await self._client.fetch(
            url,
            headers={"Accept": ACCEPT},
            allow_private=source.allow_private,
            verify_tls=source.verify_tls,
            most_bytes=self._limits.feed_bytes,
            before=lambda address: self._robots.check(address, source),
            still=self._pauses.check,
        )
        if response.status == _OK:
            return response
        now = self._clock.now()
        wait = retry_after(response.text("retry-after"), response.text("date"), now=now)
        if wait and response.status in BUSY:
            await self._pauses.pause(host_key(response.url), now + wait)
        told = f"{response.url[:200]} answered {response.status}"
        kind = refusal(response.status, response.body, response.headers)
        raise SourceError(kind, told, status=response.status, retry_after=wait)


class PastByWay:
    """`protocols.Past` that passes each way on to who reads it."""

    def __init__(self, *, feeds: Past, crawls: Past) -> None:
        """Take who reads feeds and robots.txt, and who sends spiders."""
        self._feeds = feeds
        self._crawls = crawls

    async def look(self, source: Source, steps: Sequence[Step], order: PastOrder) -> PastShown:
        """Look at pages of one way."""
        reader = self._feeds if order.way in {Way.FEED, Way.ROBOTS} else self._crawls
        return await reader.look(source, steps, order)


def _sorted_out(
    url: str, drafts: Sequence[Draft], period: Period, leads: tuple[Lead, ...]
) -> tuple[Look, tuple[Draft, ...]]:
    """Give what a page of a feed showed, and those of its entries that may be of the period."""
    places = [placed(draft, period) for draft in drafts]
    dates = [told for draft in drafts if (told := when(draft)) is not None]
    look = Look(
        url=url,
        way=Way.FEED,
        older=places.count(Placed.OLDER),
        within=places.count(Placed.WITHIN),
        newer=places.count(Placed.NEWER),
        undated=places.count(Placed.UNDATED),
        oldest=min(dates, default=None),
        newest=max(dates, default=None),
        mark=_mark(drafts),
        leads=leads,
    )
    wanted = {Placed.WITHIN, Placed.UNDATED}
    return look, tuple(draft for draft, place in zip(drafts, places, strict=True) if place in wanted)


def _failed(step: Step, error: SourceError) -> Look:
    return Look(
        url=step.url, way=step.way, error=error.kind, detail=error.detail or None, retry_after=error.retry_after
    )


def _mark(drafts: Iterable[Draft]) -> str:
    """Give what is the same for two pages that show the same; empty for one that shows nothing."""
    shown = sorted(draft.url or draft.guid or draft.title for draft in drafts)
    return hashlib.sha256("\n".join(shown).encode("utf-8", "replace")).hexdigest()[:16] if shown else ""
