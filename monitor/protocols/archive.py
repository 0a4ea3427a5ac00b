"""The store's face for people, who only read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from monitor.model import (
    Article,
    ConceptVersion,
    Filters,
    IndexProgress,
    Precision,
    RuleVersion,
    Selectors,
    Standing,
    Stored,
    Told,
)


class Archive(Protocol):
    """Reading, for people: each row a mapping from column to value, as the documented views have them."""

    def search(self, match: str | None, filters: Filters, *, before: int | None, limit: int) -> tuple[Article, ...]:
        """Candidates of a search, newest first, with ids below `before`; `match` is an FTS5 expression over keys."""

    def index_progress(self) -> IndexProgress:
        """How far the search keys of stored articles are made anew."""

    def alerts(self, *, since: datetime | None, limit: int | None) -> list[dict[str, object]]:
        """Rows of v_alerts, newest first."""

    def health(self) -> list[dict[str, object]]:
        """Rows of v_source_health."""

    def rule_counts(self, now: datetime) -> dict[str, dict[str, object]]:
        """What each rule caught in the last 24 hours and 7 days, and its version."""

    def delivery(self) -> dict[str, Any]:
        """Messages by state, alerts waiting, the oldest that is open, the last that was sent, and failures."""

    def held_back(self, interval: timedelta) -> tuple[int, datetime | None]:
        """How many alerts are in no message yet, and when the last of them may go out, at `interval` for a group."""

    def unread(self, sources: Collection[str]) -> list[dict[str, object]]:
        """Rows of v_unread of these sources: pages that could not be read yet, at all, or again; newest first."""

    def robots_read_at(self) -> dict[str, datetime]:
        """When each host's robots.txt was read last."""

    def moved(self) -> dict[str, str]:
        """Addresses that feeds have moved to for good, by source."""

    def texts(self) -> dict[str, dict[str, int]]:
        """How many texts of each source came from its feed or from pages, are wanted, failed or not there."""

    def missed(self, source: str, selectors: Selectors) -> list[str]:
        """Which of a source's selectors (`title`, `text`, `date`) found nothing on any of its newest pages."""

    def paused_hosts(self, now: datetime) -> dict[str, datetime]:
        """Hosts that asked to be left alone, and until when."""

    def backfills(self, *, since: datetime) -> list[dict[str, object]]:
        """Rows of v_backfills that are open, or were finished since then."""

    def standing(self) -> Standing:
        """Where the work stands."""

    def alert_states(self) -> dict[str, int]:
        """How many alerts there are by state."""

    def newest(self) -> datetime | None:
        """The latest time that was written down of anything that has happened."""

    def open_notices(self) -> list[dict[str, object]]:
        """Notices that nobody has dealt with."""

    def facts(self) -> dict[str, object]:
        """About the file: size in bytes, SQLite version, journal mode, articles."""

    def select(self, sql: str) -> tuple[list[str], Iterable[Sequence[object]]]:
        """Run a reading statement.

        Raises:
            StoreError: it is wrong, or would write.
        """


class Evidence(Archive, Protocol):
    """Reading why something was told, and what a rule would have caught."""

    def told(self, alert_id: int) -> Told | None:
        """An alert with all that led to it."""

    def rule_versions(self, name: str) -> tuple[RuleVersion, ...]:
        """Every version of a rule, the first one first."""

    def last_versions(self) -> dict[str, RuleVersion]:
        """The last version of each rule that there ever was, by name."""

    def concept(self, name: str, digest: str) -> ConceptVersion | None:
        """A concept as it was when a rule named it."""

    def precision(self, rule: str | None = None) -> dict[tuple[str, int | None], Precision]:
        """How each rule (or one) did in its marked alerts, by version; None where the match was withdrawn."""

    def marked(self, rule: str) -> dict[int, bool]:
        """Articles whose alerts are marked for a rule, and whether they are relevant."""

    def stored(self, span: Filters) -> Stored:
        """What there is of a time."""

    def candidates(self, match: str | None, span: Filters) -> Sequence[int]:
        """Ids of articles that may match, newest first; `match` is an FTS5 expression over keys."""

    def articles(self, ids: Sequence[int]) -> Iterator[Article]:
        """Articles by id, in this order; those that are gone are left out."""
