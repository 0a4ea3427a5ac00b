"""What every face of the store must do, in both journal modes it may run in (see docs/decisions.md)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

import monitor.store.connection
from monitor.errors import StoreDamaged, StoreError
from monitor.model import (
    Alert,
    AlertKind,
    DueGroup,
    Filters,
    IndexedText,
    Message,
    MessageState,
    Notice,
    Receipt,
    Retention,
    Settled,
    Validators,
    VisitOutcome,
)
from monitor.normalise import identity_keys
from monitor.polling.rhythm import begin
from monitor.store import (
    ArchiveRows,
    Aside,
    Owner,
    Store,
    copy_database,
    current_owner,
    journal_mode,
    open_store,
    verify,
)
from monitor.store.connection import APPLICATION_ID
from monitor.store.migrations import migrations
from tests.factories import NOW, article, match, rule, source, state, visit

LEASE = timedelta(minutes=2)
LATER = NOW + timedelta(hours=1)
KEYS = IndexedText(title="=title ~titl title", body="=c++ =at&t")


@pytest.fixture(params=["wal", "truncate"])
def path(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Patched, because one machine has one SQLite: an old one takes the other journal.
    monkeypatch.setattr(monitor.store.connection, "SAFE_WAL", (0,) if request.param == "wal" else (99,))
    return tmp_path / "data" / "monitor.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(path, current_owner())
    opened.sync([source("one"), source("two")], now=NOW, first_due={"one": NOW, "two": NOW + timedelta(hours=1)})
    yield opened
    opened.close()


def add(store: Store, **changes: object) -> int:
    found = article(**changes)
    return store.add(found, identity_keys(found), KEYS)


def alert(article_id: int, **changes: Any) -> Alert:
    values: dict[str, Any] = {
        "recipient": "anna@example.org",
        "channel": "desk",
        "group": "rule:prisoners",
        "article_id": article_id,
        "matches": (match(),),
        "created_at": NOW,
        "due_at": NOW,
    }
    return Alert(**values | changes)


def message(name: str = "<1@x>", **changes: Any) -> Message:
    values: dict[str, Any] = {
        "message_id": name,
        "recipient": "anna@example.org",
        "channel": "desk",
        "group": "rule:prisoners",
        "subject": "S",
        "raw": b"raw",
        "created_at": NOW,
        "next_try_at": NOW,
    }
    return Message(**values | changes)


@pytest.mark.usefixtures("schema_built")
def test_the_database_is_private_and_ours(path: Path, store: Store) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store._rows("PRAGMA synchronous")[0][0] == 2
    assert store._rows("PRAGMA journal_mode")[0][0] == journal_mode()
    assert store._rows("PRAGMA foreign_keys")[0][0] == 1
    assert [file.name for file in path.parent.glob("*.new")] == []


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\0" * 4000, b""])
def test_a_file_that_is_not_ours_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    """(case 71)"""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises((StoreDamaged, StoreError)):
        open_store(path, current_owner())
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    sqlite3.connect(path).execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(StoreDamaged, match="not a database of this program"):
        ArchiveRows(path)


def test_a_newer_schema_is_refused(path: Path, store: Store) -> None:
    store._run("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('monitor', '9999_x', '')")
    with pytest.raises(StoreError, match="newer version"):
        open_store(path, current_owner())


def test_a_database_of_the_first_release_gains_what_pages_need(tmp_path: Path) -> None:
    file = tmp_path / "monitor.db"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations.apply(Database(connection), stop_before="0002_pages")
    connection.execute(
        "INSERT INTO sources VALUES ('one', 'One', 'feed', 'https://one.example/', 'en', NULL, '2026', NULL)"
    )
    connection.execute(
        "INSERT INTO articles (source, outlet, language, title, summary, text, first_seen_at, text_state, baseline,"
        " revision) VALUES ('one', 'One', 'en', 'Title', '', 'Text', '2026-11-24T12:00:00Z', 'none', 0, 0)"
    )
    connection.close()
    with pytest.raises(StoreError, match="earlier version of this program; `monitor run`"):
        ArchiveRows(file)
    store = open_store(file, current_owner())
    kept = store.get([1])[1]
    assert (kept.title, kept.text, kept.told, kept.page_read_at) == ("Title", "Text", "", None)
    assert store.claim_pages(now=NOW, limit=9, lease=timedelta(minutes=1), only=["one"]) == ()
    store.close()
    assert ArchiveRows(file).unread(["one"]) == []


def test_no_database_yet_is_said_plainly(path: Path) -> None:
    with pytest.raises(StoreError, match="monitor run"):
        ArchiveRows(path)


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        open_store(tmp_path / "file" / "monitor.db", current_owner())


def test_due_sources_are_claimed_once_until_their_lease_ends(store: Store) -> None:
    (claimed,) = store.claim(now=NOW, limit=9, lease=LEASE)
    assert claimed.source == "one"
    assert store.claim(now=NOW, limit=9, lease=LEASE) == ()
    assert [item.source for item in store.claim(now=NOW + LEASE, limit=9, lease=LEASE)] == ["one"]
    assert [item.source for item in store.claim(now=NOW, limit=9, lease=LEASE, only=["two"])] == ["two"]


def test_the_next_due_source_is_known(store: Store) -> None:
    assert store.next_due() == NOW
    store.sync([], now=NOW, first_due={})
    assert store.next_due() is None


def test_settling_remembers_validators_byte_for_byte_and_frees_the_lease(path: Path, store: Store) -> None:
    """(cases 83, 84)"""
    store.claim(now=NOW, limit=1, lease=LEASE)
    kept = state(
        "one",
        validators=Validators(etag=b'W/"\xffa-gzip"', last_modified=b"Wednesday, foo"),
        due_at=NOW,
        body_hash=b"h",
    )
    store.settle([Settled(visit=visit("one", outcome=VisitOutcome.NOT_MODIFIED, status=304), state=kept)])
    (again,) = store.claim(now=NOW, limit=1, lease=LEASE)
    assert again.validators == kept.validators
    assert [tuple(row) for row in ArchiveRows(path).select("select outcome from visits")[1]] == [("not_modified",)]


def test_a_changed_address_keeps_everything_but_the_validators(store: Store) -> None:
    kept = state("one", validators=Validators(etag=b"x"), first_good_at=NOW, due_at=NOW + timedelta(hours=3))
    store.settle([Settled(visit=visit("one"), state=kept)])
    store.sync([source("one", url="https://new.example/")], now=NOW, first_due={})
    (found,) = store.states()
    assert (found.validators, found.first_good_at, found.due_at) == (Validators(), NOW, NOW)


def test_a_source_that_left_and_came_back_is_no_new_source(store: Store) -> None:
    store.settle([Settled(visit=visit("two"), state=state("two", first_good_at=NOW))])
    store.sync([source("one")], now=NOW, first_due={})
    assert [item.source for item in store.states()] == ["one"]
    assert store.claim(now=NOW, limit=9, lease=LEASE, only=["two"]) == ()
    store.sync([source("one"), source("two")], now=NOW, first_due={})
    assert {item.source: item.first_good_at for item in store.states()}["two"] == NOW


def test_articles_are_found_by_every_key_they_ever_had(store: Store) -> None:
    first = add(
        store, canonical_url="https://one.example/1", guid="g" * 3000, url="https://one.example/1", published_at=NOW
    )
    keys = identity_keys(article(canonical_url="https://one.example/1", guid="g" * 3000, published_at=NOW))
    assert set(store.find(keys).values()) == {first}
    assert len(store.find(keys)) == len(keys)
    more = identity_keys(article(guid="other"))
    assert store.learn(first, "two", more)
    assert not store.learn(first, "two", more)
    assert store.find(more)[more[0]] == first
    assert store.get([first, 99])[first].published_at == NOW


def test_an_article_that_was_there_before_can_become_news(store: Store) -> None:
    first, other = add(store, guid="a", baseline=True), add(store, guid="b", baseline=True)
    store.count_as_news(first)
    assert [store.get([first, other])[number].baseline for number in (first, other)] == [False, True]


def test_hundreds_of_keys_are_found_at_once(store: Store) -> None:
    keys = [key for number in range(900) for key in identity_keys(article(guid=str(number)))]
    assert store.find(keys) == {}
    assert store.get(range(1, 900)) == {}


def test_a_revision_keeps_the_earlier_version(store: Store) -> None:
    number = add(store, title="Old", text="old text")
    changed = replace(store.get([number])[number], title="New", text="new text")
    assert store.revise(changed, IndexedText(title="=new", body=""), now=LATER, keep=3) == 1
    assert store._rows("SELECT number, title, text, replaced_at FROM revisions") == [
        (0, "Old", "old text", "2026-11-24T13:00:00Z")
    ]
    assert store.versions(number) == ("Old\n\nold text",)
    assert store.get([number])[number].revision == 1
    assert store._rows("SELECT rowid FROM article_keys_fts WHERE article_keys_fts MATCH '\"=new\"'") == [(number,)]
    assert store._rows("SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'new'") == [(number,)]


def test_the_first_version_the_last_ones_and_those_of_waiting_alerts_are_kept(store: Store) -> None:
    """A page that grows all day is bounded in what is kept of it, not in what is read (case 105)."""
    number = add(store, title="0")
    store.alert([alert(number, revision=2)])
    for title in range(1, 9):
        changed = replace(store.get([number])[number], title=str(title))
        assert store.revise(changed, IndexedText(title="", body=""), now=LATER, keep=3) == title
    assert [row[0] for row in store._rows("SELECT title FROM revisions ORDER BY number")] == ["0", "2", "6", "7"]


def test_a_mail_shows_the_version_that_its_alert_is_about(store: Store) -> None:
    """The words of an alert stand where they stood when it was made."""
    number = add(store, title="Truce signed")
    store.alert([alert(number)])
    changed = replace(store.get([number])[number], title="At dawn: truce signed")
    store.revise(changed, IndexedText(title="", body=""), now=LATER, keep=3)
    store.alert([alert(number, revision=1)])
    (group,) = store.due(now=LATER, interval=timedelta())
    titles = [waiting.article.title for waiting in store.waiting(group, now=LATER, limit=9)]
    assert titles == ["Truce signed", "At dawn: truce signed"]


def test_both_or_none_of_article_and_alert(path: Path, store: Store) -> None:
    """Nobody sees half of a transaction, and a failure in it leaves nothing (case 4)."""

    def fail_half_way() -> None:
        with store.transaction():
            number = add(store)
            store.record(number, 0, [match()])
            assert sqlite3.connect(path).execute("SELECT count(*) FROM articles").fetchone() == (0,)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert store._rows("SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM article_ids)") == [(0,)]


def test_nobody_is_told_of_one_version_twice(store: Store) -> None:
    """(case 17)"""
    number = add(store)
    assert store.alert([alert(number), alert(number, group="rule:other")]) == 1
    assert store.alert([alert(number, revision=1), alert(number, recipient="bob@example.org")]) == 2


def test_a_group_waits_for_its_interval_and_a_digest_does_not(store: Store) -> None:
    first, second = add(store, guid="1"), add(store, guid="2")
    store.record(first, 0, [match()])
    store.alert([alert(first)])
    (group,) = store.due(now=NOW, interval=timedelta(minutes=5))
    (waiting,) = store.waiting(group, now=NOW, limit=9)
    assert waiting.alert.matches == (match(),)
    assert store.form(message(), [waiting.alert.id or 0])
    assert not store.form(message("<2@x>"), [waiting.alert.id or 0])
    assert not store.form(message(), [])
    store.alert([alert(second), alert(second, recipient="bob@example.org", kind=AlertKind.FLOOD, group="flood:one")])
    soon = NOW + timedelta(minutes=4)
    assert [item.recipient for item in store.due(now=soon, interval=timedelta(minutes=5))] == ["bob@example.org"]
    assert len(store.due(now=NOW + timedelta(minutes=5), interval=timedelta(minutes=5))) == 2
    everything = DueGroup(recipient="anna@example.org", channel="desk", group="", kind=AlertKind.NEW, waiting=1)
    assert len(store.waiting(everything, now=NOW, limit=9)) == 1


def test_what_waits_for_somebody_who_left_goes_to_those_who_are_there_now(store: Store) -> None:
    """Switching from the maildir to mail, or mending an address, loses nothing that waited."""
    first, second, third = (add(store, guid=str(number)) for number in range(3))
    store.alert([alert(first, recipient="desk"), alert(second, recipient="desk"), alert(second)])
    store.alert([alert(third, recipient="desk", matches=(match("gone"),))])
    formed = store._rows("SELECT id FROM alerts WHERE article_id = ?", [first])[0][0]
    assert store.form(message(recipient="desk"), [formed])
    now = [("anna@example.org", "office"), ("bob@example.org", "office")]
    assert store.reroute({"prisoners": now}) == (2, 1)
    assert [
        tuple(row) for row in store._rows("SELECT recipient, channel, article_id, message FROM alerts ORDER BY 1, 3")
    ] == [
        ("anna@example.org", "office", first, None),
        ("anna@example.org", "office", second, None),
        ("bob@example.org", "office", first, None),
        ("bob@example.org", "office", second, None),
    ]
    assert store.claim_message(["desk", "office"], now=NOW, lease=LEASE) is None
    assert store.reroute({"prisoners": now}) == (0, 0)


def test_a_channel_with_another_name_keeps_its_mails_and_sent_ones_stay_as_they_are(store: Store) -> None:
    number = add(store)
    store.alert([alert(number)])
    assert store.form(message(), [1])
    assert store.reroute({"prisoners": [("anna@example.org", "office")]}) == (0, 0)
    claimed = store.claim_message(["office"], now=NOW, lease=LEASE)
    assert claimed is not None
    store.settle_message(claimed, Receipt(state=MessageState.SENT, at=NOW, reply="250"))
    assert store.reroute({}) == (0, 0)
    assert store._rows("SELECT count(*) FROM alerts")[0][0] == 1


def test_a_message_is_claimed_by_one_and_settled(path: Path, store: Store) -> None:
    store.form(message(), [])
    assert store.has_due(["desk"], now=NOW)
    assert not store.has_due(["other"], now=NOW)
    claimed = store.claim_message(["desk"], now=NOW, lease=LEASE)
    assert claimed is not None
    assert claimed.raw == b"raw"
    assert store.claim_message(["desk"], now=NOW, lease=LEASE) is None
    store.settle_message(claimed, Receipt(state=MessageState.QUEUED, at=NOW, reply="450", next_try_at=NOW + LEASE))
    assert store.claim_message(["desk"], now=NOW, lease=LEASE) is None
    again = store.claim_message(["desk"], now=NOW + LEASE, lease=LEASE)
    assert again is not None
    assert again.attempts == 1
    store.settle_message(again, Receipt(state=MessageState.SENT, at=NOW, reply="250"))
    delivery = ArchiveRows(path).delivery()
    assert delivery["states"] == {"sent": 1}
    assert delivery["last_sent"] == "2026-11-24T12:00:00Z"


def test_a_message_whose_sender_is_gone_is_unknown_and_goes_again(store: Store) -> None:
    """(cases 2, 3)"""
    store.form(message(), [])
    store.claim_message(["desk"], now=NOW, lease=LEASE)
    late = store.claim_message(["desk"], now=NOW + LEASE, lease=LEASE)
    assert late is not None
    dead = Store(store._database, replace(current_owner(), pid=2**22 + 5))
    dead.settle_message(late, Receipt(state=MessageState.QUEUED, at=NOW, counts=False, next_try_at=NOW))
    dead.claim_message(["desk"], now=NOW, lease=LEASE)
    dead.claim(now=NOW, limit=1, lease=LEASE)
    assert store.release_dead(now=NOW) == 2
    assert store._rows("SELECT state FROM messages") == [("unknown",)]
    assert store.claim_message(["desk"], now=NOW, lease=LEASE) is not None
    assert store.release_dead(now=NOW) == 0


@pytest.mark.parametrize("change", [{"boot": "another"}, {"started": 1.0}, {"pid": 2**22 + 5}])
def test_the_dead_are_known_by_boot_start_and_pid(store: Store, change: dict[str, Any]) -> None:
    other = Store(store._database, replace(current_owner(), **change))
    other.claim(now=NOW, limit=1, lease=LEASE)
    assert store.release_dead(now=NOW) == 1


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="locks are seen in /proc/locks, which Linux has")
def test_no_look_at_the_database_takes_the_locks_of_this_process_away(store: Store, path: Path) -> None:
    """By them another program that closes the file knows that it is in use, and leaves its log alone."""

    def held() -> int:
        found = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        return sum(row[-4] == str(os.getpid()) and row[-3].endswith(f":{path.stat().st_ino}") for row in found)

    with store.transaction():  # whatever the journal, a lock is held for as long
        store._rows("SELECT count(*) FROM articles")
        before = held()
        assert before > 0
        copy_database(path, path.parent / "copy.db")
        verify(path, now=NOW)
        archive = ArchiveRows(path)
        archive.held_back(LEASE)
        archive.close()
        assert held() == before


def test_case_37_a_clock_that_is_set_makes_nobody_dead(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's time of the boot moves with the clock, and with it when a process is said to have started."""
    store.claim(now=NOW, limit=1, lease=LEASE)
    boot = psutil.boot_time()
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: boot - 3600)  # nobody may set a test machine's clock
    assert store.release_dead(now=NOW) == 0
    assert Store(store._database, current_owner()).release_dead(now=NOW) == 0


