"""JSON Feed to drafts (jsonfeed.org, versions 1 and 1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.collect.entries import guid_of
from monitor.collect.feedtimes import FeedTimes
from monitor.collect.html import line_of, text_of, unescaped
from monitor.collect.limits import AUTHOR, LANGUAGE, TEXT, TITLE
from monitor.collect.newest import newest
from monitor.errors import SourceError
from monitor.model import Draft, ParsedFeed
from monitor.text import clean_line, clean_text
from monitor.urls import web_url

# Control characters in strings are kept out later; numbers are ids, and stay as they are written.
_JSON = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_COMMA = re.compile(r"\s*,\s*")


def looks_like_json(text: str) -> bool:
    """Tell whether a body is JSON rather than XML."""
    return text.lstrip()[:1] == "{"


def parse_json(text: str, url: str, now: datetime, *, country: str | None, language: str | None) -> ParsedFeed:
    """Parse a JSON Feed; `country` and `language` are the outlet's, whose clock its times are on.

    Raises:
        SourceError: not_a_feed.
    """
    feed, cut = _loaded(text)
    items = feed.get("items")
    if not isinstance(items, list):
        raise SourceError("not_a_feed", "the answer is JSON without items")
    declared = _string(feed, "language")[:LANGUAGE] or None
    times = FeedTimes(url=url, country=country, language=language or declared, now=now)
    drafts, left_out = newest([_draft(item, url, times) for item in items if isinstance(item, dict)])
    title = clean_line(unescaped(_string(feed, "title")), TITLE)
    return ParsedFeed(drafts=drafts, title=title, language=declared, cut=cut, left_out=left_out)


def _loaded(text: str) -> tuple[Mapping[str, Any], bool]:
    """Give the feed, or its items before the place where it breaks off; and whether it does.

    Raises:
        SourceError: not_a_feed.
    """
    try:
        return _JSON.decode(text), False
    except RecursionError as error:
        raise SourceError("not_a_feed", "the answer is JSON that is nested too deep") from error
    except ValueError as error:
        items = list(_whole_items(text))
        if not items:
            raise SourceError("not_a_feed", f"the answer is broken JSON: {error}") from error
        return {"items": items}, True


def _whole_items(text: str) -> Iterator[Any]:
    begin = _ITEMS.search(text)
    at = begin.end() if begin else len(text)
    while at < len(text):
        try:
            item, at = _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield item
        behind = _COMMA.match(text, at)
        if behind is None:
            return
        at = behind.end()


def _draft(item: Mapping[str, Any], url: str, times: FeedTimes) -> Draft:
    published = times.read(_string(item, "date_published"))
    updated = times.read(_string(item, "date_modified"))
    plain, markup = _string(item, "content_text"), _string(item, "content_html")
    return Draft(
        url=web_url(_string(item, "url"), url) or web_url(_string(item, "external_url"), url),
        guid=guid_of(_string(item, "id")),
        title=clean_line(unescaped(_string(item, "title")), TITLE),
        summary=clean_text(_string(item, "summary"), TEXT),
        text=(text_of(markup, TEXT) if markup else clean_text(plain, TEXT)) or None,
        author=_authors(item),
        published_at=published or updated,
        updated_at=updated,
        language=_string(item, "language")[:LANGUAGE] or None,
    )


def _authors(item: Mapping[str, Any]) -> str | None:
    authors = item.get("authors") or [item.get("author")]
    names = (
        [_string(author, "name") for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    )
    return line_of(", ".join(filter(None, names)), AUTHOR) or None


def _string(mapping: Mapping[str, Any], name: str) -> str:
    """Give a member as text."""
    value = mapping.get(name)
    return value if isinstance(value, str) else ""
