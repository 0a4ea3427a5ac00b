"""Whether a feed has moved for good: pure (RFC 9110, 15.4.2 and 15.4.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.model import Move, SourceState, Validators, Visit, VisitOutcome

SEEN = 3
OVER = timedelta(hours=24)


def follow(state: SourceState, visit: Visit) -> SourceState:
    """Count a permanent redirect; one that was seen three times over a day is where the feed is asked for from now on.

    A visit that was not led on, or led elsewhere, begins the count anew; one that was led to another feed, such as a
    hotel's, does not count. The new address must show everything once.
    """
    if visit.moved_to is None:
        return replace(state, move=None) if state.move else state
    now = visit.finished_at
    before = (
        state.move if state.move and state.move.to == visit.moved_to else Move(to=visit.moved_to, seen=0, since=now)
    )
    move = replace(before, seen=before.seen + _counts(state, visit, before))
    if move.seen >= SEEN and now - move.since >= OVER:
        return replace(state, address=move.to, move=None, validators=Validators(), body_hash=None)
    return replace(state, move=move)


def _counts(state: SourceState, visit: Visit, before: Move) -> bool:
    """Tell whether it was our feed that came: a 304 says so only to validators that our feed has given."""
    if visit.outcome is VisitOutcome.READ:
        return visit.familiar
    return before.seen > 0 or state.move is None
