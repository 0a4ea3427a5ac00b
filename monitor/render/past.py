"""A back-filling in the words of its mail: pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.model import Backfill, Reason

_ONCE = "They are told once, together."


def found_where(past: Backfill, zone: ZoneInfo) -> str:
    """Say in a few words where articles were found: `in a gap, 25 Nov 2026, 10:00–14:00`."""
    what = "in a gap" if past.reason is Reason.GAP else "by reading back"
    return f"{what}, {_span(past.since, past.until, zone)}"


def why_read_back(past: Backfill, zone: ZoneInfo) -> str:
    """Say why these articles come now, and what of their time could not be reached."""
    span = _span(past.since, past.until, zone)
    if past.reason is Reason.GAP:
        told = (
            f"This source published more than it shows at a time, or could not be read: {span}. These articles of that"
            f" time were found by reading back. {_ONCE}"
        )
    else:
        told = f"These were found by reading back, as it was asked for: {span}. {_ONCE}"
    if past.reached or not past.remarks:
        return told
    return f"{told} Not all of it could be reached: {'; '.join(past.remarks)}."


def _span(since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """Give a time as people write it: hours where it is short, days where it is long."""
    first, last = since.astimezone(zone), until.astimezone(zone)
    if first.date() == last.date():
        return f"{first:%d %b %Y, %H:%M}–{last:%H:%M}"
    if (last - first).days < 4:  # noqa: PLR2004 - days, of which hours are of interest
        return f"{first:%d %b %Y, %H:%M} – {last:%d %b %Y, %H:%M}"
    return f"{first:%d %b %Y} – {last:%d %b %Y}"
