"""The store's face for looking again at pages: which are due, what came of it, which are gone, and snapshots."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from monitor.model import Snapshot, Validators, WantedPage, Watch
from monitor.store.base import Base
from monitor.store.rows import marks, moment, read, written

_PER_SOURCE = 8  # pages of one source that are looked at in one go: news of the same host must not wait for long
_HOUR = timedelta(hours=1)
_DOUBT = timedelta(minutes=5)  # behind an edit, in which a look may have missed it
_COLUMNS = "r.article_id, r.source, since, due_at, looked_at, looks, still, grown, missing, etag, last_modified"


class LookRows(Base):
    """`protocols.Looks` on SQLite."""

    def claim_looks(
        self,
        *,
        now: datetime,
        patience: timedelta,
        limit: int,
        per_hour: int,
        lease: timedelta,
        only: Collection[str],
    ) -> tuple[WantedPage, ...]:
        """Take pages to look at again: those that nobody has looked at yet before the others, then the longest due."""
        if not self._rows("SELECT 1 FROM revisits WHERE due_at <= ? LIMIT 1", [written(now - patience)]):
            return ()
        names = list(only)
        with self.transaction():
            rows = self._rows(
                "SELECT r.article_id, r.source, articles.url, sources.added_at, first_seen_at, r.due_at, r.etag, r.last_modified"
                " FROM (SELECT article_id, source, due_at, looks, etag, last_modified, row_number() OVER"
                "  (PARTITION BY source ORDER BY looks > 0, due_at) AS place FROM revisits WHERE due_at <= ?"
                f"  AND +source IN ({marks(len(names))}) AND (lease_until IS NULL OR lease_until <= ?)) r"
                " LEFT JOIN (SELECT source, count(*) AS number FROM revisits WHERE looked_at > ? GROUP BY source) done"
                "  ON done.source = r.source"
                " JOIN articles ON articles.id = r.article_id JOIN sources ON sources.name = r.source"
                " WHERE place <= ? AND place + coalesce(number, 0) <= ? AND articles.url IS NOT NULL AND text_state != 'wanted'"
                " ORDER BY looks > 0, due_at LIMIT ?",
                [written(now), *names, written(now), written(now - _HOUR), _PER_SOURCE, per_hour, limit],
            )
            self._many(
                "UPDATE revisits SET lease_owner = ?, lease_until = ? WHERE article_id = ?",
                [(self._owner_text, written(now + lease), row[0]) for row in rows],
            )
        return tuple(
            WantedPage(
                article_id=row[0],
                source=row[1],
                url=row[2],
                added_at=moment(row[3]),
                seen_at=moment(row[4]),
                again=True,
                due_at=moment(row[5]),
                validators=Validators(etag=row[6], last_modified=row[7]),
            )
            for row in rows
        )

    def holds_look(self, article_id: int) -> bool:
        """Tell whether this process still is the one that looks at a page."""
        return bool(
            self._rows(
                "SELECT 1 FROM revisits WHERE article_id = ? AND lease_owner = ?", [article_id, self._owner_text]
            )
        )

    def watch(self, article_id: int) -> Watch | None:
        """Give what is remembered of a page; None where it was never to be looked at again."""
        rows = self._rows(
            f"SELECT {_COLUMNS}, first_seen_at FROM revisits r JOIN articles ON articles.id = article_id"
            " WHERE article_id = ?",
            [article_id],
        )
        for row in rows:
            return Watch(
                article_id=row[0],
                source=row[1],
                since=moment(row[2]),
                due_at=read(row[3]),
                looked_at=read(row[4]),
                looks=row[5],
                still=row[6],
                grown=row[7],
                missing=row[8],
                validators=Validators(etag=row[9], last_modified=row[10]),
                first_seen_at=moment(row[11]),
            )
        return None

    def keep_watch(self, watch: Watch) -> None:
        """Remember a page's watch in place of the one before; gives its lease back."""
        with self.transaction():
            self._run(
                "INSERT OR REPLACE INTO revisits (article_id, source, since, due_at, looked_at, looks, still, grown,"
                f" missing, etag, last_modified) VALUES ({marks(11)})",
                [
                    watch.article_id,
                    watch.source,
                    written(watch.since),
                    written(watch.due_at),
                    written(watch.looked_at),
                    watch.looks,
                    watch.still,
                    watch.grown,
                    watch.missing,
                    watch.validators.etag,
                    watch.validators.last_modified,
                ],
            )

    def hasten(self, article_id: int, source: str, *, edited_at: datetime, now: datetime) -> None:
        """Look at a page at the next occasion that its source says was edited, unless it was seen well after that.

        What was seen may have been fetched minutes before it was stored, and outlets' clocks differ from ours. One that
        is being looked at now gets a time that is later than when the look was due, by which the look's end tells that
        another is wished for. One whose plan is over begins it anew: a look that fails has another after it.
        """
        with self.transaction():
            self._run(
                "INSERT INTO revisits (article_id, source, since, due_at) VALUES (?1, ?2, ?4, ?4) ON CONFLICT (article_id)"
                " DO UPDATE SET due_at = CASE WHEN lease_until > ?4 THEN ?4 ELSE min(coalesce(due_at, ?4), ?4) END,"
                " since = iif(due_at IS NULL, ?4, since), still = iif(due_at IS NULL, 0, still)"
                " WHERE coalesce(looked_at, since) < ?3",
                [article_id, source, written(edited_at + _DOUBT), written(now)],
            )

    def lose(self, article_id: int, status: int, *, now: datetime) -> None:
        """Write down that an article's page is gone; its text stays."""
        with self.transaction():
            cursor = self._run(
                "INSERT OR IGNORE INTO disappearances (article_id, status, gone_at) VALUES (?, ?, ?)",
                [article_id, status, written(now)],
            )
            if cursor.rowcount > 0:
                self._run("UPDATE articles SET gone_at = ? WHERE id = ?", [written(now), article_id])

    def find_again(self, article_id: int, *, now: datetime) -> None:
        """Write down that a page that was gone is back."""
        with self.transaction():
            self._run(
                "UPDATE disappearances SET back_at = ? WHERE article_id = ? AND back_at IS NULL",
                [written(now), article_id],
            )
            self._run("UPDATE articles SET gone_at = NULL WHERE id = ? AND gone_at IS NOT NULL", [article_id])

    def keep_snapshot(self, article_id: int, revision: int, snapshot: Snapshot, *, now: datetime) -> None:
        """Keep the page that a version was read from; the first one of a version stays."""
        with self.transaction():
            self._run(
                "INSERT OR IGNORE INTO snapshots (article_id, revision, fetched_at, url, status, headers, sha256, size,"
                f" body) VALUES ({marks(9)})",
                [
                    article_id,
                    revision,
                    written(now),
                    snapshot.url,
                    snapshot.status,
                    json.dumps(snapshot.headers, ensure_ascii=False),
                    snapshot.sha256,
                    snapshot.size,
                    snapshot.packed,
                ],
            )
