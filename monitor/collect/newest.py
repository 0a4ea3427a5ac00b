"""Which entries are taken of a feed that has more than one fetch may bring (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.collect.limits import FEED_ENTRIES
from monitor.model import Draft

_NEVER = datetime.min.replace(tzinfo=UTC)


def newest(drafts: Sequence[Draft], most: int = FEED_ENTRIES) -> tuple[tuple[Draft, ...], int]:
    """Give the newest in the order of the document, and how many are left out.

    One without a date may be new; but those take no more than half of the places from those with one.
    """
    if len(drafts) <= most:
        return tuple(drafts), 0
    dated = [number for number, draft in enumerate(drafts) if draft.published_at]
    undated = [number for number, draft in enumerate(drafts) if not draft.published_at]
    places = min(len(undated), max(most // 2, most - len(dated)))
    dated.sort(key=lambda number: drafts[number].published_at or _NEVER, reverse=True)
    chosen = sorted([*dated[: most - places], *_both_ends(undated, places)])
    return tuple(drafts[number] for number in chosen), len(drafts) - most


def _both_ends(numbers: Sequence[int], most: int) -> Sequence[int]:
    """Feeds grow at their beginning or at their end."""
    if len(numbers) <= most:
        return numbers
    return [*numbers[: most - most // 2], *numbers[len(numbers) - most // 2 :]]
