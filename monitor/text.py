"""Plain text as we keep it: NFC, no control or direction characters, paragraphs parted by blank lines."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, tzinfo

# Direction marks and overrides can make a subject line read backwards; they carry nothing for plain text.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_DROPPED = re.compile(
    f"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f{_BIDI}\ufeff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_BREAKS = re.compile("\r\n?|[\u2028\u0085\x0b\x0c]")
_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*|\u2029")
_ENDLESS = re.compile(r"&#[0-9]{9,};?")
ELLIPSIS = "…"


def clean_line(text: str, limit: int = 1000) -> str:
    """Give one line: white space folded, at most `limit` code points.

    Soft hyphens and zero-width joiners inside words stay: matching looks through them, and some scripts need them.
    """
    text = _BREAKS.sub(" ", text).replace("\u2029", " ")
    return cut(" ".join(_DROPPED.sub("", unicodedata.normalize("NFC", text)).split()), limit)


def unescape(text: str) -> str:
    """Give text with HTML's references resolved; one with more digits than any character has is none.

    Python's own raises where there are thousands of digits.
    """
    return html.unescape(_ENDLESS.sub("\ufffd", text))  # noqa: TID251 - the one place that may


def reason(told: str) -> str:
    """Give what went wrong as one line that a log and a terminal can show: servers write into it."""
    return clean_line(told, 400)


def clean_text(text: str, limit: int = 65_536) -> str:
    """Give paragraphs of cleaned lines, parted by one blank line each."""
    text = _DROPPED.sub("", _BREAKS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    paragraphs = ("\n".join(_lines(part)) for part in _PARAGRAPHS.split(text))
    return cut("\n\n".join(filter(None, paragraphs)), limit)


def _lines(paragraph: str) -> list[str]:
    return [line for raw in paragraph.split("\n") if (line := " ".join(raw.split()))]


def paragraphs(text: str) -> list[str]:
    """Give the paragraphs of a cleaned text."""
    return [part for part in text.split("\n\n") if part]


def spans(text: str) -> list[tuple[int, int]]:
    """Give where the paragraphs of a cleaned text stand, in code points, end exclusive."""
    found, at = [], 0
    for part in text.split("\n\n"):
        if part:
            found.append((at, at + len(part)))
        at += len(part) + 2
    return found


def blanked(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Give a text with blanks in these places: what is left stands where it stood."""
    parts, at = [], 0
    for start, end in sorted(places):
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, text[at:]])


def side_by_side(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give stretches of a text, those as one that touch or have one character between them."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(set(stretches)):
        if joined and start - joined[-1][1] <= 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def cut(text: str, limit: int) -> str:
    """Cut to `limit` code points, never before a combining mark or inside a joined sequence."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def shorten_address(address: str) -> str:
    """Give an address as logs and status show it: `a…@example.org`."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if at else address


def minute(moment: datetime, zone: tzinfo) -> str:
    """Give a moment for people, in their zone and with its name or offset: `2026-11-28 16:05 +04`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
