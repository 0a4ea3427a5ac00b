"""Where the work stands, and what was done in a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the work stands now.

    `failing` of `sources` failed at their last visit; `since` is when the first of them was added, None without any.
    `due_at` is when the next of them is, or was, due. `pending_at` is when what waits longest for its mail was found or
    formed. `causes` are those of open notices.
    """

    sources: int
    failing: int
    since: datetime | None
    last_good_at: datetime | None
    due_at: datetime | None
    pending_at: datetime | None
    causes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was done since a time; `states` counts sources by their condition, now."""

    visits: int
    failed_visits: int
    articles: int
    alerts: int
    sent: int
    failed: int
    pending: int
    states: Mapping[str, int]
