"""Outlets for months of visits: each answer is drawn from a seed, one in twenty of them is a fault."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from tests.rigs.press import whole

WINDOW = 20  # entries that a feed shows
FAULTY = 0.05
NEWS = 0.25  # of all visits, those that find an article
MATCHING = 0.4  # of all articles
WORDS = (
    "prisoner", "ceasefire", "bridge", "harvest", "railway", "museum", "factory", "school", "hospital", "election",
    "parliament", "river", "festival", "orchestra", "airport", "vineyard", "library", "theatre", "tunnel", "port",
)  # fmt: skip # a table
PADDING = "The report was read by the people of the town, who had come to the square in the evening. " * 5
BUSY = (b"500 Oops", b"502 Bad Gateway", b"503 Busy", b"404 Not Found", b"429 Too Many Requests")
_BOMB = b"<rss><channel><item><a " + b" ".join(b"a%d=''" % number for number in range(60_000)) + b"/></item>"


@dataclass
class _Feed:
    chance: random.Random
    window: deque[str] = field(default_factory=lambda: deque(maxlen=WINDOW))
    version: int = 0


@dataclass
class SoakWeb:
    """`async with SoakWeb(seed=1, outlets=100) as web`; `share` is how many visits find an article, and so on."""

    seed: int
    outlets: int
    news: float = NEWS
    matching_share: float = MATCHING
    faulty: float = FAULTY
    batch: int = 1  # articles that come together
    port: int = 0
    number: int = 0
    asked: int = 0
    faults: int = 0
    silent: bool = False  # nothing new and no faults any more
    matching: set[int] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self.hosts = [f"127.2.{number // 250}.{number % 250 + 1}" for number in range(self.outlets)]
        self._feeds = {host: _Feed(random.Random(f"{self.seed} {host}")) for host in self.hosts}
        first = await asyncio.start_server(self._answer, self.hosts[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        self._servers = [first, await asyncio.start_server(self._answer, self.hosts[1:], self.port)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            if asked.startswith(b"GET /feed"):
                feed = self._feeds[writer.get_extra_info("sockname")[0]]
                self.asked += 1
                faulty = feed.chance.random() < self.faulty and not self.silent
                self.faults += faulty
                writer.write(self._fault(feed) if faulty else self._reply(feed, asked))
            else:
                writer.write(whole(b"", status="404 Not Found"))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _fault(self, feed: _Feed) -> bytes:
        """Refuse, end in the middle, bring something else, or what takes a parser for ever."""
        kind = feed.chance.random()
        if kind < 0.5:
            return whole(b"", status=feed.chance.choice(BUSY).decode())
        if kind < 0.7:
            return whole(b"x" * 3000)[:2000]
        if kind < 0.8:
            return b""
        if kind < 0.995:
            return whole(b"<!doctype html><title>Checking your browser</title><p>One moment")
        return whole(_BOMB)

    def _reply(self, feed: _Feed, asked: bytes) -> bytes:
        if not feed.version or (feed.chance.random() < self.news and not self.silent):
            for _ in range(self.batch):
                self._print(feed)
        tag = f'"{feed.version}"'
        if f"If-None-Match: {tag}\r\n".encode() in asked:
            return whole(b"", status="304 Not Modified", tag=tag)
        return whole(
            f'<rss version="2.0"><channel><title>T</title>{"".join(feed.window)}</channel></rss>'.encode(), tag=tag
        )

    def _print(self, feed: _Feed) -> None:
        number, self.number = self.number, self.number + 1
        word = "apple"
        if feed.chance.random() < self.matching_share:
            self.matching.add(number)
            word = feed.chance.choice(WORDS)
        feed.version += 1
        feed.window.appendleft(
            f"<item><title>The {word} of day {number}</title><link>https://one.example/a/{number}</link>"
            f"<guid>{number}</guid><description>{PADDING}</description></item>"
        )
