from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from monitor.errors import Busy
from monitor.model import FindingState, MessageState, Receipt
from monitor.store import (
    Store,
    all_copies,
    copy_database,
    current_owner,
    forget,
    has_traces,
    open_store,
    rewrite,
    verify,
)
from tests.factories import NOW
from tests.rigs.schemas import golden, load

ANNA, BEN = "anna@example.org", "ben@example.org"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "monitor.db"
    load(golden()[-1], made)
    return made


@pytest.fixture
def store(path: Path) -> Store:
    return open_store(path, current_owner())


def dump(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "\n".join(repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in tables)
    finally:
        connection.close()


def test_an_address_leaves_every_row_and_its_bytes_leave_the_file(path: Path, store: Store) -> None:
    raw = b"To: anna@example.org\r\nSubject: x\r\n\r\nx"
    notice = b"To: ops@example.org\r\nContent-Transfer-Encoding: base64\r\n\r\nNTUwIEFubmFARXhhbXBsZS5vcmcgdW5rbm93bg=="
    store._run("UPDATE messages SET raw = ? WHERE id = 1", [raw])
    store._run("UPDATE attempts SET reply = '550 <Anna@Example.org>: unknown user'")
    store._run("UPDATE events SET text = 'refused: anna@example.org', cause = 'x:anna@example.org'")
    store._run("UPDATE marks SET note = 'for anna@example.org'")
    store._run(
        'INSERT INTO messages (message_id, recipient, channel, "group", subject, raw, state, created_at, next_try_at)'
        " VALUES ('<9@x>', 'ops@example.org', 'desk', 'operator', 's', ?, 'queued', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z')",
        [notice],
    )
    assert has_traces(path, ANNA)
    done = forget(path, "ANNA@example.org", now=NOW)
    assert (done.alerts, done.messages, done.unsent, done.texts, done.instead) == (1, 1, 0, 5, "forgotten-1")
    told = dump(path).lower()
    assert "anna" not in told
    assert "bmFARXhhb".lower() not in told
    assert not has_traces(path, ANNA)
    assert BEN in told
    assert store._rows("SELECT recipient, state FROM v_alerts ORDER BY id") == [
        ("forgotten-1", "sent"),
        (BEN, "queued"),
    ]
    assert store._rows("SELECT relevant FROM v_marks") == [(1,)]
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {FindingState.OK}
    assert has_traces(path, BEN)


def test_what_waits_for_somebody_forgotten_is_not_sent(path: Path, store: Store) -> None:
    store._run(
        'INSERT INTO alerts (recipient, channel, "group", kind, article_id, revision, rules, words, created_at, due_at)'
        ' SELECT recipient, channel, "group", kind, article_id, 1, rules, words, created_at, due_at FROM alerts WHERE id = 2'
    )
    done = forget(path, BEN, now=NOW)
    assert (done.alerts, done.messages, done.unsent) == (2, 1, 2)
    assert store.claim_message(["desk"], now=NOW, lease=NOW - NOW) is None
    assert store._rows("SELECT count(*) FROM alerts WHERE message IS NULL") == [(0,)]
    assert not has_traces(path, BEN)
    again = forget(path, BEN, now=NOW)
    assert (again.alerts, again.messages, again.unsent, again.texts) == (0, 0, 0, 0)
    assert forget(path, ANNA, now=NOW).instead == "forgotten-2"
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {FindingState.OK}


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.UNKNOWN, MessageState.SENT])
def test_an_attempt_that_is_under_way_brings_no_address_back(path: Path, store: Store, state: MessageState) -> None:
    message = store.claim_message(["desk"], now=NOW, lease=timedelta(minutes=9))
    assert message is not None
    assert message.recipient == BEN
    forget(path, BEN, now=NOW)
    again = NOW + timedelta(minutes=1)
    store.settle_message(message, Receipt(state=state, at=NOW, reply=f"451 <{BEN}> later", next_try_at=again))
    assert not store.has_due(["desk"], now=NOW + timedelta(days=1))
    assert store.claim_message(["desk"], now=NOW + timedelta(days=1), lease=timedelta(minutes=9)) is None
    assert store._rows("SELECT state FROM messages WHERE id = ?", [message.id]) == [("failed",)]
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {FindingState.OK}
    store.close()
    assert not has_traces(path, BEN)


