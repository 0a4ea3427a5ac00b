"""The times that a feed tells, on the clock of its outlet where they name no zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.collect.dates import from_text
from monitor.collect.zones import zone_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTimes:
    """Reads the times of one feed: `country` (ISO code) and `language` are its outlet's, `now` is the present."""

    url: str
    country: str | None
    language: str | None
    now: datetime

    def read(self, text: str) -> datetime | None:
        """Give a time in UTC; None where it cannot be read, or cannot be true."""
        return from_text(text, self.now, self._place)

    def _place(self) -> ZoneInfo | None:
        return zone_at(self.country, self.url, self.language)
