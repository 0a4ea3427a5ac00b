"""`monitor doctor`: what it looks at, what it says of it, and that it works when nothing else does."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli.root import cli
from monitor.disk import Disk
from monitor.doctor import (
    clock,
    configuration_file,
    drift,
    mend,
    names,
    permissions,
    room,
    secret_file,
    source_failed,
    source_read,
)
from monitor.model import Check, IndexedText, Verdict
from monitor.store import current_owner, open_store
from tests.factories import NOW, article, source
from tests.rigs.site import Site, rss

ME = os.geteuid()


def verdicts(checks: Sequence[Check]) -> dict[str, str]:
    return {check.name: str(check.verdict) for check in checks}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "mail" / "new").mkdir(parents=True)
    for path in (folder, folder / "mail", folder / "mail" / "new"):
        path.chmod(0o700)
    for name in ("monitor.db", "mail/new/1"):
        (folder / name).touch(mode=0o600)
    return folder


def test_a_folder_that_is_its_owners_alone_is_well(data: Path) -> None:
    (data / "cache").symlink_to("/usr")  # what a link points to is not ours
    assert verdicts(permissions(data, ME)) == {"owner": "ok", "permissions": "ok"}


@pytest.mark.parametrize(
    ("name", "mode"), [(".", 0o750), ("mail", 0o701), ("mail/new/1", 0o640), ("monitor.db", 0o644)]
)
def test_what_others_may_use_is_named_and_mended(name: str, mode: int, data: Path) -> None:
    (data / name).chmod(mode)
    (check,) = [check for check in permissions(data, ME) if check.verdict is Verdict.WRONG]
    assert str(data / name) in check.told.replace("/.", "/.")
    assert "monitor doctor --fix" in check.remedy
    assert mend(data) == 1
    assert mend(data) == 0
    assert verdicts(permissions(data, ME)) == {"owner": "ok", "permissions": "ok"}
    assert stat.S_IMODE((data / name).stat().st_mode) == mode & 0o700


def test_another_users_folder_is_told_with_the_command_that_helps(data: Path) -> None:
    checks = {check.name: check for check in permissions(data, ME + 1)}
    assert checks["owner"].verdict is Verdict.WRONG
    assert f"sudo -u '#{ME}'" in checks["owner"].remedy


@pytest.mark.skipif(ME != 0, reason="root alone may give files away")
def test_files_that_root_left_behind_are_told(data: Path) -> None:
    for path in (data, data / "mail", data / "mail" / "new", data / "mail" / "new" / "1"):
        os.chown(path, 12345, -1)
    owner = permissions(data, 12345)[0]
    assert owner.verdict is Verdict.WRONG
    assert owner.told == f"1 files belong to another user than the folder, such as {data / 'monitor.db'}"
    assert owner.remedy == f"sudo chown -R --reference={data} {data}"
    os.chown(data / "monitor.db", 12345, -1)
    assert [check.verdict for check in permissions(data, 12345)] == [Verdict.OK, Verdict.OK]
    assert permissions(data, 0)[0].verdict is Verdict.NOTE, "root must not write there"


def test_without_a_folder_there_is_nothing_to_mend(tmp_path: Path) -> None:
    assert verdicts(permissions(tmp_path / "none", ME)) == {"data folder": "note"}
    assert mend(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("mode", "secret", "verdict"),
    [
        (0o644, False, "ok"),
        (0o644, True, "wrong"),
        (0o640, True, "wrong"),
        (0o600, True, "ok"),
        (0o666, False, "wrong"),
    ],
)
def test_config_yaml_may_be_read_by_others_unless_a_secret_is_in_it(
    mode: int, *, secret: bool, verdict: str, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.touch()
    file.chmod(mode)
    assert str(configuration_file(file, secret=secret).verdict) == verdict


def test_a_file_with_a_password_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert secret_file(file).verdict is Verdict.WRONG
    file.touch(mode=0o600)
    assert secret_file(file).verdict is Verdict.OK
    file.chmod(0o640)
    assert secret_file(file).remedy == f"chmod 600 {file}"


def test_a_disk_that_is_nearly_full_is_told_with_where_to_look() -> None:
    disk = Disk(free=2**33, total=2**35, free_files=10**6, files=10**7)
    assert room(disk, Path("/d")) == Check(
        name="disk", verdict=Verdict.OK, told="8.0 GiB of 32.0 GiB free, room for 1000000 files"
    )
    full = room(Disk(free=2**20, total=2**35, free_files=0, files=0), Path("/d"))
    assert full.verdict is Verdict.WRONG
    assert full.told == "nearly full: 1 MiB of 32.0 GiB free; 1.0 GiB at least are wanted"


@pytest.mark.parametrize(
    ("now", "newest", "verdict"),
    [
        (NOW, None, "ok"),
        (NOW, NOW, "ok"),
        (NOW, NOW + timedelta(minutes=4), "ok"),
        (NOW, NOW + timedelta(minutes=6), "wrong"),
        (datetime(1970, 1, 1, tzinfo=UTC), None, "wrong"),
        (datetime(2106, 2, 7, tzinfo=UTC), None, "wrong"),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(now: datetime, newest: datetime | None, verdict: str) -> None:
    check = clock(now, newest)
    assert str(check.verdict) == verdict
    assert ("timedatectl" in check.remedy) is (verdict == "wrong")


def test_a_clock_that_was_set_meanwhile_is_told() -> None:
    minute = timedelta(minutes=1)
    assert drift(minute, minute + timedelta(seconds=4)).verdict is Verdict.OK
    assert drift(minute - timedelta(hours=1), minute).told == "the clock was set by -3600 s while this ran"


@pytest.mark.parametrize(
    ("hosts", "lost", "verdict", "told"),
    [
        ("a b c", "", "ok", "3 of 3 hosts found"),
        ("a b c", "b", "note", "not found: b; the other 2 are"),
        ("a b c", "a b c", "wrong", "not one name is found: there is no network, or no resolver"),
        ("a", "a", "wrong", "a is not found"),
        ("", "", "ok", "no source, so no name"),
        ("a b c d e f g h", "a b c d e f g", "note", "not found: a, b, c, d, e and 2 more; the other 1 are"),
    ],
)
async def test_names_that_are_not_found_are_told_in_one_line(hosts: str, lost: str, verdict: str, told: str) -> None:
    async def resolve(host: str) -> None:
        if host in lost.split():
            raise OSError("no such name")

    check = await names(hosts.split(), resolve)
    assert (str(check.verdict), check.told) == (verdict, told)


@pytest.mark.parametrize("kind", ["dns", "http_404", "http_403", "challenge_page", "not_a_feed", "tls", "parse_crash"])
def test_every_failure_of_a_source_has_a_remedy_that_names_a_command_or_a_key(kind: str) -> None:
    check = source_failed("one", kind, "what was found")
    assert check.verdict is Verdict.WRONG
    assert any(word in check.remedy for word in ("monitor ", "limits.", "verify_tls", "allow_private", "robots:"))


def test_a_host_that_asked_for_a_pause_and_a_feed_read_in_part_are_no_faults() -> None:
    assert source_failed("one", "host_paused", "").verdict is Verdict.NOTE
    assert source_read("one", entries=3, status=200, error="cut_short").verdict is Verdict.NOTE
    assert source_read("one", entries=3, status=200, error=None).told == "3 entries, HTTP 200"


HEAD = "contact: a@example.org\nlanguages: [en]\nchannels: {desk: {type: maildir, path: mail}}\n"


def doctor(folder: Path, *arguments: str) -> Result:
    command = ["doctor", "--config", str(folder / "config.yaml"), *arguments]
    return CliRunner().invoke(cli, command, prog_name="monitor")


def told(result: Result) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}


def test_it_works_without_a_database_and_calls_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(HEAD)
    result = doctor(tmp_path, "--offline")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "nothing is wrong"
    found = told(doctor(tmp_path, "--offline", "--json"))
    assert found["database"]["verdict"] == found["data folder"]["verdict"] == "note"
    assert {"configuration", "Python", "SQLite", "expat", "OpenSSL", "libxml2", "disk", "clock", "config.yaml"} <= set(
        found
    )
    assert not (tmp_path / "data").exists(), "looking leaves nothing behind"


@pytest.mark.parametrize("text", [HEAD + "rulez: []\n", "a: [", "", HEAD + "ping: ${NOWHERE_TO_BE_FOUND}\n", None])
def test_with_a_broken_configuration_it_says_so_and_looks_at_the_machine(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "config.yaml").write_text(text)
    found = told(doctor(tmp_path, "--json"))
    assert found["configuration"]["verdict"] == "wrong"
    assert found["configuration"]["remedy"]
    assert {"Python", "disk", "clock"} <= set(found)
    assert doctor(tmp_path).exit_code == 1


def stored(folder: Path, seen: datetime) -> Path:
    store = open_store(folder / "monitor.db", current_owner())
    store.sync([source("one")], now=NOW, first_due={"one": NOW})
    store.add(article(first_seen_at=seen), (), IndexedText(title="", body=""))
    store.close()
    return folder


@pytest.mark.parametrize("ahead", [timedelta(days=3), timedelta(hours=1)])
def test_a_database_of_the_future_accuses_the_clock_as_status_does(ahead: timedelta, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(HEAD)
    stored(tmp_path / "data", datetime.now(UTC) + ahead)
    status = CliRunner().invoke(cli, ["status", "--config", str(tmp_path / "config.yaml")])
    assert status.stdout.startswith("clock: it is ")
    assert "one of the two is wrong; run: " in status.stdout.splitlines()[0]
    found = told(doctor(tmp_path, "--offline", "--json"))
    assert found["database"]["verdict"] == "ok"
    assert found["clock"]["verdict"] == "wrong"
    assert "one of the two is wrong" in found["clock"]["told"]


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(HEAD)
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "monitor.db").write_bytes(b"x" * 5000)
    result = doctor(tmp_path, "--offline", "--json")
    assert result.exit_code == 1
    assert told(result)["database"]["verdict"] == "wrong"


def test_case_74_a_database_that_is_gone_and_has_left_its_log_is_wrong_and_the_rest_is_looked_at(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.yaml").write_text(HEAD)
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "monitor.db-wal").write_bytes(b"what was written last")
    found = told(doctor(tmp_path, "--offline", "--json"))
    assert found["database"]["verdict"] == "wrong"
    assert "monitor.db-wal" in found["database"]["told"]
    assert found["clock"]["verdict"] == "ok"


def test_fix_makes_the_data_folder_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(HEAD)
    data = stored(tmp_path / "data", NOW)
    data.chmod(0o755)
    (data / "monitor.db").chmod(0o644)
    assert told(doctor(tmp_path, "--offline", "--json"))["permissions"]["verdict"] == "wrong"
    found = told(doctor(tmp_path, "--offline", "--fix", "--json"))
    assert int(found["fix"]["told"].split()[0]) >= 2
    assert found["permissions"]["verdict"] == "ok"


@pytest.mark.slow
def test_it_asks_each_source_once_and_the_mail_server_up_to_the_recipient_and_keeps_nothing(site: Site) -> None:
    site.feed("one", rss(["Prisoners came home"]))
    site.feed("two", b"<html>Hello</html>")
    site.write()
    result = site.run("doctor", "--json")
    found = {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert result.returncode == 1, result.stdout
    assert found["source one"] == {"name": "source one", "verdict": "ok", "told": "1 entry, HTTP 200", "remedy": ""}
    assert found["source two"]["told"].startswith("not_a_feed")
    assert {found[f"mail: {step}"]["verdict"] for step in ("connection", "greeting", "EHLO", "MAIL", "RCPT")} == {"ok"}
    assert "127.0.0.0/8" in found["private networks"]["told"]
    assert result.stderr == "", "what is a check is no log line"
    assert site.mails == []
    assert not site.database.exists()
    assert sorted(request.split()[1] for request in site.servers.web.requests) == [b"/one", b"/two"]


@pytest.mark.slow
def test_it_calls_for_somebody_where_status_does(site: Site) -> None:
    """A source that was read an hour ago may have a bad hour; one that was never read has a wrong address."""

    def asked() -> tuple[list[str], dict[str, str]]:
        doctor, status = site.run("doctor", "--json"), site.run("status", "--json")
        found = {row["name"]: row["verdict"] for row in map(json.loads, doctor.stdout.splitlines())}
        return json.loads(status.stdout)["to_look_after"], {name: found[f"source {name}"] for name in ("one", "two")}

    site.feed("one", rss(["Prisoners came home"]))
    site.feed("two", b"<html>Hello</html>")
    site.write()
    site.run("collect")
    site.feed("one", b"<html>Are you human?</html>")
    site.run("collect")
    assert asked() == (["two"], {"one": "note", "two": "wrong"})
    with closing(sqlite3.connect(site.database)) as database, database:
        long_ago = datetime.now(UTC) - timedelta(hours=7)
        values = [f"{long_ago:%Y-%m-%dT%H:%M:%SZ}"] * 2
        database.execute("UPDATE source_state SET failures = 3, failing_since = ?, error_since = ?", values)
    assert asked() == (["one", "two"], {"one": "wrong", "two": "wrong"})


@pytest.mark.slow
def test_it_works_beside_the_daemon(site: Site) -> None:
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    (site.folder / "data").chmod(0o700)  # the rig made it
    process = site.start()
    site.wait(lambda: site.mails, "a mail")
    result = site.run("doctor")
    assert result.returncode == 0, result.stdout
    assert "OK     database: " in result.stdout
    assert "OK     source one: 1 entry" in result.stdout
    assert f"OK     daemon: running, pid {process.pid}" in result.stdout
    assert site.stop(process) == 0
