"""Putting another file in the database's place, so that a kill leaves the old one or the new one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.errors import Busy
from monitor.store.copying import bring_to_disk

_LOGS = ("-wal", "-journal")


def put_in_place(new: Path, database: Path, *, aside: Path | None) -> None:
    """Give a finished file the database's name; the old one is kept under `aside`, or dropped where that is None.

    What is in the old one's log is brought into it first: a log that stayed would be taken for the new file's, and
    spoil it.

    Raises:
        Busy: another process has the database open; nothing was changed.
    """
    if database.exists():
        fold(database, aside)
        if aside is not None:
            _keep(database, aside)
    new.replace(database)
    bring_to_disk(database.parent)


def fold(database: Path, aside: Path | None) -> None:
    """Bring a database's log into it; where that cannot be (it is damaged), move the log away with it.

    Raises:
        Busy: another process has the database open.
    """
    connection: Any = sqlite3.connect(database, isolation_level=None, timeout=1)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Busy(f"another process has {database} open; end it and try again") from error
    finally:
        connection.close()
    for ending in _LOGS:
        log = database.with_name(database.name + ending)
        if log.exists() and log.stat().st_size and aside is not None:
            log.replace(aside.with_name(aside.name + ending))
        log.unlink(missing_ok=True)
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)


def _keep(database: Path, aside: Path) -> None:
    """Give the old file a second name; where the file system knows none, the only moment without a database follows."""
    try:
        os.link(database, aside)
    except FileExistsError:
        raise
    except OSError:
        database.rename(aside)
