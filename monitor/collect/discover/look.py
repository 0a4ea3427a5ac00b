"""What an answer is: a feed, a sitemap or a page; runs in the parse worker only."""

from __future__ import annotations

import re
from datetime import datetime

from monitor.collect.challenge import wall
from monitor.collect.charset import decode
from monitor.collect.discover.links import read_links
from monitor.collect.parse import parse_feed
from monitor.errors import SourceError
from monitor.model import Looked

_BEFORE = r"\s*+(?:<\?[^>]*+>\s*+|<!(?>--.*?-->)\s*+)*+"  # declarations and comments
_MAP = re.compile(_BEFORE + r"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.DOTALL)
_PAGE = re.compile(_BEFORE + r"(?:<!doctype\s+html|<html)\b", re.IGNORECASE | re.DOTALL)
_HEAD = 5000  # code points
_GZIP = b"\x1f\x8b"


def look(body: bytes, url: str, content_type: str | None, now: datetime) -> Looked:
    """Read what came from an address.

    Raises:
        SourceError: not_a_page, challenge_page, parse errors; it is none of the three.
    """
    if body.startswith(_GZIP):  # a packed file; the spider unpacks it
        return Looked(map=True)
    head = decode(body[:_HEAD], content_type)
    if _MAP.match(head):
        return Looked(map=True)
    if not _PAGE.match(head):
        try:
            return Looked(feed=parse_feed(body, url, content_type, now))
        except SourceError as error:
            if error.kind != "not_a_feed":
                raise
    links = read_links(body, url, content_type)
    # A site may have its wall's scripts in a page that a browser has yet to fill; a wall names no feeds.
    if not (links.feeds or links.editions) and (walled := wall(decode(body, content_type))):
        raise walled
    return Looked(page=links)
