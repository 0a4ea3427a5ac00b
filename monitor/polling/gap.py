"""Whether articles may have been missed between two visits: pure.

What a source shows is its newest articles. As long as the newest that was known is still among them, nothing was
missed; where it is gone, nobody knows what stood between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import SourceState

FEW = 3  # fewer new entries than this may be all that there is
PINNED = 2  # entries that an outlet keeps in sight, however old
MOST = 0.8  # of the dates must be later than all before: what has only got new addresses has old dates


def is_gap(
    new: Sequence[datetime | None],
    shown: Sequence[datetime | None],
    state: SourceState,
    *,
    flood: bool = False,
    in_part: bool = False,
) -> bool:
    """Tell so from the dates of the entries that are new and of those that this source had shown before; None: undated.

    Entries shown before that are older than the newest of then are taken for pinned ones, if they are few. Where only a
    part was read, there is more than it shows. A flood whose dates say that it is old is none.
    """
    if state.last_good_at is None or len(new) < (1 if in_part else FEW) or len(shown) > PINNED:
        return False
    before = state.newest_at
    dated = [date for date in new if date is not None]
    if flood and sum(date < state.last_good_at for date in dated) > len(new) / 2:
        return False
    if before is None or not dated:
        return not shown
    overlap = any(date is None or date >= before for date in shown)
    return not overlap and sum(date > before for date in dated) > MOST * len(dated)
