"""Which files and entries can be of a time: pure, by what they say of themselves, or by dates in their addresses."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from urllib.parse import unquote, urlsplit

from monitor.model import Draft, Period

# A day of an outlet's begins fourteen hours before that day does in Greenwich, or ends twelve after it.
_EAST = timedelta(hours=14)
_WEST = timedelta(hours=12)
_EDITED = timedelta(days=3)  # how long after its publication an article may have been edited, where only that is told
_YEAR = r"(?P<year>20[0-4]\d)"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12]\d|3[01])"
_PARTED = re.compile(rf"(?<!\d){_YEAR}[-/_.]{_MONTH}(?:[-/_.]{_DAY})?(?!\d)")
_LOOSE = re.compile(rf"(?<!\d){_YEAR}[-/_.](?P<month>[1-9])[-/_.](?P<day>[1-9]|[12]\d|3[01])(?!\d)")
_TIGHT = re.compile(rf"(?<!\d){_YEAR}{_MONTH}{_DAY}(?!\d)")
_QUERY = re.compile(rf"y+(?:ear)?={_YEAR}(?:&m+(?:onth)?=(?P<month>\d\d?))?(?:&d+(?:ay)?=(?P<day>\d\d?))?(?!\d)")
_TIGHT_MONTH = re.compile(rf"(?<!\d){_YEAR}{_MONTH}(?!\d)")
_YEAR_ALONE = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_LONGEST = 2048
_ENTRIES = (_PARTED, _LOOSE, _TIGHT)
_FILES = (*_ENTRIES, _QUERY, _TIGHT_MONTH, _YEAR_ALONE)  # a number in a file's name is rarely an article's


class Placed(Enum):
    """Where an entry stands to a period."""

    OLDER = "older"
    WITHIN = "within"
    NEWER = "newer"
    UNDATED = "undated"


def placed(draft: Draft, period: Period) -> Placed:
    """Tell where a draft stands.

    Its own date of publication counts, else the day in its address, else when it was changed: it is not younger than
    that, and taken to be at most three days older.
    """
    if draft.updated_at is not None and _ends(draft.updated_at)[1] < period.since:
        return Placed.OLDER
    if draft.published_at is not None:
        return _between(*_ends(draft.published_at), period, period.until)
    if span := days_of(draft.url or ""):
        return _between(*span, period, period.until)
    if draft.updated_at is not None:
        return _between(*_ends(draft.updated_at), period, min(period.until + _EDITED, period.latest))
    return Placed.UNDATED


def _between(first: datetime, last: datetime, period: Period, until: datetime) -> Placed:
    if last < period.since:
        return Placed.OLDER
    return Placed.NEWER if first > until else Placed.WITHIN


def _ends(told: datetime) -> tuple[datetime, datetime]:
    """Give the first and the last moment that a time may mean.

    One without a zone is on the clock of some outlet; midnight is often all that is written of a day.
    """
    if told.tzinfo and told.time() != time():
        return told, told
    moment = told if told.tzinfo else told.replace(tzinfo=UTC)
    day = timedelta(days=1) if told.time() == time() else timedelta()
    return moment - _EAST, moment + day + _WEST


def when(draft: Draft) -> datetime | None:
    """Give the best that a draft tells of its time, in UTC where it names no zone; of a day in its address the noon."""
    if (told := draft.published_at or draft.updated_at) is not None:
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    span = days_of(draft.url or "")
    return span[0] + (span[1] - span[0]) / 2 if span else None


def days_of(url: str) -> tuple[datetime, datetime] | None:
    """Give the begin and the end of the day or month in an article's address, wherever its outlet is."""
    return _span(url, _ENTRIES)


def may_hold(url: str, changed_at: datetime | None, period: Period) -> bool:
    """Tell whether a file of a sitemap index can hold entries of a period: by its name, and by when it was changed."""
    if changed_at is not None and _ends(changed_at)[1] < period.since:
        return False
    span = _span_of_file(url, changed_at)
    return span is None or _between(*span, period, period.until) is Placed.WITHIN


def is_too_old(url: str, changed_at: datetime | None, period: Period) -> bool:
    """Tell whether all that a file holds is older than a period."""
    span = _span_of_file(url, changed_at)
    return (changed_at is not None and _ends(changed_at)[1] < period.since) or (
        span is not None and span[1] < period.since
    )


def _span_of_file(url: str, changed_at: datetime | None) -> tuple[datetime, datetime] | None:
    """Give the time that a file's name tells; a year alone may be a number: it counts where nothing else does."""
    return _span(url, _FILES if changed_at is None else _FILES[:-1])


def _span(url: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[datetime, datetime] | None:
    parts = urlsplit(url)
    text = unquote(f"{parts.path}?{parts.query}")[:_LONGEST]
    found = next((match for pattern in patterns if (match := pattern.search(text))), None)
    if found is None:
        return None
    told = found.groupdict()
    year, month, day = int(told["year"]), int(told.get("month") or 0), int(told.get("day") or 0)
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
        last_month = month or 12
        last = datetime(year, last_month, day or monthrange(year, last_month)[1], tzinfo=UTC) + timedelta(days=1)
    except ValueError:  # such as the 31st of a short month: no date
        return None
    return first - _EAST, last + _WEST
