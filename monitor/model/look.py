"""Looking again at pages that were read: what is remembered of one, and what a page was as it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.source import NO_VALIDATORS, Validators


class Seen(StrEnum):
    """What a look at a page that was read before came to."""

    GROWN = "grown"  # something of it is another than before
    SAME = "same"
    MISSING = "missing"  # 404
    GONE = "gone"  # 410
    FAILED = "failed"  # anything else; it says nothing about the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is remembered of a page that is looked at again.

    `since` is when it was read first, or has grown last; `still` counts the looks since then, `grown` those in all that
    found something new, `missing` the last ones in a row that found nothing there. `due_at` is None when it is over.
    """

    article_id: int
    source: str
    first_seen_at: datetime
    since: datetime
    due_at: datetime | None
    looked_at: datetime | None = None
    looks: int = 0
    still: int = 0
    grown: int = 0
    missing: int = 0
    validators: Validators = NO_VALIDATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A page as its server sent it: where from, with which headers, and its body packed with Zstandard.

    `sha256` (hex) and `size` (bytes) are of the body before it was packed here, after it was decompressed from the way.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    sha256: str
    size: int
    packed: bytes
