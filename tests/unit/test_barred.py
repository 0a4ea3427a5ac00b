"""Case 74: a data folder that this user may not write, or not even see, is told in one line with what helps."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.daemon.lock import hold_lock
from monitor.errors import StoreError
from monitor.folders import barred
from monitor.store import current_owner, journal_mode, open_store
from monitor.store.waysout import refuse_journal

pytestmark = pytest.mark.slow

CONFIG = """\
operator: desk
channels:
  desk: {type: maildir, path: mail}
"""
# Permissions do not bind root, so root lets its rights go, when all is imported: the interpreter may lie in its home.
AS_ANOTHER = """
    import contextlib, io, os, sys
    from monitor.cli.root import cli
    if not os.getuid():
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            cli(sys.argv[1:])
        os.setgroups([])
        os.setuid(65534)
    cli(sys.argv[1:])
"""
TORN = """
    import os, sys
    from pathlib import Path
    from monitor.errors import StoreDamaged, StoreError
    from monitor.store.connection import sqlite3, translated
    os.setgroups([])
    os.setuid(65534)
    try:
        with translated(Path(sys.argv[1])):
            error = sqlite3.DatabaseError("malformed")
            error.sqlite_errorname = "SQLITE_CORRUPT"
            raise error
    except StoreDamaged:
        print("damaged")
    except StoreError as error:
        print(error)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a data folder with a database, where anybody comes to."""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "config.yaml").write_text(CONFIG)
        open_store(folder / "data" / "monitor.db", current_owner()).close()
        with hold_lock(folder / "data"):
            pass
        folder.chmod(0o755)
        (folder / "config.yaml").chmod(0o644)  # whatever the umask
        yield folder / "data"
    finally:
        (folder / "data").chmod(0o700)
        shutil.rmtree(folder)


def readable(data: Path) -> None:
    for file in data.iterdir():
        if file.is_file():
            file.chmod(0o444)
    data.chmod(0o555)


def ask(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-c", textwrap.dedent(AS_ANOTHER), *words, "--config", str(data.parent / "config.yaml")]
    return subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("words", [("status",), ("status", "--alive"), ("sources", "list")])
def test_case_74_a_folder_that_may_not_be_seen_is_one_line_that_says_what_to_do(
    words: tuple[str, ...], data: Path
) -> None:
    data.chmod(0)
    told = ask(data, *words)
    assert (told.returncode, told.stdout) == (1, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"monitor: {data}")
    assert "Permission denied; run this as " in line


def test_case_74_doctor_tells_what_it_may_not_see_and_looks_at_all_else(data: Path) -> None:
    data.chmod(0)
    told = ask(data, "doctor", "--offline", "--fix")
    assert told.returncode == 1
    for name in ("database", "daemon"):
        (line,) = [line for line in told.stdout.splitlines() if line.startswith(f"WRONG  {name}:")]
        assert "Permission denied; run this as the user that" in line
    assert "clock steps: none" in told.stdout
    assert "Traceback" not in told.stderr


def test_case_74_a_folder_that_may_only_be_read_is_read(data: Path) -> None:
    readable(data)
    told = ask(data, "status")
    assert told.stdout.splitlines()[0].startswith("the daemon is not running")
    assert "0 articles" in told.stdout
    assert told.stderr == ""


def test_case_74_the_daemon_of_a_folder_that_may_only_be_read_is_found(data: Path) -> None:
    with hold_lock(data):
        readable(data)
        assert ask(data, "status", "--alive").stdout == f"running, pid {os.getpid()}\n"
        (data / "monitor.lock").chmod(0)
        assert ask(data, "status", "--alive").stdout == f"running, pid {os.getpid()}\n", "by its pid"
        (data / "monitor.pid").chmod(0)
        told = ask(data, "status", "--alive")
        assert (told.returncode, told.stdout) == (1, "")
        assert "Permission denied" in told.stderr
        data.chmod(0o700)
    readable(data)
    assert ask(data, "status", "--alive").stdout == "not running\n"


def test_case_74_the_pid_of_a_killed_daemon_is_no_daemon(data: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (data / "monitor.pid").write_text(f"{gone.pid}\n")
    readable(data)
    (data / "monitor.lock").chmod(0)
    told = ask(data, "status", "--alive")
    assert (told.returncode, told.stdout) == (1, "not running\n"), told.stderr


def test_case_74_a_read_only_mount_is_told_as_that(tmp_path: Path) -> None:
    told = barred(tmp_path, OSError(errno.EROFS, os.strerror(errno.EROFS)), data=tmp_path)
    assert (
        told
        == f"{tmp_path}: Read-only file system; mount it so that it can be written, or name another folder with --data"
    )


def test_case_74_a_read_only_place_outside_the_data_folder_is_told_without_advice_on_that(tmp_path: Path) -> None:
    told = barred(tmp_path / "copies" / "x.db", OSError(errno.EROFS, "Read-only file system"), data=tmp_path / "data")
    assert told.endswith("Read-only file system; mount it so that it can be written, or name another place")


def test_case_74_a_database_that_may_not_be_read_is_one_line_with_its_user(data: Path) -> None:
    readable(data)
    (data / "monitor.db").chmod(0)
    told = ask(data, "alerts")
    assert (told.returncode, told.stdout) == (1, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"monitor: {data}/monitor.db: Permission denied; run this as the user that ")


def test_case_74_a_copy_that_may_not_be_written_names_its_own_place(data: Path) -> None:
    elsewhere = data.parent / "copies"
    elsewhere.mkdir()
    elsewhere.chmod(0o555)
    readable(data)
    told = ask(data, "db", "backup", "--to", str(elsewhere))
    assert (told.returncode, told.stdout) == (1, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"monitor: {elsewhere}/")
    assert "Permission denied; run this as a user that may, or name another place" in line
    assert "sudo" not in line
    assert "--data" not in line


@pytest.mark.parametrize("words", [("status",), ("sources", "list")])
def test_case_74_a_configuration_that_may_not_be_read_is_one_line(words: tuple[str, ...], data: Path) -> None:
    (data.parent / "config.yaml").chmod(0)
    told = ask(data, *words)
    assert (told.returncode, told.stdout) == (78, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"{data.parent / 'config.yaml'}: Permission denied; run this as a user that may")


def test_case_76_the_daemon_of_a_configuration_that_may_not_be_read_is_found(data: Path) -> None:
    (data.parent / "config.yaml").chmod(0)
    with hold_lock(data):
        readable(data)
        for place in ((), ("--data", str(data))):
            told = ask(data, "status", "--alive", *place)
            assert (told.returncode, told.stdout) == (0, f"running, pid {os.getpid()}\n"), told.stderr
        assert f"the daemon (pid {os.getpid()}) goes on" in ask(data, "status").stderr
        data.chmod(0o700)


WITH_LOG = pytest.mark.skipif(journal_mode() != "wal", reason="this SQLite writes no log beside the database")


@WITH_LOG
def test_case_74_the_journal_of_a_database_that_may_only_be_read_is_told_as_what_it_is(data: Path) -> None:
    readable(data)
    assert not [file for file in data.iterdir() if file.name.startswith("monitor.db-")]
    assert ", wal" in ask(data, "status").stdout
    assert "journal wal" in ask(data, "doctor", "--offline").stdout


@WITH_LOG
@pytest.mark.parametrize("cut", [False, True])
def test_case_74_a_database_whose_daemon_keeps_its_journal_to_itself_is_not_read_without_it(
    data: Path, *, cut: bool
) -> None:
    store = open_store(data / "monitor.db", current_owner())
    try:
        if cut:
            store._run("PRAGMA wal_checkpoint(TRUNCATE)")
            assert not (data / "monitor.db-wal").stat().st_size
        readable(data)
        for ending in ("-wal", "-shm"):
            (data / f"monitor.db{ending}").chmod(0)
        told = ask(data, "status")
        assert (told.returncode, told.stdout) == (1, "")
        (line,) = told.stderr.splitlines()
        assert line.startswith(f"monitor: {data}/monitor.db-")
        assert "Permission denied; run this as the user that " in line
        assert os.getuid() or line.endswith("that it belongs to: sudo -u '#0' monitor …")
    finally:
        data.chmod(0o700)
        store.close()


@pytest.mark.parametrize(
    ("ending", "content", "refused"),
    [("-wal", b"", True), ("-shm", b"", True), ("-journal", b"half", True), ("-journal", b"", False)],
)
def test_case_74_a_database_beside_which_a_journal_lies_is_not_read_without_it(
    ending: str, content: bytes, tmp_path: Path, *, refused: bool
) -> None:
    (tmp_path / f"monitor.db{ending}").write_bytes(content)
    expected = pytest.raises(StoreError, match="is in use, or was left in the middle of work; run this as the user")
    with expected if refused else contextlib.nullcontext():
        refuse_journal(tmp_path / "monitor.db")


@pytest.mark.skipif(bool(os.getuid()), reason="to become another user is for root")
def test_case_74_damage_that_is_seen_while_a_daemon_has_come_is_not_told_as_damage(data: Path) -> None:
    (data / "monitor.db-shm").touch(mode=0o600)
    data.chmod(0o755)
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(TORN), str(data / "monitor.db")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip # a call
    assert "monitor.db-shm: Permission denied" in told.stdout


def test_case_74_backups_that_may_not_be_seen_hide_nothing_else(data: Path) -> None:
    (data / "backups").mkdir(mode=0)
    readable(data)
    told = ask(data, "status")
    assert "0 articles" in told.stdout, told.stderr
    (line,) = [line for line in told.stdout.splitlines() if "backup" in line]
    assert line == f"last backup: unknown, {data / 'backups'} may not be read by this user"
    assert json.loads(ask(data, "status", "--json").stdout.splitlines()[-1])["last_backup_at"] is None
    (data / "backups").chmod(0o700)


@pytest.mark.parametrize("text", ["", "what?", "99999999999999999999"])
def test_case_74_a_daemon_that_has_not_written_its_pid_yet_runs(text: str, data: Path) -> None:
    with hold_lock(data):
        (data / "monitor.pid").write_text(text)
        readable(data)
        (data / "monitor.lock").chmod(0)
        told = ask(data, "status", "--alive")
        assert (told.returncode, told.stdout.startswith("running")) == (0, True), told.stderr
        data.chmod(0o700)
