"""What an answer is, whatever its server calls it: said where it is not what was wanted."""

from __future__ import annotations

import re

_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PK\x03\x04", "a ZIP file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\xd0\xcf\x11\xe0", "an Office file"),
    (b"RIFF", "a sound or picture"),
    (b"\x00\x00\x00", "zeros"),
)
FILES = frozenset(name for _, name in _MAGIC)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<([a-z][\w.-]*:)?(?P<name>[a-z][\w.-]*)", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|main|div|p|h1|table|a)\b", re.IGNORECASE)
_JSON = re.compile(rb"""\s*(?:\{\s*["}]|\[\s*[{\["\]])""")
_MAPS = frozenset({"urlset", "sitemapindex"})
_FEEDS = frozenset({"rss", "feed", "rdf"})
_BEGINNING = 2000
HTML, SITEMAP, FEED, EMPTY, TEXT = "HTML", "a sitemap", "a feed", "empty", "text"
WALL = "a bot wall"  # which only the whole answer shows
_NO_MAP = frozenset({HTML, "JSON", *FILES}) - {"a gzip file"}


def what_came(body: bytes) -> str:
    """Name the kind of an answer by its beginning."""
    start = _COMMENT.sub(b"", body[:_BEGINNING]).lstrip(b"\xef\xbb\xbf \t\r\n")
    named = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    return named or (_of_markup(start) if start.startswith(b"<") else _of_text(start))


def _of_markup(start: bytes) -> str:
    root = _ROOT.search(start)
    name = root["name"].decode("ascii").lower() if root else ""
    if name in _MAPS | _FEEDS:
        return SITEMAP if name in _MAPS else FEED
    return HTML if _HTML.search(start) else f"XML, <{name}>"


def _of_text(start: bytes) -> str:
    if _JSON.match(start):
        return "JSON"
    if b"\0" in start:
        return "something that is no text"
    return HTML if _HTML.search(start) else TEXT if start else EMPTY


def is_no_map(came: str) -> bool:
    """Tell whether an answer cannot be a sitemap."""
    return came in _NO_MAP


def is_no_listing(came: str) -> bool:
    """Tell whether an answer cannot be a web page."""
    return came not in {HTML, TEXT}
