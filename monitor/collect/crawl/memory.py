"""What is remembered of hosts between crawls: pauses they asked for, and their robots.txt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from monitor.collect.crawl.lines import Line, robots_line, robots_of
from monitor.collect.robots import is_fresh
from monitor.protocols import Clock, Hosts, OnStore


class HostMemory:
    """Between a child's lines and the store's rows."""

    def __init__(self, hosts: Hosts, *, on_store: OnStore, clock: Clock) -> None:
        """Take the store's face for hosts."""
        self._hosts = hosts
        self._on_store = on_store
        self._clock = clock

    async def recall(self, names: Collection[str]) -> dict[str, Any]:
        """Give what a child must know of hosts: pauses as seconds since 1970, and fresh robots.txt files."""
        if not names:
            return {}
        now = self._clock.now()
        known = (await self._on_store(self._hosts.hosts, names)).items()
        return {
            "pauses": {
                name: host.paused_until.timestamp()
                for name, host in known
                if host.paused_until is not None and host.paused_until > now
            },
            "robots": {
                name: robots_line(host.robots) for name, host in known if host.robots and is_fresh(host.robots, now)
            },
        }

    async def learn(self, line: Line) -> None:
        """Remember what a child has learned of a host."""
        if line["type"] == "robots":
            await self._on_store(self._hosts.keep_robots, line["host"], robots_of(line))
        else:
            until = datetime.fromtimestamp(line["until"], UTC)
            await self._on_store(self._hosts.pause_host, line["host"], until)
