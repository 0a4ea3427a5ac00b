"""The store's face for full texts: which pages are wanted, and what came of reading them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from monitor.model import Article, IndexedText, WantedPage
from monitor.store.renewal import RenewalRows
from monitor.store.rows import marks, moment, written

_PER_SOURCE = 8  # pages of one source in hand at a time: a long listing must not keep the others waiting


class PageRows(RenewalRows):
    """`protocols.Pages` on SQLite."""

    def claim_pages(
        self, *, now: datetime, limit: int, lease: timedelta, only: Collection[str]
    ) -> tuple[WantedPage, ...]:
        """Take pages that are due: news before what was there before or is read back, then the longest due."""
        names = list(only)
        if not self._rows(
            "SELECT 1 FROM articles WHERE text_state = 'wanted' AND text_due_at <= ? LIMIT 1", [written(now)]
        ):
            return ()
        with self.transaction():
            rows = self._rows(
                "SELECT a.id, a.source, a.url, a.text_attempts, sources.added_at, a.first_seen_at FROM (SELECT id, source, url, text_attempts, first_seen_at, baseline OR backfill IS NOT NULL AS later, text_due_at, text_lease_until, row_number() OVER (PARTITION BY source"
                " ORDER BY text_lease_until IS NULL, baseline OR backfill IS NOT NULL, text_due_at, id DESC) AS place FROM articles"
                f" WHERE text_state = 'wanted' AND text_due_at <= ? AND +source IN ({marks(len(names))})) a"
                " JOIN sources ON sources.name = a.source WHERE place <= ? AND (text_lease_until IS NULL OR text_lease_until <= ?)"
                # One that is being looked at already is read once that is over.
                " AND NOT EXISTS (SELECT 1 FROM revisits r WHERE r.article_id = a.id AND r.lease_until > ?)"
                " ORDER BY later, text_due_at, a.id DESC LIMIT ?",
                [written(now), *names, _PER_SOURCE, written(now), written(now), limit],
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
            self._many(
                "UPDATE revisits SET lease_owner = NULL, lease_until = NULL WHERE article_id = ? AND lease_owner = ?",
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
