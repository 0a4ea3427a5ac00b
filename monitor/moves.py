"""Whether a feed has moved for good: pure (RFC 9110, 15.4.2 and 15.4.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.model import Move, SourceState, Validators, Visit

SEEN = 3
OVER = timedelta(hours=24)


def follow(state: SourceState, visit: Visit) -> SourceState:
    """Count a permanent redirect; one that was seen three times over a day is where the feed is asked for from now on.

    One visit that was not led on, or led elsewhere, begins the count anew; so does one that was led to another feed,
    whose `moved_to` is None. The new address must show everything once.
    """
    if visit.moved_to is None:
        return replace(state, move=None) if state.move else state
    now = visit.finished_at
    before = state.move if state.move and state.move.to == visit.moved_to else None
    move = Move(to=visit.moved_to, seen=before.seen + 1 if before else 1, since=before.since if before else now)
    if move.seen >= SEEN and now - move.since >= OVER:
        return replace(state, address=move.to, move=None, validators=Validators(), body_hash=None)
    return replace(state, move=move)
