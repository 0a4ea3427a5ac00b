"""What the demo proves: counted from the mails as received and from the database's documented views alone."""

from __future__ import annotations

import email.policy
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitor.demo.outlets import MIRROR, OUTLETS

_URL = re.compile(r"^https?://\S+", re.MULTILINE)
_UNFINISHED = "SELECT count(*) FROM v_alerts WHERE state != 'sent'"

_PAGES = "SELECT count(*) FROM articles WHERE page_read_at IS NOT NULL"

_FEEDLESS = (
    "SELECT v_alerts.outlet, kind, count(DISTINCT article_id) FROM v_alerts JOIN articles ON articles.id = article_id"
    " JOIN sources ON sources.name = source WHERE kind != 'feed' GROUP BY 1, 2 ORDER BY 2, 1"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A received mail: who got it, its Message-ID, a hash of its bytes and the articles it tells."""

    recipient: str
    message_id: str
    digest: str
    subject: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the demo; `faults` is empty if all went as it must."""

    outlets: int
    polls: int
    unchanged: int
    articles: int
    pages: int
    retried: int
    feedless: tuple[str, ...]
    alerts: int
    mails: int
    repeated: int
    ignored: tuple[str, ...]
    unreadable: tuple[str, ...]
    faults: tuple[str, ...]


def read_mails(folder: Path) -> list[Mail]:
    """Read the mails as the server received them."""
    return [_mail(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def _mail(raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=email.policy.default)
    text = message.get_body(("plain",))
    urls = _URL.findall(text.get_content()) if text else []
    return Mail(
        recipient=str(message["To"]),
        message_id=str(message["Message-ID"]),
        digest=sha256(raw).hexdigest(),
        subject=str(message["Subject"]),
        urls=tuple(urls),
    )


def expected(bases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the address of every article that must be told, and by which rules."""
    return {
        f"{bases[outlet.name]}/{outlet.name}/{piece.slug}": piece.rules
        for outlet in OUTLETS
        for piece in outlet.pieces
        if piece.rules
    }


def all_done(database: Path, folder: Path, bases: Mapping[str, str], recipients: tuple[str, ...]) -> bool:
    """Tell whether everything expected has arrived and nothing is under way."""
    arrived = _arrivals(read_mails(folder))
    wanted = {(recipient, url) for recipient in recipients for url in expected(bases)}
    return wanted <= arrived.keys() and _rows(database, _UNFINISHED)[0][0] == 0


def judge(database: Path, folder: Path, bases: Mapping[str, str], recipients: tuple[str, ...]) -> Verdict:
    """Count, and name every fault."""
    mails = read_mails(folder)
    distinct = {mail.message_id: mail for mail in mails}
    visits = dict(_rows(database, "SELECT outcome, count(*) FROM visits GROUP BY outcome"))
    failing = "SELECT source, last_error FROM v_source_health WHERE state IN ('slow', 'blocked', 'dead')"
    unreadable = _rows(database, failing)
    return Verdict(
        outlets=len(OUTLETS),
        polls=sum(visits.values()),
        unchanged=visits.get("not_modified", 0) + visits.get("unchanged", 0),
        articles=_rows(database, "SELECT count(*) FROM v_articles")[0][0],
        pages=_rows(database, "SELECT count(*) FROM articles WHERE page_read_at IS NOT NULL")[0][0],
        retried=_rows(database, "SELECT count(*) FROM articles WHERE page_read_at IS NOT NULL AND text_attempts > 1")[
            0
        ][0],
        feedless=tuple(_told_without_feed(database)),
        alerts=_rows(database, "SELECT count(*) FROM v_alerts")[0][0],
        mails=len(distinct),
        repeated=len(mails) - len(distinct),
        ignored=_ignored(),
        unreadable=tuple(f"{source}: {error}" for source, error in unreadable),
        faults=tuple(_faults(mails, distinct, bases, recipients) + _database_faults(database, bases)),
    )


def _told_without_feed(database: Path) -> list[str]:
    """Give what was told of outlets that have no feed."""
    places = {"listing": "front page", "sitemap": "news sitemap"}
    return [f"{outlet}, by its {places[kind]}: {told} told of" for outlet, kind, told in _rows(database, _FEEDLESS)]


def _faults(
    mails: list[Mail], distinct: dict[str, Mail], bases: Mapping[str, str], recipients: tuple[str, ...]
) -> list[str]:
    """Find what was lost, doubled, sent for nothing or repeated with other bytes."""
    arrived = _arrivals(list(distinct.values()))
    wanted = {(recipient, url) for recipient in recipients for url in expected(bases)}
    faults = [f"lost: {url} for {recipient}" for recipient, url in sorted(wanted - arrived.keys())]
    faults += [f"for nothing: {url} for {recipient}" for recipient, url in sorted(arrived.keys() - wanted)]
    faults += [f"doubled: {url} for {recipient}" for (recipient, url), ids in arrived.items() if len(ids) > 1]
    digests = defaultdict(set)
    for mail in mails:
        digests[mail.message_id].add(mail.digest)
    return faults + [f"repeated with other bytes: {name}" for name, found in digests.items() if len(found) > 1]


def _database_faults(database: Path, bases: Mapping[str, str]) -> list[str]:
    """Find alerts that name other rules than they must."""
    rows = _rows(database, "SELECT url, rules FROM v_alerts")
    rules = {url.partition("?")[0]: set(re.findall(r'"([^"]+)"', names)) for url, names in rows}
    wrong = [url for url, names in expected(bases).items() if rules.get(url, set()) != set(names)]
    return [f"wrong rules for {url}: {sorted(rules.get(url, set()))}" for url in wrong]


def _arrivals(mails: list[Mail]) -> dict[tuple[str, str], set[str]]:
    arrived: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in mails:
        for url in mail.urls:
            arrived[mail.recipient, url.partition("?")[0]].add(mail.message_id)
    return arrived


def _ignored() -> tuple[str, ...]:
    pieces = [(outlet, piece) for outlet in OUTLETS for piece in outlet.pieces]
    alike = [
        f"{piece.looks_like} ({outlet.outlet}): only looks like a keyword"
        for outlet, piece in pieces
        if piece.looks_like
    ]
    plain = sum(not piece.rules and not piece.looks_like for _, piece in pieces)
    return (*alike, f"{plain} articles about other things", f"all of {MIRROR}: the same articles again")


def _rows(database: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
