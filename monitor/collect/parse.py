"""From the bytes of a feed to drafts; runs in the parse worker only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from monitor.collect import reference
from monitor.collect.charset import decode
from monitor.collect.feedtimes import FeedTimes
from monitor.collect.html import line_of, text_of
from monitor.collect.jsonfeed import looks_like_json, parse_json
from monitor.collect.limits import AUTHOR, ENTRIES, GUID, TEXT, TITLE
from monitor.errors import SourceError
from monitor.model import Draft, ParsedFeed
from monitor.text import clean_line
from monitor.urls import web_url

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOUBLE_CDATA = re.compile(r"&lt;!\[CDATA\[(.*?)\]\]&gt;", re.DOTALL)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|(\d+));")
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_LONGEST_HINT = 24 * 60  # minutes
_UNSAID = 60


def parse_feed(
    body: bytes,
    url: str,
    content_type: str | None,
    now: datetime,
    *,
    country: str | None = None,
    language: str | None = None,
) -> ParsedFeed:
    """Parse RSS, Atom, RDF or JSON Feed; `country` and `language` are the outlet's, whose clock its times are on.

    Raises:
        SourceError: not_a_feed.
    """
    text = decode(body, content_type)
    if looks_like_json(text):
        return parse_json(text, url, now, country=country, language=language)
    feed = reference.read(_prepared(text))
    if not feed.version and not feed.entries:
        kind = "an HTML page" if re.search(r"<html|<!doctype html", text[:2000], re.IGNORECASE) else "no feed"
        raise SourceError("not_a_feed", f"the answer is {kind}: {clean_line(text, 80)!r}" if text.strip() else "empty")
    atom = str(feed.version).startswith("atom")
    declared = _string(feed.feed, "language")[:20] or None
    times = FeedTimes(url=url, country=country, language=language or declared, now=now)
    drafts = (_draft(entry, url, times, atom=atom) for entry in feed.entries[:ENTRIES])
    return ParsedFeed(
        drafts=tuple(drafts),
        title=line_of(_string(feed.feed, "title"), TITLE),
        language=declared,
        hint=_hint(feed.feed),
    )


def _prepared(text: str) -> bytes:
    """Give UTF-8 that feedparser reads as such: declaration renewed, impossible references and double CDATA mended."""
    text = _DECLARATION.sub("", text).lstrip()
    text = _REFERENCE.sub(_possible, text)
    text = _DOUBLE_CDATA.sub(r"\1", text)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8", "replace")


def _possible(match: re.Match[str]) -> str:
    """Replace a reference to a character that does not exist."""
    digits = match[1] or match[2]
    number = _HIGHEST + 1 if len(digits) > 8 else int(digits, 16 if match[1] else 10)  # noqa: PLR2004 - more than any
    return "\ufffd" if number > _HIGHEST or number in _SURROGATES or number == 0 else match[0]


def _draft(entry: dict[str, Any], url: str, times: FeedTimes, *, atom: bool) -> Draft:
    title = _detail(entry)
    base = urljoin(url, str(title.get("base") or "").removeprefix(reference.NO_BASE))
    summary = text_of(_string(entry, "summary"), TEXT)
    text = _content(entry)
    return Draft(
        url=web_url(_string(entry, "link"), base) or web_url(_first_link(entry), base),
        guid=clean_line(_string(entry, "id"), GUID) or None,
        title=_title(entry, atom=atom),
        summary=summary if text is None or summary != text else "",
        text=text,
        author=line_of(_string(entry, "author"), AUTHOR) or None,
        published_at=_moment(entry, "published", times) or _moment(entry, "updated", times),
        updated_at=_moment(entry, "updated", times),
        language=_string(title, "language") or None,
    )


def _title(entry: Mapping[str, Any], *, atom: bool) -> str:
    """Give the title as plain text; only Atom's type="text" means its angle brackets (RFC 4287, section 3.1.1.1)."""
    title = _string(entry, "title")
    if atom and _detail(entry).get("type") == "text/plain":
        return clean_line(title, TITLE)
    return line_of(title, TITLE)


def _content(entry: Mapping[str, Any]) -> str | None:
    """Give the longest of the contents as text; None where the entry has only a summary."""
    texts = [text_of(_string(part, "value"), TEXT) for part in _mappings(entry, "content")]
    return max(texts, key=len, default="") or None


def _first_link(entry: Mapping[str, Any]) -> str:
    return next((_string(link, "href") for link in _mappings(entry, "links")), "")


def _detail(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what is said of the title; a feed may have an element of that name, which is text."""
    detail = entry.get("title_detail")
    return detail if isinstance(detail, Mapping) else {}


def _mappings(entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Give what feedparser has gathered under a name; whatever else a feed put there is left out."""
    found = entry.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _moment(entry: dict[str, Any], name: str, times: FeedTimes) -> datetime | None:
    # dict.get: feedparser's own get answers `updated` with `published`, and warns of it.
    return times.read(dict.get(entry, name), dict.get(entry, f"{name}_parsed"))


def _string(mapping: Mapping[str, Any], name: str) -> str:
    value = mapping.get(name)
    return value if isinstance(value, str) else ""


def _hint(feed: Mapping[str, Any]) -> timedelta | None:
    """Give how often the feed wants to be read (RSS 2.0 ttl in minutes; RSS 1.0 syndication module).

    Once an hour is what WordPress writes into each of its feeds unasked, and what the module means where nothing is
    said: nobody's wish.
    """
    ttl = _string(feed, "ttl").strip()
    if ttl.isascii() and ttl.isdigit():
        return timedelta(minutes=min(int(ttl[:9]), _LONGEST_HINT))
    hours = _PERIODS.get(_string(feed, "sy_updateperiod").strip())
    if hours is None:
        return None
    frequency = _string(feed, "sy_updatefrequency").strip()
    times = max(1, int(frequency[:6])) if frequency.isascii() and frequency.isdigit() else 1
    minutes = min(hours * 60 / times, _LONGEST_HINT)
    return None if minutes == _UNSAID else timedelta(minutes=minutes)
