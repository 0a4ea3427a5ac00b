"""Dates as outlets write them, to aware UTC; None rather than wrong (RFC 822, RFC 3339, and the region's own ways)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(hours=24)
MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan january янв января հունվար յունուար yan yanvar იან იანვარი ocak",
            "feb february фев февраля փետրվար փետրուար fev fevral თებ თებერვალი თებერვლის şubat subat",
            "mar march мар марта մարտ mart მარ მარტი მარტის",
            "apr april апр апреля ապրիլ aprel აპრ აპრილი nisan",
            "may мая май մայիս მაი მაისი mayıs mayis",
            "jun june июн июня հունիս յունիս iyn iyun ივნ ივნისი haziran",
            "jul july июл июля հուլիս յուլիս iyl iyul ივლ ივლისი temmuz",
            "aug august авг августа օգոստոս avq avqust აგვ აგვისტო ağustos agustos",
            "sep sept september сен сентября սեպտեմբեր sen sentyabr სექ სექტემბერი სექტემბრის eylül eylul",
            "oct october окт октября հոկտեմբեր okt oktyabr ოქტ ოქტომბერი ოქტომბრის ekim",
            "nov november ноя ноября նոյեմբեր noy noyabr ნოე ნოემბერი ნოემბრის kasım kasim",
            "dec december дек декабря դեկտեմբեր dek dekabr დეკ დეკემბერი დეკემბრის aralık aralik",
        ),
        1,
    )
    for name in names.split()
}
# Hours east of Greenwich. Of names that stand for several zones, those of America and of the region are meant that way
# in news (AMT is Armenia's, not the Amazon's); the rest (IST, CST) is left out.
_ZONES = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("bst", "cet", "mez"), 1),
    **dict.fromkeys(("cest", "mesz", "eet"), 2),
    **dict.fromkeys(("eest", "msk", "мск", "trt"), 3),
    **dict.fromkeys(("amt", "azt", "get"), 4),
    "edt": -4,
    "est": -5,
    "cdt": -5,
    "mdt": -6,
    "mst": -7,
    "pdt": -7,
    "pst": -8,
    "akdt": -8,
    "akst": -9,
    "hst": -10,
    "jst": 9,
    "kst": 9,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
}
_OFFSET = r"(?:utc|gmt)?\s*[+-]\d{1,2}:?(?:\d{2})?(?![\d:])"
_CLOCK = (
    r"(?<!\d)(\d{1,2})[:.h](\d{2})(?::(\d{2}))?(?:[.,]\d+)?(?!\d)"
    rf"\s*([ap]\.?\s?m\b\.?)?\s*\(?({_OFFSET}|[^\W\d_]+)?"
)
CLOCK_BEHIND = rf"(?!\d)(?:\D{{1,20}}?{_CLOCK})?"
ORDINAL = r"(?:st|nd|rd|th|er|º|°)?"
_DE = r"(?:del?\s+)?"
_FLAGS = re.IGNORECASE
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?!\d)(?:(?:t|[\s,;|–-]+){_CLOCK})?", _FLAGS | re.ASCII
)
_EAST_ASIAN = re.compile(
    rf"(?<!\d)(\d{{4}})\s?[年년.]\s?(\d{{1,2}})\s?[月월.]\s?(\d{{1,2}})\s?[日일.]?{CLOCK_BEHIND}", _FLAGS
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?(z)?)?", _FLAGS | re.ASCII)
_DAY_FIRST = re.compile(rf"(?<![\d.])(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}){CLOCK_BEHIND}", _FLAGS)
_DAY_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}}){ORDINAL}[\s.-]+{_DE}([^\W\d_]+)[\s.,-]+{_DE}(\d{{4}}){CLOCK_BEHIND}", _FLAGS
)
# `2026 წლის 23 ნოემბერი`, `2026-cı il 23 noyabr`; `2026 թ. նոյեմբերի 23`
_YEAR_DAY = re.compile(rf"(?<!\d)(\d{{4}})\D{{1,14}}?(\d{{1,2}})[\s.-]+([^\W\d_]{{3,}}){CLOCK_BEHIND}", _FLAGS)
_YEAR_MONTH = re.compile(rf"(?<!\d)(\d{{4}})\D{{1,14}}?(?<!\w)([^\W\d_]{{3,}})\s+(\d{{1,2}}){CLOCK_BEHIND}", _FLAGS)
_MONTH_NAMED = re.compile(rf"([^\W\d_]+)\.?\s+(\d{{1,2}}){ORDINAL},?\s+(\d{{4}}){CLOCK_BEHIND}", _FLAGS)
_NAMED = ((_DAY_NAMED, 3, 2, 1), (_MONTH_NAMED, 3, 1, 2), (_YEAR_DAY, 1, 3, 2), (_YEAR_MONTH, 1, 2, 3))
_CLOCK_FIRST = re.compile(rf"^\D{{0,20}}{_CLOCK}", _FLAGS)
_ZONE = re.compile(r"([+-])(\d{1,2}):?(\d{2})?$", re.ASCII)
_EPOCH = re.compile(r"\d{10}(?:\d{3}|\.\d+)?", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=:[0-5]\d):60(?!\d)", re.ASCII)
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202c\ufeff"))
_NOON = 12
_DAY_HOURS = 24
_HOUR_MINUTES = 60
_MONTHS_A_YEAR = 12
_CENTURY = 1900
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time as it is written: `moment` is naive where no zone is named, `minute` tells whether an hour is."""

    moment: datetime
    minute: bool


