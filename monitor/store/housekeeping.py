"""What is forgotten, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import Retention
from monitor.store.base import Base
from monitor.store.rows import written

_ROBOTS = timedelta(days=2)  # twice as long as a robots.txt may be used (RFC 9309, 2.4)
_WATCHED = timedelta(days=7)  # after which nothing asks any more when a page was looked at last
_SEEN = 500  # pages of a site after which a paragraph that stands on less than a quarter of them is forgotten
_MOST = 5000  # rows at a time: a purge must not hold the write lock for long


class PurgeRows(Base):
    """`protocols.Housekeeper` on SQLite."""

    def purge(self, *, now: datetime, retention: Retention) -> int:
        """Fold old visits into days, drop old bytes and texts; what makes an article known is kept for ever."""
        rows = self._forget_hosts(written(now - _ROBOTS)) + self._forget_watches(written(now - _WATCHED))
        if retention.visits is not None:
            rows += self._fold_visits(written(now - retention.visits))
            rows += self._forget_walks(written(now - retention.visits))
        if retention.messages is not None:
            rows += self._run(
                "UPDATE messages SET raw = NULL WHERE raw IS NOT NULL AND state IN ('sent', 'failed') AND created_at < ?",
                [written(now - retention.messages)],
            ).rowcount
        if retention.articles is not None:
            rows += self._forget_texts(written(now - retention.articles))
        if retention.snapshots is not None:
            rows += self._forget_snapshots(written(now - retention.snapshots))
        return rows

    def _forget_watches(self, before: str | None) -> int:
        """Drop what is remembered of pages that are looked at no more."""
        return int(
            self._run("DELETE FROM revisits WHERE due_at IS NULL AND coalesce(looked_at, since) < ?", [before]).rowcount
        )

    def _forget_snapshots(self, before: str | None) -> int:
        return int(
            self._run(
                "DELETE FROM snapshots WHERE (article_id, revision) IN (SELECT article_id, revision FROM snapshots"
                " WHERE fetched_at < ? LIMIT ?)",
                [before, _MOST],
            ).rowcount
        )

    def _forget_hosts(self, before: str | None) -> int:
        """Drop robots.txt files that are too old to be used, and paragraphs that never became a block of their site."""
        with self.transaction():
            files = self._run(
                "UPDATE hosts SET robots = NULL, robots_at = NULL, robots_status = NULL WHERE robots_at < ?", [before]
            ).rowcount
            blocks = self._run(
                "DELETE FROM blocks WHERE EXISTS (SELECT 1 FROM sites WHERE (sites.host, sites.language)"
                " = (blocks.host, blocks.language) AND sites.pages - since > ? AND blocks.pages * 4 < sites.pages - since)",
                [_SEEN],
            ).rowcount
        return int(files + blocks)

    def _fold_visits(self, before: str | None) -> int:
        with self.transaction():
            ids = [row[0] for row in self._rows("SELECT id FROM visits WHERE started_at < ? LIMIT ?", [before, _MOST])]
            self._many(
                "INSERT INTO visit_days (source, day, visits, failed, new_articles)"
                " SELECT source, substr(started_at, 1, 10), 1, outcome = 'failed', new_articles FROM visits WHERE id = ?"
                " ON CONFLICT (source, day) DO UPDATE SET visits = visits + 1, failed = failed + excluded.failed,"
                " new_articles = new_articles + excluded.new_articles",
                [(number,) for number in ids],
            )
            self._many("DELETE FROM visits WHERE id = ?", [(number,) for number in ids])
        return len(ids)

    def _forget_walks(self, before: str | None) -> int:
        """Drop back-fillings that ended long ago: their single pages, and those that no article names.

        The one of the newest gap stays: it tells up to where gaps are noticed.
        """
        with self.transaction():
            steps = self._run(
                "DELETE FROM backfill_steps WHERE backfill IN (SELECT id FROM backfills WHERE finished_at < ?)",
                [before],
            ).rowcount
            walks = self._run(
                "DELETE FROM backfills WHERE finished_at < ? AND NOT EXISTS (SELECT 1 FROM articles"
                " WHERE backfill = backfills.id) AND coalesce(visit, 0) != (SELECT coalesce(max(visit), -1) FROM backfills)",
                [before],
            ).rowcount
        return int(steps + walks)

    def _forget_texts(self, before: str | None) -> int:
        with self.transaction():
            rows = self._rows(
                "UPDATE articles SET text = '', summary = '', left_out = '[]' WHERE id IN (SELECT id FROM articles WHERE first_seen_at < ?1"
                " AND coalesce(page_read_at, '') < ?1 AND NOT EXISTS (SELECT 1 FROM revisions WHERE article_id = articles.id"
                " AND replaced_at >= ?1) AND (text != '' OR summary != '') LIMIT ?) RETURNING id",
                [before, _MOST],
            )
            self._many("UPDATE article_keys_fts SET body = '' WHERE rowid = ?", rows)
            self._many("DELETE FROM revisions WHERE article_id = ?", rows)
        return len(rows)
