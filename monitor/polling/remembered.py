"""What is remembered of a source after a visit, and what of it is said at the next one: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Hints, Limits, Settled, Source, SourceState, Validators, Visit, VisitOutcome
from monitor.polling.condition import diagnosed
from monitor.polling.moves import follow
from monitor.polling.pace import weight
from monitor.polling.rhythm import after
from monitor.polling.visits import next_visit
from monitor.schedule import LONGEST_WAIT

WHOLE_EVERY = timedelta(days=7)
CUT_SHORT = "cut_short"  # the error of a visit whose feed ended before it was closed
_ANY_BODY = b""  # the hash of none: whatever comes is read; without a hash, nothing was shown there yet
_MOVED_BACK = 3  # failures at the address that a feed has moved to, before its own is tried again


def is_whole(state: SourceState, now: datetime) -> bool:
    """Tell whether a source is to be asked for everything: a server that always says 304 is believed for a week."""
    return state.whole_at is None or now - state.whole_at >= WHOLE_EVERY


def validators_for(state: SourceState, now: datetime) -> Validators:
    """Give the validators to ask with."""
    return Validators() if is_whole(state, now) else state.validators


def read_by(state: SourceState, parser: str) -> SourceState:
    """Give a state without what another version of the parser has left: this one is to read everything once."""
    return state if state.parser == parser else replace(state, validators=Validators(), body_hash=None)


def as_of(settled: Settled, now: datetime) -> Settled:
    """Give a visit as it is to be written now: where it ended later than that, the clock was set back meanwhile."""
    back = settled.visit.finished_at - now
    if back <= timedelta():
        return settled
    visit = replace(settled.visit, started_at=settled.visit.started_at - back, finished_at=now)
    return replace(settled, visit=visit, state=replace(settled.state, due_at=settled.state.due_at - back))


def is_reread(state: SourceState, visit: Visit) -> bool:
    """Tell whether a visit reads what another version of the parser has read before: what differs is no edit.

    The first answer that comes whole after one that broke off may show what that version read behind the break.
    """
    if visit.parser is None:
        return False
    return visit.parser != state.parser or (_broke_off(state) and visit.error != CUT_SHORT)


def is_edited(state: SourceState) -> bool:
    """Tell whether a feed has not been read yet at an address that a person wrote: it may show other articles there."""
    return state.body_hash is None and state.address is None and not _broke_off(state)


def _broke_off(state: SourceState) -> bool:
    return state.body_hash is None and (state.last_error or "").partition(":")[0] == CUT_SHORT


def waits(visit: Visit) -> bool:
    """Tell whether a source was not asked at all, because its host is to be left alone: that is no failure of it."""
    return visit.error == "host_paused" and visit.outcome is VisitOutcome.FAILED


def after_visit(
    source: Source,
    state: SourceState,
    visit: Visit,
    *,
    limits: Limits,
    jitter: float,
    pace: timedelta | None = None,
) -> SourceState:
    """Give what is to be remembered of a source after a visit; `pace` as for `next_visit`."""
    if waits(visit):
        wait = min(visit.wait or timedelta(), LONGEST_WAIT, limits.cap)
        return replace(state, due_at=visit.finished_at + wait)
    # Also after a failure: a server for which all of it is too much is not asked for all of it again and again.
    if is_whole(state, visit.started_at) or visit.size:
        state = replace(state, whole_at=visit.started_at)
    rhythm = after(state, visit)
    hints = state.hints if visit.outcome is VisitOutcome.FAILED else _hints(state.hints, visit)
    state = replace(state, rhythm=rhythm, weight=weight(rhythm, now=visit.finished_at), hints=hints)

    def due_at(state: SourceState) -> datetime:
        now = visit.finished_at
        return next_visit(source, state, visit, hints=hints, now=now, limits=limits, jitter=jitter, pace=pace)

    if visit.outcome is VisitOutcome.FAILED:
        return diagnosed(_failed(state, visit, due_at), now=visit.finished_at)
    return follow(diagnosed(_good(state, visit, due_at), now=visit.finished_at), visit)


def _good(state: SourceState, visit: Visit, due_at: Callable[[SourceState], datetime]) -> SourceState:
    now = visit.finished_at
    # Entries behind the place where the very first answer broke off are as old as those before it. Some outlets never
    # close their feeds: what comes later is news.
    goes_on = visit.error == CUT_SHORT and state.last_good_at is None
    return replace(
        state,
        due_at=due_at(state),
        last_visit_at=now,
        last_good_at=now,
        first_good_at=state.first_good_at or (None if goes_on else now),
        failures=0,
        failing_since=None,
        error_since=None,
        last_error=_story(visit),
        validators=visit.validators or state.validators,
        body_hash=visit.body_hash,
        parser=visit.parser or state.parser,
        newest_at=_newest(state, visit),
    )


def _failed(state: SourceState, visit: Visit, due_at: Callable[[SourceState], datetime]) -> SourceState:
    now = visit.finished_at
    same = state.failures > 0 and (state.last_error or "").partition(":")[0] == visit.error
    state = replace(
        state,
        failing_since=state.failing_since or now,
        error_since=(state.error_since or now) if same else now,
        last_visit_at=now,
        last_error=_story(visit),
    )
    due = due_at(state)
    if state.address and state.failures + 1 >= _MOVED_BACK:
        state = replace(state, address=None, move=None, validators=Validators(), body_hash=_ANY_BODY)
    return replace(state, due_at=due, failures=state.failures + 1)


def _hints(before: Hints, visit: Visit) -> Hints:
    """Give the wishes that hold now: a 304 repeats some, the same body again says what it said, a new one says all."""
    if visit.outcome is VisitOutcome.READ:
        return visit.hints
    fresh = visit.hints.fresh
    if visit.outcome is VisitOutcome.NOT_MODIFIED and fresh is None:
        return before
    return before if fresh == before.fresh else replace(before, fresh=fresh)


def _newest(state: SourceState, visit: Visit) -> datetime | None:
    """Give the latest date of publication told so far; one that lies ahead counts as now."""
    told = (min(date, visit.finished_at) for date in visit.arrivals if date is not None)
    return max(told if state.newest_at is None else (state.newest_at, *told), default=None)


def _story(visit: Visit) -> str | None:
    """Give what went wrong: all of a visit, or a part of one that brought something all the same."""
    return f"{visit.error}: {visit.detail}" if visit.detail else visit.error