def from_text(text: str | None, now: datetime, place: Callable[[], tzinfo | None] = lambda: None) -> datetime | None:
    """Give a time from its text, if it can be read and can be true; `place` gives the zone of one that names none."""
    stamp = read(text)
    return plausible(in_place(stamp, place), now) if stamp else None


def in_place(stamp: Stamp, place: Callable[[], tzinfo | None]) -> datetime:
    """Give the moment of a stamp, on the clock of its place where it names no zone, or else on that of Greenwich.

    A day stays the day that is written, wherever it is read; midnight is mostly a day that was written as a moment.
    """
    moment = stamp.moment
    if moment.tzinfo is not None:
        return moment
    exact = stamp.minute and (moment.hour, moment.minute) != (0, 0)
    return moment.replace(tzinfo=(place() if exact else None) or UTC)


def plausible(moment: datetime, now: datetime) -> datetime | None:
    """Give the time in UTC, or None where it is older than the web or more than a day ahead."""
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment.replace(microsecond=0) if _EARLIEST <= moment <= now + _FUTURE else None


def read(text: str | None, months: Mapping[str, int] = MONTHS, *, month_first: bool = False) -> Stamp | None:
    """Read a time in any of the ways outlets write one.

    `months` gives the names of months in lower case; `month_first` takes `11/23/2026` as Americans do.
    """
    text = _LEAP_SECOND.sub(":59", one_line(text))
    if not text:
        return None
    readers: tuple[Callable[[str], Stamp | None], ...] = (
        _iso,
        _epoch,
        _year_first,
        lambda text: _named(text, months),
        lambda text: _numbers(text, month_first=month_first),
        _compact,
        _rfc822,
    )
    try:
        return next((stamp for reader in readers if (stamp := reader(text))), None)
    except (ValueError, OverflowError):  # it is a date, and there is no such day, hour or zone
        return None


def one_line(text: str | None) -> str:
    """Give the beginning of a text in one line, without signs that are not seen; empty for what cannot be a date."""
    text = " ".join((text or "")[:200].translate(_UNSEEN).split())[:100]
    return text if text.isprintable() else ""


def lowered(text: str) -> str:
    """Give a text in lower case; a Turkic capital I keeps its dot to itself."""
    return text.lower().replace("i\u0307", "i")


