from __future__ import annotations

import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

from monitor.errors import Busy, StoreDamaged, StoreError
from monitor.model import FindingState
from monitor.normalise import is_baseline
from monitor.store import copy_database, current_owner, look_at_backup, open_store, restore, verify
from monitor.store.connection import open_reader
from tests.factories import NOW
from tests.rigs.schemas import golden, load
from tests.unit.test_db_copies import count, damage, filled

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "monitor.db"


@pytest.fixture
def backup(path: Path) -> Path:
    """A copy of three articles; the database has five by now."""
    filled(path).close()
    made = copy_database(path, path.parent / "backups" / "monitor-20261124T110000Z.db").path
    filled(path.parent / "other.db", 5).close()
    (path.parent / "other.db").replace(path)
    return made


def rows(path: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_case_72_a_restored_database_is_the_backup_and_the_replaced_one_lies_beside_it(
    path: Path, backup: Path
) -> None:
    kept = restore(backup, path, now=LATER, settle=False)
    assert kept == path.parent / "replaced-20261124T130000Z.db"
    assert (count(path), count(kept), count(backup)) == (3, 5, 3)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {one.state for one in verify(path, now=LATER, deep=True)} == {FindingState.OK}
    store = open_store(path, current_owner())
    store.close()
    assert not list(path.parent.glob(".restor*"))
    with pytest.raises(StoreError, match="there already"):
        restore(backup, path, now=LATER, settle=False)
    assert count(kept) == 5


def test_a_log_of_the_replaced_database_is_not_taken_for_the_restored_ones(path: Path, backup: Path) -> None:
    """A writer that was killed leaves its log; what stands in it belongs to the replaced database."""
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from monitor.store import current_owner, open_store
        store = open_store(Path(sys.argv[1]), current_owner())
        store._run("UPDATE articles SET title = 'in the log'")
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=60)
    assert path.with_name("monitor.db-wal").stat().st_size
    kept = restore(backup, path, now=LATER, settle=False)
    assert rows(path, "SELECT count(*) FROM articles WHERE title = 'in the log'") == [(0,)]
    assert kept is not None
    assert rows(kept, "SELECT count(*) FROM articles WHERE title = 'in the log'") == [(5,)]


def test_a_damaged_database_is_replaced_and_kept_byte_for_byte_with_its_log(path: Path, backup: Path) -> None:
    path.write_bytes(b"garbage" * 999)
    path.with_name("monitor.db-wal").write_bytes(b"a log")
    kept = restore(backup, path, now=LATER, settle=False)
    assert kept is not None
    assert kept.read_bytes() == b"garbage" * 999
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"a log"
    assert count(path) == 3


def test_where_there_is_no_database_the_backup_becomes_it(path: Path, backup: Path) -> None:
    path.unlink()
    assert restore(backup, path, now=LATER, settle=False) is None
    assert count(path) == 3


