from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.root import cli
from monitor.cli.status import judge
from monitor.config import load
from monitor.daemon.lock import hold_lock
from monitor.errors import ConfigError
from monitor.model import BackupPlan
from monitor.store import Backups, current_owner, open_store
from tests.factories import NOW
from tests.rigs.schemas import golden
from tests.rigs.schemas import load as load_golden
from tests.unit.test_db_copies import count, damage

CONFIG = """\
contact: a@example.org
channels: {{desk: {{type: email, to: [anna@example.org]}}, box: {{type: maildir, path: mail}}}}
smtp: {{host: 127.0.0.1, port: 25, security: none, from: m@example.org}}
rules: [{{name: prisoners, query: prisoners, to: [desk]}}]
sources: [{{name: one, outlet: One, feed: "https://one.example/feed"}}]
{more}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG.format(more=""))
    load_golden(golden()[-1], tmp_path / "data" / "monitor.db")
    open_store(tmp_path / "data" / "monitor.db", current_owner()).close()
    return tmp_path


def database(folder: Path) -> Path:
    return folder / "data" / "monitor.db"


def call(folder: Path, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(
        cli, ["db", *arguments, "--config", str(folder / "config.yaml")], input=answer, prog_name="monitor"
    )


def copies(folder: Path) -> list[Path]:
    return list((folder / "data" / "backups").iterdir())


def test_a_backup_is_told_with_what_is_in_it_and_as_many_are_kept_as_the_configuration_says(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG.format(more="backup: {keep: 2}"))
    Backups(database(folder), folder / "data" / "backups").make(now=NOW.replace(year=2020), plan=BackupPlan(keep=9))
    Backups(database(folder), folder / "data" / "backups").make(now=NOW.replace(year=2021), plan=BackupPlan(keep=9))
    told = call(folder, "backup")
    assert told.exit_code == 0
    assert "2 articles" in told.stdout
    assert "dropped" in told.stdout
    assert len(copies(folder)) == 2
    assert call(folder, "backup", "--keep", "1", "--to", str(folder / "data" / "backups")).exit_code == 0
    assert len(copies(folder)) == 1


def test_a_backup_goes_to_a_folder_or_a_file_that_a_person_names_and_over_none(folder: Path) -> None:
    assert call(folder, "backup", "--to", str(folder / "copies")).exit_code == 0
    (made,) = (folder / "copies").iterdir()
    assert made.name.startswith("monitor-20")
    assert call(folder, "backup", "--to", str(folder / "one.db")).exit_code == 0
    again = call(folder, "backup", "--to", str(folder / "one.db"))
    assert again.exit_code == 1
    assert "nothing is overwritten" in again.stderr


def test_verify_has_a_line_for_each_check_and_a_status_for_each_outcome(folder: Path) -> None:
    sound = call(folder, "verify", "--deep")
    assert sound.exit_code == 0, sound.output
    assert all(line.startswith("OK ") for line in sound.stdout.splitlines())
    rows = [json.loads(line) for line in call(folder, "verify", "--json").stdout.splitlines()]
    assert {row["state"] for row in rows} == {"ok"}
    store = open_store(database(folder), current_owner())
    store._run("UPDATE messages SET raw = NULL WHERE state = 'queued'")
    store.close()
    wrong = call(folder, "verify")
    assert wrong.exit_code == 1
    assert "WRONG   messages have bytes: 1 messages are to be sent and have no bytes: message 2; " in wrong.stdout
    damage(database(folder))
    damaged = call(folder, "verify")
    assert damaged.exit_code == 65
    assert "DAMAGED" in damaged.stdout
    assert call(folder, "verify", str(folder / "none.db")).exit_code == 1


def test_restore_says_what_would_happen_then_does_it_and_what_comes_next(folder: Path) -> None:
    assert call(folder, "backup", "--to", str(folder / "one.db")).exit_code == 0
    store = open_store(database(folder), current_owner())
    store._run("DELETE FROM visits")
    store.close()
    before = database(folder).read_bytes()
    dry = call(folder, "restore", str(folder / "one.db"), "--dry-run")
    assert dry.exit_code == 0
    assert "1 mail and 0 alerts wait in it: they go out, also those that were sent after the backup" in dry.stdout
    assert "told again" in dry.stdout
    assert "nothing was changed" in dry.stdout
    assert database(folder).read_bytes() == before
    done = call(folder, "restore", str(folder / "one.db"), "--settle")
    assert done.exit_code == 0, done.output
    assert "they are not sent" in done.stdout
    assert "the replaced database is" in done.stdout
    assert "then start the daemon" in done.stdout
    assert count(database(folder)) == 2


def test_restore_and_migrate_leave_a_database_alone_whose_daemon_runs(folder: Path) -> None:
    call(folder, "backup", "--to", str(folder / "one.db"))
    with hold_lock(folder / "data"):
        for words in (("restore", str(folder / "one.db")), ("restore", str(folder / "one.db"), "--dry-run")):
            told = call(folder, *words)
            assert told.exit_code == 75
            assert "(pid " in told.stderr
        assert call(folder, "migrate").exit_code == 0  # nothing to do
        database(folder).unlink()
        load_golden(golden()[0], database(folder))
        assert call(folder, "migrate").exit_code == 75


def test_migrate_says_what_it_did_and_where_the_old_state_is(folder: Path) -> None:
    database(folder).unlink()
    load_golden(golden()[0], database(folder))
    told = call(folder, "migrate")
    assert told.exit_code == 0
    assert "0013_indexes" in told.stdout
    assert "backups/before-" in told.stdout
    assert "is up to date" in call(folder, "migrate").stdout
    database(folder).unlink()
    assert call(folder, "migrate").exit_code == 1
    assert call(folder, "forget", "x@example.org", "--yes").exit_code == 1


def test_forget_asks_says_what_it_took_out_and_names_the_copies_that_still_have_it(folder: Path) -> None:
    call(folder, "backup")
    (copy,) = copies(folder)
    assert call(folder, "forget", "ben@example.org", answer="n\n").exit_code == 1
    done = call(folder, "forget", "ben@example.org", answer="y\n")
    assert done.exit_code == 0, done.output
    assert "1 alert and 1 mail are now forgotten-1's" in done.stdout
    assert "1 were still to be sent and are not" in done.stdout
    assert f"delete it when you can do without: {copy}" in done.stdout
    assert b"ben@example.org" not in database(folder).read_bytes()


def test_an_address_that_is_still_configured_is_not_forgotten(folder: Path) -> None:
    told = call(folder, "forget", "Anna@example.org", "--yes")
    assert told.exit_code == 1
    assert "take it out of" in told.stderr
    assert b"anna@example.org" in database(folder).read_bytes()


def test_old_bytes_are_erased_or_it_is_said_what_erases_them(folder: Path) -> None:
    store = open_store(database(folder), current_owner())
    store._run("PRAGMA secure_delete = OFF")
    store._run("CREATE TABLE x (y)")
    store._many("INSERT INTO x VALUES (?)", [("ben@example.org " * 100,)] * 50)
    store._run("DROP TABLE x")
    store.close()
    with hold_lock(folder / "data"):
        told = call(folder, "forget", "ben@example.org", "--yes")
        assert told.exit_code == 1
        assert "stop the daemon (pid" in told.stdout
    done = call(folder, "forget", "ben@example.org", "--yes")
    assert done.exit_code == 0
    assert "was written anew" in done.stdout
    assert b"ben@example.org" not in database(folder).read_bytes()


def test_an_address_that_still_gets_mail_is_not_forgotten_and_a_reload_is_enough(folder: Path) -> None:
    done = call(folder, "forget", "anna@example.org", "--yes")
    assert done.exit_code == 1
    assert "systemctl reload" in done.stderr
    assert "restart" not in done.stderr


def test_how_often_copies_are_made_is_configured(folder: Path) -> None:
    assert load(folder / "config.yaml", environ={}).backup.keep == 7
    (folder / "config.yaml").write_text(CONFIG.format(more="backup: {every: never}"))
    assert load(folder / "config.yaml", environ={}).backup.every is None
    (folder / "config.yaml").write_text(CONFIG.format(more="backup: {every: 0s, keep: 0}"))
    with pytest.raises(ConfigError) as raised:
        load(folder / "config.yaml", environ={})
    assert len(raised.value.problems) == 2


def test_status_names_the_command_that_helps_the_database() -> None:
    facts = {
        "exists": True, "running": True, "failing": {}, "sources": {}, "oldest_pending_seconds": 0, "free": 2**40,
        "config": "c.yaml", "database": "d", "clock_possible": True, "checks": {"fetching": True}, "disk": {"low": False},
        "to_look_after": [], "clock_behind": False,
        "notices": [{"cause": "backup", "text": "No backup could be made\n\nfull", "at": "2026-11-24T12:00:00Z"}],
    }  # fmt: skip # a table
    (problem,) = judge(facts)
    assert problem.startswith("database: No backup could be made; run: ")
    assert " db backup " in problem


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "status --json",
        "search x",
        "alerts",
        "rules list",
        "sources list",
        "sources unread",
        "db verify",
        "db backup",
        "db migrate",
        "db forget ben@example.org --yes",
    ],
)
def test_case_74_every_command_says_that_a_database_is_gone_and_has_left_its_log(folder: Path, command: str) -> None:
    database(folder).rename(folder / "away.db")
    log = database(folder).with_name("monitor.db-wal")
    log.write_bytes(b"what was written last")
    told = CliRunner().invoke(cli, [*command.split(), "--config", str(folder / "config.yaml")], prog_name="monitor")
    assert (told.exit_code, told.stdout) == (65, "")
    assert "is not there, but monitor.db-wal is" in told.stderr
    assert not database(folder).exists()
    assert log.read_bytes() == b"what was written last"
