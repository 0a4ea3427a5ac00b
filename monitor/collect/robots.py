"""What robots.txt allows (RFC 9309; protego's door)."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from monitor.errors import SourceError
from monitor.model import RobotsFile

AGENT = "news-coverage-monitor"  # the product token that robots.txt may name
MOST_BYTES = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are read; what follows is ignored
FRESH = timedelta(hours=24)  # RFC 9309, 2.4
FRESH_FAILURE = timedelta(minutes=30)
_LONGEST_DELAY = 60.0
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_OK = range(200, 300)
# A group is for a product token alone (2.2.1); people also write the version that they see in their logs.
_VERSION = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)/[^\s#]*", re.IGNORECASE | re.MULTILINE)

Fetch = Callable[[str], Awaitable[RobotsFile]]


class Robots(Protocol):
    """Asked before every request."""

    async def __call__(self, url: str) -> float:
        """Give the gap in seconds that the host wants.

        Raises:
            SourceError: robots_disallowed, robots_unreachable.
        """


def host_key(url: str) -> str:
    """Give what a robots.txt holds for: the host, with its port where that is not the usual one."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    return (parts.hostname or "").lower().rstrip(".") + port


def host_keys(url: str) -> set[str]:
    """Give the host of an address, and the same with or without `www.`: one often leads to the other."""
    host = host_key(url)
    return {host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"}


def robots_url(url: str) -> str:
    """Give where the robots.txt for an address is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def is_fresh(file: RobotsFile, now: datetime) -> bool:
    """Tell whether a file may still be used: for a day, and one that could not be had for half an hour (2.4)."""
    return now - file.read_at < (FRESH if _answered(file) else FRESH_FAILURE)


def _answered(file: RobotsFile) -> bool:
    """Tell whether the server could say what its rules are; one that is too busy to say could not (2.3.1.4)."""
    return file.status is not None and file.status < _SERVER_ERROR and file.status != _TOO_MANY_REQUESTS


class RobotsRules:
    """One robots.txt, read."""

    def __init__(self, file: RobotsFile) -> None:
        """Read it: an answer below 500 that is no success means that there are no rules (2.3.1.3)."""
        self.unreachable = not _answered(file)
        self.read_at = file.read_at
        body = file.body if file.status in _OK else ""
        self._rules = Protego.parse(_VERSION.sub(r"\1", body.replace("\0", "").removeprefix("\ufeff")))

    def allow(self, url: str) -> bool:
        """Tell whether an address may be read; nothing may while the file cannot be reached (2.3.1.4)."""
        return not self.unreachable and bool(self._rules.can_fetch(url, AGENT))

    def sitemaps(self) -> tuple[str, ...]:
        """Give the sitemaps that the file names (sitemaps.org, "Specifying the Sitemap location")."""
        return tuple(self._rules.sitemaps)

    def delay(self) -> float:
        """Give the Crawl-delay in seconds, at most a minute; 0 where none can be meant."""
        told = self._rules.crawl_delay(AGENT)
        if told is None or math.isnan(told) or told < 0:
            return 0.0
        return min(float(told), _LONGEST_DELAY)


def may_read(url: str, rules: RobotsRules, now: datetime) -> float:
    """Give the gap in seconds that a host wants.

    Raises:
        SourceError: robots_disallowed, robots_unreachable.
    """
    if rules.unreachable:
        left = max(rules.read_at + FRESH_FAILURE - now, timedelta())  # before, it is not asked for again
        told = f"{robots_url(url)} cannot be read now, so nothing there may be"
        raise SourceError("robots_unreachable", told, retry_after=left)
    if not rules.allow(url):
        raise SourceError("robots_disallowed", f"{robots_url(url)} forbids {url[:200]}")
    return rules.delay()


class RobotsGate:
    """Reads each host's robots.txt once, before the first request to it."""

    def __init__(self, fetch: Fetch, known: Mapping[str, RobotsFile], now: Callable[[], datetime]) -> None:
        """Take the files that are known, to which others may be added; `fetch` reads another, given its address."""
        self._fetch = fetch
        self._now = now
        self._known = known
        self._rules: dict[str, RobotsRules] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def __call__(self, url: str) -> float:
        """Give the gap that the host wants; raises SourceError where the address must not be read."""
        host = host_key(url)
        async with self._locks.setdefault(host, asyncio.Lock()):
            if host not in self._rules:
                self._rules[host] = RobotsRules(self._known.get(host) or await self._fetch(robots_url(url)))
        return may_read(url, self._rules[host], self._now())
