"""A consistent copy of a database that may be written at the same time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitor.errors import NoRoom, StoreDamaged, StoreError
from monitor.folders import make_private
from monitor.model import Copied
from monitor.store.connection import APPLICATION_ID, BUSY_MS, connect_for_reading, translated
from monitor.store.leftovers import under_way
from monitor.store.verify import only_indexes
from monitor.store.waysout import is_there

RESERVE = 64 * 2**20  # bytes that a copy must leave free: the daemon has to write meanwhile
STEPS = 1000  # of SQLite's machine between two looks at whether the work is still wanted; a fraction of a millisecond


def free_space(folder: Path) -> int:
    """Give the bytes that are free where this folder is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def size_of(path: Path) -> int:
    """Give the bytes of a database, with what stands in its write-ahead log."""
    wal = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)


def copy_database(
    source: Path,
    target: Path,
    *,
    times: int = 1,
    free: Callable[[Path], int] = free_space,
    unwanted: Callable[[], bool] = lambda: False,
) -> Copied:
    """Write a copy under another name, check it, bring it to the disk, and give it its name; 0600 in a folder 0700.

    VACUUM INTO reads one moment of the database, however much is written meanwhile (in WAL mode nobody waits for it),
    and leaves out what was erased. `times` its size must be free, and RESERVE; `unwanted` ends the work when it says so.

    Raises:
        NoRoom: the disk is too full; nothing is left of the attempt.
        StoreDamaged: the database cannot be read, or the copy is not sound. StoreError: the machine is in the way.
    """
    temporary = under_way(target)
    with translated(source):
        if not is_there(source):
            raise StoreError(f"there is no database at {source} yet; nothing to copy")
        make_private(target.parent)
        if target.exists():
            raise StoreError(f"{target} is there already; name another file, nothing is overwritten")
        check_room(size_of(source) * times + RESERVE, target.parent, free=free)
        try:
            temporary.touch(mode=0o600)
            _write(source, temporary, unwanted)
            articles = check_copy(temporary, unwanted=unwanted)
            bring_to_disk(temporary)
            temporary.replace(target)
            bring_to_disk(target.parent)
        finally:
            temporary.unlink(missing_ok=True)
            temporary.with_name(f"{temporary.name}-journal").unlink(missing_ok=True)
        return Copied(path=target, size=target.stat().st_size, articles=articles)


def check_room(wanted: int, folder: Path, *, free: Callable[[Path], int] = free_space) -> None:
    """Refuse work that would fill the disk.

    Raises:
        NoRoom: fewer bytes than these are free.
    """
    if (there := free(folder)) < wanted:
        raise NoRoom(
            f"{folder}: a copy of the database needs {_mib(wanted)}, and {_mib(there)} are free; make room,"
            " or name a folder on another disk with --to"
        )


def check_copy(path: Path, *, unwanted: Callable[[], bool] = lambda: False) -> int:
    """Look through a copy that nobody writes to; gives how many articles it has.

    A search index that is not sound is no reason against it: it is made anew from the articles.

    Raises:
        StoreDamaged: it is not sound, or not ours.
    """
    connection = connect_for_reading(path, alone=not path.with_name(f"{path.name}-wal").exists())
    connection.set_progress_handler(unwanted, STEPS)
    try:
        with translated(path):
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise StoreDamaged(f"{path} is not a database of this program")
            told = "; ".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)"))
            if told != "ok" and not only_indexes(told):
                raise StoreDamaged(f"{path} is not sound: {told}")
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    finally:
        connection.close()


def bring_to_disk(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(source: Path, temporary: Path, unwanted: Callable[[], bool]) -> None:
    connection: Any = connect_for_reading(source)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.set_progress_handler(unwanted, STEPS)
        connection.execute("VACUUM INTO ?", [str(temporary)])
    finally:
        connection.close()


def _mib(size: int) -> str:
    return f"{max(1, size // 2**20)} MiB"
