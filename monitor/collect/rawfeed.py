"""The text of a feed before it is parsed: where it was cut off, and what would lead a parser astray (pure)."""

from __future__ import annotations

import re

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CDATA, _CDATA_END = "&lt;![CDATA[", "]]&gt;"
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|(\d+));")
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_MOST_DIGITS = 8
# What may hold anything that looks like a tag. One that is not closed goes on to the end.
_SILENT = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w-]+:)?(rss|feed|rdf|channel)\b[^<>]*>", re.IGNORECASE)
_ENTRY = re.compile(r"<(/?)(?:[\w-]+:)?(?:item|entry)(?=[\s/>])[^<>]*?(/?)>", re.IGNORECASE)
_ENDS = {"rss": "rss|channel", "rdf": "rdf", "feed": "feed", "channel": "channel"}
_NAMESPACE = re.compile(r"""\sxmlns\s*=\s*(?:"[^"]*"|'[^']*')""", re.IGNORECASE)
_HEAD = 50_000  # code points in which a feed speaks of itself
_SKIP_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(r"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"<day>\s*([a-z]+)\s*</day>", re.ASCII)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def complete(text: str) -> tuple[str, bool]:
    """Give as much of a feed as is complete, and whether anything was cut off.

    A connection that breaks may look like the end of an answer (RFC 9112, section 8), so the document must say that it
    is whole: what holds its entries is closed behind the last of them. An entry that is still open is left out.
    """
    bare = _SILENT.sub(lambda match: " " * len(match[0]), text)
    root = _ROOT.search(bare)
    if root is None or root[0].endswith("/>"):
        return text, False
    entries = list(_ENTRY.finditer(bare, root.end()))
    behind = entries[-1].start() if entries else root.end()
    closing = re.compile(rf"</(?:[\w-]+:)?(?:{_ENDS[root[1].lower()]})\s*>", re.IGNORECASE)
    if closing.search(bare, behind):
        return text, False
    still_open = entries and not entries[-1][1] and not entries[-1][2]
    return text[:behind] if still_open else text, True


def prepared(text: str) -> bytes:
    """Give UTF-8 that feedparser reads as such.

    The declaration is renewed; references to characters that there are not, and CDATA that was escaped as a whole, are
    mended. A default namespace makes foreign words of the elements of RSS, which has none (RSS 2.0, "Extending RSS").
    """
    text = _DECLARATION.sub("", text).lstrip()
    text = _REFERENCE.sub(_possible, text)
    if _CDATA in text:
        text = text.replace(_CDATA, "").replace(_CDATA_END, "")
    root = _ROOT.search(text)
    if root is not None and root[1].lower() == "rss" and root[0][1:4].lower() == "rss":
        text = text[: root.start()] + _NAMESPACE.sub("", root[0]) + text[root.end() :]
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8", "replace")


def skipped(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give the hours (0 to 23) and days (0 is Monday) of UTC in which a feed wants not to be read (RSS 2.0)."""
    head = text[:_HEAD]
    hours = {int(hour) % 24 for hour in _HOUR.findall(_within(head, _SKIP_HOURS)) if int(hour) <= 24}  # noqa: PLR2004 - RSS 0.91 counts from 1
    days = {_DAYS.index(day) for day in _DAY.findall(_within(head, _SKIP_DAYS).lower()) if day in _DAYS}
    return tuple(sorted(hours)), tuple(sorted(days))


def _within(text: str, element: re.Pattern[str]) -> str:
    match = element.search(text)
    return match[1] if match else ""


def _possible(match: re.Match[str]) -> str:
    """Replace a reference to a character that does not exist."""
    digits = match[1] or match[2]
    number = _HIGHEST + 1 if len(digits) > _MOST_DIGITS else int(digits, 16 if match[1] else 10)
    return "\ufffd" if number > _HIGHEST or number in _SURROGATES or number == 0 else match[0]