def _iso(text: str) -> Stamp | None:
    # A bare number is for the readers below: `fromisoformat` takes 20261123 and, worse, 2026W47.
    try:
        return Stamp(moment=datetime.fromisoformat(text), minute=":" in text) if "-" in text else None
    except ValueError:
        return None


def _epoch(text: str) -> Stamp | None:
    return Stamp(moment=datetime.fromtimestamp(int(text[:10]), UTC), minute=True) if _EPOCH.fullmatch(text) else None


def _year_first(text: str) -> Stamp | None:
    if match := _YEAR_FIRST.search(text):
        return built(match[1], int(match[3]), match[4], match.groups()[4:])
    match = _EAST_ASIAN.search(text)
    return built(match[1], int(match[2]), match[3], match.groups()[3:]) if match else None


def _compact(text: str) -> Stamp | None:
    match = _COMPACT.fullmatch(text)
    if not match or int(match[1]) < _CENTURY:
        return None
    return built(match[1], int(match[2]), match[3], (match[4], match[5], match[6], None, match[7]))


def _named(text: str, months: Mapping[str, int]) -> Stamp | None:
    """Read `23 ноября 2026, 14:05` and `November 23, 2026 2:05 pm`."""
    text = lowered(text)
    for pattern, year, name, day in _NAMED:
        for match in pattern.finditer(text):
            if month := month_of(match[name], months):
                return built(match[year], month, match[day], clock_of(match, text, match.groups()[3:]))
    return None


def clock_of(match: re.Match[str], text: str, behind: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Give hour, minute, second, half of the day and zone: from behind the date or, where none is there, before it."""
    before = _CLOCK_FIRST.match(text[: match.start()]) if behind[0] is None else None
    possible = before is not None and int(before[1]) < _DAY_HOURS and int(before[2]) < _HOUR_MINUTES
    return before.groups() if before is not None and possible else behind


def month_of(word: str, months: Mapping[str, int]) -> int | None:
    """Find a month by its name, or by the beginning of one: cases change only the end, and some write no end."""
    word = word.strip(".")
    if told := months.get(word):
        return told
    if len(word) < _SHORTEST:
        return None
    # Names that are no longer than this are abbreviations themselves.
    longer = {number for name, number in months.items() if len(name) > _SHORTEST and word.startswith(name[:-1])}
    shorter = {number for name, number in months.items() if name.startswith(word)}
    found = longer or shorter
    return found.pop() if len(found) == 1 else None


def _numbers(text: str, *, month_first: bool) -> Stamp | None:
    match = _DAY_FIRST.search(text)
    if not match:
        return None
    day, month = match[1], match[3]
    if match[2] == "/" and (month_first or int(month) > _MONTHS_A_YEAR):
        day, month = month, day
    return built(match[4], int(month), day, clock_of(match, text, match.groups()[4:]))


def _rfc822(text: str) -> Stamp | None:
    try:
        return Stamp(moment=parsedate_to_datetime(text), minute=True)
    except (TypeError, IndexError):  # it is none
        return None


def built(year: str, month: int, day: str, clock: tuple[str | None, ...]) -> Stamp:
    """Build a stamp; `clock` holds hour, minute, second, half of the day and zone, as far as they are told.

    Raises:
        ValueError: there is no such moment.
    """
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if half := (clock[3] or "").strip().lower():
        hour = hour % _NOON + (_NOON if half.startswith("p") else 0)
    moment = datetime(int(year), month, int(day), hour, minute, second, tzinfo=_zone(clock[4]))
    return Stamp(moment=moment, minute=clock[0] is not None)


def _zone(text: str | None) -> timezone | None:
    text = (text or "").lower()
    if match := _ZONE.search(text):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    hours = _ZONES.get(text)
    return None if hours is None else timezone(timedelta(hours=hours))
