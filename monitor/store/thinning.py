"""Which backups to part with: of one day before the days, so that copies by hand never cost the days before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from monitor.model import BackupPlan

_DAY, _YEAR, _MANY = timedelta(days=1), timedelta(days=365), 1000


def superfluous(made: Collection[datetime], *, new: datetime, plan: BackupPlan) -> tuple[datetime, ...]:
    """Give which copies to drop so that as many stay as planned, by their times (aware UTC); never the one made just now.

    First what is older than all the planned ones would be, then what has a later copy of its day, then what lies ahead of
    the new one (it was made before it all the same, by a clock that was wrong, or it is wrong now), then the oldest.
    """
    past = new - min(plan.every or _DAY, _YEAR) * min(plan.keep, _MANY)  # within what a date can be
    in_order = dict.fromkeys((*(at for at in sorted(made) if at <= past), *_by_the_day(made, new)))
    return tuple(in_order)[: max(0, len(made) - plan.keep)]


def _by_the_day(made: Collection[datetime], new: datetime) -> Iterator[datetime]:
    last: dict[date, datetime] = {at.date(): at for at in sorted(made)}  # of each day
    others = [at for at in sorted(made) if at != new]
    single = [at for at in others if last[at.date()] == at]
    yield from (at for at in others if last[at.date()] != at)
    yield from (at for at in single if at > new)
    yield from (at for at in single if at < new)
