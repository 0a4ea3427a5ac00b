"""Where the next page of a feed is: what it says itself (RFC 5005, JSON Feed), or what its system is known to do.

`links_of` runs in the worker alone: it looks through whatever a server sends.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.collect.charset import decode
from monitor.collect.jsonfeed import looks_like_json
from monitor.text import unescape
from monitor.urls import web_url

_FIRST_ENTRY = re.compile(r"<(?:item|entry)[\s>]")
_LINK = re.compile(r"<(?:[\w.-]+:)?link\s[^<>]{1,4000}>")
_ATTRIBUTE = re.compile(r"""\b(rel|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_GENERATOR = re.compile(r"<generator[^<>]*>([^<]{0,200})</generator>", re.IGNORECASE)
_OLDER = ("next", "prev-archive")  # RFC 5005, sections 3 and 4
_SYSTEMS = ("wordpress", "blogger", "drupal")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLinks:
    """The next page as the feed names it, and the system that it says it was made by (a word of ours, or empty)."""

    following: str | None = None
    system: str = ""


def links_of(body: bytes, url: str, content_type: str | None) -> FeedLinks:
    """Find what a feed says of its next page."""
    text = decode(body, content_type)
    if looks_like_json(text):
        return FeedLinks(following=_json_link(text, url))
    bare = _without_entries(text)
    found: dict[str, str] = {}
    for link in _LINK.findall(bare):
        told = {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(link)}
        for rel in told.get("rel", "").lower().split():
            if rel in _OLDER and (there := web_url(told.get("href"), url)):
                found.setdefault(rel, there)
    generator = " ".join(_GENERATOR.findall(bare)).lower()
    system = next((name for name in _SYSTEMS if name in generator), "")
    return FeedLinks(following=next((found[rel] for rel in _OLDER if rel in found), None), system=system)


def _without_entries(text: str) -> str:
    """Give what stands before a feed's entries and behind them."""
    first = _FIRST_ENTRY.search(text)
    if first is None:
        return text
    end = max(text.rfind("</item"), text.rfind("</entry"))
    return text[: first.start()] + (text[end:] if end > first.start() else "")


def _json_link(text: str, url: str) -> str | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    link = told.get("next_url") if isinstance(told, dict) else None
    return web_url(link, url) if isinstance(link, str) else None


def next_page(url: str, links: FeedLinks, *, entries: int) -> str | None:
    """Give the address of a feed's next page; None where there is none, or nobody can tell.

    WordPress takes `paged`, Drupal `page`, Blogger `start-index`. A feed that does not say what made it is taken for
    WordPress's if it is called like one of its; where that is wrong, the same page comes again and the walk ends.
    """
    if links.following is not None:
        return links.following if links.following != url else None
    if not entries:
        return None
    if "/feeds/posts/" in url or links.system == "blogger":
        return _counted(url, "start-index", entries, begin=1)
    if links.system == "drupal":
        return _counted(url, "page", 1, begin=0)
    parts = urlsplit(url)
    if links.system == "wordpress" or "feed" in parts.path.split("/") or parts.query.startswith("feed="):
        return _counted(url, "paged", 1, begin=1)
    return None


def _counted(url: str, name: str, step: int, *, begin: int) -> str:
    """Give an address with a parameter counted on; without it, it stands at its beginning."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    told = next((value for key, value in pairs if key == name), "")
    number = int(told[:6]) if told.isascii() and told.isdigit() else begin
    kept = [(key, value) for key, value in pairs if key != name]
    return urlunsplit(parts._replace(query=urlencode([*kept, (name, str(number + step))])))
