"""The store's face for alerts whose article's text came late: brought up to it, let go, never told twice."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.model import Alert, AlertKind
from monitor.store.articles import ArticleRows
from monitor.store.rows import alert_words, rule_names, written


@dataclass(frozen=True, slots=True)
class _Told:
    """An alert of an article: whether it waits to be in a mail, and whether an edit is what it tells of."""

    recipient: str
    id: int
    waits: bool
    kind: str
    revision: int
    of_edit: bool
    rules: frozenset[str]


class RenewalRows(ArticleRows):
    """A part of `protocols.Pages` on SQLite."""

    def told(self, article_id: int) -> dict[str, set[str]]:
        """Give who was told of an article, or waits to be, each with the rules named."""
        told: dict[str, set[str]] = {}
        for recipient, rules in self._rows("SELECT recipient, rules FROM alerts WHERE article_id = ?", [article_id]):
            told.setdefault(recipient, set()).update(json.loads(rules))
        return told

    def renew(
        self, article_id: int, revision: int, alerts: Sequence[Alert], *, told_once: bool, withdrawn: Collection[str]
    ) -> int:
        """Make the waiting alerts of an article what they should be now that its text is known; gives how many are new.

        A recipient who was told already is not told again. With `told_once`, nor is one who had a summary of the
        same kind from this source.
        """
        with self.transaction():
            rows = self._told_rows(article_id)
            # Of an article as such, before its text was known.
            waiting = {row.recipient: row.id for row in rows if row.waits and not row.of_edit}
            here = {row.recipient: row for row in rows if row.of_edit and row.revision == revision}
            # An edit of an earlier version told nobody of the article as such.
            told = {row.recipient for row in rows if not row.of_edit or row.revision == revision}
            added = 0
            for alert in alerts:
                fresh = _without_told(alert, rows)
                if not fresh.matches:
                    continue
                number, edit = waiting.pop(alert.recipient, None), here.get(alert.recipient)
                if number and not edit:
                    self._refresh(number, revision, fresh)
                elif edit and edit.waits:
                    self._join(edit.id, fresh)
                elif number:
                    self._name_too(number, fresh)
                elif alert.recipient not in told:
                    added += self._add_late(fresh, told_once=told_once)
            for number in waiting.values():
                (row,) = self._rows("SELECT rules FROM alerts WHERE id = ?", [number])
                if set(json.loads(row[0])) <= set(withdrawn):
                    self._run("DELETE FROM alerts WHERE id = ?", [number])
        return added

    def _told_rows(self, article_id: int) -> list[_Told]:
        return [
            _Told(recipient, number, bool(waits), kind, revision, bool(of_edit), frozenset(json.loads(rules)))
            for recipient, number, waits, kind, revision, of_edit, rules in self._rows(
                "SELECT recipient, id, message IS NULL, kind, revision, kind = 'update' OR edited_at IS NOT NULL, rules"
                " FROM alerts WHERE article_id = ? ORDER BY id",
                [article_id],
            )
        ]

    def _refresh(self, number: int, revision: int, alert: Alert) -> None:
        """Give a waiting alert its new words; that of a flood stays in the flood's digest."""
        self._run(
            "UPDATE alerts SET revision = ?, rules = ?, words = ?, kind = iif(kind = 'flood', kind, ?),"
            ' "group" = iif(kind = \'flood\', "group", ?) WHERE id = ?',
            [revision, rule_names(alert), alert_words(alert), alert.kind, alert.group, number],
        )

    def _name_too(self, number: int, alert: Alert) -> None:
        """Name in an alert of an earlier version what the text of this one matches, whose update has gone: without words."""
        self._run(
            "INSERT OR IGNORE INTO matches (article_id, revision, rule, version, words) SELECT m.article_id, a.revision, m.rule,"
            " m.version, '[]' FROM alerts a JOIN matches m ON m.article_id = a.article_id AND m.revision = ? WHERE a.id = ?",
            [alert.revision, number],
        )
        self._join(number, alert)

    def _add_late(self, alert: Alert, *, told_once: bool) -> int:
        if told_once and self._rows(
            "SELECT 1 FROM alerts JOIN articles ON articles.id = alerts.article_id WHERE recipient = ? AND kind = ?"
            " AND message IS NOT NULL AND iif(kind = 'backfill', \"group\" = ?,"
            " source = (SELECT source FROM articles WHERE id = ?)) LIMIT 1",
            [alert.recipient, alert.kind, alert.group, alert.article_id],
        ):
            return 0
        return self.alert([alert])

    def release_alerts(self, article_id: int, *, now: datetime) -> int:
        """Let the alerts of an article's visit go that need not wait for a text any longer; gives how many.

        What one visit brings is to be one mail. So nothing goes while one of its pages has not been tried yet (of its
        news; of what was there before, likewise); alerts whose own page is tried again before they are due wait on.
        """
        (visit,) = self._rows("SELECT source, first_seen_at, baseline FROM articles WHERE id = ?", [article_id]) or [
            None
        ]
        if visit is None or self._rows(
            "SELECT 1 FROM articles WHERE source = ? AND first_seen_at = ? AND baseline = ? AND text_state = 'wanted'"
            " AND text_attempts = 0 AND text_error IS NULL AND page_read_at IS NULL LIMIT 1",
            visit,
        ):
            return 0
        with self.transaction():
            cursor = self._run(
                "UPDATE alerts SET due_at = ? WHERE message IS NULL AND due_at > ? AND EXISTS (SELECT 1 FROM articles a"
                " WHERE a.id = alerts.article_id AND (a.source, a.first_seen_at, a.baseline) = (?, ?, ?)"
                " AND NOT (a.text_state = 'wanted' AND a.text_due_at < alerts.due_at))",
                [written(now), written(now), *visit],
            )
        return int(cursor.rowcount)


def _without_told(alert: Alert, rows: Sequence[_Told]) -> Alert:
    """Give an alert without the rules that its recipient heard of as news by an earlier edit."""
    heard = {
        rule
        for row in rows
        if row.of_edit
        and row.kind == AlertKind.NEW
        and row.recipient == alert.recipient
        and row.revision < alert.revision
        for rule in row.rules
    }
    return replace(alert, matches=tuple(match for match in alert.matches if match.rule not in heard))
