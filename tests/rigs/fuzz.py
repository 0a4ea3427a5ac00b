"""Mutated feeds, pages, listings and sitemaps, read in a worker; a seed gives the same bytes for ever.

Mutators work on bytes (what a bad line does), on tokens (what a bad program does) and on structure (what somebody does
who knows how parsers are made).
"""

from __future__ import annotations

import gzip
import random
import re
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil

from monitor.errors import SourceError
from monitor.model import Selectors
from tests.rigs.hostile_feeds import CRASHES, atom, rss

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://one.example/feed/"
LONGEST = 64 * 1024  # a mutated sample is cut to this: time is for many of them
_TAG = re.compile(rb"</?[A-Za-z][^<>]*>")
_TOKEN = re.compile(rb"</?[\w:.-]+|&#?\w+;|\"[^\"]*\"|'[^']*'|<!\[CDATA\[|\]\]>|<!--|-->|>|[^<>&\"']+")
_ELEMENT = re.compile(rb"<([\w:.-]+)(?:\s[^<>]*)?>[^<]*</\1>")

_TEXT = "Prisoners return &amp; their families wait on the bridge. "
FEEDS = (
    rss(
        f"<title>{_TEXT}</title><link>https://one.example/1</link><guid isPermaLink='false'>1</guid><author>a@one.example (Ann)</author>"
        f"<pubDate>Tue, 24 Nov 2026 10:00:00 +0400</pubDate><category domain='x'>news</category>"
        f"<content:encoded><![CDATA[<p>{_TEXT}<img src='/a.png'><a href='/b'>more</a></p><!-- c -->]]></content:encoded>"
        "<enclosure url='https://one.example/a.mp3' length='1' type='audio/mpeg'/><source url='https://two.example/'>Two</source>",
        "<title>&lt;b&gt;Two&lt;/b&gt;</title><description>&lt;p style='a: b'&gt;x&lt;/p&gt;</description><media:content url='x'><media:title>t</media:title>"
        "<media:thumbnail url='y'/><media:credit role='author'>z</media:credit></media:content><itunes:author>A</itunes:author>",
        channel="<title>One</title><link>/</link><language>en</language><ttl>60</ttl><image><url>x</url><width>1</width></image>",
        before='<?xml version="1.0" encoding="utf-8"?>',
    ),
    b'<?xml version="1.0"?>' + atom(
        "<title type='html'>&lt;i&gt;One&lt;/i&gt;</title><id>urn:1</id><link rel='alternate' href='/1'/><updated>2026-11-24T10:00:00Z</updated>"
        "<author><name>Ann</name><email>a@one.example</email><uri>/ann</uri></author><summary>s</summary>",
        "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Two <b>bold</b></div></title><id>2</id>"
        "<content type='xhtml' xml:base='https://two.example/' xml:lang='ka'><div xmlns='http://www.w3.org/1999/xhtml'><p>text</p></div></content>",
    ),
    ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<channel rdf:about="https://one.example/"><title>Один</title></channel><item rdf:about="https://one.example/1"><title>Возвращение '
    "военнопленных</title><link>https://one.example/1</link><dc:date>2026-11-24T10:00:00+04:00</dc:date><dc:creator>Анна</dc:creator>"
    "<description>Обсудили в столице</description></item></rdf:RDF>").encode("cp1251"),
    (b'{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": 7, "url": "/a", "title": "T",'
    b' "content_html": "<p>x</p>", "date_published": "2026-11-24T10:00:00Z", "authors": [{"name": "A"}], "tags": ["a"]}]}'),
    "\ufeff".encode() + rss("<title>Գերիները վերադարձան</title><pubDate>23 նոյեմբերի 2026 14:05</pubDate>", channel="<title>ა</title>"),
    rss("<title>T</title><description>x</description>").decode().encode("utf-16"),
    *CRASHES.values(),
)  # fmt: skip # a table
PAGES = (
    (b"<!doctype html><html lang=en><head><meta charset=utf-8><title>A day of return</title><link rel=canonical href=/a>"
    b'<meta property="article:published_time" content="2026-11-24T10:00:00+04:00"><meta name=author content="Ann Lee">'
    b'<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "A day",'
    b' "datePublished": "2026-11-24T10:00:00Z", "author": [{"@type": "Person", "name": "Ann Lee"}], "articleBody": "x"}</script>'
    b"</head><body><nav><a href=/>Home</a></nav><article><h1>A day of return</h1><time datetime='2026-11-24'>24 Nov</time>"
    + b"<p>On that day the prisoners crossed the bridge near the village, and their families were waiting on the other side.</p>" * 4
    + b"<table><tr><td>1<td>2</table><ul><li>a<li>b</ul></article><footer>(c)</footer></body></html>"),
    ("<html><head><title>Возвращение</title></head><body><div class=news><h1>Возвращение</h1><p>24 ноября 2026, 14:05</p><p>".encode("cp1251")
    + ("Военнопленные перешли мост у села, и их семьи ждали на другой стороне, сказал представитель. " * 6).encode("cp1251")
    + b"</div></body></html>"),
)  # fmt: skip # a table
LISTINGS = (
    b"<html><head><base href=/><title>Home</title></head><body>"
    + b"".join(b'<div><h2><a href="/news/8100%d">A long headline of the day %d</a></h2><time>24.11.2026</time></div>' % (n, n) for n in range(5))
    + b'<a rel=next href="?page=2">next</a></body></html>',
)  # fmt: skip # a table
SITEMAPS = (
    (b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    b"<url><loc>https://one.example/news/1</loc><lastmod>2026-11-24</lastmod><news:news><news:publication><news:language>en</news:language>"
    b"</news:publication><news:publication_date>2026-11-24T10:00:00Z</news:publication_date><news:title>T &amp; U</news:title></news:news></url></urlset>"),
    b"<sitemapindex><sitemap><loc>https://one.example/s1.xml</loc><lastmod>2026-11-24T10:00:00+04:00</lastmod></sitemap></sitemapindex>",
)  # fmt: skip # a table
NASTY = (
    b"&#xD800;", b"&#99999999999;", b"&#0;", b"&lol;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<!DOCTYPE x [<!ENTITY a '&a;'>]>", b"<?xml?>", b"\0",
    b"\xff\xfe", b"\xed\xa0\x80", "\u202e\u0085\u2028".encode(), b"<a b=", b"</", b"<svg><title>", b"<math>", b"<script>", b"xmlns=''", b"xml:base='http://['",
    b"http://[::1", b"javascript:alert(1)", b"data:,x", b"9" * 400, b"-1", b"1e400", b"NaN", b"\\ud800", b"[" * 200, b"{" * 200, b'"',
    b"Mon, 31 Feb 99999 25:61:61 +9999", b"0000-00-00T00:00:00Z", b"9999-12-31T23:59:59-23:59", b"<georss:where><gml:pos>", b"<psc:chapters><psc:chapter/>",
    b"<media:rating>", b"<creativeCommons:license><b>", b"<textInput><name>", b"<image><width>", b"type='xhtml'", b"mode='base64'", b"<content src='x'>",
)  # fmt: skip # a table


