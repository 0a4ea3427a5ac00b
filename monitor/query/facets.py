"""Properties of an article that a query may ask for, and how their values are read and compared."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from monitor.language import fold, split_words
from monitor.query.document import Document
from monitor.query.tree import Dated, Facet

FACETS = ("lang", "source", "outlet", "country", "author")
DATES = ("after", "before")
SAMPLES = {
    "title": "truce",
    "text": "truce",
    "lang": "ru",
    "source": "jamnews-ru",
    "outlet": '"OC Media"',
    "country": "am",
    "author": "Petrosyan",
    "after": "2026-11-25",
    "before": "2026-11-25",
}
_CODES = {"lang": "[a-z]{2,3}", "country": "[a-z]{2}"}
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", re.ASCII)


def read_facet(name: str, text: str, *, quoted: bool) -> Facet | None:
    """Give a property by its value as written; None where it can be none."""
    prefix = not quoted and text.endswith("*")
    value = folded(name, text.removesuffix("*") if prefix else text)
    if not value or (name in _CODES and (prefix or not re.fullmatch(_CODES[name], value))):
        return None
    return Facet(name=name, value=value, prefix=prefix)


def read_dated(name: str, text: str) -> Dated | None:
    """Give `after:` or `before:` by a day, a month or a year as written: both mean its beginning, in UTC."""
    day = _DAY.fullmatch(text)
    try:
        at = datetime(int(day[1]), int(day[2] or 1), int(day[3] or 1), tzinfo=UTC) if day else None
    except ValueError:
        return None
    if at is None:
        return None
    return Dated(since=at) if name == "after" else Dated(until=at)


def folded(name: str, value: str) -> str:
    """Give a value as it is compared: authors by their words, all else without case."""
    if name == "author":
        return " ".join(fold(word, "") for word in split_words(value))
    return value.strip().casefold()


def fits(node: Facet | Dated, document: Document) -> bool:
    """Tell whether an article has this property."""
    if isinstance(node, Dated):
        at = document.at
        return at is not None and (node.since is None or at >= node.since) and (node.until is None or at < node.until)
    values = document.facets.get(node.name, frozenset())
    if node.name == "author":
        wanted = f" {node.value}" if node.prefix else f" {node.value} "
        return any(wanted in f" {value} " for value in values)
    return any(value.startswith(node.value) for value in values) if node.prefix else node.value in values
