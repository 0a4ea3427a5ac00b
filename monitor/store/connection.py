"""Opening the database: pragmas, permissions, foreign errors turned into ours (sqlite-utils' door is this package)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.errors import StoreDamaged, StoreError
from monitor.folders import make_private
from monitor.store.migrations import migrations

APPLICATION_ID = 0x4E4D4F4E  # "NMON", so that another program's file is never taken for ours
BUSY_MS = 5000
# Before this version, writers in several processes could damage a WAL database (sqlite.org/wal.html, "WAL-reset bug").
SAFE_WAL = (3, 51, 3)
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_CORRUPT_VTAB", "SQLITE_CORRUPT_INDEX", "SQLITE_NOTADB"})


def open_database(path: Path) -> Database:
    """Open the database for writing, making or migrating it where needed; for one thread alone.

    Raises:
        StoreDamaged: the file is not ours or cannot be trusted; it is left as it is.
        StoreError: the machine is in the way.
    """
    with translated(path):
        make_private(path.parent)
        if not path.exists():
            _create(path)
        return _open(path)


def open_reader(path: Path) -> Database:
    """Open an existing database for reading only.

    Raises:
        StoreError: there is none yet, it is of an earlier version, or cannot be read. StoreDamaged: it is not ours.
    """
    with translated(path):
        if not path.exists():
            raise StoreError(f"there is no database at {path} yet; run `monitor run` or `monitor collect` first")
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA query_only = 1")
        if _check_ours(connection, path):
            raise StoreError(
                f"{path} was written by an earlier version of this program; `monitor run` (or `monitor collect`, where"
                " the daemon is not to run) brings it up to date"
            )
        return Database(connection)


def journal_mode() -> str:
    """Give the journal mode that is safe with this SQLite and several writing processes."""
    return "wal" if sqlite3.sqlite_version_info >= SAFE_WAL else "truncate"


@contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Turn SQLite's and the file system's errors into ours."""
    where = f"{path}: " if path else ""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", None) in _DAMAGED:
            raise StoreDamaged(f"{where}{error}; restore a backup, or see `sqlite3 FILE .recover`") from error
        raise StoreError(f"{where}{error}") from error
    except OSError as error:
        raise StoreError(f"{where}{error.strerror or error}") from error


def _create(path: Path) -> None:
    """Build a new database under another name first: a kill never leaves half a one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    connection = sqlite3.connect(temporary, isolation_level=None)
    # Nobody knows of the file yet: it need be on the disk once, before it gets its name, and not after each migration.
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations.apply(Database(connection))
    connection.close()
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def _open(path: Path) -> Database:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    _check_ours(connection, path)
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        f"journal_mode = {journal_mode()}",
        "synchronous = FULL",
        "foreign_keys = ON",
        "mmap_size = 0",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")
    database = Database(connection)
    if migrations.pending(database):
        migrations.apply(database)
    return database


def _check_ours(connection: Any, path: Path) -> bool:  # noqa: ANN401 - either of two sqlite3 modules
    """Refuse a file of another program and a schema newer than this program; touch nothing. True if it is older."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreDamaged(f"{path} is not a database of this program; name another folder with --data")
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    there = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
    if there - known:
        raise StoreError(f"{path} was written by a newer version of this program; install that version")
    return bool(known - there)
