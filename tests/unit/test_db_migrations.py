from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

from monitor.app.startup import open_safely
from monitor.clock import SystemClock
from monitor.config import load as load_config
from monitor.errors import NoRoom, StoreError
from monitor.model import FindingState
from monitor.store import current_owner, lacking, look_at_backup, open_store, upgrade, verify
from tests.factories import NOW
from tests.fakes import FakeLog
from tests.rigs.processes import dead_pid
from tests.rigs.schemas import golden, load, names

NEWEST = names()[-1]
LEARNED_ANEW = {"blocks", "sites"}  # 0004: what was counted by host alone cannot be told apart by language
MENDED = {("articles", "text_state")}  # 0003: pages that were read once come back


def content(path: Path) -> dict[str, tuple[list[str], set[Any]]]:
    """Columns and rows of every table that is not an index's own."""
    connection = sqlite3.connect(path)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in tables if not re.search(r"_fts_\w+$|^sqlite_|^_sqlite", name)]
        found = {}
        for name in kept:
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            found[name] = ([column[0] for column in cursor.description], set(cursor.fetchall()))
        return found
    finally:
        connection.close()


def schema(path: Path) -> set[tuple[str, str, str]]:
    """What the schema comes to, however it was come by."""
    connection = sqlite3.connect(path)
    try:
        parts = connection.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        columns = [
            (f"column of {name}", *row)
            for kind, name in parts
            if kind in {"table", "view"}
            for row in connection.execute(
                f'SELECT name, type || "notnull" || coalesce(dflt_value, "") FROM pragma_table_info(\'{name}\')'
            )
        ]
        return {(kind, name, "") for kind, name in parts} | set(columns)
    finally:
        connection.close()


def test_every_schema_that_there_ever_was_has_its_golden_file() -> None:
    assert [file.stem for file in golden()] == [name[:4] for name in names()]


@pytest.mark.usefixtures("schema_built")
@pytest.mark.parametrize("file", golden(), ids=lambda file: file.stem)
def test_case_73_every_released_schema_becomes_that_of_today_and_keeps_its_rows(file: Path, tmp_path: Path) -> None:
    path, fresh = tmp_path / "data" / "monitor.db", tmp_path / "fresh" / "monitor.db"
    load(file, path)
    before = content(path)
    open_store(path, current_owner()).close()
    open_store(fresh, current_owner()).close()
    assert schema(path) == schema(fresh)
    after = content(path)
    for name, (columns, rows) in before.items():
        if name in LEARNED_ANEW and file.stem < "0004":
            continue
        shared = [column for column in columns if column in after[name][0] and (name, column) not in MENDED]
        assert _only(after[name], shared) == _only((columns, rows), shared), name
    findings = verify(path, now=NOW, deep=True)
    assert [one for one in findings if one.state is not FindingState.OK] == []


def _only(table: tuple[list[str], set[Any]], columns: list[str]) -> set[Any]:
    places = [table[0].index(column) for column in columns]
    return {tuple(row[place] for place in places) for row in table[1]}


def test_case_73_a_copy_of_the_old_state_is_made_first_and_the_last_three_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    load(golden()[0], path)
    before = content(path)
    made = upgrade(path)
    assert made is not None
    assert made.migrations == tuple(names()[1:])
    assert made.before.parent == path.parent / "backups"
    assert made.before.name.startswith(f"before-{NEWEST}-")
    assert made.before.stat().st_mode & 0o777 == 0o600
    assert content(made.before) == before
    assert look_at_backup(made.before).lacks == made.migrations
    assert upgrade(path) is None
    for number in range(5):
        (made.before.parent / f"before-0001-{number}.db").write_bytes(b"")
        os.utime(made.before.parent / f"before-0001-{number}.db", (number, number))
    path.unlink()
    load(golden()[1], path)
    assert upgrade(path) is not None
    assert len(list(made.before.parent.glob("before-*.db"))) == 3


def test_case_73_without_room_for_the_copy_nothing_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    load(golden()[0], path)
    content_before = path.read_bytes()
    with pytest.raises(NoRoom):
        upgrade(path, free=lambda _: 1000)
    assert path.read_bytes() == content_before


