"""Dates as outlets write them, to aware UTC; None rather than wrong (RFC 822, RFC 3339, and the region's own ways)."""

from __future__ import annotations

import calendar
import re
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(hours=24)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january янв января հունվար yan yanvar იან იანვარი ocak",
            "feb february фев февраля փետրվար fev fevral თებ თებერვალი şubat",
            "mar march мар марта մարտ mart მარ მარტი",
            "apr april апр апреля ապրիլ aprel აპრ აპრილი nisan",
            "may мая май մայիս მაი მაისი mayıs",
            "jun june июн июня հունիս iyn iyun ივნ ივნისი haziran",
            "jul july июл июля հուլիս iyl iyul ივლ ივლისი temmuz",
            "aug august авг августа օգոստոս avq avqust აგვ აგვისტო ağustos",
            "sep sept september сен сентября սեպտեմբեր sen sentyabr სექ სექტემბერი eylül",
            "oct october окт октября հոկտեմբեր okt oktyabr ოქტ ოქტომბერი ekim",
            "nov november ноя ноября նոյեմբեր noy noyabr ნოე ნოემბერი kasım",
            "dec december дек декабря դեկտեմբեր dek dekabr დეკ დეკემბერი aralık",
        ),
        1,
    )
    for name in names.split()
}
_NUMBERS = re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})(?:\D+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\D*$")
_NAMED = re.compile(r"(\d{1,2})[\s.-]+([^\W\d_]+)[\s.,-]+(\d{4})(?:\D+?(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(\S+)?")
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})?$")
_EPOCH = re.compile(r"\d{10}(\d{3})?")


def from_struct(parsed: time.struct_time | None, now: datetime) -> datetime | None:
    """Give a time that feedparser has read (UTC), if it can be true."""
    if parsed is None:
        return None
    try:
        return plausible(datetime.fromtimestamp(calendar.timegm(parsed), UTC), now)
    except (ValueError, OverflowError, OSError):
        return None


def from_text(text: str | None, now: datetime) -> datetime | None:
    """Give a time from its text, if it can be read and can be true."""
    text = (text or "").strip()[:100]
    if not text or not text.isprintable():
        return None
    for reader in (_iso, _epoch, _named, _numbers, _rfc822):
        try:
            moment = reader(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if moment is not None:
            return plausible(moment, now)
    return None


def plausible(moment: datetime, now: datetime) -> datetime | None:
    """Give the time in UTC, or None where it is older than the web or more than a day ahead."""
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if _EARLIEST <= moment <= now + _FUTURE else None


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(text[:10]), UTC) if match and text.isascii() else None


def _named(text: str) -> datetime | None:
    """Read `23 ноября 2026, 14:05`, in the languages of the region."""
    match = _NAMED.search(text.lower())
    month = _MONTHS.get(match[2].strip(".")) or _genitive(match[2]) if match else None
    return _built(match[3], month, match[1], match.groups()[3:6], match[7]) if match and month else None


def _genitive(word: str) -> int | None:
    """Find a month by its beginning: cases change only the end."""
    return next((number for name, number in _MONTHS.items() if len(name) > 3 and word.startswith(name[:-1])), None)  # noqa: PLR2004 - short names are abbreviations


def _numbers(text: str) -> datetime | None:
    match = _NUMBERS.match(text)
    return _built(match[3], int(match[2]), match[1], match.groups()[3:], None) if match else None


def _built(year: str, month: int, day: str, clock: tuple[str | None, ...], zone: str | None) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock)
    return datetime(int(year), month, int(day), hour, minute, min(second, 59), tzinfo=_zone(zone))


def _zone(text: str | None) -> timezone:
    match = _ZONE.search(text or "")
    if not match:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-offset if match[1] == "-" else offset)


def _rfc822(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
