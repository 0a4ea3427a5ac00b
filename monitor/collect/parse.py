"""From the bytes of a feed to drafts; runs in the parse worker only."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from monitor.collect import reference
from monitor.collect.challenge import wall
from monitor.collect.charset import decode
from monitor.collect.entries import detail, draft_of, string
from monitor.collect.feedelements import NO_BASE
from monitor.collect.feedtimes import FeedTimes
from monitor.collect.html import line_of
from monitor.collect.jsonfeed import looks_like_json, parse_json
from monitor.collect.limits import LANGUAGE, TITLE
from monitor.collect.newest import newest
from monitor.collect.rawfeed import complete, prepared, skipped
from monitor.collect.wellformed import Told, read_wellformed
from monitor.errors import SourceError
from monitor.model import ParsedFeed
from monitor.text import clean_line

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
        SourceError: not_a_feed; challenge_page (a bot wall answered).
    """
    text = decode(body, content_type)
    if looks_like_json(text):
        return parse_json(text, url, now, country=country, language=language)
    if told := read_wellformed(prepared(text), NO_BASE):
        cut = False  # what is well-formed is whole
    else:
        whole, cut = complete(text)
        told = _by_feedparser(prepared(whole), text)
    declared = string(told.feed, "language")[:LANGUAGE] or None
    times = FeedTimes(url=url, country=country, language=language or declared, now=now)
    drafts, left_out = newest([draft_of(entry, _base(entry, url), times, atom=told.atom) for entry in told.entries])
    skip_hours, skip_days = skipped(text)
    return ParsedFeed(
        drafts=drafts,
        title=line_of(string(told.feed, "title"), TITLE),
        language=declared,
        hint=_hint(told.feed),
        skip_hours=skip_hours,
        skip_days=skip_days,
        cut=cut,
        left_out=left_out,
    )


def _by_feedparser(document: bytes, text: str) -> Told:
    feed = reference.read(document)
    if not feed.version and not feed.entries:
        raise _no_feed(text)
    return Told(atom=str(feed.version).startswith("atom"), feed=feed.feed, entries=feed.entries)


def _no_feed(text: str) -> SourceError:
    """Say what came instead of a feed."""
    shown = repr(clean_line(text, 80))
    if not re.search(r"<html|<!doctype html", text[:2000], re.IGNORECASE):
        return SourceError("not_a_feed", f"the answer is no feed: {shown}" if text.strip() else "empty")
    return wall(text) or SourceError("not_a_feed", f"the answer is an HTML page: {shown}")


def _base(entry: dict[str, Any], url: str) -> str:
    """Give what an entry's links are relative to: its own xml:base, or the feed's, or where the feed came from."""
    return urljoin(url, string(detail(entry, "title"), "base").removeprefix(NO_BASE))


def _hint(feed: dict[str, Any]) -> timedelta | None:
    """Give how often the feed wants to be read (RSS 2.0 ttl in minutes; RSS 1.0 syndication module).

    Once an hour is what WordPress writes into each of its feeds unasked, and what the module means where nothing is
    said: nobody's wish.
    """
    ttl = string(feed, "ttl").strip()
    if ttl.isascii() and ttl.isdigit():
        return timedelta(minutes=min(int(ttl[:9]), _LONGEST_HINT))
    hours = _PERIODS.get(string(feed, "sy_updateperiod").strip())
    if hours is None:
        return None
    frequency = string(feed, "sy_updatefrequency").strip()
    times = max(1, int(frequency[:6])) if frequency.isascii() and frequency.isdigit() else 1
    minutes = min(hours * 60 / times, _LONGEST_HINT)
    return None if minutes == _UNSAID else timedelta(minutes=minutes)
