"""What servers and feeds say about when to ask again: pure (RFC 9110, 10.2.3; RFC 9111, 4.2 and 5; RSS 2.0)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import Hints
from monitor.schedule import LONGEST_WAIT

SHORTEST_HINT = timedelta(minutes=15)  # caches are told less for pages of every kind: that is no wish about feeds
UNTOLD_WAIT = timedelta(hours=1)  # of a server that is busy and does not say for how long
BUSY = frozenset({429, 503})  # statuses that may come with Retry-After
_ALL_HOURS = 24
_ALL_DAYS = 7
_LONGEST_NUMBER = 9  # digits: thirty years
_HOUR = timedelta(hours=1)
_AFTER_WINDOW = timedelta(minutes=10)  # over which those are spread that wait for the same hour to end
_NOTHING = timedelta()


def retry_after(value: str | None, date: str | None, *, now: datetime) -> timedelta | None:
    """Give how long a server asks to be left alone, at most 24 h; None where it does not say, or not clearly.

    A date is measured against the server's own `date`, whatever its clock says.
    """
    text = (value or "").strip()
    seconds = _seconds(text)
    if seconds is not None:
        return min(seconds, LONGEST_WAIT)
    until = _http_date(text)
    if until is None:
        return None
    wait = until - (_http_date(date or "") or now)
    return min(wait, LONGEST_WAIT) if wait > _NOTHING else None


def freshness(
    *, cache_control: str | None, age: str | None, expires: str | None, date: str | None, now: datetime
) -> timedelta | None:
    """Give for how long an answer stays fresh, at most 24 h; zero where it never is, None where nothing is said.

    `s-maxage` is for caches that many share and that are told when to forget: it counts where nothing else is said.
    """
    directives = _directives(cache_control) if cache_control else {}
    if "no-store" in directives or directives.get("no-cache") == "":
        return _NOTHING
    told = _seconds(directives.get("max-age", ""))
    if told is None and expires is not None:
        until = _http_date(expires)
        # What is no date, 0 above all, means the past (RFC 9111, 5.3).
        told = max(until - (_http_date(date or "") or now), _NOTHING) if until else _NOTHING
    if told is None:
        told = _seconds(directives.get("s-maxage", ""))
    if told is None:
        return None
    return min(max(told - (_seconds((age or "").strip()) or _NOTHING), _NOTHING), LONGEST_WAIT)


def wished(hints: Hints, *, by_feed: bool, cap: timedelta) -> timedelta:
    """Give for how long a source wants not to be asked, at most the cap; what is shorter than 15 min is no wish.

    With `by_feed`, what the feed itself says counts as well as its server's words.
    """
    told = max(hints.fresh or _NOTHING, (hints.every or _NOTHING) if by_feed else _NOTHING)
    return min(told, cap) if told >= SHORTEST_HINT else _NOTHING


def outside_windows(due: datetime, hints: Hints, *, latest: datetime, share: float) -> datetime:
    """Give the first time from `due` on at which the feed does not ask to be left alone, at the latest `latest`.

    `share` from 0 to 1 says how far into the ten minutes after a window. A feed that forbids every hour or every day
    means none.
    """
    hours = frozenset(hints.skip_hours) if len(hints.skip_hours) < _ALL_HOURS else frozenset()
    days = frozenset(hints.skip_days) if len(hints.skip_days) < _ALL_DAYS else frozenset()
    found = due.astimezone(UTC)
    if found.hour not in hours and found.weekday() not in days:
        return due
    while (found.hour in hours or found.weekday() in days) and found < latest:
        found = found.replace(minute=0, second=0, microsecond=0) + _HOUR
    return max(due, min(found + _AFTER_WINDOW * share, latest))


def _directives(text: str) -> dict[str, str]:
    """Give Cache-Control's directives; of one that is given twice, the first."""
    found: dict[str, str] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _seconds(text: str) -> timedelta | None:
    """Give a number of seconds (RFC 9110, 10.2.3: digits alone); one that is too large is very large."""
    if not (text.isascii() and text.isdigit()):
        return None
    return timedelta(seconds=int(text) if len(text) <= _LONGEST_NUMBER else 10**_LONGEST_NUMBER)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
