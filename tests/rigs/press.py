"""Outlets that publish without end: many hosts on loopback, each with a feed that grows and pages behind it.

An entry leaves its feed only once the reader has stored it, so that what is missing later was lost by the reader.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self

from tests.rigs.crawl import page

WINDOW = 60  # entries that a feed shows
MATCHING = 0.4  # of all articles, those that the rule is about
PAGES = "pages"  # the outlet whose pages alone tell what its articles are about
PAGE_EVERY = 5.0  # seconds between two of its articles: reading pages takes a process of its own


@dataclass
class Outlet:
    """One host and its feed."""

    name: str
    host: str
    published: int = 0
    window: deque[str] = field(default_factory=deque)
    body: bytes = b""


@dataclass
class Press:
    """`async with Press(seed=1) as press`; from then on it publishes until `silent` is set.

    `names` gives the outlets by another address than their own, such as one that has to be looked up.
    """

    seed: int
    outlets: int = 20
    rate: float = 50.0  # articles a second, all outlets together
    names: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    port: int = 0
    served: int = 0  # answers with a body
    held: float = 0.0  # seconds in which nothing was published for want of a reader
    matching: set[int] = field(default_factory=set)
    stored: Counter[str] = field(default_factory=Counter)  # articles of each outlet that the reader has

    async def __aenter__(self) -> Self:
        self._chance = random.Random(self.seed)
        self.press = [Outlet(f"o{number}", f"127.1.0.{number + 1}") for number in range(self.outlets)]
        self.pages = Outlet(PAGES, "127.1.0.250")
        self.number = 0
        hosts = [outlet.host for outlet in (*self.press, self.pages)]
        first = await asyncio.start_server(self._answer, hosts[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        self._servers = [first, await asyncio.start_server(self._answer, hosts[1:], self.port)]
        self._writing = asyncio.create_task(self._publish())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writing.cancel()
        await asyncio.gather(self._writing, return_exceptions=True)
        for server in self._servers:
            server.close()

    def url(self, outlet: Outlet, path: str) -> str:
        return f"http://{self.names.get(outlet.host, outlet.host)}:{self.port}/{path}"

    @property
    def published(self) -> int:
        return self.number

    async def _publish(self) -> None:
        """Publish at the rate; who has no room waits, and the others with it."""
        owed, paged, last = 1.0, 0.0, time.monotonic()
        while True:
            await asyncio.sleep(0.05)
            now = time.monotonic()
            passed, last = now - last, now
            if self.silent:
                continue
            owed += passed * self.rate
            room = [outlet for outlet in self.press if self._has_room(outlet)]
            if not room:
                self.held += passed
                owed = 0.0
            while owed >= 1 and room:
                owed -= 1
                outlet = self._chance.choice(room)
                self._print(outlet, matches=self._chance.random() < MATCHING)
                room = [one for one in room if self._has_room(one)]
            if now - paged > PAGE_EVERY and self._has_room(self.pages):
                paged = now
                self._print(self.pages, matches=True)

    def _has_room(self, outlet: Outlet) -> bool:
        return outlet.published - self.stored[outlet.name] < WINDOW

    def _print(self, outlet: Outlet, *, matches: bool) -> None:
        number, self.number = self.number, self.number + 1
        if matches:
            self.matching.add(number)
        told = outlet is not self.pages and matches
        title = f"Prisoner number {number} came home" if told else f"Apples of kind {number} are cheap"
        outlet.window.appendleft(
            f"<item><title>{title}</title><link>{self.url(outlet, f'a/{number}')}</link><guid>{number}</guid>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item>"
        )
        while len(outlet.window) > WINDOW:
            outlet.window.pop()
        outlet.published += 1
        outlet.body = b""

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            host = writer.get_extra_info("sockname")[0]
            outlet = next(one for one in (*self.press, self.pages) if one.host == host)
            writer.write(self._reply(outlet, asked.split(b" ")[1].decode(), asked))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _reply(self, outlet: Outlet, path: str, asked: bytes) -> bytes:
        if path.startswith("/a/"):
            return whole(page(f"Apples of kind {path[3:]} are cheap", words="prisoners under a ceasefire"))
        if path != "/feed":
            return whole(b"", status="404 Not Found")
        tag = f'"{outlet.published}"'
        if f"If-None-Match: {tag}\r\n".encode() in asked:
            return whole(b"", status="304 Not Modified", tag=tag)
        self.served += 1
        outlet.body = outlet.body or (
            f'<rss version="2.0"><channel><title>{outlet.name}</title>{"".join(outlet.window)}</channel></rss>'.encode()
        )
        return whole(outlet.body, tag=tag)


def whole(body: bytes, *, status: str = "200 OK", tag: str = "") -> bytes:
    """An answer with its headers."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"ETag: {tag}"] if tag else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
