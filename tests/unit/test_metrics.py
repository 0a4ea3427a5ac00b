"""`monitor status`: its checks for machines, open notices, and figures for Prometheus (case 120)."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from prometheus_client.parser import text_string_to_metric_families

from monitor.cli.root import cli
from monitor.cli.troubles import notice_lines
from monitor.daemon.lock import hold_lock
from monitor.model import Notice, Settled, VisitOutcome
from monitor.store import Store, current_owner, open_store
from tests.factories import source, state, visit

HEAD = """\
contact: a@example.org
channels: {desk: {type: maildir, path: mail}}
sources: [{name: one, outlet: One, every: 15m, feed: "https://one.example/feed"}]
"""
HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(HEAD)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    made = open_store(folder / "data" / "monitor.db", current_owner())
    now = datetime.now(UTC)
    made.sync([source("one")], now=now - 9 * HOUR, first_due={"one": now})
    yield made
    made.close()


def read(store: Store, at: datetime, **changes: Any) -> None:
    """Let the source have been read then; the next visit is half an hour later."""
    seen = visit("one", started_at=at, finished_at=at, outcome=VisitOutcome.READ)
    known = state("one", added_at=at, last_good_at=at, first_good_at=at, due_at=at + HOUR / 2)
    store.settle([Settled(state=replace(known, **changes), visit=seen)])


def status(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["status", "--config", str(folder / "config.yaml"), *arguments], prog_name="monitor")


def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(status(folder, "--json").stdout)
    return found


def test_case_120_all_is_well_while_it_runs_and_reads(folder: Path, store: Store) -> None:
    read(store, datetime.now(UTC))
    with hold_lock(folder / "data"):
        found = facts(folder)
    assert found["ok"], found["problems"]
    assert found["checks"] == {"fetching": True, "mail": True, "database": True, "clock": True}


def test_case_120_nothing_read_for_three_intervals_is_said(folder: Path, store: Store) -> None:
    read(store, datetime.now(UTC) - 2 * HOUR)
    with hold_lock(folder / "data"):
        found = facts(folder)
        told = status(folder).stdout.splitlines()[0]
    assert (found["ok"], found["checks"]["fetching"]) == (False, False)
    assert told.startswith("no source was read since 20")
    assert "monitor doctor" in told


@pytest.mark.parametrize(
    ("cause", "text", "check", "line"),
    [
        ("database", "row 7 missing from index\nmore", "database", "database: row 7 missing from index; run: "),
        ("clock", "it was set back by an hour", "clock", "clock: it was set back by an hour; run: "),
        ("backup", "no space left", None, "database: no space left; run: "),
        ("another", "something", None, "something; run: "),
    ],
)
def test_case_120_what_others_found_is_said_with_a_command(  # noqa: PLR0917 - a row of the table, and fixtures
    cause: str, text: str, check: str | None, line: str, folder: Path, store: Store
) -> None:
    now = datetime.now(UTC)
    read(store, now)
    store.notice(Notice(cause=cause, text=text, at=now))
    with hold_lock(folder / "data"):
        found = facts(folder)
    assert {name for name, ok in found["checks"].items() if not ok} == ({check} if check else set())
    (problem,) = found["problems"]
    assert problem.startswith(line)
    assert {"database": "db verify", "backup": "db backup"}.get(cause, "doctor") in problem


def test_notices_about_mail_keep_their_command_and_those_of_sources_and_disk_are_told_elsewhere() -> None:
    causes = ("transport:smtp", "message:<x>", "failing:one", "quiet:one", "texts:one", "outage", "disk")
    lines = notice_lines([{"cause": cause, "text": "told\nmore"} for cause in causes], str.upper)
    assert lines == ["mail: told; MAIL TEST"] * 2


def families(text: str) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def values(family: Any) -> dict[str, float]:
    return {",".join(sample.labels.values()): sample.value for sample in family.samples}


def test_figures_are_what_prometheus_reads_each_with_help_and_type(folder: Path, store: Store) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - 2 * HOUR
    read(store, at, failures=2, last_error="dns")
    store.notice(Notice(cause="transport:smtp", text='refused "twice"\n', at=at))
    backups = folder / "data" / "backups"
    backups.mkdir()
    (backups / "monitor-20231114T221320Z.db").touch()
    result = status(folder, "--prometheus")
    assert result.exit_code == 0, result.output
    found = families(result.stdout)
    assert all(name.startswith("news_monitor_") for name in found)
    assert all(family.documentation and family.type != "unknown" for family in found.values())
    assert result.stdout.count("# TYPE ") == result.stdout.count("# HELP ") == len(found)
    expected = {"up": 0, "healthy": 0, "articles": 0, "open_notices": 1, "oldest_pending_seconds": 0}
    assert {name: values(found[f"news_monitor_{name}"])[""] for name in expected} == expected
    assert values(found["news_monitor_sources"]) == {"slow": 1}
    assert values(found["news_monitor_source_failures"]) == {"one": 2}
    assert values(found["news_monitor_source_last_good_timestamp_seconds"]) == {"one": at.timestamp()}
    assert values(found["news_monitor_check_ok"])["fetching"] == 0
    assert values(found["news_monitor_last_backup_timestamp_seconds"]) == {"": 1_700_000_000}
    assert values(found["news_monitor_database_bytes"])[""] > 0
    assert values(found["news_monitor_disk_free_bytes"])[""] < values(found["news_monitor_disk_size_bytes"])[""]
    labels = found["news_monitor_build_info"].samples[0].labels
    assert set(labels) == {"version", "python", "sqlite", "journal"}


def test_without_a_database_there_are_figures_of_the_machine(folder: Path) -> None:
    found = families(status(folder, "--prometheus").stdout)
    assert values(found["news_monitor_up"]) == {"": 0}
    assert "news_monitor_sources" not in found


def test_a_file_of_figures_is_replaced_whole_and_can_be_read_by_the_collector(folder: Path, store: Store) -> None:
    read(store, datetime.now(UTC))
    file = folder / "textfile" / "news.prom"
    file.parent.mkdir()
    file.write_text("old")
    before = file.stat().st_ino
    assert status(folder, "--prometheus", "--output", str(file)).exit_code == 0
    assert file.stat().st_ino != before, "another file took its place"
    assert stat.S_IMODE(file.stat().st_mode) & 0o400
    assert "news_monitor_up 0.0" in file.read_text()
    assert [path.name for path in file.parent.iterdir()] == ["news.prom"]


def test_a_file_that_cannot_be_written_is_one_clear_line(folder: Path) -> None:
    result = status(folder, "--prometheus", "--output", str(folder / "none" / "news.prom"))
    assert result.exit_code == 1
    assert "name a file in a folder that you may write to" in result.stderr


@pytest.mark.parametrize("arguments", [("--output", "x"), ("--json", "--prometheus")])
def test_formats_that_exclude_each_other_are_wrong_usage(arguments: tuple[str, ...], folder: Path) -> None:
    assert status(folder, *arguments).exit_code == 2
