"""The store's face for operator notices."""

from __future__ import annotations

from datetime import datetime

from monitor.model import Notice
from monitor.store.base import Base
from monitor.store.rows import written


class NoticeRows(Base):
    """`protocols.Notices` on SQLite, but for the forming of mails."""

    def notice(self, notice: Notice) -> bool:
        """Write an operator notice; False if its cause is open already."""
        with self.transaction():
            cursor = self._run(
                "INSERT OR IGNORE INTO events (at, cause, text) VALUES (?, ?, ?)",
                [written(notice.at), notice.cause, notice.text],
            )
        return bool(cursor.rowcount > 0)

    def resolve(self, cause: str, at: datetime) -> bool:
        """Close a notice; True if it was open."""
        with self.transaction():
            cursor = self._run(
                "UPDATE events SET resolved_at = ? WHERE cause = ? AND resolved_at IS NULL", [written(at), cause]
            )
        return bool(cursor.rowcount > 0)

    def open_causes(self, prefix: str) -> frozenset[str]:
        """Give the causes of open notices that begin so."""
        rows = self._rows(
            "SELECT cause FROM events WHERE resolved_at IS NULL AND substr(cause, 1, ?) = ?", [len(prefix), prefix]
        )
        return frozenset(row[0] for row in rows)
