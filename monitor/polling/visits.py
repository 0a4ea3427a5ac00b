"""When a source is visited next: pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import Hints, Limits, Source, SourceState, Visit, VisitOutcome
from monitor.polling.hints import BUSY, UNTOLD_WAIT, outside_windows, wished
from monitor.polling.pace import interval
from monitor.schedule import JITTER, LONGEST_WAIT

CONFIRMED = timedelta(hours=1)  # between the first and the last 410 that are believed
_LATE_JITTER = 0.5
_GONE = "http_410"
_DOUBLINGS = 10


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
