"""Scrapy's way out: a download handler on our own HTTP client (a part of scrapy's door)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers
from scrapy.http import Response as ScrapyResponse
from scrapy.responsetypes import responsetypes

from monitor.collect.came import HTML, WALL, what_came
from monitor.collect.challenge import refusal, wall
from monitor.collect.charset import decode
from monitor.collect.crawl.crawler import Desk, desk_of
from monitor.collect.crawl.lines import robots_line
from monitor.collect.http import Response
from monitor.collect.pauses import host_paused, pause_of
from monitor.collect.robots import RobotsGate, host_key
from monitor.collect.robotsfile import fetch_robots
from monitor.collect.validators import conditions
from monitor.errors import SourceError
from monitor.model import PageOrder, Robots, RobotsFile, Source
from monitor.polling.hints import BUSY, retry_after

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/xml;q=0.8, */*;q=0.5"
_OK = range(200, 300)
_NOT_MODIFIED = 304
_TOO_MANY_REQUESTS = 429
_UNTOLD_PAUSE = 3600.0
_PAGE_REDIRECTS = 10
# An element with thousands of attributes takes libxml2 time that grows with their square. (Pages have a worker for it.)
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w:-]*)(\s[^<>]{20000,})>")
_MOST_ATTRIBUTES = 2000
_ENCODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})  # of a body that is decoded now


class PoliteHandler(BaseDownloadHandler):
    """Downloads through the shared client: its guard, its limits, the parent's turns, and robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        """Take what the child has set up for this crawl."""
        super().__init__(crawler)
        self._desk: Desk = desk_of(crawler)
        self._gates: dict[tuple[object, ...], RobotsGate] = {}

    async def download_request(self, request: Request) -> ScrapyResponse:
        """Download; what fails is told to the parent, and ignored by Scrapy."""
        order = cast("PageOrder | None", request.meta.get("order"))
        source = order.source if order else self._desk.source
        facts: dict[str, object] = {"url": request.url, "start": bool(request.meta.get("is_start_request"))}
        if order:
            facts["id"] = order.article_id
        try:
            response = await self._fetch(request, source)
        except Exception as caught:  # noqa: BLE001 - the boundary of one page: without an answer it is waited for
            error = caught if isinstance(caught, SourceError) else SourceError("internal", repr(caught)[:300])
            wait = error.retry_after.total_seconds() if error.retry_after is not None else None
            self._desk.wire.say(
                "visit", **facts, error=error.kind, detail=error.detail, status=error.status, retry_after=wait
            )
            raise IgnoreRequest(str(error)) from error
        came = {"came": _came(response, start=bool(facts["start"])), "as": response.text("content-type")}
        self._desk.wire.say(
            "visit", **facts, status=response.status, size=len(response.body), **came, **_validators(response)
        )
        if response.status not in _OK:
            raise IgnoreRequest("not modified")
        headers = Headers({name: value for name, value in response.headers.items() if name not in _ENCODED})
        body = response.body if order else _LONG_TAG.sub(_shortened, response.body)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return kind(url=response.url, status=response.status, headers=headers, body=body, request=request)

    async def close(self) -> None:
        """Close every connection."""
        await self._desk.client.close()

    async def _fetch(self, request: Request, source: Source) -> Response:
        """Fetch what answers with success, or with 304 if that was asked for; all else is a SourceError."""
        article = "order" in request.meta
        conditional = self._conditions(request)
        response = await self._desk.client.fetch(
            request.url,
            headers={"Accept": _ACCEPT, **conditional},
            allow_private=source.allow_private,
            verify_tls=source.verify_tls,
            most_bytes=self._desk.limits.page_bytes if article else self._desk.limits.feed_bytes,
            most_redirects=_PAGE_REDIRECTS,
            before=lambda url: self._may(url, source),
            still=self._not_paused,
            begin=lambda: self._begin(request),
        )
        if article and _is_home(response.url) and not _is_home(request.url):
            told = f"{request.url[:200]} leads to the home page {response.url[:200]}; the article is not there"
            raise SourceError("redirected_home", told, status=response.status)
        if response.status in _OK or (conditional and response.status == _NOT_MODIFIED):
            return response
        told = f"{response.url[:200]} answered {response.status}"
        wait = retry_after(response.text("retry-after"), response.text("date"), now=self._desk.clock.now())
        if response.status in BUSY:
            self._pause(response, wait.total_seconds() if wait is not None else None)
        kind = refusal(response.status, response.body, response.headers)
        raise SourceError(kind, told, status=response.status, retry_after=wait)

    def _begin(self, request: Request) -> None:
        """Tell that a page's turn has come: should this process die now, the page may be why."""
        if "order" in request.meta:
            self._desk.wire.say("begun", id=request.meta["order"].article_id)

    def _conditions(self, request: Request) -> Mapping[str, str]:
        """Give the conditional headers; for the source's own address, or for a page that is looked at again."""
        if order := request.meta.get("order"):
            return conditions(order.validators)
        return self._desk.conditions if request.url == self._desk.source.url else {}

    async def _may(self, url: str, source: Source) -> float:
        """Give the gap that the host wants; raises SourceError where it is paused or robots.txt forbids the address."""
        await self._not_paused(url)
        if source.robots is Robots.IGNORE:
            return 0.0
        return await self._gate(source)(url)

    async def _not_paused(self, url: str) -> None:
        if (left := (pause_of(self._desk.wire.pauses, url) or 0.0) - self._desk.clock.now().timestamp()) > 0:
            raise host_paused(url, timedelta(seconds=left))

    def _gate(self, source: Source) -> RobotsGate:
        """Give the gate for sources with these permissions: a robots.txt is fetched under them, too."""
        key = (source.allow_private, source.verify_tls)
        robots = self._desk.wire.robots
        if key not in self._gates:
            self._gates[key] = RobotsGate(lambda url: self._robots(url, source), robots, self._desk.clock.now)
        return self._gates[key]

    async def _robots(self, url: str, source: Source) -> RobotsFile:
        """Fetch a robots.txt and tell the parent, which remembers it."""
        file = await fetch_robots(self._desk.client, url, source, now=self._desk.clock.now())
        self._desk.wire.say("robots", host=host_key(url), **robots_line(file))
        return file

    def _pause(self, response: Response, seconds: float | None) -> None:
        """Leave a host alone that asks for it; a 503 that names no time may be about one page.

        Told to wait for nothing at all, it is asked again after the usual gap.
        """
        if seconds == 0 or (seconds is None and response.status != _TOO_MANY_REQUESTS):
            return
        host = host_key(response.url)
        until = self._desk.clock.now().timestamp() + (_UNTOLD_PAUSE if seconds is None else seconds)
        self._desk.wire.pauses[host] = until
        self._desk.wire.say("pause", host=host, until=until, status=response.status)


def _is_home(url: str) -> bool:
    return urlsplit(url).path in {"", "/"} and not urlsplit(url).query


def _came(response: Response, *, start: bool) -> str:
    """Name what came; of an address that a source starts at, a bot wall is told from another page."""
    came = what_came(response.body)
    walled = start and came == HTML and wall(decode(response.body, response.text("content-type")))
    return WALL if walled else came


def _shortened(match: re.Match[bytes]) -> bytes:
    return b"<" + match[1] + b">" if len(match[2].split()) > _MOST_ATTRIBUTES else match[0]


def _validators(response: Response) -> dict[str, str | None]:
    """Give the answer's validators as text, byte for byte."""
    return {"etag": response.text("etag"), "last_modified": response.text("last-modified")}
