"""What the promise came to: what was published, what arrived and what is in the database, held against each other."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils.utils import sqlite3

from tests.rigs.smtp import Received

LINK = re.compile(r"/a/(\d+)\b")


@dataclass(frozen=True)
class Verdict:
    """`problems` is empty where everything holds."""

    mails: int
    repeats: int
    lost: int
    problems: tuple[str, ...]


def judge(
    wanted: Collection[int],
    mails: Iterable[Received],
    *,
    recipients: Collection[str],
    database: Path,
    published: int,
    repeats_allowed: int,
) -> Verdict:
    """Check that each article reached each recipient under one Message-ID, and that nothing is left to do.

    A repeat is a copy of a mail that had arrived before; it must be the same to the byte (cases 1, 2, 4).
    """
    copies: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[tuple[str, int], set[str]] = defaultdict(set)
    for mail in mails:
        head = email.message_from_bytes(mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=email.policy.default)
        name = str(head["Message-ID"])
        if name not in copies:
            for number in links(mail.raw):
                names[mail.recipient, number].add(name)
        copies[name][hashlib.sha256(mail.recipient.encode() + mail.raw).hexdigest()] += 1
    due = {(recipient, number) for recipient in recipients for number in wanted}
    lost = due - names.keys()
    repeats = sum(sum(ways.values()) - 1 for ways in copies.values())
    problems = [
        (f"{len(lost)} never arrived: {sorted(lost)[:10]}", bool(lost)),
        (f"for nobody: {sorted(names.keys() - due)[:10]}", bool(names.keys() - due)),
        (f"{repeats} repeats, {repeats_allowed} allowed", repeats > repeats_allowed),
        ("repeats differ", any(len(ways) > 1 for ways in copies.values())),
        ("articles under two Message-IDs", any(len(ids) > 1 for ids in names.values())),
    ]
    told = (*(text for text, holds in problems if holds), *left(database, published, len(due)))
    return Verdict(mails=sum(map(Counter.total, copies.values())), repeats=repeats, lost=len(lost), problems=told)


def links(raw: bytes) -> set[int]:
    """Give the numbers of the articles that a mail tells about."""
    part = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert part is not None
    return {int(number) for number in LINK.findall(part.get_content())}


def left(database: Path, published: int, alerts: int) -> tuple[str, ...]:
    """Tell what in the database is not as it must be when all work is done."""
    expected: dict[str, list[tuple[object, ...]]] = {
        "PRAGMA integrity_check": [("ok",)],
        "PRAGMA foreign_key_check": [],
        "SELECT count(*) FROM articles": [(published,)],
        "SELECT count(*) FROM alerts": [(alerts,)],
        "SELECT count(*) FROM (SELECT 1 FROM alerts GROUP BY article_id, recipient HAVING count(*) > 1)": [(0,)],
        "SELECT count(*) FROM v_alerts WHERE state <> 'sent'": [(0,)],
        "SELECT state, count(*) FROM messages WHERE state <> 'sent' GROUP BY state": [],
        "SELECT text_state, count(*) FROM articles WHERE text_state IN ('wanted', 'failed') GROUP BY text_state": [],
    }
    connection = sqlite3.connect(database)
    try:
        found = {sql: connection.execute(sql).fetchall() for sql in expected}
    finally:
        connection.close()
    return tuple(f"{sql}: {found[sql][:5]}, not {rows}" for sql, rows in expected.items() if found[sql] != rows)