@pytest.mark.parametrize(("state", "then"), [(MessageState.QUEUED, "failed"), (MessageState.SENT, "sent")])
def test_a_message_given_up_while_it_is_sent_stays_so_unless_it_arrives(
    store: Store, state: MessageState, then: str
) -> None:
    message = store.claim_message(["desk"], now=NOW, lease=timedelta(minutes=9))
    assert message is not None
    store._run(
        "UPDATE messages SET state = 'failed', lease_owner = NULL, lease_until = NULL WHERE id = ?", [message.id]
    )
    store.settle_message(message, Receipt(state=state, at=NOW, reply="451 later", next_try_at=NOW))
    assert store._rows("SELECT state FROM messages WHERE id = ?", [message.id]) == [(then,)]


def old_bytes(store: Store) -> None:
    """Leave an address in space that was given up."""
    store._run("PRAGMA secure_delete = OFF")
    store._run("CREATE TABLE x (y)")
    store._many("INSERT INTO x VALUES (?)", [("anna@example.org " * 100,)] * 50)
    store._run("DROP TABLE x")
    store._run("PRAGMA wal_checkpoint(TRUNCATE)")


def test_old_bytes_in_unused_space_are_found_and_a_rewritten_file_has_none(path: Path, store: Store) -> None:
    old_bytes(store)
    forget(path, ANNA, now=NOW)
    store.close()
    assert has_traces(path, ANNA)
    rewrite(path)
    assert not has_traces(path, ANNA)
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {FindingState.OK}
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list(path.parent.glob(".re*"))


def test_what_is_stored_while_the_file_is_written_anew_is_kept(path: Path, store: Store) -> None:
    """A `mark` waits for it and then writes into the file that is there (no daemon runs)."""
    before = path.stat().st_ino
    rewrite(path)
    store._run("UPDATE marks SET note = 'after it'")
    store.close()
    other = open_store(path, current_owner())
    assert other._rows("SELECT DISTINCT note FROM marks") == [("after it",)]
    other.close()
    assert path.stat().st_ino == before


@pytest.mark.slow
@pytest.mark.parametrize("at_work", ["SELECT count(*) FROM articles", "UPDATE marks SET note = 'of another'"])
def test_where_another_process_is_in_the_way_of_erasing_that_is_said_and_it_goes_once_it_has_ended(
    path: Path, store: Store, at_work: str
) -> None:
    """Who reads keeps the old bytes in the file, and who writes keeps them from being touched at all."""
    old_bytes(store)
    forget(path, ANNA, now=NOW)
    store.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE" if at_work.startswith("UPDATE") else "BEGIN")
    other.execute(at_work).fetchall()
    with pytest.raises(Busy, match="end it and try again"):
        rewrite(path)
    other.execute("COMMIT")
    other.close()
    rewrite(path)
    assert not has_traces(path, ANNA)
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {FindingState.OK}


def test_the_log_of_a_database_that_is_gone_is_a_copy_that_may_have_the_address(path: Path, store: Store) -> None:
    store.close()
    copy_database(path, path.with_name("replaced-20261124T120000Z.db"))
    for name in ("replaced-20261125T120000Z.db-wal", "replaced-20261124T120000Z.db-wal"):
        path.with_name(name).write_bytes(b"x anna@example.org x")
    path.with_name("replaced-20261125T120000Z.db-shm").touch()
    assert [one.name for one in all_copies(path)] == [
        "replaced-20261124T120000Z.db",
        "replaced-20261125T120000Z.db-wal",
    ]
    assert all(has_traces(one, ANNA) for one in all_copies(path))


def test_a_copy_made_before_still_has_the_address_and_one_made_after_has_not(path: Path, store: Store) -> None:
    before = copy_database(path, path.parent / "backups" / "before.db").path
    forget(path, ANNA, now=NOW)
    after = copy_database(path, path.parent / "backups" / "after.db").path
    assert (has_traces(before, ANNA), has_traces(after, ANNA)) == (True, False)
    store.close()
