"""An outlet on loopback, in a process of its own, whose articles are real news pages under addresses of their own.

`/feed/FIRST-LAST` is a feed of these articles, `/article/N` a page; the page of the only entry in `/held/0` never
comes. `/sitemap/PART-PARTS` is a news sitemap of a part of what is shown now, which whoever started the outlet says.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import multiprocessing.connection
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from multiprocessing.sharedctypes import SynchronizedArray
from pathlib import Path

from rig import OneRequest

# The first articles are told of in each language, so that whoever reads them has everything ready.
HEADLINES = (
    "The exchange of prisoners has been agreed on, the foreign ministry says",
    "Об обмене пленными договорились, сообщает министерство иностранных дел",
    "Գերիների փոխանակման մասին պայմանավորվածություն է ձեռք բերվել",
    "Əsirlərin dəyişdirilməsi barədə razılıq əldə olunub, nazirlik bildirir",
    "ტყვეების გაცვლაზე შეთანხმდნენ, აცხადებს საგარეო საქმეთა სამინისტრო",
    "Esirlerin değişimi konusunda anlaşmaya varıldığını bakanlık açıkladı",
)
_SPAWN = multiprocessing.get_context("spawn")
_EVERY = 20  # one article in so many has a word that the shipped rules find
_ASKED = re.compile(rb"GET /(\w+)/(\d+)(?:-(\d+))? .*?\r\nHost: (\S+)\r\n", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Outlet:
    """Where it is, and what its sitemaps show."""

    port: int
    shown: SynchronizedArray[int]

    def show(self, first: int, last: int) -> None:
        """Show these articles, the last one not among them."""
        self.shown[:] = (first, last)


class Articles:
    """Real pages by number. They come round again; a mark in each paragraph makes every article's text its own."""

    def __init__(self, corpus: Path) -> None:
        """Read all pages."""
        files = sorted((corpus / "pages" / "aeb").glob("*.html.gz"))
        self._pages = [gzip.decompress(file.read_bytes()) for file in files]

    def page(self, number: int) -> bytes:
        """Give an article's page."""
        told = "Prisoners of war" if number % _EVERY == 0 else "Report"
        return self._pages[number % len(self._pages)].replace(b"</p>", f" {told} {number}.</p>".encode())


def _packed(answer: Callable[[bytes], bytes | None], asked: bytes) -> bytes | None:
    """Put an answer's body into HTTP; some pages never come."""
    if b"GET /never/" in asked:
        return None
    body = answer(asked)
    status = b"404 Not Found" if body is None else b"200 OK"
    kind = b"text/html" if b"GET /article/" in asked else b"application/xml"
    head = b"HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % (status, kind, len(body or b"")) + (body or b"")


def _answers(corpus: Path, shown: SynchronizedArray[int]) -> Callable[[bytes], bytes | None]:
    articles = Articles(corpus)

    def answer(asked: bytes) -> bytes | None:
        match = _ASKED.match(asked)
        if match is None:
            return None
        what, first, last, host = match[1], int(match[2]), int(match[3] or 0), match[4].decode()
        if what == b"feed":
            return _feed([(_title(n), f"http://{host}/article/{n}") for n in range(first, last)])
        if what == b"held":
            return _feed([("Held", f"http://{host}/never/0")])
        if what == b"sitemap":
            return _sitemap(host, range(shown[0] + first, shown[1], last))
        return articles.page(first)

    return answer


def _title(number: int) -> str:
    return HEADLINES[number] if number < len(HEADLINES) else f"No. {number}"


def _feed(entries: Sequence[tuple[str, str]]) -> bytes:
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><title>{title}</title><link>{url}</link><pubDate>{now}</pubDate></item>" for title, url in entries
    )
    return f'<rss version="2.0"><channel><title>O</title>{items}</channel></rss>'.encode()


def _sitemap(host: str, numbers: Sequence[int]) -> bytes:
    now = datetime.now(UTC).isoformat()
    entries = "".join(
        f"<url><loc>http://{host}/article/{n}</loc><news:news><news:title>{_title(n)}</news:title>"
        f"<news:publication_date>{now}</news:publication_date></news:news></url>"
        for n in numbers
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return f'<urlset {spaces} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'.encode()


def _serve(
    corpus: Path, names: Sequence[str], shown: SynchronizedArray[int], ready: multiprocessing.connection.Connection
) -> None:
    async def serve() -> None:
        loop, answer = asyncio.get_running_loop(), _answers(corpus, shown)
        first = await loop.create_server(lambda: OneRequest(partial(_packed, answer)), names[0], 0, backlog=256)
        port = first.sockets[0].getsockname()[1]
        for name in names[1:]:
            await loop.create_server(lambda: OneRequest(partial(_packed, answer)), name, port, backlog=256)
        ready.send(port)
        await asyncio.sleep(10**9)

    asyncio.run(serve())


@contextmanager
def outlet(corpus: Path, names: Sequence[str]) -> Iterator[Outlet]:
    """Serve at all these addresses."""
    here, there = _SPAWN.Pipe()
    shown = _SPAWN.Array("l", 2)
    server = _SPAWN.Process(target=_serve, args=(corpus, names, shown, there), daemon=True)
    server.start()
    try:
        yield Outlet(here.recv(), shown)
    finally:
        server.kill()
        server.join()
