"""Which backups to part with: of one day first, so that copies by hand never cost the days before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime


def superfluous(made: Collection[datetime], *, new: datetime, keep: int) -> tuple[datetime, ...]:
    """Give which copies to drop so that `keep` of them stay, by their times (aware UTC); never the one made just now.

    First what has a later copy of its day, then what lies ahead of the new one (it was made before it all the same, by a
    clock that was wrong, or it is wrong now), then the oldest.
    """
    return tuple(_in_order(made, new))[: max(0, len(made) - keep)]


def _in_order(made: Collection[datetime], new: datetime) -> Iterator[datetime]:
    last: dict[date, datetime] = {at.date(): at for at in sorted(made)}  # of each day
    others = [at for at in sorted(made) if at != new]
    single = [at for at in others if last[at.date()] == at]
    yield from (at for at in others if last[at.date()] != at)
    yield from (at for at in single if at > new)
    yield from (at for at in single if at < new)
