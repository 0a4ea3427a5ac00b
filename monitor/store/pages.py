"""The store's face for full texts: which pages are wanted, and what came of reading them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import Alert, AlertKind, Article, IndexedText, WantedPage
from monitor.store.articles import ArticleRows
from monitor.store.rows import alert_words, marks, moment, rule_names, written

_PER_SOURCE = 8  # pages of one source in hand at a time: a long listing must not keep the others waiting


class PageRows(ArticleRows):
    """`protocols.Pages` on SQLite."""

    def claim_pages(
        self, *, now: datetime, limit: int, lease: timedelta, only: Collection[str]
    ) -> tuple[WantedPage, ...]:
        """Take pages that are due: news before what was there before, then the longest due."""
        names = list(only)
        if not self._rows(
            "SELECT 1 FROM articles WHERE text_state = 'wanted' AND text_due_at <= ? LIMIT 1", [written(now)]
        ):
            return ()
        with self.transaction():
            rows = self._rows(
                "SELECT a.id, a.source, a.url, a.text_attempts, sources.added_at, a.first_seen_at FROM (SELECT id, source, url, text_attempts, first_seen_at, baseline, text_due_at, text_lease_until, row_number() OVER (PARTITION BY source"
                " ORDER BY text_lease_until IS NULL, baseline, text_due_at, id DESC) AS place FROM articles"
                f" WHERE text_state = 'wanted' AND text_due_at <= ? AND source IN ({marks(len(names))})) a"
                " JOIN sources ON sources.name = a.source WHERE place <= ? AND (text_lease_until IS NULL OR text_lease_until <= ?)"
                " ORDER BY baseline, text_due_at, a.id DESC LIMIT ?",
                [written(now), *names, _PER_SOURCE, written(now), limit],
            )
            self._many(
                "UPDATE articles SET text_lease_owner = ?, text_lease_until = ? WHERE id = ?",
                [(self._owner_text, written(now + lease), row[0]) for row in rows],
            )
        return tuple(
            WantedPage(
                article_id=row[0],
                source=row[1],
                url=row[2],
                attempts=row[3],
                added_at=moment(row[4]),
                seen_at=moment(row[5]),
            )
            for row in rows
        )

    def want_page(self, article_id: int, *, now: datetime) -> None:
        """Want a page again that was read or has failed; one that was read and waits for its next try is wanted now."""
        with self.transaction():
            self._run(
                "UPDATE articles SET text_attempts = iif(text_state = 'wanted', text_attempts, 0), text_state = 'wanted',"
                " text_due_at = ? WHERE id = ? AND (text_state IN ('complete', 'failed') OR (text_state = 'wanted'"
                " AND page_read_at IS NOT NULL AND text_lease_owner IS NULL AND text_due_at > ?))",
                [written(now), article_id, written(now)],
            )

    def told(self, article_id: int) -> dict[str, set[str]]:
        """Give who was told of an article, or waits to be, each with the rules named."""
        told: dict[str, set[str]] = {}
        for recipient, rules in self._rows("SELECT recipient, rules FROM alerts WHERE article_id = ?", [article_id]):
            told.setdefault(recipient, set()).update(json.loads(rules))
        return told

    def holds_page(self, article_id: int) -> bool:
        """Tell whether a page is still wanted, and held by this process."""
        return bool(
            self._rows(
                "SELECT 1 FROM articles WHERE id = ? AND text_state = 'wanted' AND text_lease_owner = ?",
                [article_id, self._owner_text],
            )
        )

    def release_pages(self, ids: Collection[int]) -> None:
        """Give leases back as if the pages had never been taken."""
        with self.transaction():
            self._many(
                "UPDATE articles SET text_lease_owner = NULL, text_lease_until = NULL WHERE id = ? AND text_lease_owner = ?",
                [(number, self._owner_text) for number in ids],
            )

    def fail_page(self, page: WantedPage, *, error: str, attempts: int, due_at: datetime | None) -> None:
        """Write down a failed try; without `due_at` it was the last one: a text that was read before stays complete."""
        with self.transaction():
            self._run(
                "UPDATE articles SET text_state = iif(?, 'wanted', iif(page_read_at IS NULL, 'failed', 'complete')), text_attempts = ?, text_error = ?, text_due_at = ?,"
                " text_lease_owner = NULL, text_lease_until = NULL WHERE id = ? AND text_state = 'wanted'",
                [due_at is not None, attempts, error, written(due_at), page.article_id],
            )

    def complete_page(self, article: Article, indexed: IndexedText) -> None:
        """Put the page's text and facts in place; the version stays the same: late text is no edit."""
        with self.transaction():
            self._run(
                "UPDATE articles SET title = ?, summary = ?, text = ?, author = ?, language = ?, published_at = ?,"
                " baseline = ?, site = ?, left_out = ?, page_read_at = ?, text_state = ?, text_attempts = text_attempts + 1,"
                " text_error = NULL, text_due_at = NULL, text_lease_owner = NULL, text_lease_until = NULL WHERE id = ?",
                [
                    article.title,
                    article.summary,
                    article.text,
                    article.author,
                    article.language,
                    written(article.published_at),
                    article.baseline,
                    article.site,
                    json.dumps(article.left_out),
                    written(article.page_read_at),
                    article.text_state,
                    article.id,
                ],
            )
            self._run(
                "UPDATE article_keys_fts SET title = ?, body = ? WHERE rowid = ?",
                [indexed.title, indexed.body, article.id],
            )

    def keep_missed(self, article_id: int, missed: Mapping[str, str]) -> None:
        """Remember which of a person's selectors found nothing on an article's page."""
        told = json.dumps(dict(missed), ensure_ascii=False) if missed else None
        with self.transaction():
            self._run("UPDATE articles SET missed = ? WHERE id = ?", [told, article_id])

    def renew(
        self, article_id: int, revision: int, alerts: Sequence[Alert], *, told_once: bool, withdrawn: Collection[str]
    ) -> int:
        """Make the waiting alerts of an article what they should be now that its text is known; gives how many are new.

        A recipient who was told already is not told again. With `told_once`, nor is one who had a summary of the
        same kind from this source.
        """
        with self.transaction():
            rows = self._rows(
                "SELECT recipient, id, message IS NULL, kind, revision FROM alerts WHERE article_id = ?", [article_id]
            )
            waiting = {row[0]: row[1] for row in rows if row[2] and row[3] != AlertKind.UPDATE}
            updates = {row[0]: (row[1], row[2]) for row in rows if row[3] == AlertKind.UPDATE and row[4] == revision}
            # An update of an earlier version told nobody of the article as such.
            told = {row[0] for row in rows if row[3] != AlertKind.UPDATE or row[4] == revision}
            added = 0
            for alert in alerts:
                number, (update, unsent) = (
                    waiting.pop(alert.recipient, None),
                    updates.get(alert.recipient, (None, False)),
                )
                if number and not update:
                    self._refresh(number, revision, alert)
                elif update and unsent:
                    self._join(update, alert)
                elif number:
                    self._name_too(number, alert)
                elif alert.recipient not in told:
                    added += self._add_late(alert, told_once=told_once)
            for number in waiting.values():
                (row,) = self._rows("SELECT rules FROM alerts WHERE id = ?", [number])
                if set(json.loads(row[0])) <= set(withdrawn):
                    self._run("DELETE FROM alerts WHERE id = ?", [number])
        return added

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
            " AND message IS NOT NULL AND source = (SELECT source FROM articles WHERE id = ?) LIMIT 1",
            [alert.recipient, alert.kind, alert.article_id],
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

    def want_again(self, sources: Collection[str], *, now: datetime) -> int:
        """Want the pages once more whose every try failed; gives how many."""
        names = list(sources)
        with self.transaction():
            cursor = self._run(
                "UPDATE articles SET text_state = 'wanted', text_attempts = 0, text_due_at = ?"
                " WHERE (text_state = 'failed' OR (text_state = 'complete' AND page_read_at IS NOT NULL AND text_error IS NOT NULL))"
                f" AND source IN ({marks(len(names))})",
                [written(now), *names],
            )
        return int(cursor.rowcount)
