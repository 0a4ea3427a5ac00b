"""Another process holds the database: every method of the store waits, then succeeds or says so, and harms nothing (case 67).

Which methods there are is asked of the store itself: one that is new is called here too, or the test says what it lacks.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

import monitor.store.connection
from monitor.errors import StoreError
from monitor.model import (
    Alert,
    AlertKind,
    Backfill,
    BackfillState,
    DueGroup,
    IndexedText,
    Message,
    MessageState,
    Notice,
    Reason,
    Receipt,
    Retention,
    RobotsFile,
    Settled,
    Snapshot,
    Step,
    WantedPage,
    Watch,
    Way,
)
from monitor.normalise import identity_keys
from monitor.store import Store, current_owner, open_store
from monitor.store.connection import translated
from tests.factories import NOW, article, match, rule, source, state, visit
from tests.rigs.powerloss import digest

pytestmark = pytest.mark.slow

BUSY = 60  # milliseconds that a method waits here; 5,000 in the program
LEASE = timedelta(minutes=2)
KEYS = IndexedText(title="=title", body="=body")
FOUND = article(id=1, title="Title", text="Text", url="https://one.example/1")
OTHER = article(title="Other", url="https://one.example/2")
ALERT = Alert(
    recipient="anna@example.org",
    channel="desk",
    group="rule:prisoners",
    article_id=1,
    matches=(match(),),
    created_at=NOW,
    due_at=NOW,
)
LETTER = Message(
    id=1,
    message_id="<1@x>",
    recipient="anna@example.org",
    channel="desk",
    group="rule:prisoners",
    subject="S",
    raw=b"raw",
    created_at=NOW,
    next_try_at=NOW,
)
PAST = Backfill(
    id=1,
    source="one",
    reason=Reason.ASKED,
    since=NOW - timedelta(days=9),
    until=NOW,
    mails=True,
    most=100,
    state=BackfillState.OPEN,
    asked_at=NOW,
)
PAGE = WantedPage(article_id=1, source="one", url="https://one.example/1", added_at=NOW, seen_at=NOW)
SNAPSHOT = Snapshot(url="https://one.example/1", status=200, headers=(), sha256="00", size=1, packed=b"x")
DAY = timedelta(days=1)

# By the name of the parameter; `method.parameter` where one name means several things.
VALUES: dict[str, Any] = {
    "alert_id": 1,
    "alert_ids": [1],
    "alerts": [ALERT],
    "article": FOUND,
    "article_id": 1,
    "add.article": OTHER,
    "asked": DAY,
    "at": NOW,
    "attempts": 1,
    "backfill": PAST,
    "cause": "outage",
    "channels": ["desk"],
    "day": NOW.date(),
    "done": 1,
    "due": NOW - DAY,
    "due_at": NOW + DAY,
    "edited_at": NOW + DAY,
    "error": "http_500",
    "file": RobotsFile(status=200, body="", read_at=NOW),
    "fingerprints": ["f"],
    "first_due": {"one": NOW, "two": NOW},
    "found": 3,
    "gap": DAY,
    "group": DueGroup(
        recipient="anna@example.org", channel="desk", group="rule:prisoners", kind=AlertKind.NEW, waiting=1
    ),
    "backfill_of.group": "backfill:1",
    "hold": None,
    "host": "one.example",
    "ids": [1],
    "indexed": KEYS,
    "interval": LEASE,
    "keep": 2,
    "keys": identity_keys(OTHER),
    "language": "en",
    "lease": LEASE,
    "limit": 9,
    "matches": [match()],
    "message": LETTER,
    "form.message": replace(LETTER, message_id="<2@x>"),
    "form.alert_ids": [2],
    "missed": {"title": "h1"},
    "most": 9,
    "name": "one.example",
    "names": ["one.example"],
    "new": 1,
    "add_all.new": [(OTHER, identity_keys(OTHER), KEYS)],
    "note": None,
    "notice": Notice(cause="outage", text="out", at=NOW),
    "now": NOW,
    "number": 1,
    "only": ["one"],
    "mark.only": [],
    "outlet": "One",
    "page": PAGE,
    "patience": timedelta(),
    "paused": DAY,
    "per_hour": 9,
    "poll": DAY,
    "prefix": "out",
    "read": [(FOUND, KEYS)],
    "receipt": Receipt(state=MessageState.SENT, at=NOW, reply="250 ok"),
    "relevant": True,
    "retention": Retention(),
    "retry": DAY,
    "revision": 0,
    "rules": [rule("prisoners", "prisoner")],
    "seen": {},
    "settled": [Settled(visit=visit("one"), state=state("one"))],
    "shown": [],
    "remarks": ("gave up",),
    "since": NOW - DAY,
    "snapshot": SNAPSHOT,
    "source": "one",
    "sources": ["one"],
    "sync.sources": [source("one"), source("two")],
    "status": 410,
    "steps": [Step(url="https://one.example/?page=2", way=next(iter(Way)))],
    "told_once": True,
    "until": NOW + DAY,
    "version": "2",
    "wanted": {"prisoners": [("anna@example.org", "desk")]},
    "watch": Watch(article_id=1, source="one", first_seen_at=NOW, since=NOW, due_at=NOW),
    "withdrawn": [],
}


def methods() -> dict[str, Callable[..., Any]]:
    """Every public method but those that close the store: `reopen` under a lock is tried again (e2e/test_db.py)."""
    found = dict(inspect.getmembers(Store, inspect.isfunction))
    return {name: found[name] for name in found if not name.startswith("_") and name not in {"close", "reopen"}}


def call(store: Store, name: str) -> None:
    """Call a method as the store's thread does, with what it must be given."""
    needed = [
        parameter
        for parameter in list(inspect.signature(methods()[name]).parameters.values())[1:]
        if parameter.default is parameter.empty
    ]
    keys = {one.name: f"{name}.{one.name}" if f"{name}.{one.name}" in VALUES else one.name for one in needed}
    assert set(keys.values()) <= set(VALUES), f"VALUES lacks what {name} takes: {keys}"
    values = {parameter: VALUES[key] for parameter, key in keys.items()}
    with translated():
        made = getattr(store, name)(**values)
        if isinstance(made, AbstractContextManager):
            with made:
                pass


