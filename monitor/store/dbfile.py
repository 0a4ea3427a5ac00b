"""The database's files as the file system shows them, and its checks: beside the store's thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from monitor.errors import IndexDamaged, StoreDamaged
from monitor.model import FileLook
from monitor.store.owner import holders
from monitor.store.upgrade import lacking
from monitor.store.verify import only_indexes, quick_check
from monitor.store.waysout import remedy


class DatabaseFile:
    """`protocols.DatabaseFile`."""

    def __init__(self, path: Path) -> None:
        """Remember which file it is that was opened."""
        self._path = path
        self._logs = tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
        self._ended = False
        self.opened()

    def opened(self) -> None:
        """Take the files as they are now for those that are open."""
        self._database_id = _identity(self._path)
        self._log_ids = tuple(map(_identity, self._logs))

    def look(self) -> FileLook:
        """Look at the files."""
        there = tuple(map(_identity, self._logs))
        if None in self._log_ids:  # not written to yet, or not in WAL mode
            self._log_ids = there
        return FileLook(
            wal=self._logs[0].stat().st_size if there[0] else 0,
            moved=_identity(self._path) != self._database_id,
            wal_gone=None not in self._log_ids and there != self._log_ids,
        )

    def check(self) -> str | None:
        """Look through every page; gives what is wrong, or None.

        Raises:
            IndexDamaged: a search index alone, which can be made anew. StoreError: the machine is in the way.
        """
        try:
            told = quick_check(self._path, unwanted=lambda: self._ended)
        except StoreDamaged as error:
            return str(error)
        if told and only_indexes(told):
            raise IndexDamaged(told)
        return told

    def holders(self) -> tuple[str, ...]:
        """Name the other processes of this user that have the database open."""
        return tuple(f"{name} (pid {pid})" for pid, name in holders(self._path) if pid != os.getpid())

    def end(self) -> None:
        """Give up the check under way: the daemon is told to end."""
        self._ended = True


def refuse_damaged(path: Path, *, within: float, monotonic: Callable[[], float]) -> None:
    """Look a database through before it is written to, for at most so many seconds; touches nothing.

    Raises:
        StoreDamaged: it is not sound; a search index alone is no reason.
    """
    if not path.exists():
        return
    lacking(path)  # refuses another program's file, and a newer schema
    end = monotonic() + within
    try:
        told = quick_check(path, unwanted=lambda: monotonic() > end)
    except IndexDamaged:
        return
    if told and not only_indexes(told):
        raise StoreDamaged(f"{path} is damaged: {told}; {remedy(path)}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
