"""Which entries are taken of a feed that has more than one fetch may bring (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.collect.limits import FEED_ENTRIES
from monitor.model import Draft

_LATEST = datetime.max.replace(tzinfo=UTC)


def newest(drafts: Sequence[Draft], most: int = FEED_ENTRIES) -> tuple[tuple[Draft, ...], int]:
    """Give the newest in the order of the document, and how many are left out.

    One without a date may be new. Where none has a date it takes from both ends: feeds grow at their beginning or at
    their end.
    """
    if len(drafts) <= most:
        return tuple(drafts), 0
    numbers: Sequence[int] = range(len(drafts))
    if any(draft.published_at for draft in drafts):
        chosen = sorted(numbers, key=lambda number: drafts[number].published_at or _LATEST, reverse=True)[:most]
    else:
        chosen = [*numbers[: most - most // 2], *numbers[len(drafts) - most // 2 :]]
    return tuple(drafts[number] for number in sorted(chosen)), len(drafts) - most
