"""What outlets say about when to ask again, and where they have moved to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What is remembered of a source's own wishes, for answers that repeat none of them, such as a 304.

    `fresh` is for how long its server calls an answer fresh (RFC 9111), zero where it says that it never is. `every` is
    how often the feed wants to be read (ttl, sy:). In `skip_hours` (0 to 23, UTC) and on `skip_days` (0 is Monday, UTC)
    it wants not to be read (RSS 2.0). None and () where nothing was said.
    """

    fresh: timedelta | None = None
    every: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A permanent redirect that was seen so many times since then, each time to the same address."""

    to: str
    seen: int
    since: datetime
