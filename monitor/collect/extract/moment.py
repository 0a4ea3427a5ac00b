"""When an article was published: from what its page states, shows and is called, to the minute where that is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import urlsplit

from monitor.collect.dates import Stamp, plausible, read
from monitor.collect.extract.claims import Claims
from monitor.collect.extract.months import months_of
from monitor.collect.extract.page import ParsedPage
from monitor.collect.extract.shown import Shown, shown_moments
from monitor.collect.loosedates import read_loosely

_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2]|[1-9](?=[/-]))[/-]?(0[1-9]|[12]\d|3[01])(?!\d)")
_IN_ADDRESS_NAMED = re.compile(r"/((?:19|20)\d{2})/([a-z]{3,9})/(\d{1,2})(?!\d)")
_CLOCK_ALONE = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAY = timedelta(days=1)
_AMERICAN = re.compile(r"en[-_]us", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a page's moments are read beside: where it was found, its headline, language and zone, and the present.

    `place` is the zone in which the outlet writes times, None where that cannot be told.
    """

    url: str
    title: str
    language: str | None
    place: tzinfo | None
    now: datetime


def published(page: ParsedPage, claims: Claims, beside: Beside) -> datetime | None:
    """Give the moment of publication in UTC, or None.

    Statements come first, then what is shown near the headline, then the address, then what htmldate finds. The first
    that names a day decides; one that names no minute takes it from another that names the same day.
    """
    months = months_of(beside.language)
    american = bool(_AMERICAN.match(page.root.get("lang") or ""))
    url, now = beside.url, beside.now
    here = now.astimezone(beside.place or UTC)

    def stamps(texts: Iterable[str]) -> list[Stamp]:
        found = (
            read(text, months, month_first=american) or read_loosely(text, here, months, month_first=american)
            for text in dict.fromkeys(texts)
        )
        return [stamp for stamp in found if stamp and plausible(_aware(stamp.moment, UTC), now)]

    told = stamps(claims.published)
    shown: Sequence[Shown] = ()
    likely: list[Stamp] = []
    far: list[Stamp] = []
    address = _day_in_address(url)
    first = _first(told, address)
    if first is None or not _exact(first) or first.moment.tzinfo is None:
        # What a live blog shows are the moments of its entries, the newest first.
        shown = shown_moments(page.root, beside.title) if page.tame and not (claims.live and first) else ()
        likely = stamps(one.text for one in shown if one.likely)
        far = stamps(one.text for one in shown if not one.likely)
        # What is shown may be another article's: the address knows better.
        first = first or _first([one for one in likely if address is None or _near(one, address)], address)
        first = first or _whole_day(address) or _only(far) or _whole_day(_guessed(page, url, now))
        told += likely
    if first is None:
        return None
    exact = first if _exact(first) else next(_minutes_of(first, told), None) or _only(_minutes_of(first, far))
    exact = exact or _with_clock(first, shown)
    others = (*told, *stamps(claims.modified))
    return plausible(exact.moment.replace(tzinfo=_zone_of(exact, others, likely, beside.place)), now)


def changed(claims: Claims, beside: Beside) -> datetime | None:
    """Give the moment of the last change as the page states it; what it states of publication may tell the zone."""
    now = beside.now
    found = [stamp for text in claims.modified if (stamp := read(text)) and plausible(_aware(stamp.moment, UTC), now)]
    others = [stamp for text in claims.published if (stamp := read(text))]
    if not found:
        return None
    return plausible(found[0].moment.replace(tzinfo=_zone_of(found[0], (*found, *others), (), beside.place)), now)


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _exact(stamp: Stamp) -> bool:
    """Tell whether a minute is really named: midnight is mostly a day that was written as a moment."""
    return stamp.minute and (stamp.moment.hour, stamp.moment.minute) != (0, 0)


def _first(stamps: Sequence[Stamp], address: date | None) -> Stamp | None:
    """Give the most trusted stamp; if it is far from the day in the address, one that is near goes before it."""
    if not stamps:
        return None
    return next((stamp for stamp in stamps if address and _near(stamp, address)), stamps[0])


def _near(stamp: Stamp, day: date) -> bool:
    return abs(stamp.moment.date() - day) <= _DAY


def _minutes_of(day: Stamp, stamps: Iterable[Stamp]) -> Iterator[Stamp]:
    """Give the minutes that are named of a day; `two hours ago` is more than a day, and nearer than those of others."""
    return (one for one in stamps if day.moment.time() == time() and _exact(one) and _same_day(day, one))


