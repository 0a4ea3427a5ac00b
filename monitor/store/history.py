"""Reading how an article changed: its versions, when its page was gone, how it is looked at again, its snapshots."""

from __future__ import annotations

import json
from typing import Any

from monitor.model import Snapshot, Version
from monitor.store.archive import ArchiveRows
from monitor.store.connection import translated
from monitor.store.rows import moment, read


class HistoryRows(ArchiveRows):
    """`protocols.History` on a read-only connection."""

    def article(self, article_id: int) -> dict[str, object] | None:
        """Give a row of v_articles without its texts; None where there is no such article."""
        rows = self._dicts(
            "SELECT id, source, outlet, country, language, title, author, url, published_at, first_seen_at, text_state,"
            " revision, gone_at FROM v_articles WHERE id = ?",
            [article_id],
        )
        return rows[0] if rows else None

    def versions(self, article_id: int) -> tuple[Version, ...]:
        """Give the versions of an article that are kept, the first one first."""
        return tuple(
            Version(
                article_id=article_id,
                number=row[0],
                seen_at=read(row[1]),
                replaced_at=read(row[2]),
                title=row[3],
                summary=row[4],
                text=row[5],
            )
            for row in self._all(
                "SELECT revision, seen_at, replaced_at, title, summary, text FROM v_revisions WHERE article_id = ?"
                " ORDER BY revision",
                [article_id],
            )
        )

    def gone(self, article_id: int) -> list[dict[str, object]]:
        """Give each time that an article's page was found to be gone."""
        return self._dicts(
            "SELECT status, gone_at, back_at FROM v_gone WHERE article_id = ? ORDER BY gone_at", [article_id]
        )

    def look(self, article_id: int) -> dict[str, object] | None:
        """Give how an article's page is looked at again; None where it never was to be."""
        rows = self._dicts("SELECT due_at, looked_at, looks, grown FROM revisits WHERE article_id = ?", [article_id])
        return rows[0] if rows else None

    def snapshots(self, article_id: int) -> list[dict[str, object]]:
        """Give the snapshots of an article, without their bodies."""
        return self._dicts(
            "SELECT revision, fetched_at, url, status, size, length(body) AS packed, sha256 FROM snapshots"
            " WHERE article_id = ? ORDER BY revision",
            [article_id],
        )

    def snapshot(self, article_id: int, revision: int | None) -> tuple[int, str, Snapshot] | None:
        """Give a snapshot (the last one without `revision`) with its version and when it was fetched."""
        rows = self._all(
            "SELECT revision, fetched_at, url, status, headers, sha256, size, body FROM snapshots WHERE article_id = ?"
            " AND revision = coalesce(?, revision) ORDER BY revision DESC LIMIT 1",
            [article_id, revision],
        )
        for row in rows:
            headers = tuple((name, value) for name, value in json.loads(row[4]))
            found = Snapshot(url=row[2], status=row[3], headers=headers, sha256=row[5], size=row[6], packed=row[7])
            return row[0], f"{moment(row[1]):%Y-%m-%dT%H:%M:%SZ}", found
        return None

    def _all(self, sql: str, values: list[object]) -> list[Any]:
        with translated(self._path):
            return list(self._execute(sql, values).fetchall())
