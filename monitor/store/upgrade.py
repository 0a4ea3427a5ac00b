"""Bringing a database of an earlier version up to date, with a copy of it made first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from monitor.store.backups import before_migration
from monitor.store.connection import apply_pending, connect_for_reading, connect_for_writing, pending, translated
from monitor.store.copying import STEPS, copy_database, free_space
from monitor.store.leftovers import sweep
from monitor.store.waysout import FOLDER, refuse_unwritable

_TWICE = 2  # a migration writes tables anew, beside the copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What brought a database up to date, in order, and where it lies as it was before."""

    migrations: tuple[str, ...]
    before: Path


def upgrade(
    path: Path, *, free: Callable[[Path], int] = free_space, unwanted: Callable[[], bool] = lambda: False
) -> Upgrade | None:
    """Bring a database up to date where it is of an earlier version; None where there is nothing to do.

    `unwanted` ends the work when it says so: the copy leaves nothing, the migrations are taken back.

    Raises:
        NoRoom: the copy would fill the disk; nothing was changed.
        StoreDamaged, StoreError: nothing was changed.
    """
    if not (lacks := lacking(path)):
        return None
    for folder in (path.parent, path.parent / FOLDER):  # what the dead have left may be the room that is needed
        sweep(folder)
    before = before_migration(path, lacks[-1])
    copy_database(path, before, times=_TWICE, free=free, unwanted=unwanted)
    with translated(path):
        connection = connect_for_writing(path)
        connection.set_progress_handler(unwanted, STEPS)
        try:
            apply_pending(Database(connection))
        finally:
            connection.close()
    return Upgrade(migrations=lacks, before=before)


def lacking(path: Path) -> tuple[str, ...]:
    """Name the migrations that a database lacks; touches nothing.

    Raises:
        StoreDamaged: it is not ours. StoreError: its schema is newer than this program, or nobody may write here.
    """
    refuse_unwritable(path)
    if not path.exists():
        return ()
    with translated(path):
        connection = connect_for_reading(path)
        try:
            return pending(connection, path)
        finally:
            connection.close()
