"""Putting another file in the database's place, so that a kill leaves the old one or the new one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.errors import Busy
from monitor.store.copying import bring_to_disk
from monitor.store.waysout import LOGS, orphans


def put_in_place(new: Path, database: Path, *, aside: Path | None) -> None:
    """Give a finished file the database's name; the old one is kept under `aside`, or dropped where that is None.

    What is in the old one's log is brought into it first: a log that stayed would be taken for the new file's, and
    spoil it. Where the old one is gone and has left its log, the log is kept under the name that goes with `aside`.

    Raises:
        Busy: another process has the database open; nothing was changed.
    """
    if database.exists():
        fold(database, aside)
        if aside is not None:
            _keep(database, aside)
    else:
        _set_aside_logs(database, aside)
    new.replace(database)
    bring_to_disk(database.parent)


def _set_aside_logs(database: Path, aside: Path | None) -> None:
    if aside is not None:
        for log in orphans(database):
            log.rename(aside.with_name(aside.name + log.name.removeprefix(database.name)))
    for left in (*_logs(database), database.with_name(f"{database.name}-shm")):
        left.unlink(missing_ok=True)
    bring_to_disk(database.parent)  # before another file has the name: after a power cut it would find the log there


def fold(database: Path, aside: Path | None) -> None:
    """Bring a database's log into it; where that cannot be (it is damaged), the log goes along under its new name.

    Raises:
        Busy: another process has the database open.
    """
    saved = [] if aside is None else _save_logs(database, aside)
    kept = False
    try:
        kept = not _folded(database)
    finally:
        for log in [] if kept else saved:  # a log beside a database that has it already would spoil it
            log.unlink()
    for log in _logs(database):
        log.unlink()
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)


def _folded(database: Path) -> bool:
    connection: Any = sqlite3.connect(database, isolation_level=None, timeout=1)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Busy(f"another process has {database} open; end it and try again") from error
        return False
    finally:
        connection.close()
    return True


def _logs(database: Path) -> list[Path]:
    return [log for ending in LOGS if (log := database.with_name(database.name + ending)).exists()]


def _save_logs(database: Path, aside: Path) -> list[Path]:
    """Copy the logs first: SQLite removes what it takes for none of this database's."""
    saved = []
    for log in _logs(database):
        if log.stat().st_size:
            saved.append(aside.with_name(aside.name + log.name.removeprefix(database.name)))
            shutil.copy2(log, saved[-1])
    return saved


def _keep(database: Path, aside: Path) -> None:
    """Give the old file a second name; where the file system knows none, the only moment without a database follows."""
    try:
        os.link(database, aside)
    except FileExistsError:
        raise
    except OSError:
        database.rename(aside)
