"""A disk that loses power: every write and sync of the real store is noted, and what a cut would leave is built.

Two models. `lost`: what was not synced is gone. `torn`: of what was not synced, any sectors of any writes have reached
the disk, in any order; so have cuts, new names and removals.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import apsw
import pytest
from sqlite_utils.utils import sqlite3

from monitor.errors import StoreError
from monitor.store import Store, connection, current_owner, open_store

Model = Literal["lost", "torn"]
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Op:
    """What was asked of the disk: `write` at, `truncate` to, `sync`, `create`, `delete` (size 1: with its folder)."""

    kind: str
    file: str
    at: int = 0
    data: bytes = b""


class RecordingDisk(apsw.VFS):
    """SQLite's way to the files, with a list of all that was asked of them."""

    def __init__(self) -> None:
        self.name = f"recording-{id(self)}"
        self.ops: list[Op] = []
        self.first: dict[str, bytes] = {}
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - apsw's
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        if not path.exists():
            self.ops.append(Op("create", path.name))
        elif path.name not in self.first and not any(op.file == path.name for op in self.ops):
            self.first[path.name] = path.read_bytes()
        return _File(self, name, flags, path.name)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - apsw's
        super().xDelete(name, syncdir)
        self.ops.append(Op("delete", Path(name).name, int(syncdir)))


