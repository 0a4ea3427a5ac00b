"""What a walk could not reach, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from monitor.backfill.walk import REQUESTS, Walk
from monitor.model import Backfill, Step, StepState, Way
from monitor.text import minute

_BEGINS = {
    Way.FEED: "the feed and its further pages begin",
    Way.SITEMAP: "the sitemap begins",
    Way.LISTING: "the listing begins",
}
_NOTHING = "nothing was found that tells of the past: no sitemap, archive or further page"
_MOST = 5  # failures that are named one by one


def remarks(walk: Walk, *, full: bool) -> tuple[str, ...]:
    """Say where each way begins, if none has come back far enough, and what failed; `full`: it may take no more."""
    told = ["as many articles were taken as may be; ask again for the rest"] if full else []
    if walk.requests >= REQUESTS:
        told.append(
            f"the walk ended after {REQUESTS} requests; ask again with a later beginning, or for less at a time"
        )
    if not walk.reached and not full:
        told += _where_they_begin(walk) or [_NOTHING]
    told += _failures(walk.steps)
    if undated := _undated(walk.steps):
        told.append(f"{undated} entries of sitemaps have no date and were left out")
    return tuple(told)


def given_up(crashes: int) -> tuple[str, ...]:
    """Say that a walk was ended by faults of the program."""
    return (f"it was given up after {crashes} faults of the program; they stand in the log (backfill_crashed)",)


def given_up_notice(backfill: Backfill, crashes: int, zone: tzinfo) -> str:
    """Give what the operator is told of a walk that was ended by faults of the program."""
    first = f"The past of {backfill.source} could not be read back"
    span = f"{minute(backfill.since, zone)} to {minute(backfill.until, zone)}"
    command = f"monitor backfill {backfill.source} --since {backfill.since:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"{first}\n\n{span}: the program failed at it {crashes} times; `backfill_crashed` in the log says why, and is"
        f" worth a report. What was found is told. To try again: {command}"
    )


def _where_they_begin(walk: Walk) -> list[str]:
    told = []
    for way, begins in _BEGINS.items():
        dates = [look.oldest for step in walk.steps if step.way is way and (look := step.look) and look.oldest]
        if dates:
            told.append(f"{begins} at {_written(min(dates))}")
    return told


def _failures(steps: Iterable[Step]) -> list[str]:
    """Name what failed where something was known to be; that a guess was wrong is no failure."""
    failed = [
        step for step in steps if step.state is StepState.FAILED and not step.guess and step.way is not Way.ARCHIVE
    ]
    failed = [step for step in failed if not (step.way is Way.FEED and step.page > 1) and step.way is not Way.ROBOTS]
    told = [f"{step.url} could not be read: {step.error}" for step in failed[:_MOST]]
    return [*told, f"and {len(failed) - _MOST} more could not be read"] if len(failed) > _MOST else told


def _undated(steps: Iterable[Step]) -> int:
    return sum(step.look.undated for step in steps if step.way is Way.SITEMAP and step.look)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
