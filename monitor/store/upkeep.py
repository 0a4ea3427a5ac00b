"""The store's face for its own files: the write-ahead log, the search indexes, the connection itself."""

from __future__ import annotations

from pathlib import Path

from monitor.errors import IndexDamaged, StoreDamaged, StoreError
from monitor.store.base import Base
from monitor.store.connection import BUSY_MS, open_database, translated
from monitor.store.verify import INDEXES
from monitor.store.waysout import remedy


class UpkeepRows(Base):
    """`protocols.Upkeep` on SQLite."""

    _closed: Path | None = None  # the database, between its closing and a new opening that did not succeed yet

    def checkpoint(self) -> bool:
        """Bring the write-ahead log into the database and cut it; False while a reader needs it. Waits for nobody."""
        self._run("PRAGMA busy_timeout = 0")
        try:
            return not self._rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
        finally:
            self._run(f"PRAGMA busy_timeout = {BUSY_MS}")

    def rebuild_indexes(self) -> None:
        """Make the search indexes anew from what they are made of.

        Raises:
            StoreDamaged: even that cannot be read.
        """
        path = self._path()
        try:
            with translated(path), self.transaction():
                for name in INDEXES:
                    self._run(f"INSERT INTO {name}({name}) VALUES ('rebuild')")
        except IndexDamaged as error:
            raise StoreDamaged(f"{path}: its search index cannot be made anew; {remedy(path)}") from error

    def reopen(self) -> None:
        """Bring all that is in a log that was taken away into the database, and open it again with a new one.

        Raises:
            StoreError: it cannot be opened now; asked again, this tries again.
        """
        if self._closed is None:
            path = self._path()
            with translated(path):
                if self._rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][
                    0
                ]:  # closed now, what is only in the log would be lost
                    raise StoreError(
                        f"{path}: its -wal was removed, and a program that reads is in the way of mending it"
                    )
                self._database.close()
            self._closed = path
        self._database = open_database(self._closed)
        self._closed = None

    def _path(self) -> Path:
        return Path(self._rows("PRAGMA database_list")[0][2])