class _File(apsw.VFSFile):
    def __init__(self, disk: RecordingDisk, name: Any, flags: list[int], short: str) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._short = short

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's
        super().xWrite(data, offset)
        self._disk.ops.append(Op("write", self._short, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - apsw's
        super().xTruncate(newsize)
        self._disk.ops.append(Op("truncate", self._short, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's
        super().xSync(flags)
        self._disk.ops.append(Op("sync", self._short))


class _Rows:
    """What a statement gave, as the standard library's cursor has it."""

    def __init__(self, made: apsw.Connection, cursor: apsw.Cursor) -> None:
        try:
            self.description = cursor.description
        except apsw.ExecutionCompleteError:
            self.description = ()
        self._rows = cursor.fetchall()
        self.lastrowid = made.last_insert_rowid()
        self.rowcount = made.changes()

    def fetchall(self) -> list[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)


class _Connection:
    """apsw's connection with the few methods that the store uses of the standard library's."""

    def __init__(self, path: Path, disk: RecordingDisk) -> None:
        self._made = apsw.Connection(str(path), vfs=disk.name)

    @property
    def in_transaction(self) -> bool:
        return self._made.in_transaction

    @property
    def total_changes(self) -> int:
        return self._made.total_changes()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> _Rows:
        return _Rows(self._made, self._made.execute(sql, values))

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> _Rows:
        return _Rows(self._made, self._made.executemany(sql, rows))

    def close(self) -> None:
        self._made.close()


@contextmanager
def recorded(path: Path, disk: RecordingDisk, mode: str) -> Iterator[None]:
    """Open the store on the recording disk in here: its own statements and pragmas, by another SQLite."""

    def connect(file: Path, **_: object) -> _Connection:
        assert file == path
        return _Connection(file, disk)

    door = SimpleNamespace(connect=connect, Error=sqlite3.Error, sqlite_version_info=sqlite3.sqlite_version_info)
    with pytest.MonkeyPatch.context() as patch:
        # Patched, because the pragmas on trial are in that module, and a VFS is given to a connection when it is opened.
        patch.setattr(connection, "sqlite3", door)
        patch.setattr(connection, "SAFE_WAL", (0,) if mode == "wal" else (99,))
        yield


@dataclass
class Platter:
    """What has surely reached the disk, and what is on its way, for each file."""

    sure: dict[str, bytearray]
    late: dict[str, list[Op]] = field(default_factory=dict)

    def take(self, op: Op) -> None:
        if op.kind == "sync":
            for late in self.late.pop(op.file, []):
                _apply(self.sure, late)
            self.sure.setdefault(op.file, bytearray())
        elif op.kind == "delete" and op.at:
            self.late.pop(op.file, None)
            self.sure.pop(op.file, None)
        else:
            self.late.setdefault(op.file, []).append(op)

    def after_cut(self, model: Model, chance: random.Random) -> dict[str, bytes]:
        """Give the files that are found when the power is back."""
        left = {name: bytearray(data) for name, data in self.sure.items()}
        if model == "torn":
            share = chance.choice((0.1, 0.5, 0.9, 0.99))
            for ops in self.late.values():
                pieces = [piece for op in ops for piece in _pieces(op) if chance.random() < share]
                for piece in pieces:
                    _apply(left, piece)
        return {name: bytes(data) for name, data in left.items() if not name.endswith("-shm")}


def _pieces(op: Op) -> list[Op]:
    """Cut a write where sectors of the disk end."""
    if op.kind != "write":
        return [op]
    found, start = [], op.at
    while start < op.at + len(op.data):
        end = min(start // SECTOR * SECTOR + SECTOR, op.at + len(op.data))
        found.append(Op("write", op.file, start, op.data[start - op.at : end - op.at]))
        start = end
    return found


def _apply(files: dict[str, bytearray], op: Op) -> None:
    if op.kind == "delete":
        files.pop(op.file, None)
        return
    data = files.setdefault(op.file, bytearray())
    if op.kind == "truncate":
        del data[op.at :]
    elif op.kind == "write":
        data.extend(bytes(max(0, op.at - len(data))))
        data[op.at : op.at + len(op.data)] = op.data


@dataclass
class History:
    """What was acknowledged, and when: after so many operations the database held just this."""

    moments: list[tuple[int, str]] = field(default_factory=list)

    def note(self, store: Store, disk: RecordingDisk) -> None:
        done = len(disk.ops)
        self.moments.append((done, digest(store)))


def digest(store: Store) -> str:
    """Give a hash of every row of every table."""
    seen = hashlib.sha256()
    for (table,) in store._rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        seen.update(f"{table}: {[tuple(row) for row in store._rows(f'SELECT * FROM [{table}]')]!r}\n".encode())
    return seen.hexdigest()


@dataclass
class Verdict:
    """What so many power cuts came to."""

    cuts: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def cut(
    disk: RecordingDisk, history: History, *, points: Sequence[int], model: Model, seed: int, folder: Path
) -> Verdict:
    """Cut the power after so many operations each; look at what the real store makes of what is left."""
    verdict, chance = Verdict(), random.Random(seed)

    def judge(point: int, files: dict[str, bytes]) -> None:
        verdict.cuts += 1
        acknowledged = max((n for n, (at, _) in enumerate(history.moments) if at <= point), default=0)
        where = f"{model}, seed {seed}, after operation {point} of {len(disk.ops)}"
        try:
            found = found_again(files, folder / f"{model}-{point}")
        except StoreError as error:
            verdict.damaged.append(f"{where}: {error}")
            return
        known = [n for n, (_, content) in enumerate(history.moments) if content == found]
        if not known:
            verdict.damaged.append(f"{where}: {found}")
        elif max(known) < acknowledged:
            verdict.lost.append(f"{where}: {acknowledged - max(known)} commits")

    at_each(disk, points, lambda point, platter: judge(point, platter.after_cut(model, chance)))
    return verdict


def at_each(disk: RecordingDisk, points: Sequence[int], look: Callable[[int, Platter], None]) -> None:
    """Go through the operations, and look at the platter after each of these numbers of them."""
    platter, wanted = Platter({name: bytearray(data) for name, data in disk.first.items()}), set(points)
    for number, op in enumerate(disk.ops, 1):
        platter.take(op)
        if number in wanted:
            look(number, platter)


def found_again(files: dict[str, bytes], folder: Path) -> str:
    """Start the real store on these files, as after a boot; gives its digest, or the words of a check that failed."""
    store = reopened(files, folder)
    try:
        return _checked(store)
    finally:
        store.close()


def _checked(store: Store) -> str:
    with connection.translated():
        checked = store._rows("PRAGMA integrity_check") + store._rows("PRAGMA foreign_key_check")
        return digest(store) if checked == [("ok",)] else f"check: {checked[:3]}"


def reopened(files: dict[str, bytes], folder: Path) -> Store:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return open_store(folder / "monitor.db", current_owner())
