"""Forgetting a person: an address leaves every row, and its bytes leave the file."""

from __future__ import annotations

import email
import email.policy
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.errors import Busy
from monitor.store.connection import connect_for_writing, translated
from monitor.store.copying import RESERVE, check_room, size_of
from monitor.store.leftovers import sweep
from monitor.store.settling import settle_unsent

FORGOTTEN = "not sent: the recipient was forgotten (db forget)"
_TEXTS = (("messages", "id", "reply"), ("attempts", "id", "reply"), ("events", "id", "text"), ("events", "id", "cause"))
_PIECE = 2**20  # bytes of the file that are looked through at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was taken out; `instead` stands in the address's place, so that alerts can still be counted."""

    alerts: int
    messages: int
    unsent: int
    texts: int
    instead: str


def forget(path: Path, address: str, *, now: datetime) -> Forgotten:
    """Take an address out of every row; what waits for it is not sent. Works beside a daemon.

    Alerts and marks stay, under a name that says nothing, because rules are judged by them.

    Raises:
        StoreError: the database is in the way; nothing was changed.
    """
    with translated(path), closing(connect_for_writing(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        instead = _name(connection)
        alerts = connection.execute(
            "UPDATE alerts SET recipient = ? WHERE lower(recipient) = lower(?)", [instead, address]
        ).rowcount
        messages = connection.execute(
            "UPDATE messages SET recipient = ? WHERE lower(recipient) = lower(?)", [instead, address]
        ).rowcount
        unsent = settle_unsent(connection, reply=FORGOTTEN, now=now, recipient=instead)
        connection.execute("UPDATE messages SET raw = NULL WHERE recipient = ?", [instead])
        texts = _clean_texts(connection, address, instead) + _drop_mails_that_name(connection, address)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Forgotten(alerts=alerts, messages=messages, unsent=sum(unsent), texts=texts, instead=instead)


def has_traces(path: Path, address: str) -> bool:
    """Tell whether an address's bytes still stand in the database's files: in space that was given up long ago."""
    wanted = address.lower().encode()
    files = [path, *(path.with_name(path.name + ending) for ending in ("-wal", "-journal"))]
    return any(_contains(file, wanted) for file in files if file.exists())


def rewrite(path: Path) -> None:
    """Write the whole database anew without what was erased; the caller has made sure that no daemon runs.

    In its place, and not as a copy that takes it: a `collect` or `mark` may come in between and be lost.

    Raises:
        NoRoom, StoreError: the database is as it was. Busy: nothing is lost, but old bytes are left; try again.
    """
    sweep(path.parent)  # half a copy by a dead process has the address, too
    check_room(2 * size_of(path) + RESERVE, path.parent)
    with translated(path), closing(connect_for_writing(path)) as connection:
        try:
            connection.execute("VACUUM")
            in_the_way = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise
            in_the_way = True
    if in_the_way:  # the new pages stand in the log until nobody reads the old ones
        raise Busy(f"another process has {path} open, so old bytes are left in it; end it and try again")


def _name(connection: Any) -> str:  # noqa: ANN401 - either of two sqlite3 modules
    taken = connection.execute(
        "SELECT recipient FROM alerts WHERE recipient GLOB 'forgotten-[0-9]*'"
        " UNION SELECT recipient FROM messages WHERE recipient GLOB 'forgotten-[0-9]*'"
    ).fetchall()
    numbers = [int(name.partition("-")[2]) for (name,) in taken if name.partition("-")[2].isdigit()]
    return f"forgotten-{max(numbers, default=0) + 1}"


def _clean_texts(connection: Any, address: str, instead: str) -> int:  # noqa: ANN401 - either of two sqlite3 modules
    """Put the name in the address's place in what servers said and the operator was told, and in people's notes."""
    pattern, changed = re.compile(re.escape(address), re.IGNORECASE), 0
    for table, key, column in _TEXTS:
        rows = connection.execute(
            f"SELECT {key}, {column} FROM {table} WHERE instr(lower({column}), lower(?))", [address]
        ).fetchall()
        for number, text in rows:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", [pattern.sub(instead, text), number])
        changed += len(rows)
    notes = connection.execute(
        "SELECT alert_id, rule, note FROM marks WHERE instr(lower(note), lower(?))", [address]
    ).fetchall()
    for alert, rule, note in notes:
        connection.execute(
            "UPDATE marks SET note = ? WHERE (alert_id, rule) = (?, ?)", [pattern.sub(instead, note), alert, rule]
        )
    return changed + len(notes)


def _drop_mails_that_name(connection: Any, address: str) -> int:  # noqa: ANN401 - either of two sqlite3 modules
    """Drop the bytes of other people's mails that name the address: notices that tell what a server said of it."""
    named = [
        number
        for number, raw in connection.execute("SELECT id, raw FROM messages WHERE raw IS NOT NULL")
        if _names(raw, address)
    ]
    for number in named:
        connection.execute(
            "UPDATE messages SET raw = NULL, state = iif(state = 'sent', state, 'failed'), reply = coalesce(reply, ?),"
            " lease_owner = NULL, lease_until = NULL WHERE id = ?",
            [FORGOTTEN, number],
        )
    return len(named)


def _names(raw: bytes, address: str) -> bool:
    """Tell whether a mail names an address, whatever its parts are encoded as."""
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    wanted = address.lower().encode()
    return any(wanted in bytes(part or b"").lower() for part in (raw, *parts))


def _contains(file: Path, wanted: bytes) -> bool:
    with file.open("rb") as opened:
        before = b""
        while piece := opened.read(_PIECE):
            if wanted in (before + piece).lower():
                return True
            before = piece[-len(wanted) :]
    return False
