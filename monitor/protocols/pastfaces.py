"""The store's face for the past of outlets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import Backfill, BackfillState, PastFacts, Step


class Backfills(Protocol):
    """What of the past is to be read, and how far that is. Every method is a short transaction of its own."""

    def backfill(self, number: int) -> Backfill | None:
        """One by its number."""

    def claim_backfill(self, *, now: datetime, lease: timedelta, only: int | None = None) -> Backfill | None:
        """Take the next that is due and that nobody holds; with `only` that one, due or not, also where it is ours."""

    def steps(self, number: int) -> tuple[Step, ...]:
        """The steps of a walk; none where it has not begun."""

    def keep_steps(
        self, backfill: Backfill, steps: Sequence[Step], *, due_at: datetime, now: datetime, hold: timedelta | None
    ) -> None:
        """Write down steps that are new or have changed, and the back-filling's state, requests, reach and remarks.

        It goes on at `due_at`; with `hold` the lease lasts for so long from now, else it is given back.
        """

    def count_found(self, number: int, *, found: int, new: int) -> int:
        """Add to what one has found; gives how many new articles it has brought in all."""

    def release_backfill(self, number: int, *, state: BackfillState | None = None, now: datetime) -> None:
        """Give the lease back, in another state if one is given."""

    def break_off(self, number: int, *, due_at: datetime | None, remarks: Sequence[str], now: datetime) -> None:
        """Count a crash and give the lease back; it goes on at `due_at`, or has failed where that is None."""

    def note_gaps(self, *, now: datetime, most: int) -> int:
        """Make a back-filling of every visit that may have missed something and has none yet; gives how many."""

    def settle_backfills(self, *, now: datetime, gap: timedelta, asked: timedelta, paused: timedelta) -> int:
        """Finish those whose pages are read, or have waited so long for them; or were paused so long ago."""

    def past_facts(self, source: str) -> PastFacts:
        """What is known of a source that matters for its past."""
