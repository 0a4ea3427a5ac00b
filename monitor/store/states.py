"""Between a source's state and its row."""

from __future__ import annotations

import json
from datetime import timedelta

from monitor.model import NO_HINTS, Condition, Hints, Move, Rhythm, Settled, SourceState, Validators, VisitOutcome
from monitor.store.rows import Row, moment, read, written

STATE_COLUMNS = (
    "source, added_at, due_at, first_good_at, last_visit_at, last_good_at, failures, last_error, etag, last_modified,"
    " body_hash, guids_unusable, address, move, parser, whole_at, failing_since, error_since, hints, newest_at,"
    " rhythm, weight, condition, since"
)
SETTLE = (
    "UPDATE source_state SET due_at = ?, first_good_at = ?, last_visit_at = ?, last_good_at = ?, failures = ?, last_error = ?,"
    " etag = ?, last_modified = ?, body_hash = ?, guids_unusable = ?, address = ?, move = ?, parser = ?, whole_at = ?,"
    " failing_since = ?, error_since = ?, hints = ?, newest_at = ?, rhythm = coalesce(?, rhythm), weight = ?, condition = ?, since = ?, lease_owner = NULL,"
    " lease_until = NULL WHERE source = ?"
)


def state_of(row: Row) -> SourceState:
    """Give a source's state from STATE_COLUMNS."""
    return SourceState(
        source=row[0],
        added_at=moment(row[1]),
        due_at=moment(row[2]),
        first_good_at=read(row[3]),
        last_visit_at=read(row[4]),
        last_good_at=read(row[5]),
        failures=row[6],
        last_error=row[7],
        validators=Validators(etag=row[8], last_modified=row[9]),
        body_hash=row[10],
        guids_unusable=bool(row[11]),
        address=row[12],
        move=_move(row[13]),
        parser=row[14],
        whole_at=read(row[15]),
        failing_since=read(row[16]),
        error_since=read(row[17]),
        hints=_hints(row[18]),
        newest_at=read(row[19]),
        rhythm=_rhythm(row[20]),
        weight=row[21],
        condition=Condition(row[22]),
        since=read(row[23]),
    )


def settled_row(settled: Settled) -> tuple[object, ...]:
    """Give the values of SETTLE; a visit that was not read has left the rhythm as it is, and most are of that kind."""
    state, visit = settled.state, settled.visit
    learned = visit.outcome is VisitOutcome.READ or visit.arrivals
    return (
        written(state.due_at),
        written(state.first_good_at),
        written(state.last_visit_at),
        written(state.last_good_at),
        state.failures,
        state.last_error,
        state.validators.etag,
        state.validators.last_modified,
        state.body_hash,
        state.guids_unusable,
        state.address,
        _move_text(state.move),
        state.parser,
        written(state.whole_at),
        written(state.failing_since),
        written(state.error_since),
        _hints_text(state.hints),
        written(state.newest_at),
        _rhythm_text(state.rhythm) if learned else None,
        state.weight,
        state.condition,
        written(state.since),
        state.source,
    )


def _move(text: str | None) -> Move | None:
    if text is None:
        return None
    facts = json.loads(text)
    return Move(to=facts["to"], seen=facts["seen"], since=moment(facts["since"]))


def _move_text(move: Move | None) -> str | None:
    return json.dumps({"to": move.to, "seen": move.seen, "since": written(move.since)}) if move else None


def _hints(text: str | None) -> Hints:
    if text is None:
        return NO_HINTS
    facts = json.loads(text)
    return Hints(
        fresh=_duration(facts["fresh"]),
        every=_duration(facts["every"]),
        skip_hours=tuple(facts["skip_hours"]),
        skip_days=tuple(facts["skip_days"]),
    )


def _hints_text(hints: Hints) -> str | None:
    if hints == NO_HINTS:
        return None
    facts = {
        "fresh": _seconds(hints.fresh),
        "every": _seconds(hints.every),
        "skip_hours": hints.skip_hours,
        "skip_days": hints.skip_days,
    }
    return json.dumps(facts)


def _rhythm(text: str | None) -> Rhythm | None:
    if text is None:
        return None
    facts = json.loads(text)
    return Rhythm(
        at=moment(facts["at"]),
        articles=facts["articles"],
        days=facts["days"],
        lately=facts["lately"],
        burst=facts.get("burst", facts["window"]),
        hours=tuple(facts["hours"]),
        weekdays=tuple(facts["weekdays"]),
        last_at=read(facts["last_at"]),
        silence=facts["silence"],
        window=facts["window"],
    )


def _rhythm_text(rhythm: Rhythm | None) -> str | None:
    if rhythm is None:
        return None
    facts = {
        "at": written(rhythm.at),
        "articles": round(rhythm.articles, 3),
        "days": round(rhythm.days, 3),
        "lately": round(rhythm.lately, 3),
        "burst": round(rhythm.burst, 3),
        "hours": [round(count, 2) for count in rhythm.hours],
        "weekdays": [round(count, 2) for count in rhythm.weekdays],
        "last_at": written(rhythm.last_at),
        "silence": round(rhythm.silence, 3),
        "window": rhythm.window,
    }
    return json.dumps(facts)


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())
