"""The database under the real daemon: copies, a restore drill, damage, a log and a file that are taken away."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import sqlite3
import subprocess
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3 as own_sqlite3

from monitor.store import lacking
from tests.rigs.schemas import golden, load
from tests.rigs.site import PATIENCE, Site, rss

pytestmark = pytest.mark.slow
KEPT_LOG = own_sqlite3.sqlite_version_info >= (3, 51, 3)


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(["Prisoners came home", "A ceasefire holds"]))
    site.write()
    return site


def backups(site: Site) -> list[Path]:
    folder = site.folder / "data" / "backups"
    return sorted(folder.glob("monitor-*.db")) if folder.is_dir() else []


def subjects(site: Site) -> list[str]:
    return [str(message_from_bytes(mail.raw)["Subject"]).removeprefix("News monitor: ") for mail in site.mails]


def running(site: Site) -> subprocess.Popen[bytes]:
    process = site.start()
    site.wait(
        lambda: len(site.mails) == 2 and site.rows("SELECT count(*) FROM messages WHERE state = 'sent'") == [(2,)],
        "both mails",
    )
    return process


def test_case_72_the_daemon_copies_its_database_and_a_restored_copy_works_on(outlet: Site) -> None:
    outlet.extra = "backup: {every: 1s, keep: 2}"
    outlet.write()
    process = running(outlet)
    outlet.wait(lambda: len(outlet.events("backup_made")) >= 4, "four copies")
    made = outlet.run("db", "backup", "--to", str(outlet.folder / "mine.db"))
    assert made.returncode == 0, made.stderr
    assert outlet.run("db", "verify").returncode == 0
    refused = outlet.run("db", "restore", str(outlet.folder / "mine.db"))
    assert (refused.returncode, refused.stderr) == (75, f"monitor: another instance is running (pid {process.pid})\n")
    assert outlet.stop(process) == 0
    assert len(backups(outlet)) == 2
    outlet.feed("one", rss(["Prisoners came home", "A ceasefire holds", "Prisoners at work"]))
    restored = outlet.run("db", "restore", str(outlet.folder / "mine.db"))
    assert restored.returncode == 0, restored.stderr
    assert outlet.run("db", "verify", "--deep").returncode == 0
    second = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 3, "the mail about what is new")
    assert outlet.stop(second) == 0
    assert "Prisoners at work" in outlet.mails[2].raw.decode()
    assert len(list((outlet.folder / "data").glob("replaced-*.db"))) == 1


def test_case_71_a_damaged_page_ends_the_start_with_65_and_the_way_out(outlet: Site) -> None:
    assert outlet.stop(running(outlet)) == 0
    copy = outlet.run("db", "backup")
    assert copy.returncode == 0, copy.stderr
    _damage(outlet.database)
    before = hashlib.sha256(outlet.database.read_bytes()).hexdigest()
    for words in (("run",), ("collect",)):
        ended = outlet.run(*words)
        assert ended.returncode == 65
        assert f"monitor db restore {backups(outlet)[0]}" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert outlet.run("db", "verify").returncode == 65
    assert hashlib.sha256(outlet.database.read_bytes()).hexdigest() == before
    assert outlet.run("db", "restore", str(backups(outlet)[0])).returncode == 0
    assert outlet.run("collect").returncode == 0
    assert subjects(outlet)[2:] == ["The daemon has ended: its database cannot be used"]
    again = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 4, "that it works again")
    assert outlet.stop(again) == 0
    assert subjects(outlet)[3].startswith("The daemon works again; it had ended at 20")


def test_case_71_damage_that_is_met_while_it_runs_ends_it_with_65(outlet: Site) -> None:
    process = running(outlet)
    _damage(outlet.database)
    outlet.feed("one", rss([f"Prisoners {number}" for number in range(40)]))
    assert process.wait(60) == 65
    assert len(outlet.events("database_unusable")) == 1
    assert "Traceback" not in outlet.log()
    assert subjects(outlet)[2:] == ["The daemon has ended: its database cannot be used"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_case_71_told_to_end_during_the_last_word_it_ends_at_once_and_still_with_65(
    outlet: Site, number: signal.Signals
) -> None:
    assert outlet.stop(running(outlet)) == 0
    _damage(outlet.database)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port, silent_port = outlet.servers.sink.port, silent.getsockname()[1]
        outlet.config.write_text(outlet.config.read_text().replace(f"port: {port}", f"port: {silent_port}"))
        process = outlet.start()
        silent.settimeout(PATIENCE)
        with silent.accept()[0]:
            process.send_signal(number)
            assert process.wait(PATIENCE) == 65
    assert len(outlet.events("database_unusable")) == 1
    assert outlet.events("last_word_not_sent") == [], "it was not waited for"
    assert "Traceback" not in outlet.log()


@pytest.mark.skipif(not KEPT_LOG, reason="this SQLite writes no log beside the database")
def test_case_74_a_log_that_is_removed_is_one_line_and_nothing_is_lost(outlet: Site) -> None:
    process = running(outlet)
    outlet.database.with_name("monitor.db-wal").unlink()
    outlet.wait(lambda: outlet.events("wal_was_removed"), "the line")
    outlet.feed("one", rss(["Prisoners came home", "A ceasefire holds", "Prisoners at work"]))
    outlet.wait(lambda: len(outlet.mails) == 3, "the next mail")
    assert outlet.stop(process) == 0
    assert len(outlet.events("wal_was_removed")) == 1
    assert outlet.rows("SELECT count(*) FROM articles") == [(3,)]
    assert outlet.run("db", "verify", "--deep").returncode == 0


def test_case_74_a_database_that_is_moved_while_it_is_open_ends_the_daemon_with_one_line(outlet: Site) -> None:
    process = running(outlet)
    outlet.database.rename(outlet.folder / "away.db")
    assert process.wait(60) == 65
    (line,) = outlet.events("database_unusable")
    assert "was moved, replaced or removed" in line["error"]
    assert not outlet.database.exists()
    assert outlet.start().wait(60) == 65, "nothing is begun beside what the other one has left"
    assert not outlet.database.exists()
    (outlet.folder / "away.db").rename(outlet.database)
    assert outlet.run("db", "verify", "--deep").returncode == 0
    assert outlet.rows("SELECT count(*) FROM articles") == [(2,)]


def test_case_73_the_daemon_brings_an_old_database_up_to_date_after_a_copy_and_says_so(outlet: Site) -> None:
    load(golden()[0], outlet.database)
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) >= 2, "both mails")
    assert outlet.stop(process) == 0
    (line,) = outlet.events("database_upgraded")
    assert Path(line["before"]).parent == outlet.folder / "data" / "backups"
    assert sqlite3.connect(line["before"]).execute("SELECT count(*) FROM articles").fetchone() == (2,)
    findings = [json.loads(one) for one in outlet.run("db", "verify", "--json").stdout.splitlines()]
    assert [one for one in findings if one["state"] == "damaged"] == []


def _long_copy(site: Site) -> subprocess.Popen[bytes]:
    """Start the daemon on an old database that takes seconds to copy, and wait until the copy is under way."""
    load(golden()[0], site.database)
    connection = sqlite3.connect(site.database)
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 9 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) INSERT INTO visits"
        " SELECT i, 'one', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 'read', 200, 512, 2, 2, 0, 0, NULL, NULL FROM n"
    )
    connection.commit()
    connection.close()
    process = site.start()
    site.wait(lambda: _half_copies(site), "the beginning of the copy")
    return process


def _half_copies(site: Site) -> list[Path]:
    return list((site.folder / "data" / "backups").glob(".before-*.new"))


def test_case_75_told_to_end_while_it_copies_before_a_migration_it_does_neither_and_leaves_nothing(
    outlet: Site,
) -> None:
    process = _long_copy(outlet)
    lacks = lacking(outlet.database)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert outlet.events("stopped")
    assert "Traceback" not in outlet.log()
    assert lacking(outlet.database) == lacks
    assert list((outlet.folder / "data" / "backups").iterdir()) == []
    second = outlet.start()
    outlet.wait(lambda: outlet.events("database_upgraded"), "the migration")
    assert outlet.stop(second) == 0


def test_case_73_what_a_killed_start_has_left_of_its_copy_is_gone_after_the_next(outlet: Site) -> None:
    process = _long_copy(outlet)
    process.kill()
    process.wait(PATIENCE)
    assert _half_copies(outlet)
    second = outlet.start()
    outlet.wait(lambda: outlet.events("database_upgraded"), "the migration")
    assert _half_copies(outlet) == []
    assert outlet.stop(second) == 0


def test_a_newer_database_is_refused(outlet: Site) -> None:
    load(golden()[-1], outlet.database)
    connection = sqlite3.connect(outlet.database)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('monitor', '9999_x', '')"
    )
    connection.commit()
    connection.close()
    before = outlet.database.read_bytes()
    ended = outlet.run("run")
    assert ended.returncode == 1
    assert "newer version of this program" in ended.stderr
    assert outlet.database.read_bytes() == before


def _damage(path: Path) -> None:
    """Overwrite the root pages of articles and of their keys, in place, as a bad disk does."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = [
        row[0]
        for row in connection.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('articles', 'article_ids')")
    ]
    connection.close()
    with path.open("rb+") as file:
        for page in pages:
            file.seek((page - 1) * 4096)
            file.write(b"\xa5" * 4096)
