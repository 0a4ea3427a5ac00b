"""When a source is visited next, and what is remembered of it: pure (RFC 9110, 10.2.3; RFC 9111, 5.2)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import Limits, RetryPlan, Source, SourceState, Visit, VisitOutcome

LONGEST_WAIT = timedelta(hours=24)
JITTER = 0.1
RETRY_JITTER = 0.2
_MAX_AGE = re.compile(r"(?:^|[,\s])(?:s-maxage|max-age)\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_DOUBLINGS = 10
BUSY = frozenset({429, 503})  # statuses that may come with Retry-After
_UNTOLD_WAIT = timedelta(hours=1)  # a server that is busy and does not say for how long


def retry_after(value: str | None, date: str | None, *, now: datetime) -> timedelta | None:
    """Give how long a server asks to be left alone, at most 24 h; None where it does not say, or not clearly."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9] if len(text) < 10 else "999999999")), LONGEST_WAIT)  # noqa: PLR2004 - ten digits
    until = _http_date(text)
    if until is None:
        return None
    wait = until - (_http_date(date or "") or now)
    return min(wait, LONGEST_WAIT) if wait > timedelta() else None


def max_age(cache_control: str | None, age: str | None) -> timedelta | None:
    """Give for how long an answer stays fresh; None where nothing is said."""
    match = _MAX_AGE.search(cache_control or "")
    if not match:
        return None
    spent = int(age[:9]) if age and age.isascii() and age.isdigit() else 0
    return min(max(timedelta(seconds=int(match[1]) - spent), timedelta()), LONGEST_WAIT)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def first_due(sources: Sequence[Source], *, now: datetime, limits: Limits) -> Mapping[str, datetime]:
    """Spread first visits over the spread or the source's own interval, the same for a name each time."""
    due = {}
    for source in sources:
        share = zlib.crc32(source.name.encode()) / 0xFFFFFFFF
        due[source.name] = now + min(limits.spread, source.every) * share
    return due


def next_visit(
    source: Source, state: SourceState, visit: Visit, *, now: datetime, limits: Limits, jitter: float
) -> datetime:
    """Give the time of the next visit; `jitter` from -1 to 1 moves it by up to 10 % of the wait.

    Failures double the interval up to the cap. What the server asks for only lengthens the wait; what the feed itself
    suggests does so only where the user gave no interval.
    """
    wait = max(source.every, limits.floor)
    if visit.outcome is VisitOutcome.FAILED:
        wait = min(wait * 2 ** min(state.failures, _DOUBLINGS), max(limits.cap, wait))
        if visit.status in BUSY and visit.wait is None:
            wait = max(wait, min(_UNTOLD_WAIT, limits.cap))
    elif visit.hint is not None and not source.every_given:
        wait = max(wait, min(visit.hint, limits.cap))
    asked = min(visit.wait or timedelta(), LONGEST_WAIT, limits.cap)
    return now + max(wait * (1 + JITTER * jitter), asked)


def waits(visit: Visit) -> bool:
    """Tell whether a source was not asked at all, because its host is to be left alone: that is no failure of it."""
    return visit.error == "host_paused" and visit.outcome is VisitOutcome.FAILED


def after_visit(source: Source, state: SourceState, visit: Visit, *, limits: Limits, jitter: float) -> SourceState:
    """Give what is to be remembered of a source after a visit."""
    now = visit.finished_at
    if waits(visit):
        return replace(state, due_at=now + min(visit.wait or timedelta(), LONGEST_WAIT, limits.cap))
    due_at = next_visit(source, state, visit, now=now, limits=limits, jitter=jitter)
    if visit.outcome is VisitOutcome.FAILED:
        return replace(state, due_at=due_at, last_visit_at=now, failures=state.failures + 1, last_error=_told(visit))
    return replace(
        state,
        due_at=due_at,
        last_visit_at=now,
        last_good_at=now,
        first_good_at=state.first_good_at or now,
        failures=0,
        last_error=_told(visit),
        validators=visit.validators or state.validators,
        body_hash=visit.body_hash,
        newest_at=_newest(state, visit),
    )


def _newest(state: SourceState, visit: Visit) -> datetime | None:
    """Give the latest date of publication told so far; one that lies ahead counts as now."""
    told = (min(date, visit.finished_at) for date in visit.arrivals if date is not None)
    return max(told if state.newest_at is None else (state.newest_at, *told), default=None)


def _told(visit: Visit) -> str | None:
    """Give what went wrong: all of a visit, or a part of one that brought something all the same."""
    return f"{visit.error}: {visit.detail}" if visit.detail else visit.error


def next_page_try(
    attempts: int, limits: Limits, *, now: datetime, asked: timedelta | None, jitter: float
) -> datetime | None:
    """Give when a page is tried again, or None to give it up; `attempts` includes the one just made.

    `asked` is what the server wants, `jitter` from -1 to 1 moves the plan's own wait by up to 10 %.
    """
    if attempts > len(limits.page_retry):
        return None
    wait = limits.page_retry[max(attempts, 1) - 1] * (1 + JITTER * jitter)
    return now + max(wait, min(asked or timedelta(), LONGEST_WAIT, limits.cap))


def next_try(
    attempts: int, plan: RetryPlan, *, created_at: datetime, now: datetime, jitter: float, unknown: bool = False
) -> datetime | None:
    """Give the time of the next attempt, or None to give up; `attempts` includes the one just made.

    After an unknown outcome the first wait counts: the message may be there, but if it is not, somebody waits. A server
    that never answers is asked as rarely as any other once all waits are used up. `jitter` from -1 to 1 moves the wait
    by up to 20 %. Nothing is given up before every wait was tried, however long the transport was down before.
    """
    if attempts > len(plan.waits) and now - created_at > plan.give_up:
        return None
    soon = unknown and attempts <= len(plan.waits)
    number = 0 if soon else min(max(attempts, 1), len(plan.waits)) - 1
    return now + plan.waits[number] * (1 + RETRY_JITTER * jitter)