def test_what_an_earlier_version_holds_that_still_runs_stays_its(store: Store) -> None:
    """It wrote its start in seconds since 1970, which a clock that is set moves."""
    for pid, released in ((os.getpid(), 0), (2**22 + 5, 1)):
        other = Store(store._database, replace(current_owner(), pid=pid, started=1_790_000_000.0))
        other.claim(now=NOW, limit=1, lease=LEASE)
        assert store.release_dead(now=NOW) == released
        other.release_own(now=NOW)


def test_another_hosts_lease_is_never_released(store: Store) -> None:
    Store(store._database, Owner("elsewhere", "x", 1, 1.0)).claim(now=NOW, limit=1, lease=LEASE)
    assert store.release_dead(now=NOW) == 0


def test_every_attempt_is_kept_also_those_that_ended_with_their_process(store: Store) -> None:
    """A lease that ran out and an owner that died are attempts without an answer; without a connection there is none."""
    store.form(message(), [])
    times = [NOW + timedelta(hours=hours) for hours in range(4)]
    assert store.claim_message(["desk"], now=times[0], lease=LEASE) is not None
    assert store.claim_message(["desk"], now=times[1], lease=LEASE) is not None
    store._run("UPDATE messages SET lease_owner = ?", [replace(current_owner(), started=1.0).text()])
    assert store.release_dead(now=times[1]) == 1
    third = store.claim_message(["desk"], now=times[2], lease=LEASE)
    assert third is not None
    store.settle_message(
        third, Receipt(state=MessageState.QUEUED, at=times[2], reply="451 later", next_try_at=times[2])
    )
    fourth = store.claim_message(["desk"], now=times[3], lease=LEASE)
    assert fourth is not None
    store.settle_message(fourth, Receipt(state=MessageState.QUEUED, at=times[3], next_try_at=times[3], counts=False))
    unheard = "the program ended before the server's answer was heard"
    assert store._rows("SELECT state, reply FROM attempts ORDER BY id") == [
        ("unknown", unheard),
        ("unknown", unheard),
        ("queued", "451 later"),
    ]
    assert store._rows("SELECT attempts, reply FROM messages") == [(1, "451 later")]