@dataclass(frozen=True)
class Report:
    """What came of a batch: how many, the seeds that raised with their last words, the slowest, the worker's memory."""

    done: int = 0
    understood: int = 0
    raised: tuple[tuple[int, str], ...] = ()
    slowest: tuple[float, int] = (0.0, -1)
    memory: tuple[int, ...] = field(default_factory=tuple)  # bytes, after each batch

    def __add__(self, other: Report) -> Report:
        return Report(
            done=self.done + other.done,
            understood=self.understood + other.understood,
            raised=self.raised + other.raised,
            slowest=max(self.slowest, other.slowest),
            memory=self.memory + other.memory,
        )

    def slope(self, batch: int) -> float:
        """MiB by which the worker grows for each 100,000 inputs, by least squares over the later two thirds."""
        points = [(n * batch, value / 2**20) for n, value in enumerate(self.memory)][len(self.memory) // 3 :]
        middle = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
        spread = sum((x - middle[0]) ** 2 for x, _ in points)
        return 100_000 * sum((x - middle[0]) * (y - middle[1]) for x, y in points) / spread if spread else 0.0


def mutated(seed: int, samples: Sequence[bytes]) -> bytes:
    """Give one of the samples, changed in one to six ways."""
    chance = random.Random(seed)
    body = chance.choice(samples)
    for _ in range(chance.randint(1, 6)):
        body = chance.choice(_MUTATORS)(chance, body, samples)[:LONGEST]
    return body


def _flip(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(body or b"x")
    for _n in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    at, end = _range(chance, body)
    return body[:at] + (body[end:] if chance.random() < 0.8 else b"")


def _repeat(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    at, end = _range(chance, body, most=200)
    return body[:at] + body[at:end] * chance.choice([2, 3, 50]) + body[end:]


def _insert(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    at = chance.randint(0, len(body))
    return body[:at] + chance.choice(NASTY) + body[at:]


def _replace_token(chance: random.Random, body: bytes, samples: Sequence[bytes]) -> bytes:
    tokens = list(_TOKEN.finditer(body))
    if not tokens:
        return body
    token = chance.choice(tokens)
    others = _TOKEN.findall(chance.choice(samples)) or [b""]
    return body[: token.start()] + chance.choice([*NASTY, chance.choice(others)]) + body[token.end() :]


def _swap_tokens(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    tokens = _TOKEN.findall(body)
    for _n in range(chance.randint(1, 4)):
        if len(tokens) > 1:
            one, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
            tokens[one], tokens[other] = tokens[other], tokens[one]
    return b"".join(tokens)


def _rename(chance: random.Random, body: bytes, samples: Sequence[bytes]) -> bytes:
    """Give an element the name of another: `title` with the contents of `media:credit`."""
    names = re.findall(rb"<([\w:.-]+)", chance.choice(samples)) or [b"x"]
    mine = re.findall(rb"<([\w:.-]+)", body) or [b"x"]
    return body.replace(chance.choice(mine), chance.choice(names), chance.choice([1, 2, -1]))


def _move(chance: random.Random, body: bytes, samples: Sequence[bytes]) -> bytes:
    """Put an element of some sample into another place, whole."""
    found = _ELEMENT.search(chance.choice(samples), chance.randrange(400))
    at = next((tag.end() for tag in _TAG.finditer(body, chance.randint(0, len(body)))), len(body))
    return body[:at] + (found[0] if found else b"<x/>") + body[at:]


def _nest(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    """Wrap what there is into an element, some hundred times, or forget an end."""
    tags = _TAG.findall(body)
    opening = chance.choice([tag for tag in tags if not tag.startswith(b"</")] or [b"<x>"])
    at = chance.randint(0, len(body))
    return body[:at] + opening * chance.choice([1, 2, 300]) + body[at:]


def _splice(chance: random.Random, body: bytes, samples: Sequence[bytes]) -> bytes:
    other = chance.choice(samples)
    return body[: chance.randint(0, len(body))] + other[chance.randint(0, len(other)) :]


def _recode(chance: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    coding = chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-7", "cp1251", "koi8-r", "utf-8-sig", "cp037"])
    return body.decode("utf-8", "replace").encode(coding, "replace")


def _range(chance: random.Random, body: bytes, most: int = 5000) -> tuple[int, int]:
    at = chance.randint(0, len(body))
    return at, min(len(body), at + chance.randint(0, most))


_MUTATORS: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _cut, _repeat, _insert, _insert, _replace_token, _replace_token, _swap_tokens, _rename, _move, _nest, _splice, _recode
)  # fmt: skip # a table


def read_feed(body: bytes) -> None:
    from monitor.collect.parse import parse_feed  # noqa: PLC0415 - a worker loads what it reads: its memory is told

    parse_feed(body, URL, None, NOW)


def read_page(body: bytes) -> None:
    from monitor.collect.extract import extract_page  # noqa: PLC0415 - the same

    extract_page(body, url="https://one.example/a", content_type=None, selectors=Selectors(), country="ge", now=NOW)


def read_listing(body: bytes) -> None:
    from tests.unit.test_spiders import listing  # noqa: PLC0415 - the same

    listing(body)


def read_sitemap(body: bytes) -> None:
    from tests.unit.test_spiders import sitemap  # noqa: PLC0415 - the same

    sitemap(body)


KINDS = {
    "feed": (read_feed, FEEDS),
    "page": (read_page, PAGES),
    "listing": (read_listing, LISTINGS),
    "sitemap": (read_sitemap, SITEMAPS),
}


def _sample(path: Path) -> bytes:
    body = path.read_bytes()
    return (gzip.decompress(body) if path.suffix == ".gz" else body)[:LONGEST]


def run_batch(kind: str, first: int, count: int, real: tuple[str, ...] = ()) -> Report:
    """Read `count` mutated inputs, in this process; samples are files where `real` names any."""
    read, samples = KINDS[kind]
    if real:
        samples = tuple(_sample(Path(path)) for path in real)
    # What loads a parser, and what it falls back on, is no part of an input's time: the first is read twice.
    for body in (samples[0], mutated(first, samples)):
        with suppress(Exception):  # it is counted below
            read(body)
    report = Report()
    for seed in range(first, first + count):
        body = mutated(seed, samples)
        began = time.process_time()
        raised: tuple[tuple[int, str], ...] = ()
        understood = 0
        try:
            read(body)
            understood = 1
        except SourceError:
            pass
        except Exception:  # noqa: BLE001 - what it is about
            raised = ((seed, "".join(traceback.format_exc().splitlines(keepends=True)[-6:])),)
        report += Report(done=1, understood=understood, raised=raised, slowest=(time.process_time() - began, seed))
    return replace(report, memory=(psutil.Process().memory_info().rss,))
