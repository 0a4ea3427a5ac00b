"""Dates as pages show them to readers of the day: without a year, with half of one, as today, or as so long ago."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from monitor.collect.dates import CLOCK_BEHIND, MONTHS, ORDINAL, Stamp, built, clock_of, lowered, month_of, one_line

_LONGEST = 60  # code points of a text that tells little else
_MOST_ELSE = 16  # code points beside `two hours ago`
_DAY = timedelta(days=1)
_FLAGS = re.IGNORECASE
_TODAY = "today|сегодня|այսօր|bu\\s?gün|დღეს"
_YESTERDAY = "yesterday|вчера|երեկ|dünən|dün|გუშინ"
_DAY_WORD = re.compile(rf"(?<!\w)(?:({_TODAY})|{_YESTERDAY})(?!\w){CLOCK_BEHIND}", _FLAGS)
_SHORT_YEAR = re.compile(
    rf"(?<![\d.:/-])(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{2}})(?![\d/-]|[.:]\d){CLOCK_BEHIND}", _FLAGS | re.ASCII
)
_DAY_MONTH = re.compile(rf"(?<![\d.:])(\d{{1,2}}){ORDINAL}[\s.-]+([^\W\d_]{{3,}})(?!\w){CLOCK_BEHIND}", _FLAGS)
_MONTH_DAY = re.compile(rf"(?<!\w)([^\W\d_]{{3,}})\.?\s+(\d{{1,2}}){ORDINAL}(?![\d:.]){CLOCK_BEHIND}", _FLAGS)
_DIGITS = re.compile(rf"(?<![\d.:/])(\d{{2}})[./](\d{{2}})(?![\d.:/]){CLOCK_BEHIND}", _FLAGS | re.ASCII)
_LONGEST_DIGITS = 20
_AGO = re.compile(
    r"(?<!\w)(?:(\d{1,2})|an?|one|bir|մեկ|ერთი)?\s*(?:"
    r"(m|mins?|minutes?|мин\w*|րոպե|dəq\w*|dakika|dk|წუთ\w*)"
    r"|(h|hrs?|hours?|ч|час\w*|ժամ|saat|საათ\w*)"
    r"|(?:d|days?|день|дн\w*|օր|gün|დღ\w*))\.?"
    r"\s+(?:ago|назад|առաջ|əvvəl|qabaq|önce|evvel|წინ)(?!\w)",
    _FLAGS,
)
_CENTURY = 2000
_MONTHS_A_YEAR = 12
_SOON = timedelta(days=14)
# A weekday or a label may stand beside a day without a clock; more is a sentence about that day.
_BEFORE = re.compile(r"\W*(?:[^\W\d_]{2,12}[,:]\W*)?")
_BEHIND = re.compile(r"\W*(?:,\s*[^\W\d_]{2,12}\W*)?")


def read_loosely(
    text: str, now: datetime, months: Mapping[str, int] = MONTHS, *, month_first: bool = False
) -> Stamp | None:
    """Read a moment that is told beside the present one; `now` is the outlet's local time, so that today is its day.

    What has no year is of the nearest past; what lies ahead by more than a day is nothing.
    """
    text = lowered(one_line(text))
    if not text or len(text) > _LONGEST:
        return None
    readers: tuple[Callable[[], Stamp | None], ...] = (
        lambda: _ago(text, now),
        lambda: _today(text, now.date()),
        lambda: _short_year(text, month_first=month_first),
        lambda: _no_year(text, now.date(), months),
    )
    for reader in readers:
        try:
            stamp = reader()
        except (ValueError, OverflowError):
            continue
        if stamp is not None and stamp.moment.replace(tzinfo=None) <= now.replace(tzinfo=None) + _DAY:
            return stamp
    return None


def _ago(text: str, now: datetime) -> Stamp | None:
    match = _AGO.search(text)
    if not match or len(text) - len(match[0]) > _MOST_ELSE:
        return None
    number = int(match[1] or 1)
    if match[2] or match[3]:
        ago = timedelta(minutes=number) if match[2] else timedelta(hours=number)
        return Stamp(moment=(now - ago).replace(second=0, microsecond=0), minute=False)
    return Stamp(moment=datetime.combine(now.date() - number * _DAY, time()), minute=False)


def _today(text: str, today: date) -> Stamp | None:
    """Read `Сегодня, 14:05`; without a clock the word may be about anything."""
    match = _DAY_WORD.search(text)
    if not match:
        return None
    day = today if match[1] else today - _DAY
    stamp = built(str(day.year), day.month, str(day.day), clock_of(match, text, match.groups()[1:]))
    return stamp if stamp.minute else None


def _short_year(text: str, *, month_first: bool) -> Stamp | None:
    match = _SHORT_YEAR.search(text)
    if not match:
        return None
    day, month = match[1], match[3]
    if match[2] == "/" and (month_first or int(month) > _MONTHS_A_YEAR):
        day, month = month, day
    return built(str(_CENTURY + int(match[4])), int(month), day, clock_of(match, text, match.groups()[4:]))


def _no_year(text: str, today: date, months: Mapping[str, int]) -> Stamp | None:
    """Read `25 ноября, 14:05`, `November 25, 2:05 pm` and `25.11, 14:05`."""
    for pattern, day, name in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            word = match[name]
            # Only languages with cases change the end of a month: `12 juniors` are no day of June.
            if month := months.get(word) if word.isascii() else month_of(word, months):
                stamp = _of_nearest_past(match[day], month, clock_of(match, text, match.groups()[2:]), today)
                before, behind = text[: match.start(1)], text[match.end(2) :]
                alone = _BEFORE.fullmatch(before) and _BEHIND.fullmatch(behind)
                return stamp if stamp.minute or alone else None
    digits = _DIGITS.search(text) if len(text) <= _LONGEST_DIGITS else None
    if digits is None:
        return None
    stamp = _of_nearest_past(digits[1], int(digits[2]), clock_of(digits, text, digits.groups()[2:]), today)
    return stamp if stamp.minute else None


def _of_nearest_past(day: str, month: int, clock: tuple[str | None, ...], today: date) -> Stamp:
    """Build a stamp of this year or, if that were to come, of the last; the 29th of February may be longer ago.

    Raises:
        ValueError: there is no such day, or it comes so soon that rather an event is announced.
    """
    leap_day = (int(day), month) == (29, 2)
    years = range(today.year, today.year - 9, -1)
    for year in filter(isleap, years) if leap_day else years[:2]:
        stamp = built(str(year), month, day, clock)
        if stamp.moment.date() <= today + _DAY:
            return stamp
        if stamp.moment.date() <= today + _SOON:
            break
    raise ValueError(day)
