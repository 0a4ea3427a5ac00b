"""Putting a backup in the database's place."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from monitor.errors import StoreError
from monitor.store.backups import stamp
from monitor.store.connection import apply_pending, connect_for_reading, connect_for_writing, pending, translated
from monitor.store.copying import bring_to_disk, check_copy, copy_database
from monitor.store.leftovers import sweep
from monitor.store.rows import read, written
from monitor.store.settling import settle_unsent, unsent
from monitor.store.swap import put_in_place
from monitor.store.waysout import orphans

SETTLED = "not sent: it waited when the backup was made that was restored (db restore --settle)"
_PREFIX = ".restoring-"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFacts:
    """What is in a backup: `newest` is when its last article was stored, `messages` and `alerts` wait to be sent.

    `lacks` names the migrations that it has not had.
    """

    path: Path
    articles: int
    newest: datetime | None
    messages: int
    alerts: int
    lacks: tuple[str, ...]


def look_at_backup(path: Path) -> BackupFacts:
    """Check a backup and tell what is in it; writes nothing.

    Raises:
        StoreDamaged: it is not sound, or not ours. StoreError: there is none, or it is newer than this program.
    """
    if not path.is_file():
        raise StoreError(f"there is no file {path}; `ls` the folder backups/ of the data folder")
    with translated(path), closing(connect_for_reading(path)) as connection:
        lacks = pending(connection, path)
        newest = connection.execute("SELECT max(first_seen_at) FROM articles").fetchone()[0]
        messages, alerts = unsent(connection)
    articles = check_copy(path)
    return BackupFacts(path=path, articles=articles, newest=read(newest), messages=messages, alerts=alerts, lacks=lacks)


def restore(backup: Path, database: Path, *, now: datetime, settle: bool) -> Path | None:
    """Put a checked copy of a backup in the database's place; gives where the replaced one lies, if there was one.

    Of one that was gone, but for its log, it is where that log looks for it.

    The caller has made sure that no daemon runs. With `settle`, what waits in the backup is not sent, and what outlets
    have published until now counts as what was there before, as if every source were new.

    Raises:
        StoreDamaged, StoreError, Busy: the database is as it was.
    """
    for left in database.parent.glob(f"{_PREFIX}*"):  # by a restore that was killed
        left.unlink()
    sweep(database.parent)
    ready = database.with_name(f"{_PREFIX}{stamp(now)}.db")
    aside = database.with_name(f"replaced-{stamp(now)}.db") if database.exists() or orphans(database) else None
    if aside is not None and aside.exists():
        raise StoreError(f"{aside} is there already; wait a second and try again")
    try:
        copy_database(backup, ready)
        with translated(ready):
            _make_ready(ready, settle=settle, now=now)
            check_copy(ready)
            put_in_place(ready, database, aside=aside)
    finally:
        ready.unlink(missing_ok=True)
    return aside


def _make_ready(path: Path, *, settle: bool, now: datetime) -> None:
    """Bring the copy up to date, and settle it, before anybody knows of it: all in one file, without a log."""
    with closing(connect_for_writing(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        if pending(connection, path):
            apply_pending(Database(connection))
        if settle:
            connection.execute("BEGIN IMMEDIATE")
            settle_unsent(connection, reply=SETTLED, now=now)
            _begin_again(connection, now)
            connection.execute("COMMIT")
    bring_to_disk(path)


def _begin_again(connection: Any, now: datetime) -> None:  # noqa: ANN401 - either of two sqlite3 modules
    """Have the next visit of each source be its first: what is dated before now is its baseline, told as one summary."""
    connection.execute("UPDATE source_state SET first_good_at = NULL")
    connection.execute("UPDATE sources SET added_at = ? WHERE removed_at IS NULL", [written(now)])