def test_times_beyond_their_maximum_are_pulled_back(store: Store) -> None:
    """(case 37)"""
    far = NOW + timedelta(days=400)
    store.settle([Settled(visit=visit("one"), state=state("one", due_at=far))])
    store.form(message(next_try_at=far), [])
    changed = store.pull_back(now=NOW, poll=timedelta(days=1), retry=timedelta(hours=1), lease=LEASE)
    assert changed == 2
    assert store.claim_message(["desk"], now=NOW + timedelta(hours=1), lease=LEASE) is not None


def test_case_37_what_is_to_come_stays_as_far_ahead_when_the_clock_is_set_back(store: Store) -> None:
    store.settle([Settled(visit=visit("one"), state=state("one", due_at=NOW + timedelta(minutes=5)))])
    store.form(message(next_try_at=NOW + timedelta(minutes=1)), [])
    earlier, back = NOW - timedelta(hours=3), timedelta(hours=3)
    limits = {"poll": timedelta(days=1), "retry": timedelta(hours=9), "lease": LEASE}
    assert store.pull_back(now=earlier, back=back, **limits) == 3  # the other source, too
    assert store.next_due() == earlier + timedelta(minutes=5)
    assert not store.has_due(["desk"], now=earlier)
    assert store.has_due(["desk"], now=earlier + timedelta(minutes=1))


