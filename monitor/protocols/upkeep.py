"""What keeping the database asks of the store and of its files."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from monitor.model import BackupPlan, Copied, FileLook


class Backups(Protocol):
    """Copies of the database; off the store's thread."""

    def make(self, *, now: datetime, plan: BackupPlan) -> Copied:
        """Copy the database, check the copy, drop others so that as many stay as planned.

        Raises:
            StoreError: no copy was made.
        """

    def newest_at(self) -> datetime | None:
        """Give when the newest copy was made; None where there is none."""


class Upkeep(Protocol):
    """The store's face for its own files; on the store's thread."""

    def checkpoint(self) -> bool:
        """Cut the write-ahead log; False while a reader needs it."""

    def rebuild_indexes(self) -> None:
        """Make the search indexes anew; raises StoreDamaged where even that cannot be."""

    def reopen(self) -> None:
        """Save what stands in a log that was taken away, and open the database anew."""


class DatabaseFile(Protocol):
    """The database's files; off the store's thread."""

    def opened(self) -> None:
        """Take the files as they are now for those that are open."""

    def look(self) -> FileLook:
        """Look at the files."""

    def check(self) -> str | None:
        """Look through every page; gives what is wrong.

        Raises:
            IndexDamaged: a search index alone. StoreError: the machine is in the way.
        """

    def holders(self) -> tuple[str, ...]:
        """Name the other processes that have the database open."""
