"""What a site repeats on its pages (banners, notices, teasers), so that its keywords make no alert: pure.

A paragraph with a keyword that stands on at least half of the pages read since it first appeared, and on five at
least, belongs to the site and not to its articles. Half is far more than a background paragraph reaches that a newsroom
repeats in the articles about one matter; such a paragraph must stay.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from monitor.model import Match, Site
from monitor.text import paragraphs

PAGES = 5
SHARE = 0.5
_DIGITS = re.compile(r"\d+")


def fingerprint(paragraph: str) -> str:
    """Give what makes two paragraphs the same: letters; not their case, blanks, or numbers (dates, counters)."""
    plain = _DIGITS.sub("0", " ".join(paragraph.casefold().split()))
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


def fingerprints(text: str) -> dict[str, str]:
    """Give the fingerprints of a text's paragraphs, by paragraph."""
    return {part: fingerprint(part) for part in paragraphs(text)}


def learned(site: Site) -> frozenset[str]:
    """Give the fingerprints of what belongs to the site."""
    return frozenset(
        key
        for key, block in site.blocks.items()
        if block.pages >= PAGES and block.pages >= SHARE * (site.pages - block.since)
    )


def without(text: str, prints: Mapping[str, str], known: Collection[str]) -> str:
    """Give a text without the paragraphs that belong to the site; where nothing else is there, they stay."""
    if not known:
        return text
    return "\n\n".join(part for part in paragraphs(text) if prints[part] not in known) or text


def suspects(text: str, matches: Sequence[Match], prints: Mapping[str, str]) -> dict[str, str]:
    """Give the paragraphs of a page to be counted: with a word that matched; by fingerprint."""
    places = sorted({word.start for match in matches for word in match.words if word.field == "text"})
    found: dict[str, str] = {}
    start = 0
    for part in paragraphs(text):
        end = start + len(part)
        key = prints.get(part)  # of the page's paragraphs only: a feed's are not the site's
        if key and bisect_left(places, start) < bisect_left(places, end):
            found[key] = part
        start = end + 2
    return found