def test_case_37_a_mail_formed_before_the_clock_was_set_back_holds_up_no_other(store: Store) -> None:
    earlier = NOW - timedelta(hours=3)
    store.alert([alert(add(store), due_at=earlier)])
    store.form(message(), [])
    assert store.due(now=NOW, interval=timedelta(minutes=5)) == ()
    assert len(store.due(now=earlier, interval=timedelta(minutes=5))) == 1


def test_case_81_the_newest_moment_written_down_is_known(store: Store) -> None:
    assert store.newest() is None
    add(store)
    assert store.newest() == NOW
    store.settle([Settled(visit=visit("one", finished_at=LATER), state=state("one"))])
    assert store.newest() == LATER


def test_a_notice_is_open_once_and_can_come_again(path: Path, store: Store) -> None:
    notice = Notice(cause="transport:smtp", text="refused", at=NOW)
    assert store.notice(notice)
    assert not store.notice(notice)
    assert [row["cause"] for row in ArchiveRows(path).open_notices()] == ["transport:smtp"]
    assert store.resolve("transport:smtp", NOW)
    assert not store.resolve("transport:smtp", NOW)
    assert store.notice(notice)


def test_rules_get_a_new_version_when_they_change(path: Path, store: Store) -> None:
    (first,) = store.version([rule("r", "a")], now=NOW)
    (same,) = store.version([rule("r", "a")], now=NOW)
    (new,) = store.version([rule("r", "b")], now=NOW)
    assert [first.version, same.version, new.version] == [1, 1, 2]
    number = add(store)
    store.record(number, 0, [match("r")])
    assert ArchiveRows(path).rule_counts(NOW)["r"] == {"version": 2, "articles_24h": 1, "articles_7d": 1}


