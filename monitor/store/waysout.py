"""What is wrong with a database file before anybody opens it, and what a person can do."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.errors import StoreDamaged, StoreError

FOLDER = "backups"  # below the data folder
_HEADER = 100  # bytes: sqlite.org/fileformat.html, 1.3
_MAGIC = b"SQLite format 3\x00"


def remedy(path: Path | None) -> str:
    """Say what helps against a damaged file: the newest backup, or what SQLite's own shell can still read."""
    newest = newest_copy(path) if path else None
    if newest is None:
        return "nothing was overwritten. `monitor db verify` says more; `sqlite3 FILE .recover` saves what can be read"
    return (
        f"nothing was overwritten. `monitor db verify` says more; `monitor db restore {newest}` takes the newest backup"
    )


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
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if not header.startswith(_MAGIC) or len(header) < _HEADER:
        what = "is empty" if not size else "is no SQLite database"
        raise StoreDamaged(f"{path} {what}; {remedy(path)}")
    if any(holds_more(path, ending) for ending in ("-wal", "-journal")) or header[24:28] != header[92:96]:
        return
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    if size < pages * (65536 if page == 1 else page):
        raise StoreDamaged(f"{path} is cut short: {size} bytes of {pages * page}; {remedy(path)}")


def holds_more(path: Path, ending: str) -> bool:
    """Tell whether a log or journal with something in it lies beside a database."""
    beside = path.with_name(path.name + ending)
    return beside.exists() and beside.stat().st_size > 0
