"""What is wrong with a database file before anybody opens it, and what a person can do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.errors import StoreDamaged, StoreError
from monitor.folders import barred

FOLDER = "backups"  # below the data folder
LOGS = ("-wal", "-journal")  # with what is not in the database's file yet
_HEADER = 100  # bytes: sqlite.org/fileformat.html, 1.3


def remedy(path: Path | None) -> str:
    """Say what helps against a damaged file, and what tells more of it."""
    return f"nothing was overwritten. `monitor db verify` says more; {way_back(path)}"


def way_back(path: Path | None) -> str:
    """Name what there is instead of a damaged file: the newest backup, or what SQLite's own shell can still read."""
    newest = newest_copy(path) if path else None
    if newest is None:
        return "`sqlite3 FILE .recover` saves what can be read"
    return f"`monitor db restore {newest}` takes the newest backup"


def newest_copy(database: Path) -> Path | None:
    """Give the newest backup beside a database, whatever made it; None where there is none."""
    made = [file for file in (database.parent / FOLDER).glob("*.db") if file.is_file()]
    return max(made, key=lambda file: file.stat().st_mtime, default=None)


def refuse_unwritable(path: Path) -> None:
    """Refuse a folder or file that this user may not write, before SQLite makes half of its own files.

    Raises:
        StoreError: with the user that would have to.
    """
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise StoreError(
                f"{place} cannot be written by this user (uid {os.getuid()}); give it to the user that the daemon runs"
                " as (chown), or name another folder with --data"
            )


def refuse_cut_file(path: Path) -> None:
    """Refuse an empty file, one that is no database, and one that is shorter than it says itself.

    SQLite notices the last only when it comes to a page that is missing, perhaps after it has written others. A log or
    journal beside the file may still hold what is missing: then SQLite decides.

    Raises:
        StoreDamaged: it is one of these; it was not touched.
    """
    if not path.is_file():
        return
    size = path.stat().st_size
    what = f"is no SQLite database; {remedy(path)}" if size else f"is empty; {remedy(path)}"
    kind = _seen_alone(path) if size else "SQLITE_NOTADB"
    if kind == "SQLITE_NOTADB":
        raise StoreDamaged(f"{path} {what}")
    if kind == "SQLITE_CORRUPT" and not any(holds_more(path, ending) for ending in LOGS):
        if _seen_alone(path) != kind:  # a log was being written back at the first look
            return
        raise StoreDamaged(f"{path} is cut short: {size} bytes, fewer than it says itself; {remedy(path)}")


def _seen_alone(path: Path) -> str:
    """Give the name of the error that SQLite has at the first page of a file without its journals; "" where it has none.

    By SQLite, and not by a look at the header: to close a file takes away the locks that this process has on it (POSIX),
    by which others know that it is in use. SQLite closes it only once it holds none.
    """
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        return str(getattr(error, "sqlite_errorname", ""))
    finally:
        connection.close()
    return ""


def is_there(path: Path) -> bool:
    """Tell whether there is a database.

    Raises:
        StoreDamaged: there is none, but its log: it was there, and is to be found again before anything is done.
    """
    if path.exists():
        return True
    refuse_orphan_log(path)
    return False


def refuse_orphan_log(path: Path) -> None:
    """Refuse to begin beside the log of a database that is not there: it would be taken for the new one's, and spoil it.

    It holds what was written last, so it is neither removed nor written over.

    Raises:
        StoreDamaged: with what can be done.
    """
    for log in orphans(path):
        raise StoreDamaged(
            f"{path} is not there, but {log.name} is, with what was written last: put the database back beside it; to do"
            f" without, move {log.name} to another folder and start again, or `monitor db restore` a backup"
        )


def orphans(path: Path) -> list[Path]:
    """Give the logs that a database has left that is not there any more."""
    left = [path.with_name(path.name + ending) for ending in LOGS if holds_more(path, ending)]
    return [] if path.exists() else left  # asked last: another process may just make one


def refuse_shut_journal(path: Path) -> None:
    """Refuse a database with a log or journal beside it that this user may not read: whoever wrote it may be at work.

    Raises:
        StoreError: with the user that may.
    """
    for ending in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and not os.access(beside, os.R_OK):
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            raise StoreError(barred(beside, error, data=path.parent))


def refuse_journal(path: Path) -> None:
    """Refuse a database that somebody writes to, or was writing to: without its journals it would be read torn, or old.

    Raises:
        StoreError: with the user that may read them, or may take back what is half written.
    """
    refuse_shut_journal(path)
    if holds_more(path, "-journal") or any(path.with_name(path.name + ending).exists() for ending in ("-wal", "-shm")):
        raise StoreError(
            f"{path} is in use, or was left in the middle of work; run this as the user that the daemon runs as"
        )


def keeps_a_log(path: Path) -> bool:
    """Tell whether a database is in WAL mode, whatever a connection that may not use the log says of it.

    By the write version in its header (sqlite.org/fileformat.html, 1.3.3); not to be asked by a process that has the file
    open otherwise, for to close a file takes this process's locks on it away.
    """
    with path.open("rb") as file:
        return file.read(_HEADER)[18:19] == b"\x02"


def holds_more(path: Path, ending: str) -> bool:
    """Tell whether a log or journal with something in it lies beside a database."""
    beside = path.with_name(path.name + ending)
    return beside.exists() and beside.stat().st_size > 0
