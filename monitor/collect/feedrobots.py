"""robots.txt for those feeds that are to obey it (`robots: obey`): remembered for a day, as for pages."""

from __future__ import annotations

import asyncio

from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.robots import RobotsRules, host_key, is_fresh, may_read, robots_url
from monitor.collect.robotsfile import fetch_robots
from monitor.errors import SourceError
from monitor.model import Robots, RobotsFile, Source
from monitor.protocols import Clock, Hosts, OnStore

_MOST = 500  # files read and kept in memory
_REMEDY = "`robots: pages` at this source reads a feed that you typed in all the same"


class FeedRobots:
    """Asked before each request of a feed: whether its host is to be left alone, and whether the feed may be read."""

    def __init__(self, client: HttpClient, *, hosts: Hosts, pauses: Pauses, on_store: OnStore, clock: Clock) -> None:
        """Take the way out, and the store's face for hosts."""
        self._client = client
        self._hosts = hosts
        self._pauses = pauses
        self._on_store = on_store
        self._clock = clock
        self._read: dict[str, tuple[RobotsFile, RobotsRules]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, url: str, source: Source) -> float:
        """Give the gap in seconds that the host wants.

        Raises:
            SourceError: host_paused, robots_disallowed, robots_unreachable, or what meets any request to that host.
        """
        gap = await self._pauses.check(url)
        if source.robots is not Robots.OBEY:
            return gap
        try:
            return may_read(url, await self.rules(url, source), self._clock.now())
        except SourceError as error:
            if error.kind != "robots_disallowed":
                raise
            raise SourceError(error.kind, f"{error.detail}; {_REMEDY}") from error

    async def rules(self, url: str, source: Source) -> RobotsRules:
        """Give what the robots.txt of an address's host says; raises SourceError as `check` where nobody can tell."""
        host = host_key(url)
        async with self._locks.setdefault(host, asyncio.Lock()):
            read = self._read.get(host)
            if read is None or not is_fresh(read[0], self._clock.now()):
                file = await self._file(url, source)
                read = (file, RobotsRules(file))
                self._remember(host, read)
        return read[1]

    async def _file(self, url: str, source: Source) -> RobotsFile:
        """Give the file that is remembered, or fetch it."""
        host, now = host_key(url), self._clock.now()
        known = (await self._on_store(self._hosts.hosts, [host])).get(host)
        if known is not None and known.robots is not None and is_fresh(known.robots, now):
            return known.robots
        file = await fetch_robots(self._client, robots_url(url), source, now=now, before=self._pauses.check)
        await self._on_store(self._hosts.keep_robots, host, file)
        return file

    def _remember(self, host: str, read: tuple[RobotsFile, RobotsRules]) -> None:
        if len(self._read) >= _MOST:
            self._read.clear()
            self._locks = {name: lock for name, lock in self._locks.items() if lock.locked()}
        self._read[host] = read
