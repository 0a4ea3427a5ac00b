"""The store's face for how sources do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from monitor.model import Condition, SourceState
from monitor.polling.condition import WITHOUT_TEXT
from monitor.store.base import Base
from monitor.store.rows import marks, read, written
from monitor.store.states import STATE_COLUMNS, state_of

_JOINED = "source_state JOIN sources ON sources.name = source_state.source"
_WINDOW = 20  # articles looked at for each text that is asked for: most have none where the feed gives the whole


class ConditionRows(Base):
    """`protocols.Conditions` on SQLite."""

    def failing(self) -> tuple[SourceState, ...]:
        """Give those of them whose last visit failed."""
        return self._states("failures > 0")

    def quiet(self) -> tuple[SourceState, ...]:
        """Give the sources that are quiet."""
        return self._states(f"condition = '{Condition.QUIET}'")

    def thin(self) -> frozenset[str]:
        """Give the sources whose pages have lost their texts."""
        rows = self._rows(f"SELECT source FROM {_JOINED} WHERE thin_since IS NOT NULL AND removed_at IS NULL")
        return frozenset(row[0] for row in rows)

    def set_thin(self, source: str, since: datetime | None) -> None:
        """Write down that it is so, or no longer."""
        with self.transaction():
            self._run("UPDATE source_state SET thin_since = ? WHERE source = ?", [written(since), source])

    def text_lengths(self, source: str, limit: int) -> tuple[int, ...]:
        """Give how long the texts of a source's newest pages are, newest first; what is long past is not looked at.

        0 for one that has none; a page whose server did not answer says nothing yet.
        """
        rows = self._rows(
            "SELECT CASE WHEN page_read_at IS NULL THEN 0 ELSE length(text) END FROM (SELECT * FROM articles"
            " WHERE source = ? ORDER BY first_seen_at DESC, id DESC LIMIT ?)"
            " WHERE (page_read_at IS NOT NULL OR text_state = 'failed'"
            f" OR substr(text_error, 1, instr(text_error || ':', ':') - 1) IN ({marks(len(WITHOUT_TEXT))}))"
            " ORDER BY first_seen_at DESC, id DESC LIMIT ?",
            [source, _WINDOW * limit, *WITHOUT_TEXT, limit],
        )
        return tuple(row[0] for row in rows)

    def last_good_at(self) -> datetime | None:
        """Give when any source was read last."""
        (row,) = self._rows(f"SELECT max(last_good_at) FROM {_JOINED} WHERE removed_at IS NULL")
        return read(row[0])

    def hurry(self, sources: Collection[str], due: datetime) -> None:
        """Let sources be due then at the latest."""
        with self.transaction():
            self._many(
                "UPDATE source_state SET due_at = min(due_at, ?) WHERE source = ?",
                [(written(due), name) for name in sources],
            )

    def _states(self, where: str) -> tuple[SourceState, ...]:
        rows = self._rows(f"SELECT {STATE_COLUMNS} FROM {_JOINED} WHERE {where} AND removed_at IS NULL ORDER BY source")
        return tuple(map(state_of, rows))
