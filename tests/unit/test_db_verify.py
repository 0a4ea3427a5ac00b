from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from monitor.errors import IndexDamaged, StoreDamaged, StoreError
from monitor.model import FindingState
from monitor.store import ArchiveRows, DatabaseFile, Store, current_owner, open_store, refuse_damaged, verify
from monitor.store.invariants import INVARIANTS
from tests.factories import NOW
from tests.rigs.schemas import golden, load
from tests.unit.test_db_copies import damage, filled

LATER = NOW + timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a little of everything."""
    made = tmp_path / "data" / "monitor.db"
    load(golden()[-1], made)
    open_store(made, current_owner()).close()
    return made


@pytest.fixture
def store(path: Path) -> Store:
    return open_store(path, current_owner())


def wrong(path: Path, **options: object) -> dict[str, str]:
    findings = verify(path, now=LATER, **options)  # type: ignore[arg-type] # by name
    return {one.check: one.what for one in findings if one.state is not FindingState.OK}


def test_a_sound_database_has_nothing_to_tell_and_is_not_changed(path: Path) -> None:
    before = path.read_bytes()
    assert wrong(path, deep=True) == {}
    assert path.read_bytes() == before


LEASE = current_owner().text()
# What contradicts each invariant.
BROKEN = {
    "alerts_belong": "UPDATE alerts SET recipient = 'x' WHERE id = 1",
    "alerts_have_matches": "UPDATE alerts SET rules = '[]' WHERE id = 1",
    "messages_have_alerts": "UPDATE alerts SET message = NULL WHERE id = 1",
    "matches_told": "DELETE FROM marks; DELETE FROM alerts; DELETE FROM attempts; DELETE FROM messages",
    "told_once": 'DROP INDEX told; INSERT INTO alerts SELECT NULL, recipient, channel, "group", kind, article_id, revision,'
    " rules, words, created_at, due_at, message, edited_at FROM alerts",
    "messages_settled": f"UPDATE messages SET lease_owner = '{LEASE}', lease_until = created_at WHERE id = 1",
    "messages_have_bytes": "UPDATE messages SET raw = NULL WHERE id = 2",
    "versions_stand": "UPDATE articles SET revision = 0",
    "articles_known": "DELETE FROM article_ids WHERE article_id = 2",
    "search_index_complete": "DROP TRIGGER articles_ad; DELETE FROM revisits; DELETE FROM disappearances; DELETE FROM articles WHERE id = 2",
    "times_read": "UPDATE visits SET started_at = '2026-11-20 08:00:00'",
    "times_past": "UPDATE visits SET started_at = '2027-11-20T08:00:00Z'",
}  # fmt: skip # a table


def test_every_invariant_is_broken_once_below() -> None:
    assert set(BROKEN) == {one.name for one in INVARIANTS}


@pytest.mark.parametrize("name", BROKEN)
def test_what_contradicts_itself_is_found_and_nothing_else(name: str, path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in BROKEN[name].split("; "):
        if statement.startswith("DROP INDEX"):  # that of the table's own UNIQUE: as if an index were damaged
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "UPDATE sqlite_master SET sql = replace(sql, ', UNIQUE (recipient, article_id, revision)', '') WHERE name = 'alerts'"
            )
            connection.execute("DELETE FROM sqlite_master WHERE name = 'sqlite_autoindex_alerts_1'")
            connection.close()
            connection = sqlite3.connect(path, isolation_level=None)
        else:
            connection.execute(statement)
    connection.close()
    found = wrong(path)
    assert set(found) - {"integrity", "leases"} == {name}
    assert found[name][0].isdigit()


def test_rules_that_are_in_force_no_more_need_nobody_who_was_told(path: Path, store: Store) -> None:
    store._run("DELETE FROM marks")
    store._run("DELETE FROM alerts")
    store._run("DELETE FROM attempts")
    store._run("DELETE FROM messages")
    assert set(wrong(path)) == {"matches_told"}
    assert wrong(path, rules=["another"]) == {}


def test_a_row_that_names_a_missing_one_and_a_lease_of_the_dead_are_told(path: Path, store: Store) -> None:
    store._run("PRAGMA foreign_keys = OFF")
    store._run("INSERT INTO marks VALUES (99, 'x', 1, NULL, '2026-11-20T08:00:00Z')")
    owner = current_owner().text().replace('"boot": "', '"boot": "another')
    store._run("UPDATE source_state SET lease_owner = ? WHERE source = 'one'", [owner])
    assert wrong(path) == {
        "foreign_keys": "1 rows name others that are not there: marks 99 names a missing row of alerts",
        "leases": "1 pieces of work are held by processes that have ended",
    } or set(wrong(path)) == {"foreign_keys", "leases"}


def test_an_open_file_or_folder_is_told_with_what_closes_it(path: Path) -> None:
    path.chmod(0o644)
    assert "other users may read" in wrong(path)["private"]


def test_a_database_of_an_earlier_version_is_named_as_that(tmp_path: Path) -> None:
    file = tmp_path / "data" / "monitor.db"
    load(golden()[3], file)
    with pytest.raises(StoreError, match="db migrate"):
        verify(file, now=NOW)
    with pytest.raises(StoreError, match="there is no database"):
        verify(tmp_path / "none.db", now=NOW)


def _cut(path: Path) -> None:
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)


def _cut_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def _garbage(path: Path) -> None:
    path.write_bytes(b"garbage " * 4096)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _another(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE x (y)")
    connection.close()


@pytest.mark.parametrize("spoil", [damage, _cut, _cut_header, _garbage, _empty, _another])
def test_case_71_a_file_that_cannot_be_trusted_is_refused_with_the_way_out_and_left_as_it_is(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "monitor.db"
    filled(path, 50).close()
    spoil(path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(StoreDamaged, match=r"db verify|recover|--data"):
        refuse_damaged(path, within=60, monotonic=lambda: 0)
    if spoil is not damage:
        for opened in (ArchiveRows, lambda file: open_store(file, current_owner())):
            with pytest.raises(StoreDamaged, match=r"db verify|recover|--data"):
                opened(path)
    (found,) = [one for one in verify(path, now=NOW) if one.state is FindingState.DAMAGED]
    assert found.remedy == "`sqlite3 FILE .recover` saves what can be read"
    assert not re.search(r"db verify|recover|[.;]$", found.what), "what helps is said once, and no check advises itself"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_case_71_the_way_out_names_the_newest_backup(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "monitor-20261124T120000Z.db").touch()
    path.write_bytes(b"")
    with pytest.raises(StoreDamaged, match=r"db restore .*/backups/monitor-20261124T120000Z\.db"):
        ArchiveRows(path)


def spoil_index(store: Store) -> None:
    store._run("UPDATE articles_fts_data SET block = x'00ff00ff00' WHERE id > 10")


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 44), reason="this SQLite does not look through FTS5's tables")
def test_case_71_a_search_index_alone_is_made_anew_and_all_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    store = filled(path, 50)
    spoil_index(store)
    refuse_damaged(path, within=60, monotonic=lambda: 0)
    with pytest.raises(IndexDamaged):
        DatabaseFile(path).check()
    findings = {one.check: one.state for one in verify(path, now=NOW, deep=True)}
    assert findings["integrity"] is FindingState.WRONG
    store.rebuild_indexes()
    assert DatabaseFile(path).check() is None
    assert wrong(path, deep=True) == {}
    assert store._rows("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'title'") == [(50,)]


def test_case_71_a_look_at_the_start_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    path = tmp_path / "data" / "monitor.db"
    filled(path, 2000).close()
    damage(path, "events")
    with pytest.raises(StoreDamaged):
        refuse_damaged(path, within=60, monotonic=lambda: 0)
    seconds = iter(range(10_000_000))
    refuse_damaged(path, within=0, monotonic=lambda: next(seconds))  # nothing found so far: the daily check goes on