def _big(path: Path) -> None:
    """Make an old database of so many rows that SQLite looks up from its work many times, in the copy and in migrations."""
    load(golden()[0], path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO articles"
        " (id, source, outlet, language, title, summary, text, url, canonical_url, first_seen_at, text_state, baseline, revision)"
        " SELECT i, 'one', 'One', 'en', 't', '', '', 'u' || i, 'u' || i, '2026-11-20T08:00:00Z', 'none', 1, 0 FROM n"
    )
    connection.close()


def test_case_75_told_to_end_the_copy_before_a_migration_is_given_up_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    _big(path)
    before = content(path)
    with pytest.raises(StoreError, match="interrupted"):
        upgrade(path, unwanted=lambda: True)
    assert list((path.parent / "backups").iterdir()) == []
    assert content(path) == before


def test_case_75_told_to_end_migrations_are_taken_back_as_a_whole_and_made_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    _big(path)
    before, lacks, folder = content(path), lacking(path), path.parent / "backups"
    with pytest.raises(StoreError):
        upgrade(path, unwanted=lambda: any(folder.glob("before-*.db")))  # the copy is whole
    assert (content(path), lacking(path)) == (before, lacks)
    made = upgrade(path)
    assert made is not None
    assert made.migrations == lacks
    assert lacking(path) == ()


async def test_case_75_whoever_is_told_to_end_while_it_starts_wants_neither_copy_nor_migration(
    tmp_path: Path,
) -> None:
    begun, wanted = asyncio.Event(), []

    async def never_ending(function: Any, *_: Any, unwanted: Any = None, **__: Any) -> None:
        if function is upgrade:
            wanted.append(unwanted)
            begun.set()
            await asyncio.Event().wait()

    file = tmp_path / "config.yaml"
    file.write_text("channels: {desk: {type: maildir, path: mail}}\nrules: []\nsources: []\n")
    config = load_config(file, environ={})
    starting = asyncio.create_task(open_safely(config, on_store=never_ending, clock=SystemClock(), log=FakeLog()))
    await begun.wait()
    (unwanted,) = wanted
    assert not unwanted()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert unwanted()


def test_what_a_dead_process_has_left_of_its_copy_makes_room_for_the_next(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    load(golden()[0], path)
    left = path.parent / "backups" / f".before-0014.db.{socket.gethostname()}-{dead_pid()}-1.new"
    left.parent.mkdir()
    left.touch()
    upgrade(path, free=lambda _: 1000 if left.exists() else 2**40)
    assert not left.exists()


def test_case_73_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    load(golden()[-1], path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('monitor', '9999_x', '')"
    )
    connection.close()
    before = path.read_bytes()
    for refused in (upgrade, lacking, look_at_backup, lambda file: open_store(file, current_owner())):
        with pytest.raises(StoreError, match="newer version"):
            refused(path)
    assert path.read_bytes() == before


KILL = """
    import os, signal, sys
    from pathlib import Path
    from monitor.store import connection
    from monitor.store.upgrade import upgrade

    path, at = Path(sys.argv[1]), int(sys.argv[2])
    connect, seen = connection.sqlite3.connect, 0

    def counted(*values, **named):
        made = connect(*values, **named)
        def traced(statement):
            global seen
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
        made.set_trace_callback(traced)
        return made

    connection.sqlite3.connect = counted
    upgrade(path)
    print(seen)
"""


def _upgrade_until(path: Path, at: int) -> subprocess.CompletedProcess[str]:
    script = textwrap.dedent(KILL)
    run = [sys.executable, "-c", script, str(path), str(at)]
    return subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
def test_case_73_a_kill_at_twenty_points_of_a_migration_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "monitor.db"
    load(golden()[0], whole)
    before = content(whole)
    statements = int(_upgrade_until(whole, 0).stdout)
    after, lacks = content(whole), tuple(names()[1:])
    assert statements > 100
    points = sorted({*(number * statements // 17 for number in range(1, 17)), *range(statements - 3, statements + 1)})
    assert len(points) == 20
    old = 0
    for point in points:
        path = tmp_path / str(point) / "monitor.db"
        load(golden()[0], path)
        assert _upgrade_until(path, point).returncode == -signal.SIGKILL
        found = lacking(path)
        assert found in {lacks, ()}
        assert content(path) == (before if found else after)
        old += bool(found)
        open_store(path, current_owner()).close()
        assert content(path) == after
        assert {one.state for one in verify(path, now=NOW + timedelta(days=1), deep=True)} == {FindingState.OK}
    assert old > 10
