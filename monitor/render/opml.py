"""Sources as a list of subscriptions that other readers import (OPML 2.0, http://opml.org/spec2.opml)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import quoteattr

from monitor.model import Source


def opml(sources: Iterable[Source], *, now: datetime) -> str:
    """Give an OPML file of feeds, by outlet; who has several feeds is named with the language or the name of each."""
    feeds = list(sources)
    often = Counter(source.outlet for source in feeds)
    lines = [_outline(source, several=often[source.outlet] > 1) for source in feeds]
    head = f"<head><title>News monitor</title><dateCreated>{format_datetime(now, usegmt=True)}</dateCreated></head>"
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            head,
            "<body>",
            *lines,
            "</body>",
            "</opml>",
            "",
        )
    )


def _outline(source: Source, *, several: bool) -> str:
    title = f"{source.outlet} - {source.language or source.name}" if several else source.outlet
    told = {"type": "rss", "text": title, "title": title, "xmlUrl": source.url, "language": source.language or ""}
    return "  <outline " + " ".join(f"{key}={quoteattr(value)}" for key, value in told.items() if value) + "/>"
