"""When a page that was read is looked at again: less and less often, and anew from the start when it has grown. Pure.

The waits of a plan add up to the time that a page is watched after it was read or has grown: 72 hours as shipped. One
that never changes costs as many requests as its plan has waits. One that changes at every look costs at most so many
in its first hours, and from then on `_SHARE` for each time that its age grows by e: a page with a clock that nobody
knows cannot be asked about for ever at the pace of its first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Limits, Seen, Validators, Watch

JITTER = 0.1
_SHARE = 48  # of a page's age: an article of a day is looked at every half hour at most
_SURE = 2  # times that a page must be missing to be gone


def watch(
    article_id: int, source: str, first_seen_at: datetime, *, now: datetime, limits: Limits, jitter: float
) -> Watch:
    """Give the watch of a page that was just read for the first time."""
    begun = Watch(article_id=article_id, source=source, first_seen_at=first_seen_at, since=now, due_at=None)
    return replace(begun, due_at=_due(begun, limits.revisit, now, jitter))


def after_look(
    before: Watch,
    seen: Seen,
    *,
    now: datetime,
    limits: Limits,
    jitter: float,
    asked: timedelta | None = None,
    validators: Validators | None = None,
) -> Watch:
    """Give what is remembered after a look; `jitter` from -1 to 1 moves the wait by up to 10 %.

    `asked` is for how long the server wants to be left alone, `validators` are those of a page that came.
    """
    looked = replace(before, looked_at=now, looks=before.looks + 1, validators=validators or before.validators)
    if seen is Seen.FAILED:
        return replace(looked, due_at=_later(looked, limits, now, jitter, asked))
    if seen is Seen.GROWN:
        looked = replace(looked, since=now, still=0, grown=before.grown + 1, missing=0)
    else:
        lost = seen in {Seen.MISSING, Seen.GONE}
        looked = replace(looked, still=before.still + 1, missing=before.missing + 1 if lost else 0)
    if seen is Seen.MISSING and not is_gone(looked, seen):
        return replace(looked, still=before.still, due_at=now + min(limits.revisit_grown) * (1 + JITTER * jitter))
    return replace(looked, due_at=_due(looked, _plan(looked, limits), now, jitter))


def is_gone(after: Watch, seen: Seen) -> bool:
    """Tell whether a page is gone: its server says so (410), or has twice not found it."""
    return seen is Seen.GONE or (seen is Seen.MISSING and after.missing >= _SURE)


def _plan(watched: Watch, limits: Limits) -> Sequence[timedelta]:
    return limits.revisit_grown if watched.grown else limits.revisit


def _due(watched: Watch, plan: Sequence[timedelta], now: datetime, jitter: float) -> datetime | None:
    """Give the next look by the plan, but not sooner than the page's age allows; None when the plan is done."""
    if watched.still >= len(plan):
        return None
    wait = max(plan[watched.still], (now - watched.first_seen_at) / _SHARE)
    return now + wait * (1 + JITTER * jitter)


def _later(watched: Watch, limits: Limits, now: datetime, jitter: float, asked: timedelta | None) -> datetime | None:
    """Give the look that takes the place of one that failed; None when that would be after the plan's time."""
    plan = _plan(watched, limits)
    due = now + max(plan[min(watched.still, len(plan) - 1)] * (1 + JITTER * jitter), asked or timedelta())
    return due if due < watched.since + sum(plan, timedelta()) else None
