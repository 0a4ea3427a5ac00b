"""Reading what led to an alert, and what a back-test needs."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from monitor.model import (
    AlertKind,
    Article,
    Attempt,
    ConceptVersion,
    Dispatch,
    Filters,
    Mark,
    MessageState,
    Outage,
    Precision,
    RuleVersion,
    Stored,
    Told,
)
from monitor.store.archive import ArchiveRows
from monitor.store.connection import translated
from monitor.store.rows import (
    ARTICLE_COLUMNS,
    article_of,
    concept_of,
    marks,
    match_of,
    moment,
    read,
    rule_of,
    versioned,
    written,
)

_BATCH = 200
# While the index is made anew, the keys of these say nothing: any of them may match.
_UNINDEXED = "id > (SELECT done FROM key_index) AND id <= (SELECT up_to FROM key_index)"
_PURGED = "text_state = 'complete' AND text = '' AND summary = ''"


class EvidenceRows(ArchiveRows):
    """`protocols.Evidence` on a read-only connection."""

    def told(self, alert_id: int) -> Told | None:
        """Give an alert with all that led to it; None where there is no such alert."""
        rows = self._all(
            "SELECT a.recipient, a.channel, a.kind, a.created_at, a.rules, a.revision, articles.revision, a.edited_at, a.message,"
            f" {versioned(ARTICLE_COLUMNS)} FROM alerts a JOIN articles ON articles.id = a.article_id"
            " LEFT JOIN revisions r ON r.article_id = a.article_id AND r.number = a.revision WHERE a.id = ?",
            [alert_id],
        )
        if not rows:
            return None
        recipient, channel, kind, created, rules, revision, newest, edited, message = rows[0][:9]
        article = article_of(rows[0][9:])
        dispatch = self._dispatch(message) if message else None
        found = self._all(
            "SELECT rule, version, words FROM matches WHERE article_id = ? AND revision = ?", [article.id, revision]
        )
        matches = {row[0]: match_of(*row) for row in found}
        return Told(
            id=alert_id,
            recipient=recipient,
            channel=channel,
            kind=AlertKind(kind),
            alerted_at=moment(created),
            rules=tuple(json.loads(rules)),
            article=article,
            revision=revision,
            current=revision == newest,
            edited_at=read(edited),
            matches=matches,
            versions={match.rule: self._version(match.rule, match.version) for match in matches.values()},
            dispatch=dispatch,
            outages=self._outages(channel, recipient, since=created, until=written(_over(dispatch))),
            marks=self._marks(alert_id),
        )

    def _version(self, rule: str, number: int) -> RuleVersion:
        return next(version for version in self.rule_versions(rule) if version.rule.version == number)

    def _dispatch(self, message: int) -> Dispatch:
        (row,) = self._all(
            "SELECT message_id, state, created_at, sent_at, next_try_at, attempts, reply FROM messages WHERE id = ?",
            [message],
        )
        tried = self._all("SELECT at, state, reply FROM attempts WHERE message = ? ORDER BY id", [message])
        return Dispatch(
            message_id=row[0],
            state=MessageState(row[1]),
            formed_at=moment(row[2]),
            sent_at=read(row[3]),
            next_try_at=moment(row[4]),
            attempts=row[5],
            reply=row[6],
            tried=tuple(Attempt(at=moment(at), state=MessageState(state), reply=reply) for at, state, reply in tried),
        )

    def _outages(self, channel: str, recipient: str, *, since: str, until: str | None) -> tuple[Outage, ...]:
        """Give when the way out of a channel did not work within a time: each maildir is its own, all mail has one."""
        cause = f"transport:{channel if recipient == channel else 'smtp'}"
        rows = self._all(
            "SELECT at, resolved_at, text FROM events WHERE cause = ? AND at <= coalesce(?, at)"
            " AND coalesce(resolved_at, ?) >= ? ORDER BY at",
            [cause, until, since, since],
        )
        return tuple(Outage(since=moment(at), until=read(over), reason=reason) for at, over, reason in rows)

    def _marks(self, alert_id: int) -> tuple[Mark, ...]:
        rows = self._all("SELECT rule, relevant, note, marked_at FROM marks WHERE alert_id = ?", [alert_id])
        return tuple(
            Mark(rule=rule, relevant=bool(relevant), note=note, marked_at=moment(at))
            for rule, relevant, note, at in rows
        )

    def rule_versions(self, name: str) -> tuple[RuleVersion, ...]:
        """Give every version of a rule, the first one first."""
        rows = self._all("SELECT name, version, query, scope, since FROM rules WHERE name = ? ORDER BY version", [name])
        return tuple(RuleVersion(rule=rule_of(row), since=moment(row[4])) for row in rows)

    def last_versions(self) -> dict[str, RuleVersion]:
        """Give the last version of each rule that there ever was."""
        rows = self._all("SELECT name, max(version), query, scope, since FROM rules GROUP BY name")
        return {row[0]: RuleVersion(rule=rule_of(row), since=moment(row[4])) for row in rows}

    def concept(self, name: str, digest: str) -> ConceptVersion | None:
        """Give a concept as it was when a rule named it."""
        rows = self._all("SELECT name, digest, words FROM concepts WHERE (name, digest) = (?, ?)", [name, digest])
        return concept_of(rows[0]) if rows else None

    def precision(self, rule: str | None = None) -> dict[tuple[str, int | None], Precision]:
        """Give how each rule (or one) did in its marked alerts, by version; None where the match was withdrawn."""
        where, values = ("WHERE rule = ?", [rule]) if rule else ("", [])
        rows = self._all(f"SELECT rule, version, marked, relevant FROM v_rule_precision {where}", values)
        return {(row[0], row[1]): Precision(marked=row[2], relevant=row[3]) for row in rows}

    def marked(self, rule: str) -> dict[int, bool]:
        """Give the articles whose alerts are marked for a rule: whether they are relevant, by the last mark."""
        return {
            number: bool(relevant)
            for number, relevant in self._all(
                "SELECT article_id, relevant FROM v_marks WHERE rule = ? ORDER BY marked_at, alert_id", [rule]
            )
        }

    def stored(self, span: Filters) -> Stored:
        """Give what there is of a time."""
        where, values = _within(span)
        (row,) = self._all(
            f"SELECT count(*), count(*) FILTER (WHERE {_PURGED}), min(first_seen_at) FROM articles WHERE {where}",
            values,
        )
        return Stored(articles=row[0], purged=row[1], first_seen_at=read(row[2]))

    def candidates(self, match: str | None, span: Filters) -> Sequence[int]:
        """Give the ids of the articles that may match (an FTS5 expression over keys; None: any), newest first."""
        where, values = _within(span)
        if match is not None:
            where += f" AND (id IN (SELECT rowid FROM article_keys_fts WHERE article_keys_fts MATCH ?) OR {_UNINDEXED})"
            values.append(match)
        with translated(self._path):
            rows = self._execute(f"SELECT id FROM articles WHERE {where} ORDER BY id DESC", values)
            return array("q", (row[0] for row in rows))

    def articles(self, ids: Sequence[int]) -> Iterator[Article]:
        """Give articles in the order of their ids here, a few at a time: no reader may stand in a writer's way for long."""
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            rows = self._all(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id IN ({marks(len(batch))})", list(batch))
            found = {row[0]: article_of(row) for row in rows}
            yield from (found[number] for number in batch if number in found)

    def _all(self, sql: str, values: Collection[object] = ()) -> list[Any]:
        with translated(self._path):
            return list(self._execute(sql, list(values)).fetchall())


def _over(dispatch: Dispatch | None) -> datetime | None:
    """Give when nothing was to go any more; None where it still is. One given up without a try was last to go then."""
    if dispatch is None or dispatch.state is not MessageState.FAILED:
        return dispatch.sent_at if dispatch else None
    return dispatch.tried[-1].at if dispatch.tried else dispatch.next_try_at


def _within(span: Filters) -> tuple[str, list[object]]:
    """Give the condition and its values."""
    asked = {"first_seen_at >= ?": written(span.since), "first_seen_at < ?": written(span.until)}
    given = {condition: value for condition, value in asked.items() if value is not None}
    return " AND ".join(given) or "1", list(given.values())