def test_retention_forgets_texts_but_never_that_an_article_was_seen(store: Store) -> None:
    """(case 80)"""
    number = add(store, text="text", guid="g")
    store.settle([Settled(visit=visit("one", new_articles=1), state=state("one"))])
    store.settle([Settled(visit=visit("one", outcome=VisitOutcome.FAILED), state=state("one"))])
    store.form(message(), [])
    claimed = store.claim_message(["desk"], now=NOW, lease=LEASE)
    assert claimed is not None
    store.settle_message(claimed, Receipt(state=MessageState.SENT, at=NOW))
    later = NOW + timedelta(days=100)
    day = timedelta(days=1)
    assert store.purge(now=later, retention=Retention(visits=None, messages=None)) == 0
    assert store.purge(now=later, retention=Retention(visits=day, messages=day, articles=day)) == 4
    assert store.get([number])[number].text == ""
    assert store.find(identity_keys(article(guid="g")))
    assert store._rows("SELECT visits, failed, new_articles FROM visit_days") == [(2, 1, 1)]
    assert store._rows("SELECT raw FROM messages") == [(None,)]


def test_search_pages_through_candidates_newest_first(path: Path, store: Store) -> None:
    numbers = [add(store, guid=str(number), first_seen_at=NOW + timedelta(hours=number)) for number in range(3)]
    archive = ArchiveRows(path)
    found = archive.search('"=c++" OR "=at&t"', Filters(), before=None, limit=2)
    assert [item.id for item in found] == numbers[:0:-1]
    assert [item.id for item in archive.search(None, Filters(), before=numbers[1], limit=9)] == numbers[:1]
    narrow = Filters(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2), language="en", source="one")
    assert [item.id for item in archive.search(None, narrow, before=None, limit=9)] == [numbers[1]]