def refusal(store: Store, name: str) -> str | None:
    """Call a method; give the store's words where it could not do its work."""
    try:
        call(store, name)
    except StoreError as error:
        return str(error)
    return None


@pytest.fixture(params=["wal", "truncate"])
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    # Patched, because one machine has one SQLite: an old one takes the other journal.
    monkeypatch.setattr(monitor.store.connection, "SAFE_WAL", (0,) if request.param == "wal" else (99,))
    return str(request.param)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database in which every method has something to do."""
    path = tmp_path_factory.mktemp("locks") / "monitor.db"
    store = open_store(path, current_owner())
    call(store, "sync")
    call(store, "version")
    for found in (FOUND, article(title="Third", url="https://one.example/3")):
        store.add(found, identity_keys(found), KEYS)
    for name in ("want_page", "alert", "record", "keep_watch", "notice", "pause_host"):
        call(store, name)
    store.add_backfill(PAST)
    store.form(LETTER, [1])
    store.alert([replace(ALERT, recipient="bob@example.org")])
    store.close()
    return path.read_bytes()


@contextmanager
def opened(content: bytes, folder: Path, name: str) -> Iterator[tuple[Store, Path]]:
    path = folder / f"{name}.db"
    path.write_bytes(content)
    store = open_store(path, current_owner())
    try:
        yield store, path
    finally:
        store.close()


@contextmanager
def held(path: Path, mode: str) -> Iterator[Any]:
    """Hold the database from elsewhere: where readers go on beside a writer its write lock, else all of it."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE" if mode == "wal" else "BEGIN EXCLUSIVE")
    try:
        yield other
    finally:
        other.close()


def test_case_67_under_a_lock_every_method_succeeds_or_says_so_and_harms_nothing(
    mode: str, content: bytes, tmp_path: Path
) -> None:
    refused = set()
    for name in methods():
        with opened(content, tmp_path, name) as (store, path):
            store._run(f"PRAGMA busy_timeout = {BUSY}")
            before = digest(store)
            with held(path, mode):
                if said := refusal(store, name):
                    assert "locked" in said, (name, said)
                    refused.add(name)
                assert not store._database.conn.in_transaction, name
            assert digest(store) == before, name
            call(store, name)  # nothing is left in the way of the next try
            assert store._rows("PRAGMA integrity_check") == [("ok",)], name
    assert {"claim", "settle", "form", "claim_message", "settle_message", "add", "transaction", "pull_back"} <= refused


def test_case_67_every_method_waits_for_a_lock_that_is_let_go(mode: str, content: bytes, tmp_path: Path) -> None:
    for name in methods():
        with opened(content, tmp_path, name) as (store, path), held(path, mode) as other:
            letting_go = threading.Timer(0.05, other.execute, ["COMMIT"])
            letting_go.start()
            call(store, name)
            letting_go.join()


def test_case_67_no_method_writes_in_a_transaction_that_began_by_reading(content: bytes, tmp_path: Path) -> None:
    """Such a one fails at once with BUSY_SNAPSHOT where another process wrote meanwhile, however long it may wait."""
    begun = 0
    for name in methods():
        with opened(content, tmp_path, name) as (store, _):
            said: list[str] = []
            store._database.conn.set_trace_callback(said.append)
            call(store, name)
            store._database.conn.set_trace_callback(None)
            starts = [one for one in said if one.lstrip().upper().startswith(("BEGIN", "SAVEPOINT"))]
            assert set(starts) <= {"BEGIN IMMEDIATE"}, (name, starts)
            begun += len(starts)
    assert begun > 20


@pytest.mark.usefixtures("mode")
def test_case_67_a_write_after_a_read_waits_its_turn(content: bytes, tmp_path: Path) -> None:
    """Another process writes between our reading and our writing; neither fails."""
    with opened(content, tmp_path, "both") as (store, path):
        other = sqlite3.connect(path, isolation_level=None)
        for number in range(20):
            assert store.states()
            other.execute("UPDATE source_state SET failures = ?", [number])
            started = time.monotonic()
            call(store, "settle")
            assert time.monotonic() - started < 5
        other.close()
