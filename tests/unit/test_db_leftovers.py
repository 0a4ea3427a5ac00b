"""Files under way: whose they are, and which are left over."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.model import BackupPlan
from monitor.store import Backups, restore, rewrite
from monitor.store.leftovers import sweep, under_way
from monitor.store.owner import current_owner
from tests.factories import NOW
from tests.rigs.processes import dead_pid
from tests.unit.test_db_copies import filled

HOST = socket.gethostname()
JUST_NOW, LONG_AGO = 0, -25 * 3600  # seconds from now


def left(folder: Path, name: str, at: int = JUST_NOW) -> Path:
    """Make a file that was last written at that time."""
    path = folder / name
    path.touch()
    written = time.time() + at
    os.utime(path, (written, written))
    return path


def test_a_file_under_way_is_hidden_beside_its_place_and_swept_by_nobody_while_it_is_made(tmp_path: Path) -> None:
    path = left(tmp_path, under_way(tmp_path / "x.db").name)
    assert path.name.startswith(".x.db.")
    sweep(tmp_path)
    assert path.exists()


@pytest.mark.parametrize("ending", ["new", "new-journal", "new-wal"])
@pytest.mark.parametrize("name", ["vps", "vps.example.org", "a-7"])
def test_what_a_dead_process_has_left_is_swept_at_once(
    name: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)  # whatever this machine is called
    path = left(tmp_path, f".monitor-20261124T120000Z.db.{name}-{dead_pid()}-512.{ending}")
    sweep(tmp_path)
    assert not path.exists()


def test_what_was_left_under_the_pid_of_a_process_that_started_at_another_time_is_swept(tmp_path: Path) -> None:
    """In a container each daemon has the pid of the one before."""
    began = round(current_owner().started * 100)
    path = left(tmp_path, f".x.db.{HOST}-{os.getpid()}-{began - 6000}.new")
    sweep(tmp_path)
    assert not path.exists()


def test_a_copy_under_way_stays_however_old_it_looks_by_a_clock_that_was_set(tmp_path: Path) -> None:
    path = left(tmp_path, under_way(tmp_path / "x.db").name, at=LONG_AGO)
    sweep(tmp_path)
    assert path.exists()


def test_pids_of_another_host_say_nothing_so_its_files_are_left_over_after_a_day(tmp_path: Path) -> None:
    pid = dead_pid()
    fresh, old = (
        left(tmp_path, f".x.db.elsewhere-{pid}-1.new"),
        left(tmp_path, f".y.db.elsewhere-{pid}-1.new", LONG_AGO),
    )
    of_an_earlier_version = left(tmp_path, f".x.db.{pid}.new"), left(tmp_path, f".y.db.{pid}.new", LONG_AGO)
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([fresh, of_an_earlier_version[0]])
    assert not old.exists()


def test_what_is_named_otherwise_is_nobodys_to_sweep(tmp_path: Path) -> None:
    names = (".config.yaml.a8s_2k1x.new", ".mine.new", "x.db.7.new", ".x.db.7.newer", ".before-7.db")
    kept = [left(tmp_path, name, LONG_AGO) for name in names]
    sweep(tmp_path)
    sweep(tmp_path / "none")
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def _backup(path: Path, copy: Path) -> None:
    Backups(path, copy.parent).make(now=NOW, plan=BackupPlan())


def _restore(path: Path, copy: Path) -> None:
    restore(copy, path, now=NOW, settle=False)


def _rewrite(path: Path, _: Path) -> None:
    rewrite(path)


@pytest.mark.parametrize(("work", "folder"), [(_backup, "backups"), (_restore, "."), (_rewrite, ".")])
def test_whoever_copies_the_database_sweeps_up_after_the_dead(
    work: Callable[[Path, Path], None], folder: str, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "monitor.db"
    filled(path).close()
    copy = Backups(path, path.parent / "backups").make(now=NOW, plan=BackupPlan()).path
    lost = left(path.parent / folder, f".x.db.{HOST}-{dead_pid()}-1.new")
    work(path, copy)
    assert not lost.exists()