def left_alone(path: Path) -> bytes:
    """Let a daemon be killed after two more articles, and its database be moved away; gives what the log holds."""
    script = f"""
import os
from pathlib import Path
from tests.unit.test_db_copies import filled
store = filled(Path({str(path)!r}), 2)
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=60)
    path.rename(path.parent / "away.db")
    return path.with_name("monitor.db-wal").read_bytes()


def test_case_74_no_database_is_begun_beside_the_log_of_one_that_is_gone(path: Path) -> None:
    log = left_alone(path)
    for begin in (lambda: open_store(path, current_owner()), lambda: open_reader(path)):
        with pytest.raises(StoreDamaged, match=r"is not there, but monitor\.db-wal is"):
            begin()
    assert not path.exists()
    assert path.with_name("monitor.db-wal").read_bytes() == log
    (path.parent / "away.db").rename(path)
    assert count(path) == 2


def test_case_72_a_restored_database_is_not_spoilt_by_the_log_of_one_that_is_gone(path: Path, backup: Path) -> None:
    path.unlink()
    log = left_alone(path)
    kept = restore(backup, path, now=LATER, settle=False)
    assert kept is not None
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == log
    assert {one.state for one in verify(path, now=LATER, deep=True)} == {FindingState.OK}
    assert count(path) == 3
    (path.parent / "away.db").rename(kept)
    assert count(kept) == 2


def test_a_database_that_somebody_has_open_is_not_replaced(path: Path, backup: Path) -> None:
    store = open_store(path, current_owner())
    store._rows("SELECT 1 FROM articles")
    with pytest.raises(Busy):
        restore(backup, path, now=LATER, settle=False)
    store.close()
    assert count(path) == 5
    assert {file.name for file in path.parent.iterdir()} == {"backups", "monitor.db"}


def test_what_is_no_sound_backup_replaces_nothing(path: Path, backup: Path) -> None:
    damage(backup)
    with pytest.raises(StoreDamaged):
        look_at_backup(backup)
    for file, error in ((backup, StoreDamaged), (path.parent / "none.db", StoreError)):
        with pytest.raises(error):
            restore(file, path, now=LATER, settle=False)
    assert count(path) == 5


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    load(golden()[0], tmp_path / "old.db")
    facts = look_at_backup(tmp_path / "old.db")
    assert (facts.articles, facts.messages, facts.alerts, facts.lacks[0]) == (2, 1, 0, "0002_pages")
    before = (tmp_path / "old.db").read_bytes()
    path.parent.mkdir(mode=0o700)
    restore(tmp_path / "old.db", path, now=LATER, settle=True)
    assert look_at_backup(path).lacks == ()
    assert (tmp_path / "old.db").read_bytes() == before


def test_a_database_that_was_copied_by_hand_with_its_log_can_be_restored(path: Path, tmp_path: Path) -> None:
    store = filled(tmp_path / "running" / "monitor.db", 4)
    taken = tmp_path / "taken"
    shutil.copytree(tmp_path / "running", taken)
    store.close()
    assert (taken / "monitor.db-wal").stat().st_size
    assert look_at_backup(taken / "monitor.db").articles == 4
    path.parent.mkdir(mode=0o700)
    restore(taken / "monitor.db", path, now=LATER, settle=False)
    assert count(path) == 4


def test_without_settling_what_waited_goes_again_with_the_same_bytes(path: Path, tmp_path: Path) -> None:
    load(golden()[-1], tmp_path / "copy.db")
    path.parent.mkdir(mode=0o700)
    restore(tmp_path / "copy.db", path, now=LATER, settle=False)
    store = open_store(path, current_owner())
    claimed = store.claim_message(["desk"], now=LATER, lease=timedelta(minutes=1))
    assert claimed is not None
    assert (claimed.message_id, claimed.raw) == ("<2@one.example>", b"from")


def test_settled_what_waited_is_not_sent_and_what_was_published_until_now_is_no_news(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    load(golden()[-1], copy)
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.execute(
        'INSERT INTO alerts (recipient, channel, "group", kind, article_id, revision, rules, words, created_at, due_at)'
        " SELECT 'carla@example.org', channel, \"group\", kind, article_id, revision, rules, words, created_at, due_at"
        " FROM alerts WHERE id = 1"
    )
    connection.close()
    path.parent.mkdir(mode=0o700)
    restore(copy, path, now=LATER, settle=True)
    store = open_store(path, current_owner())
    assert store.claim_message(["desk"], now=LATER + timedelta(days=9), lease=timedelta(minutes=1)) is None
    assert store.due(now=LATER + timedelta(days=9), interval=timedelta()) == ()
    assert rows(path, "SELECT recipient, state FROM v_alerts ORDER BY id") == [
        ("anna@example.org", "sent"), ("ben@example.org", "failed"), ("carla@example.org", "failed"),
    ]  # fmt: skip # a table
    assert {one.state for one in verify(path, now=LATER, deep=True)} == {FindingState.OK}
    state = {one.source: one for one in store.states()}["one"]
    assert is_baseline(LATER - timedelta(minutes=1), state)
    assert not is_baseline(LATER + timedelta(minutes=1), state)


KILLED = """
    import os, signal, sys
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    from monitor.store import restore

    at, seen = int(sys.argv[3]), 0

    def counted(function):
        def call(*values, **named):
            global seen
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*values, **named)
        return call

    os.fsync, os.link, os.replace = counted(os.fsync), counted(os.link), counted(os.replace)
    Path.replace, Path.unlink = counted(Path.replace), counted(Path.unlink)
    restore(Path(sys.argv[1]), Path(sys.argv[2]), now=datetime.now(UTC) + timedelta(minutes=at), settle=True)  # a name of its own each time
    print(seen)
"""


@pytest.mark.slow
def test_case_72_a_kill_at_any_step_of_a_restore_leaves_the_old_database_or_the_new(path: Path, backup: Path) -> None:
    def restored(at: int) -> subprocess.CompletedProcess[str]:
        run = [sys.executable, "-c", textwrap.dedent(KILLED), str(backup), str(path), str(at)]
        return subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)

    original, found = path.read_bytes(), set()
    steps = int(restored(0).stdout)
    assert steps >= 8
    for at in range(1, steps + 1):
        path.write_bytes(original)
        assert restored(at).returncode == -signal.SIGKILL
        found.add(count(path))
        assert {one.state for one in verify(path, now=LATER, deep=True)} == {FindingState.OK}
        for left in path.parent.glob("replaced-*"):
            left.unlink()
        path.with_name("monitor.db-wal").unlink(missing_ok=True)
    assert found == {3, 5}
