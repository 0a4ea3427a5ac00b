"""The folder of backups: names by UTC time; the newest are kept, of a day the last."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path

from monitor.model import BackupPlan, Copied
from monitor.store.copying import copy_database, free_space
from monitor.store.leftovers import sweep
from monitor.store.thinning import superfluous
from monitor.store.waysout import FOLDER, LOGS

_NAME = re.compile(r"monitor-(\d{8}T\d{6}Z)\.db")
_BEFORE = "before-*.db"  # made by migrations
_KEPT_BEFORE = 3
_TWICE = 2  # the daemon leaves room for the next copy, too


def stamp(now: datetime) -> str:
    """Give a time as file names have it: `20261124T120000Z`."""
    return f"{now:%Y%m%dT%H%M%SZ}"


class Backups:
    """`protocols.Backups`: copies of one database in one folder."""

    def __init__(self, database: Path, folder: Path, *, free: Callable[[Path], int] = free_space) -> None:
        """Name the database and the folder, which need not be there yet."""
        self._database = database
        self._folder = folder
        self._free = free
        self._ended = False

    def make(self, *, now: datetime, plan: BackupPlan) -> Copied:
        """Copy the database, then drop copies so that as many stay as planned, never the new one.

        Raises:
            NoRoom, StoreDamaged, StoreError: no copy was made, and none was dropped.
        """
        sweep(self._folder)  # first: what the dead have left may be the room that the copy needs
        while (target := self._folder / f"monitor-{stamp(now)}.db").exists():
            now += timedelta(seconds=1)  # two in one second: both are wanted
        copied = copy_database(self._database, target, times=_TWICE, free=self._free, unwanted=lambda: self._ended)
        return Copied(path=target, size=copied.size, articles=copied.articles, dropped=self._drop(target, plan))

    def newest_at(self) -> datetime | None:
        """Give when the newest copy was made; None where there is none."""
        made = self.all()
        return _moment(made[-1]) if made else None

    def all(self) -> tuple[Path, ...]:
        """Give the copies, oldest first."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)))

    def end(self) -> None:
        """Give up the copy under way: the daemon is told to end."""
        self._ended = True

    def _drop(self, new: Path, plan: BackupPlan) -> tuple[Path, ...]:
        made = {_moment(path): path for path in self.all()}
        dropped = tuple(made[at] for at in superfluous(made, new=_moment(new), plan=plan))
        for path in dropped:
            path.unlink(missing_ok=True)
        return dropped


def before_migration(database: Path, version: str) -> Path:
    """Give where a database is copied to before a migration, dated by its last write; drops all but the newest such copies."""
    folder = database.parent / FOLDER
    made = sorted(folder.glob(_BEFORE), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    for path in made[: max(0, len(made) - _KEPT_BEFORE + 1)]:
        path.unlink(missing_ok=True)
    written = datetime.fromtimestamp(database.stat().st_mtime, UTC)
    name = f"before-{version}-{stamp(written)}"
    free = (folder / f"{name}{more}.db" for more in chain([""], (f"-{number}" for number in count(2))))
    return next(path for path in free if not path.exists())


def all_copies(database: Path) -> tuple[Path, ...]:
    """Give every copy of a database that lies beside it: backups, those before migrations, replaced ones.

    Of one that was gone when another took its place, it is the log that it has left.
    """
    folder = database.parent / FOLDER
    left = [
        log for end in LOGS for log in database.parent.glob(f"replaced-*.db{end}") if not _owner_of(log, end).exists()
    ]
    return tuple(sorted([*folder.glob("*.db"), *database.parent.glob("replaced-*.db"), *left]))


def _owner_of(log: Path, ending: str) -> Path:
    return log.with_name(log.name.removesuffix(ending))


def _moment(path: Path) -> datetime:
    match = _NAME.fullmatch(path.name)
    assert match is not None
    return datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
