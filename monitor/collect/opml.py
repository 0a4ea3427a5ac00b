"""Lists of subscriptions, OPML above all, however broken; runs in the parse worker only (listparser's door).

OPML 2.0, http://opml.org/spec2.opml. More than half of the public files are not well-formed: bare `&` and `<`, quotes
inside quotes, no end. listparser reads them as browsers read HTML; what it misses is looked for in the text.
"""

from __future__ import annotations

import codecs
import re

import listparser

from monitor.collect.charset import decode
from monitor.errors import SourceError
from monitor.model import Listed, Subscriptions
from monitor.text import clean_line, unescape

MOST = 10_000  # feeds of one file
_LONGEST = 200  # code points of a title
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_LISTS = re.compile(r"<\s*(?:opml|outline|rdf:rdf|gadgettabml)\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""\bxmlUrl\s*=\s*(?:"([^"<>]{1,4000})"|'([^'<>]{1,4000})'|([^\s"'<>]{1,4000}))""", re.IGNORECASE
)
_REFERENCE = re.compile(r"&(?:#\w{1,8}|\w{1,32});")


def read_subscriptions(body: bytes) -> Subscriptions:
    """Read a list of subscriptions.

    Raises:
        SourceError: not_a_list; too_many.
    """
    text = _DECLARATION.sub("", decode(body, None)).replace("\0", "")
    if not _LISTS.search(text):
        raise SourceError("not_a_list", f"this is no OPML file: {clean_line(text, 80)!r}" if text.strip() else "empty")
    found = listparser.parse(codecs.BOM_UTF8 + text.encode("utf-8", "replace"))
    feeds = [_listed(feed) for feed in found.feeds]
    known = {feed.url for feed in feeds}
    feeds += [Listed(url=url) for url in dict.fromkeys(_addresses(text)) if url not in known]
    if len(feeds) > MOST:
        raise SourceError("too_many", f"the file lists {len(feeds)} feeds, more than {MOST}; split it")
    return Subscriptions(
        feeds=tuple(feeds),
        lists=tuple(clean_line(item["url"], 2048) for item in found.lists[:MOST]),
        sites=tuple(clean_line(item["url"], 2048) for item in found.opportunities[:MOST]),
    )


def _listed(feed: dict[str, object]) -> Listed:
    categories = feed.get("categories")
    ways = [way for way in categories if isinstance(way, list)] if isinstance(categories, list) else []
    folders = max(ways, key=len, default=[])
    return Listed(
        url=str(feed.get("url") or "").strip(),
        title=clean_line(str(feed.get("title") or ""), _LONGEST),
        folders=tuple(told for folder in folders[:10] if (told := clean_line(str(folder), _LONGEST))),
    )


def _addresses(text: str) -> list[str]:
    """Give what stands as an address in the text, wherever in it; a bare `&copy` is no ©."""
    found = (next(filter(None, match.groups())) for match in _ADDRESS.finditer(text))
    return [_REFERENCE.sub(lambda match: unescape(match[0]), told).strip() for told in found]