def _with_clock(day: Stamp, shown: Sequence[Shown]) -> Stamp:
    """Give a day with the clock that is shown alone as the article's, if there is one and no other."""
    alone = (_CLOCK_ALONE.fullmatch(one.text) for one in shown if one.marked and one.likely)
    clocks = {time(int(match[1]), int(match[2])) for match in alone if match}
    if len(clocks) != 1 or day.moment.time() != time():
        return day
    return Stamp(moment=datetime.combine(day.moment, clocks.pop(), day.moment.tzinfo), minute=True)


def _only(stamps: Iterable[Stamp]) -> Stamp | None:
    """Give the one there is; several of one day are those of several articles."""
    found = list(stamps)
    return found[0] if len({_clock(one) for one in found}) == 1 else None


def _same_day(day: Stamp, exact: Stamp) -> bool:
    """Tell whether both name one day, as each of them writes it or as one moment within the day of the other."""
    if day.moment.date() == exact.moment.date():
        return True
    if day.moment.tzinfo is None or exact.moment.tzinfo is None:
        return False
    return timedelta(0) <= exact.moment - day.moment < _DAY


def _zone_of(stamp: Stamp, others: Sequence[Stamp], shown: Sequence[Stamp], place: tzinfo | None) -> tzinfo:
    """Give the zone of a moment: the one that is stated, else that of its place, else UTC.

    A day stays the day that is written, wherever it is read. Some sites write UTC and do not say so: what their
    readers are shown does.
    """
    if stamp.moment.tzinfo is None and not _exact(stamp):
        return UTC
    stated = _stated_zone(stamp, [one for one in others if one.moment.tzinfo is not None and one.minute])
    if stated is not None:
        return stated
    return UTC if place is None or _shown_later(_clock(stamp), shown, place) else place


def _stated_zone(stamp: Stamp, zoned: Sequence[Stamp]) -> tzinfo | None:
    """Give the zone that a moment names, else that of the same clock time elsewhere, else any offset on the page.

    Sites also write local time and call it UTC: the same clock time with another offset beside it tells.
    """
    named = stamp.moment.tzinfo
    if stamp.moment.utcoffset():
        return named
    same = [one.moment for one in zoned if _clock(one) == _clock(stamp)]
    found = next((moment.tzinfo for moment in same if moment.utcoffset()), None) or named
    if found or same:
        return found or UTC
    return next((one.moment.tzinfo for one in zoned if one.moment.utcoffset()), None)


def _clock(stamp: Stamp) -> datetime:
    return stamp.moment.replace(tzinfo=None, second=0, microsecond=0)


def _shown_later(clock: datetime, shown: Sequence[Stamp], place: tzinfo) -> bool:
    """Tell whether readers are shown not this clock time but what it is in the outlet's zone if it is UTC."""
    clocks = {_clock(one) for one in shown if _exact(one) and one.moment.tzinfo is None}
    return clock not in clocks and clock.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None) in clocks


def _day_in_address(url: str) -> date | None:
    path = urlsplit(url).path.lower()
    try:
        if match := _IN_ADDRESS.search(path):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _IN_ADDRESS_NAMED.search(path):
            stamp = read(f"{match[3]} {match[2]} {match[1]}")
            return stamp.moment.date() if stamp else None
    except ValueError:
        return None
    return None


def _whole_day(day: date | None) -> Stamp | None:
    return Stamp(moment=datetime.combine(day, time()), minute=False) if day else None


def _guessed(page: ParsedPage, url: str, now: datetime) -> date | None:
    """Ask htmldate for the day; the last resort, since it is slow and takes any date for lack of a better one."""
    if not page.guessable:
        return None
    # Imported where it is used: it brings dateparser's tables, and pages that need it are few.
    from htmldate import find_date  # noqa: PLC0415 - few pages need it

    try:
        found = find_date(
            page.root,
            original_date=True,
            url=url,
            max_date=now + _DAY,
            outputformat="%Y-%m-%d",
            deferred_url_extractor=True,
        )
        day = date.fromisoformat(found) if found else None
    except (ValueError, TypeError, RecursionError):
        return None
    # The first of January is mostly a bare year that stood somewhere, say in the copyright line.
    return None if day is None or (day.month, day.day) == (1, 1) else day
