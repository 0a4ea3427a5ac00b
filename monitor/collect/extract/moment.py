"""When an article was published: from what its page states, shows and is called, to the minute where that is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import urlsplit

from monitor.collect.dates import Stamp, plausible, read
from monitor.collect.extract.months import months_of
from monitor.collect.extract.page import ParsedPage
from monitor.collect.extract.shown import shown_moments

_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2]|[1-9](?=[/-]))[/-]?(0[1-9]|[12]\d|3[01])(?!\d)")
_IN_ADDRESS_NAMED = re.compile(r"/((?:19|20)\d{2})/([a-z]{3,9})/(\d{1,2})(?!\d)")
_DAY = timedelta(days=1)
_AMERICAN = re.compile(r"en[-_]us", re.IGNORECASE)


def published(
    page: ParsedPage, stated: Sequence[str], modified: Sequence[str], *, url: str, language: str | None, now: datetime
) -> datetime | None:
    """Give the moment of publication in UTC, or None.

    Statements come first, then what is shown near the headline, then the address, then what htmldate finds. The first
    that names a day decides; one that names no minute takes it from another that names the same day.
    """
    months = months_of(language)
    american = bool(_AMERICAN.match(page.root.get("lang") or ""))

    def stamps(texts: Iterable[str]) -> list[Stamp]:
        found = (read(text, months, month_first=american) for text in texts)
        return [stamp for stamp in found if stamp and plausible(_aware(stamp.moment, UTC), now)]

    told = stamps(stated)
    address = _day_in_address(url)
    first = _first(told, address)
    if first is None or not _exact(first) or first.moment.tzinfo is None:
        shown = shown_moments(page.root) if page.tame else []
        likely = stamps(one.text for one in shown if one.likely)
        # What is shown may be another article's: the address knows better.
        first = first or _first([one for one in likely if address is None or _near(one, address)], address)
        first = first or _whole_day(address or _guessed(page, url, now))
        told += likely + stamps(one.text for one in shown if not one.likely)
    if first is None:
        return None
    exact = first if _exact(first) else next((one for one in told if _exact(one) and _same_day(first, one)), first)
    return plausible(exact.moment.replace(tzinfo=_zone_of(exact, told, stamps(modified))), now)


def moment_of(texts: Sequence[str], beside: Sequence[str], now: datetime) -> datetime | None:
    """Give the first of some texts that is a moment; `beside` may tell the zone."""
    found = [stamp for text in texts if (stamp := read(text)) and plausible(_aware(stamp.moment, UTC), now)]
    others = [stamp for text in beside if (stamp := read(text))]
    return plausible(found[0].moment.replace(tzinfo=_zone_of(found[0], found, others)), now) if found else None


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


def _same_day(day: Stamp, exact: Stamp) -> bool:
    """Tell whether both name one day, as each of them writes it or as one moment within the day of the other."""
    if day.moment.date() == exact.moment.date():
        return True
    if day.moment.tzinfo is None or exact.moment.tzinfo is None:
        return False
    return timedelta(0) <= exact.moment - day.moment < _DAY


def _zone_of(stamp: Stamp, others: Sequence[Stamp], modified: Sequence[Stamp]) -> tzinfo:
    """Give the zone of a moment; where none is named, that of the same clock time elsewhere, else any on the page.

    Sites also write local time and call it UTC: the same clock time with another offset beside it tells.
    """
    named = stamp.moment.tzinfo
    clock = stamp.moment.replace(tzinfo=None, second=0, microsecond=0)
    zoned = [one.moment for one in (*others, *modified) if one.moment.utcoffset() is not None and one.minute]
    if named is not None and stamp.moment.utcoffset():
        return named
    same = [moment for moment in zoned if moment.replace(tzinfo=None, second=0, microsecond=0) == clock]
    found = next((moment.tzinfo for moment in same if moment.utcoffset()), None) or named
    return found or next((moment.tzinfo for moment in (*same, *zoned) if moment.tzinfo), UTC)


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
