"""feedparser, so that an element on which it fails costs itself and not the feed (feedparser's door).

It raises in thirty places on feeds that are otherwise sound: half a coordinate, a chapter without a start, a reference
to a character that there is not. Its parsers are asked plainly first, and with guards if they fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import feedparser
from feedparser import api

from monitor.collect.feedelements import NO_BASE

_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def read(text: bytes) -> Any:  # noqa: ANN401 - feedparser has no types
    """Read a feed in UTF-8 as feedparser does; what it fails on is left out."""
    try:
        return _read(text)
    except _FAILURES:
        with _guarded():
            return _read(text)


def _read(text: bytes) -> Any:  # noqa: ANN401 - see above
    return feedparser.parse(
        text,
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": NO_BASE},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


class _Guards:
    """Handlers of elements and references that swallow what feedparser's own ones raise."""

    def unknown_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ANN401 - see above
        """Begin an element."""
        with suppress(*_FAILURES):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc] # feedparser's mixin comes after this one

    def unknown_endtag(self, tag: str) -> None:
        """End an element."""
        with suppress(*_FAILURES):
            super().unknown_endtag(tag)  # type: ignore[misc] # the same

    def handle_charref(self, ref: str) -> None:
        """Take a reference to a character."""
        with suppress(*_FAILURES):
            super().handle_charref(ref)  # type: ignore[misc] # the same


class _Strict(_Guards, api.StrictFeedParser):  # type: ignore[misc] # no types
    """The parser of well-formed feeds; expat tells a namespace with a blank in it as two."""

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: ANN401, N802 - xml.sax has it so
        with suppress(*_FAILURES):
            super().startElementNS(name, qname, attrs)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: ANN401, N802 - the same
        with suppress(*_FAILURES):
            super().endElementNS(name, qname)


class _Loose(_Guards, api.LooseFeedParser):  # type: ignore[misc] # no types
    """The parser of all else."""


@contextmanager
def _guarded() -> Iterator[None]:
    """Let feedparser use the guarded parsers; it offers no other way, and this process reads one feed at a time."""
    plain = api.StrictFeedParser, api.LooseFeedParser
    api.StrictFeedParser, api.LooseFeedParser = _Strict, _Loose
    try:
        yield
    finally:
        api.StrictFeedParser, api.LooseFeedParser = plain
