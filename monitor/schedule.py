"""When a source, a page or a message is tried next: pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.hints import BUSY, LONGEST_WAIT, UNTOLD_WAIT, outside_windows, wished
from monitor.model import Hints, Limits, RetryPlan, Source, SourceState, Visit, VisitOutcome
from monitor.pace import interval

JITTER = 0.1
RETRY_JITTER = 0.2
_LATE_JITTER = 0.5
CONFIRMED = timedelta(hours=1)  # between the first and the last 410 that are believed
_GONE = "http_410"
_DOUBLINGS = 10
_FORBIDDEN_FOR = timedelta(days=7)


def first_due(sources: Sequence[Source], *, now: datetime, limits: Limits) -> Mapping[str, datetime]:
    """Spread first visits over the spread or the source's own interval, the same for a name each time."""
    due = {}
    for source in sources:
        share = zlib.crc32(source.name.encode()) / 0xFFFFFFFF
        due[source.name] = now + min(limits.spread, source.every) * share
    return due


def next_visit(
    source: Source,
    state: SourceState,
    visit: Visit,
    *,
    hints: Hints,
    now: datetime,
    limits: Limits,
    jitter: float,
    pace: timedelta | None = None,
) -> datetime:
    """Give the time of the next visit; `jitter` from -1 to 1 moves it by up to 10 % of the wait.

    Failures double the interval up to the cap. What the server asks for only lengthens the wait; what the feed itself
    suggests does so only where the user gave no interval. `state` is that before the visit, but for `error_since` and
    `rhythm`. `pace` is that of sources without an interval of the user's; None: all have the fixed one.
    """
    wait = interval(source, state, visit, now=now, limits=limits, pace=pace)
    if visit.outcome is VisitOutcome.FAILED:
        return now + _after_failure(wait, state, visit, limits=limits, jitter=jitter)
    if state.last_visit_at is None:
        # Sources that are new together must not be due together for ever after.
        wait -= max(wait - limits.spread, timedelta()) * ((1 - jitter) / 2)
    elif visit.started_at - state.due_at > limits.spread:
        # Nor those that were late together, because the program or the machine was not there.
        wait = max(wait * (1 + _LATE_JITTER * jitter), limits.floor)
    by_feed = not source.every_given
    share = (1 + jitter) / 2
    least = wished(hints, by_feed=by_feed, cap=limits.cap)
    wait = max(wait * (1 + JITTER * jitter), min(least * (1 + JITTER * share), limits.cap))
    if not by_feed or not (hints.skip_hours or hints.skip_days):
        return now + wait
    return outside_windows(now + wait, hints, latest=now + max(wait, limits.cap), share=share)


def _after_failure(wait: timedelta, state: SourceState, visit: Visit, *, limits: Limits, jitter: float) -> timedelta:
    """Give the wait after a failure: doubled each time up to the cap, and at least what the server asks for."""
    most = max(limits.cap, wait)
    doublings = 2 ** min(state.failures, _DOUBLINGS)
    wait *= doublings
    if visit.status in BUSY and visit.wait is None:
        wait = max(wait, min(UNTOLD_WAIT * doublings, limits.cap))
    if visit.error == _GONE and state.error_since is not None and visit.finished_at - state.error_since >= CONFIRMED:
        wait = most
    asked = min(visit.wait or timedelta(), LONGEST_WAIT, limits.cap)
    return max(min(wait * (1 + JITTER * jitter), most), asked)


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


def next_daily_try(seen_at: datetime, *, now: datetime, jitter: float) -> datetime | None:
    """Give when a page is tried again that its site forbids today, or None once its article is a week old.

    Never within a day: by then the site's robots.txt is read anew.
    """
    if now - seen_at >= _FORBIDDEN_FOR:
        return None
    return now + LONGEST_WAIT * (1 + JITTER * (1 + jitter) / 2)


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
