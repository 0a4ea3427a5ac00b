"""Hosts and domains that asked to be left alone, and until when: one list for feeds, crawls and pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.collect.domains import registered_domain
from monitor.collect.robots import host_key
from monitor.errors import SourceError
from monitor.protocols import Clock, Hosts, OnStore

T = TypeVar("T", datetime, float)

TOO_MANY_REQUESTS = 429
TOGETHER = timedelta(minutes=10)
DOMAIN = "*."  # what the name of a pause begins with that holds for a whole domain
_REREAD = 10.0  # seconds after which the store is asked again: `monitor collect` beside the daemon writes there, too


class Pauses:
    """What this process was told, and what the store remembers. A pause is never shortened."""

    def __init__(self, hosts: Hosts, *, on_store: OnStore, clock: Clock) -> None:
        """Take the store's face for hosts."""
        self._hosts = hosts
        self._on_store = on_store
        self._clock = clock
        self._until: dict[str, datetime] = {}
        self._reread_at: float | None = None
        self._asked: dict[str, dict[str, tuple[datetime, datetime]]] = {}

    async def live(self) -> Mapping[str, datetime]:
        """Give the hosts that must be left alone now, each with the end of its pause."""
        if self._reread_at is None or self._clock.monotonic() >= self._reread_at:
            self._reread_at = self._clock.monotonic() + _REREAD
            for host, until in (await self._on_store(self._hosts.paused_hosts, now=self._clock.now())).items():
                self._lengthen(host, until)
        now = self._clock.now()
        self._until = {host: until for host, until in self._until.items() if until > now}
        return self._until

    async def pause(self, host: str, until: datetime) -> None:
        """Leave a host alone; who asks from now on is told, before the store has written it down."""
        self._lengthen(host, until)
        await self._on_store(self._hosts.pause_host, host, until)

    async def too_many(self, host: str, until: datetime) -> None:
        """Note that a host said 429; two hosts of one domain that say so within ten minutes speak for all of it.

        `until` is the end of the pause that this host is to have; the domain gets the longer of the two.
        """
        name = host.partition(":")[0].removeprefix("www.")
        domain = registered_domain(name)
        if domain is None:
            return
        now = self._clock.now()
        asked = {one: told for one, told in self._asked.get(domain, {}).items() if now - told[0] <= TOGETHER}
        asked[name] = (now, until)
        self._asked[domain] = asked
        if len(asked) > 1:
            await self.pause(f"{DOMAIN}{domain}", max(end for _, end in asked.values()))

    async def check(self, url: str) -> float:
        """Give no gap of its own, as `HttpClient.fetch` asks before each request.

        Raises:
            SourceError: host_paused.
        """
        until = pause_of(await self.live(), url)
        if until is not None:
            raise host_paused(url, until - self._clock.now())
        return 0.0

    def _lengthen(self, host: str, until: datetime) -> None:
        self._until[host] = max(until, self._until.get(host, until))


def pause_of(pauses: Mapping[str, T], url: str) -> T | None:
    """Give the end of the pause that an address lies under: of its host, or of the domain that this is a part of."""
    host = host_key(url)
    name = f".{host.partition(':')[0]}"
    ends = [until for key, until in pauses.items() if key == host or (key[0] == "*" and name.endswith(key[1:]))]
    return max(ends, default=None)


def host_paused(url: str, left: timedelta) -> SourceError:
    """Give the error of a request that is not made, because its host asked for a pause."""
    return SourceError("host_paused", f"{host_key(url)} asked to be left alone for a while", retry_after=left)