def test_views_tell_alerts_and_health(path: Path, store: Store) -> None:
    number = add(store)
    store.alert([alert(number)])
    store.settle([Settled(visit=visit("one"), state=state("one", failures=2, last_error="dns"))])
    archive = ArchiveRows(path)
    (row,) = archive.alerts(since=NOW, limit=5)
    assert (row["state"], row["rules"], row["words"]) == ("waiting", '["prisoners"]', '["Title"]')
    assert archive.alerts(since=NOW + timedelta(days=1), limit=None) == []
    assert {item["source"]: item["state"] for item in archive.health()} == {"one": "slow", "two": "new"}
    assert archive.facts()["articles"] == 1
    archive.close()


@pytest.mark.parametrize(
    "statement", ["DELETE FROM articles", "ATTACH 'x.db' AS x", "nonsense", "PRAGMA user_version = 3"]
)
@pytest.mark.usefixtures("store")
def test_sql_only_reads(path: Path, statement: str) -> None:
    archive = ArchiveRows(path)
    with pytest.raises(StoreError):
        list(archive.select(statement)[1])
    assert not Path("x.db").exists()


@pytest.mark.usefixtures("store")
def test_sql_gives_columns_and_rows(path: Path) -> None:
    columns, rows = ArchiveRows(path).select("SELECT name FROM sources ORDER BY name")
    assert (columns, [tuple(row) for row in rows]) == (["name"], [("one",), ("two",)])


