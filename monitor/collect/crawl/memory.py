"""What is remembered of hosts between crawls: pauses they asked for, and their robots.txt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from monitor.collect.crawl.lines import Line, robots_line, robots_of
from monitor.collect.pauses import DOMAIN, TOO_MANY_REQUESTS, Pauses
from monitor.collect.robots import is_fresh
from monitor.protocols import Clock, Hosts, OnStore


class HostMemory:
    """Between a child's lines and the store's rows."""

    def __init__(self, hosts: Hosts, *, pauses: Pauses, on_store: OnStore, clock: Clock) -> None:
        """Take the store's face for hosts, and who knows which of them are paused."""
        self._hosts = hosts
        self._pauses = pauses
        self._on_store = on_store
        self._clock = clock

    async def recall(self, names: Collection[str]) -> dict[str, Any]:
        """Give what a child must know of hosts: pauses as seconds since 1970, and fresh robots.txt files."""
        if not names:
            return {}
        now = self._clock.now()
        known = (await self._on_store(self._hosts.hosts, names)).items()
        paused = await self.pauses()
        return {
            "pauses": {name: until for name, until in paused.items() if name in names or name.startswith(DOMAIN)},
            "robots": {
                name: robots_line(host.robots) for name, host in known if host.robots and is_fresh(host.robots, now)
            },
        }

    async def pauses(self) -> dict[str, float]:
        """Give all hosts that are paused now, as seconds since 1970."""
        return {host: until.timestamp() for host, until in (await self._pauses.live()).items()}

    async def learn(self, line: Line) -> None:
        """Remember what a child has learned of a host."""
        if line["type"] == "robots":
            await self._on_store(self._hosts.keep_robots, line["host"], robots_of(line))
        else:
            until = datetime.fromtimestamp(line["until"], UTC)
            await self._pauses.pause(line["host"], until)
            if line.get("status") == TOO_MANY_REQUESTS:
                await self._pauses.too_many(line["host"], until)
