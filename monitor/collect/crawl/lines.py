"""What parent and child say to each other: one JSON object a line.

The parent's first line is the job; later lines grant turns, with pauses that are new (`{"turn": 7, "pauses": {...}}`),
or refuse them (`{"turn": 7, "refused": true}`), add pages (`{"page": {...}}`) and end the work (`{"end": true}`). The
child says `turn`, `over`, `begun`, `draft`, `look`, `visit`, `remark`, `log`, `robots`, `pause` and, at the very end,
`done`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from monitor.errors import SourceError
from monitor.model import (
    Draft,
    FirstVisit,
    FullText,
    Limits,
    Revisit,
    Robots,
    RobotsFile,
    Selectors,
    Snapshots,
    Source,
    SourceKind,
)

Line = Mapping[str, Any]
_MOMENTS = ("published_at", "updated_at")
_SENT = ("name", "outlet", "url", "language", "country", "every_given", "verify_tls", "links", "pages", "spider")
_CHOSEN = {
    "kind": SourceKind,
    "robots": Robots,
    "full_text": FullText,
    "first_visit": FirstVisit,
    "revisit": Revisit,
    "snapshots": Snapshots,
}


def write_line(line: Line) -> bytes:
    """Give a line as bytes; lone surrogates, which no JSON reader takes, become question marks."""
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def read_line(raw: bytes) -> Line:
    """Read a line.

    Raises:
        SourceError: crawl_broken; it is no JSON object.
    """
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SourceError("crawl_broken", f"the crawl said {raw[:80]!r}") from error
    if not isinstance(line, dict):
        raise SourceError("crawl_broken", f"the crawl said {raw[:80]!r}")
    return line


def draft_line(draft: Draft) -> dict[str, Any]:
    """Give a draft's fields; what is empty is left out."""
    told = {field.name: getattr(draft, field.name) for field in fields(draft)}
    told.update({name: told[name].isoformat() for name in _MOMENTS if told[name] is not None})
    return {name: value for name, value in told.items() if value not in {None, "", ()}}


def draft_of(told: Line) -> Draft:
    """Give the draft that a line tells of.

    Raises:
        SourceError: crawl_broken; it names what no draft has.
    """
    try:
        moments = {name: datetime.fromisoformat(told[name]) for name in _MOMENTS if name in told}
        return Draft(**{**told, **moments, "unmatched": tuple(told.get("unmatched", ()))})
    except (TypeError, ValueError) as error:
        raise SourceError("crawl_broken", f"no draft: {error}") from error


def source_line(source: Source) -> dict[str, Any]:
    """Give a source: a spider sees it as the person wrote it."""
    return {name: getattr(source, name) for name in (*_SENT, *_CHOSEN, "start")} | {
        "every": source.every.total_seconds(),
        "allow_private": [str(network) for network in source.allow_private],
        "selectors": asdict(source.selectors),
    }


def source_of(told: Line) -> Source:
    """Give the source that a line tells of."""
    chosen: dict[str, Any] = {name: kind(told[name]) for name, kind in _CHOSEN.items()}
    return Source(
        **{name: told[name] for name in _SENT},
        **chosen,
        start=tuple(told["start"]),
        every=timedelta(seconds=told["every"]),
        allow_private=tuple(ip_network(network) for network in told["allow_private"]),
        selectors=Selectors(**told["selectors"]),
    )


def robots_line(file: RobotsFile) -> dict[str, Any]:
    """Give a robots.txt as a line has it."""
    return {"status": file.status, "body": file.body, "read_at": file.read_at.isoformat()}


def robots_of(told: Line) -> RobotsFile:
    """Give the robots.txt that a line tells of."""
    return RobotsFile(status=told["status"], body=told["body"], read_at=datetime.fromisoformat(told["read_at"]))


def limits_line(limits: Limits) -> dict[str, float]:
    """Give the limits that hold in a child: seconds and bytes."""
    return {
        "request": limits.request.total_seconds(),
        "connect": limits.connect.total_seconds(),
        "first_byte": limits.first_byte.total_seconds(),
        "parse": limits.parse.total_seconds(),
        "page_bytes": limits.page_bytes,
        "feed_bytes": limits.feed_bytes,
        "total": limits.total,
    }


def limits_of(told: Mapping[str, float]) -> Limits:
    """Give the limits of a child."""
    return Limits(
        request=timedelta(seconds=told["request"]),
        connect=timedelta(seconds=told["connect"]),
        first_byte=timedelta(seconds=told["first_byte"]),
        parse=timedelta(seconds=told["parse"]),
        page_bytes=int(told["page_bytes"]),
        feed_bytes=int(told["feed_bytes"]),
        total=int(told["total"]),
    )
