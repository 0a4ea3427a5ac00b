"""The store's face for how the whole does, and who tells somebody outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from monitor.model import Standing, Tally


class Overview(Protocol):
    """How the whole does."""

    def standing(self) -> Standing:
        """Where the work stands now."""

    def tally(self, since: datetime | None) -> Tally:
        """What was done since then."""

    def last_daily(self) -> date | None:
        """The local date of the last daily mail; None where there was none."""

    def note_daily(self, day: date, *, now: datetime) -> None:
        """Note that the daily mail of a date was formed; joins an open transaction."""


class Caller(Protocol):
    """Somebody outside who waits to hear from us."""

    async def call(self) -> None:
        """Let them hear.

        Raises:
            SourceError: it did not work; its text may hold the address.
        """
