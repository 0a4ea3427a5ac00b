"""What every part of the store stands on: statements, and one way to open a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlite_utils import Database

from monitor.store.owner import Owner


class Base:
    """A connection that belongs to one thread, and who holds the leases taken on it."""

    def __init__(self, database: Database, owner: Owner) -> None:
        """Take an open database."""
        self._database = database
        self._owner = owner
        self._owner_text = owner.text()
        self.writes = 0  # transactions that changed something and are on disk; any thread may read it

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open one immediate transaction, or join the one that is open.

        Immediate, because a transaction that begins by reading and then writes fails at once when another process
        wrote in between, whatever the time-out.
        """
        connection = self._database.conn
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN IMMEDIATE")
        before = connection.total_changes
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        self.writes += connection.total_changes > before

    def _roll_back(self) -> None:
        """Undo what is open; SQLite itself may have done so already (disk full)."""
        if self._database.conn.in_transaction:
            self._database.conn.execute("ROLLBACK")

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        return self._database.conn.execute(sql, values).fetchall()

    def _run(self, sql: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a cursor of either sqlite3
        return self._database.conn.execute(sql, values)

    def _many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._database.conn.executemany(sql, rows)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()