async def test_the_store_thread_translates_errors() -> None:
    thread = Aside("store")

    def fail(error: Exception) -> None:
        raise error

    damaged = sqlite3.DatabaseError("malformed")
    damaged.sqlite_errorname = "SQLITE_CORRUPT"
    for error, expected in (
        (sqlite3.OperationalError("database is locked"), StoreError),
        (sqlite3.IntegrityError("x"), StoreError),
        (sqlite3.DatabaseError("not authorized"), StoreError),
        (damaged, StoreDamaged),
        (OSError(28, "No space left"), StoreError),
    ):
        with pytest.raises(expected):
            await thread(fail, error)
    assert await thread(len, "abc") == 3
    thread.close()


def test_the_schema_is_documented(store: Store) -> None:
    """Every table, column and view stands in docs/schema.md, and nothing else does."""
    text = (Path(__file__).parents[2] / "docs" / "schema.md").read_text()
    documented: dict[str, set[str]] = {}
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        name = section.split("`")[1]
        documented[name] = set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))
    names = [
        row[0]
        for row in store._rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        if not re.search(r"_fts_\w+$|^sqlite_|^_sqlite", row[0])
    ]
    actual = {name: {row[1] for row in store._rows(f'PRAGMA table_info("{name}")')} for name in names}
    assert documented == actual


@pytest.mark.usefixtures("store")
def test_example_queries_of_the_schema_run(path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "schema.md").read_text()
    queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert len(queries) >= 5
    connection = sqlite3.connect(path)
    for query in queries:
        connection.execute(query).fetchall()
    connection.close()


def test_alerts_that_wait_are_counted_with_the_time_when_the_last_of_them_may_go(path: Path, store: Store) -> None:
    """When it is due, or when its group's interval is over, which a flood does not wait for."""
    archive, interval = ArchiveRows(path), timedelta(minutes=5)
    assert archive.held_back(interval) == (0, None)
    number = add(store)
    store.alert([alert(number)])
    (group,) = store.due(now=NOW, interval=interval)
    (first,) = store.waiting(group, now=NOW, limit=9)
    assert store.form(message(created_at=NOW), [first.alert.id or 0])
    assert archive.held_back(interval) == (0, None)
    later = add(store, url="https://one.example/2", guid="2")
    store.alert([alert(later, due_at=NOW + timedelta(minutes=1))])
    assert archive.held_back(interval) == (1, NOW + interval)
    assert archive.held_back(timedelta(0)) == (1, NOW + timedelta(minutes=1))
    flood = add(store, url="https://one.example/3", guid="3")
    store.alert([alert(flood, kind=AlertKind.FLOOD, group="flood", due_at=NOW + timedelta(hours=1))])
    assert archive.held_back(interval) == (2, NOW + timedelta(hours=1))
    archive.close()


def test_a_rhythm_is_kept_as_it_was_learned_until_a_visit_is_read_again(store: Store) -> None:
    known = begin([NOW - timedelta(hours=3 * count, minutes=7) for count in range(40)], now=NOW)
    store.settle([Settled(visit=visit("one"), state=state("one", rhythm=known, weight=1.5))])
    store.settle([Settled(visit=visit("one", outcome=VisitOutcome.NOT_MODIFIED), state=state("one", weight=1.25))])
    (kept,) = (item for item in store.states() if item.source == "one")
    assert kept.rhythm is not None
    assert kept.rhythm.hours == pytest.approx(known.hours, abs=0.01)
    assert (kept.rhythm.last_at, kept.rhythm.window) == (known.last_at, 40)
    assert kept.rhythm.articles == pytest.approx(known.articles, abs=0.001)
    assert kept.rhythm.burst == pytest.approx(known.burst, abs=0.001) != 0
    assert store.weights() == {"one": 1.25, "two": None}
