"""Back-fillings and their steps as rows, and back."""

from __future__ import annotations

import json

from monitor.model import Backfill, BackfillState, Look, Reason, Step, StepState, Way
from monitor.store.rows import Row, moment, read, written

COLUMNS = (
    "id, source, reason, since, until, mails, most, state, asked_at, found, new, requests, reached, remarks,"
    " finished_at, due_at, crashes"
)
STEP_COLUMNS = (
    "url, way, place, page, guess, state, attempts, error, older, within, newer, undated, oldest, newest, left_out,"
    " mark"
)


def backfill_of(row: Row) -> Backfill:
    """Give the value of a row of `COLUMNS`."""
    return Backfill(
        id=row[0],
        source=row[1],
        reason=Reason(row[2]),
        since=moment(row[3]),
        until=moment(row[4]),
        mails=bool(row[5]),
        most=row[6],
        state=BackfillState(row[7]),
        asked_at=moment(row[8]),
        found=row[9],
        new=row[10],
        requests=row[11],
        reached=bool(row[12]),
        remarks=tuple(json.loads(row[13])),
        finished_at=read(row[14]),
        due_at=read(row[15]),
        crashes=row[16],
    )


def step_of(row: Row) -> Step:
    """Give the value of a row of `STEP_COLUMNS`."""
    look = Look(
        url=row[0],
        way=Way(row[1]),
        older=row[8],
        within=row[9],
        newer=row[10],
        undated=row[11],
        oldest=read(row[12]),
        newest=read(row[13]),
        left=row[14],
        mark=row[15],
        error=row[7],
    )
    return Step(
        url=row[0],
        way=Way(row[1]),
        place=row[2],
        page=row[3],
        guess=bool(row[4]),
        state=StepState(row[5]),
        attempts=row[6],
        error=row[7],
        look=look if row[6] else None,
    )


def step_row(step: Step) -> tuple[object, ...]:
    """Give the row of a step, as `STEP_COLUMNS` has it."""
    look = step.look or Look(url=step.url, way=step.way)
    return (
        step.url,
        step.way,
        step.place,
        step.page,
        step.guess,
        step.state,
        step.attempts,
        step.error,
        look.older,
        look.within,
        look.newer,
        look.undated,
        written(look.oldest),
        written(look.newest),
        look.left,
        look.mark,
    )
