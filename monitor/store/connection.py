"""Opening the database: pragmas, permissions, foreign errors turned into ours (sqlite-utils' door is this package)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.errors import IndexDamaged, StoreDamaged, StoreError, StoreNewer
from monitor.folders import BARRED, barred, make_private
from monitor.store.leftovers import under_way
from monitor.store.migrations import migrations
from monitor.store.mounts import network_file_system
from monitor.store.waysout import is_there, refuse_cut_file, refuse_journal, refuse_shut_journal, remedy

APPLICATION_ID = 0x4E4D4F4E  # "NMON", so that another program's file is never taken for ours
BUSY_MS = 5000
# Before this version, writers in several processes could damage a WAL database (sqlite.org/wal.html, "WAL-reset bug").
SAFE_WAL = (3, 51, 3)
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX", "SQLITE_NOTADB"})


def open_database(path: Path) -> Database:
    """Open the database for writing, making or migrating it where needed; for one thread alone.

    Raises:
        StoreDamaged: the file is not ours or cannot be trusted; it is left as it is.
        StoreError: the machine is in the way.
    """
    with translated(path):
        _make_folder(path.parent)
        if not is_there(path):
            _create(path)
        return _open(path)


def open_reader(path: Path) -> Database:
    """Open an existing database for reading only.

    Raises:
        StoreError: there is none yet, it is of an earlier version, or cannot be read. StoreDamaged: it is not ours.
    """
    with translated(path):
        if not is_there(path):
            raise StoreError(f"there is no database at {path} yet; run `monitor run` or `monitor collect` first")
        connection = connect_for_reading(path)
        connection.execute("PRAGMA query_only = 1")
        if pending(connection, path):
            raise StoreError(
                f"{path} was written by an earlier version of this program; `monitor run` (or `monitor db migrate`, where"
                " the daemon is not to run) brings it up to date"
            )
        return Database(connection)


def connect_for_reading(path: Path, *, alone: bool = False) -> Any:  # noqa: ANN401 - either of two sqlite3 modules
    """Give a connection that writes nothing; `alone` for a file that nobody writes to, beside which nothing is made.

    What a power cut or a kill has left half written is taken back first, as any program that may write does.
    """
    refuse_cut_file(path)
    try:
        return _connect_for_reading(path, alone=alone)
    except sqlite3.OperationalError as error:
        # A read that would have to write: pysqlite3 gives the primary code, the standard library the extended one.
        name = str(getattr(error, "sqlite_errorname", ""))
        barred_here = not os.access(path.parent, os.W_OK)
        if not (name.startswith("SQLITE_READONLY") or (barred_here and name.startswith("SQLITE_CANTOPEN"))):
            raise
    if barred_here:
        # Beside a database that is in use lie its journals; without them nobody writes, and nothing is to be taken back.
        refuse_journal(path)
        connection = _connect_for_reading(path, alone=True)
        try:
            refuse_journal(path)  # of somebody who has come meanwhile
        except BaseException:
            connection.close()
            raise
        return connection
    with closing(connect_as_it_is(path)) as writer:
        writer.execute("PRAGMA schema_version").fetchone()
    return _connect_for_reading(path, alone=alone)


def _connect_for_reading(path: Path, *, alone: bool) -> Any:  # noqa: ANN401 - either of two sqlite3 modules
    mode = "mode=ro&immutable=1" if alone else "mode=ro"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA schema_version").fetchone()  # the first that touches the file
    except BaseException:
        connection.close()
        raise
    return connection


def connect_as_it_is(path: Path) -> Any:  # noqa: ANN401 - either of two sqlite3 modules
    """Give a connection that may write, and changes nothing by itself: no journal mode, no migration."""
    refuse_cut_file(path)
    return sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)


def connect_for_writing(path: Path) -> Any:  # noqa: ANN401 - either of two sqlite3 modules
    """Give a connection to an existing file of ours, its schema as it is, with every pragma that writing asks for."""
    connection = connect_as_it_is(path)
    pending(connection, path)
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        f"journal_mode = {journal_mode(path)}",
        "synchronous = FULL",
        "foreign_keys = ON",
        "mmap_size = 0",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def journal_mode(path: Path | None = None) -> str:
    """Give the journal mode that is safe with this SQLite, several writing processes, and the place of the file."""
    if sqlite3.sqlite_version_info < SAFE_WAL or (path is not None and network_file_system(path)):
        return "truncate"
    return "wal"


def pending(connection: Any, path: Path) -> tuple[str, ...]:  # noqa: ANN401 - either of two sqlite3 modules
    """Name the migrations that a file lacks; touches nothing.

    Raises:
        StoreDamaged: it is another program's. StoreNewer: its schema is newer than this program.
    """
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreDamaged(f"{path} is not a database of this program; name another folder with --data. {remedy(path)}")
    known = [migration.name for migration in migrations.pending(Database(memory=True))]
    there = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
    if there - set(known):
        raise StoreNewer(f"{path} was written by a newer version of this program; install that version")
    return tuple(name for name in known if name not in there)


def sqlite_version() -> tuple[int, ...]:
    """Give the version of the SQLite that is used."""
    return tuple(sqlite3.sqlite_version_info)


@contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Turn SQLite's and the file system's errors into ours."""
    where = f"{path}: " if path else ""
    try:
        yield
    except sqlite3.Error as error:
        if is_of_index(error):
            raise IndexDamaged(f"{where}a search index is damaged; `monitor run` makes it anew by itself") from error
        if getattr(error, "sqlite_errorname", None) in _DAMAGED:
            if path:
                refuse_shut_journal(
                    path
                )  # it came after the file was opened: what was read is torn, and the file is not
            raise StoreDamaged(f"{where}{error}; {remedy(path)}") from error
        raise StoreError(f"{where}{error}") from error
    except OSError as error:
        if path and error.errno in BARRED:
            raise StoreError(barred(Path(error.filename or path), error, data=path.parent)) from error
        named = f"{error.filename}: " if error.filename else where
        raise StoreError(f"{named}{error.strerror or error}") from error


def is_of_index(error: Exception) -> bool:
    """Tell whether an error is FTS5's about its own tables; newer ones say so in words, with the code of any damage."""
    return getattr(error, "sqlite_errorname", None) == "SQLITE_CORRUPT_VTAB" or str(error).startswith("fts5: ")


def apply_pending(database: Database) -> None:
    """Bring the schema up to date in one transaction: a kill leaves the old schema or the new one, and none between.

    sqlite-utils gives each migration a transaction of its own; inside one of ours they are savepoints.
    """
    connection = database.conn
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _make_folder(folder: Path) -> None:
    try:
        make_private(folder)
    except (NotADirectoryError, PermissionError) as error:
        raise StoreError(f"{folder}: {error.strerror}; name a folder that you may write to with --data") from error


def _create(path: Path) -> None:
    """Build a new database under another name first: a kill never leaves half a one."""
    temporary = under_way(path)
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
    database = Database(connect_for_writing(path))
    if pending(database.conn, path):
        apply_pending(database)
    return database
