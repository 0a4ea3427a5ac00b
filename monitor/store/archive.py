"""Reading, for people and for `status`: through the documented views wherever one tells it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined] # pysqlite3 where it is installed

from monitor.model import AlertKind, Article, Filters, IndexProgress, Selectors, SourceState, Standing
from monitor.store.connection import open_reader, translated
from monitor.store.rows import ARTICLE_COLUMNS, article_of, marks, moment, read, written
from monitor.store.standing import standing_of
from monitor.store.states import STATE_COLUMNS, state_of
from monitor.store.waysout import keeps_a_log

_LOOKED_AT = 10  # pages by which a selector is judged
_ENOUGH_PAGES = 3  # one page without a date says nothing


class ArchiveRows:
    """`protocols.Archive` on a read-only connection."""

    def __init__(self, path: Path) -> None:
        """Open an existing database; raises StoreError where there is none."""
        self._path = path
        self._database: Database = open_reader(path)

    def search(self, match: str | None, filters: Filters, *, before: int | None, limit: int) -> tuple[Article, ...]:
        """Give candidates, newest first."""
        where = {
            "id IN (SELECT rowid FROM article_keys_fts WHERE article_keys_fts MATCH ?)": match,
            "id < ?": before,
            "first_seen_at >= ?": written(filters.since),
            "first_seen_at < ?": written(filters.until),
            "language = ?": filters.language,
            "source = ?": filters.source,
        }
        asked = {condition: value for condition, value in where.items() if value is not None}
        sql = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE {' AND '.join(asked) or '1'} ORDER BY id DESC LIMIT ?"
        with translated():
            return tuple(map(article_of, self._execute(sql, [*asked.values(), limit]).fetchall()))

    def index_progress(self) -> IndexProgress:
        """Give how far the key index is made anew."""
        rows = self._dicts("SELECT done, up_to FROM key_index")
        if not rows:  # no daemon has run since the table came
            return IndexProgress(done=0, up_to=0)
        return IndexProgress(done=int(str(rows[0]["done"])), up_to=int(str(rows[0]["up_to"])))

    def alerts(self, *, since: datetime | None, limit: int | None) -> list[dict[str, object]]:
        """Give rows of v_alerts, newest first."""
        return self._dicts(
            "SELECT * FROM v_alerts WHERE alerted_at >= ? ORDER BY id DESC LIMIT ?", [written(since) or "", limit or -1]
        )

    def health(self) -> list[dict[str, object]]:
        """Give rows of v_source_health."""
        return self._dicts("SELECT * FROM v_source_health ORDER BY source")

    def states(self) -> dict[str, SourceState]:
        """Give what is remembered of each source of the configuration, by name."""
        rows = self._rows(
            f"SELECT {STATE_COLUMNS} FROM source_state JOIN sources ON name = source WHERE removed_at IS NULL", ()
        )
        return {state.source: state for state in map(state_of, rows)}

    def rule_counts(self, now: datetime) -> dict[str, dict[str, object]]:
        """Give what each rule caught lately."""
        rows = self._dicts(
            "SELECT rules.name, max(rules.version) AS version,"
            " (SELECT count(DISTINCT article_id) FROM matches JOIN articles ON articles.id = article_id"
            "  WHERE rule = rules.name AND first_seen_at >= ?) AS articles_24h,"
            " (SELECT count(DISTINCT article_id) FROM matches JOIN articles ON articles.id = article_id"
            "  WHERE rule = rules.name AND first_seen_at >= ?) AS articles_7d"
            " FROM rules GROUP BY rules.name",
            [written(now - timedelta(days=1)), written(now - timedelta(days=7))],
        )
        return {str(row.pop("name")): row for row in rows}

    def delivery(self) -> dict[str, Any]:
        """Give where delivery stands."""
        states = {
            str(row["state"]): row["n"] for row in self._dicts("SELECT state, count(*) n FROM messages GROUP BY 1")
        }
        waiting = self._dicts(
            "SELECT count(*) n, min(created_at) oldest FROM alerts WHERE message IS NULL"
            " AND kind != 'backfill'"  # they wait for their back-filling
        )[0]
        open_ = self._dicts(
            "SELECT count(*) n, min(created_at) oldest FROM messages WHERE state IN ('queued', 'sending', 'unknown')"
        )[0]
        last = self._dicts("SELECT max(sent_at) sent_at FROM messages")[0]
        failed = self._dicts(
            "SELECT recipient, subject, reply, created_at FROM messages WHERE state = 'failed' ORDER BY id DESC LIMIT 20"
        )
        return {
            "states": states,
            "waiting": waiting["n"],
            "pending": open_["n"],
            "oldest_pending": min((str(row["oldest"]) for row in (waiting, open_) if row["oldest"]), default=None),
            "last_sent": last["sent_at"],
            "failed": failed,
        }

    def standing(self) -> Standing:
        """Give where the work stands."""
        return standing_of(self._rows)

    def alert_states(self) -> dict[str, int]:
        """Give how many alerts there are by the state that v_alerts has them in."""
        return dict(self._rows("SELECT state, count(*) FROM v_alerts GROUP BY state", ()))

    def newest(self) -> datetime | None:
        """Give the latest time that was written down of anything that has happened."""
        places = (("visits", "finished_at"), ("articles", "first_seen_at"), ("messages", "created_at"))
        found = [self._rows(f"SELECT max({column}) FROM {table}", ())[0][0] for table, column in places]
        return read(max(filter(None, found), default=None))

    def held_back(self, interval: timedelta) -> tuple[int, datetime | None]:
        """Give how many alerts are in no message yet, and when the last of them may go out: with its group."""
        rows = self._dicts(
            "SELECT a.kind, count(*) n, max(a.due_at) due_at, (SELECT max(m.created_at) FROM messages m"
            ' WHERE m.recipient = a.recipient AND m."group" = a."group") told_at'
            " FROM alerts a WHERE a.message IS NULL AND a.kind != 'backfill'"
            ' GROUP BY a.recipient, a."group", a.kind'
        )
        ends = [moment(str(row["due_at"])) for row in rows]
        ends += [
            moment(str(row["told_at"])) + interval for row in rows if row["told_at"] and row["kind"] != AlertKind.FLOOD
        ]
        return sum(int(str(row["n"])) for row in rows), max(ends, default=None)

    def unread(self, sources: Collection[str]) -> list[dict[str, object]]:
        """Give rows of v_unread of these sources, newest first."""
        return self._dicts(
            f"SELECT * FROM v_unread WHERE source IN ({marks(len(sources))}) ORDER BY article_id DESC", [*sources]
        )

    def missed(self, source: str, selectors: Selectors) -> list[str]:
        """Name the selectors of a source that found nothing on any of its newest pages that were read."""
        rows = self._dicts(
            "SELECT missed FROM articles WHERE source = ? AND page_read_at IS NOT NULL ORDER BY first_seen_at DESC LIMIT ?",
            [source, _LOOKED_AT],
        )
        pages = [json.loads(str(row["missed"] or "{}")) for row in rows]
        names = ("title", "text", "date") if len(pages) >= _ENOUGH_PAGES else ()
        wanted = {name: selector for name in names if (selector := getattr(selectors, name))}
        return [name for name, selector in wanted.items() if all(page.get(name) == selector for page in pages)]

    def paused_hosts(self, now: datetime) -> dict[str, datetime]:
        """Give the hosts that asked to be left alone, and until when."""
        rows = self._dicts("SELECT host, paused_until FROM hosts WHERE paused_until > ?", [written(now)])
        return {str(row["host"]): moment(str(row["paused_until"])) for row in rows}

    def robots_read_at(self) -> dict[str, datetime]:
        """Give when each host's robots.txt was read last."""
        rows = self._dicts("SELECT host, robots_at FROM hosts WHERE robots_at IS NOT NULL")
        return {str(row["host"]): moment(str(row["robots_at"])) for row in rows}

    def moved(self) -> dict[str, str]:
        """Give the addresses that feeds have moved to for good, by source."""
        rows = self._dicts("SELECT source, address FROM source_state WHERE address IS NOT NULL")
        return {str(row["source"]): str(row["address"]) for row in rows}

    def texts(self) -> dict[str, dict[str, int]]:
        """Give how many texts of each source came from its feed or from pages, are wanted, failed or not there."""
        found: dict[str, dict[str, int]] = {}
        for row in self._dicts(
            "SELECT source, CASE WHEN page_read_at IS NOT NULL THEN 'page' WHEN text_state = 'complete' THEN 'feed'"
            " WHEN text_state = 'none' THEN 'title only' ELSE text_state END AS place, count(*) n"
            " FROM articles GROUP BY 1, 2"
        ):
            found.setdefault(str(row["source"]), {})[str(row["place"])] = int(str(row["n"]))
        return found

    def backfills(self, *, since: datetime) -> list[dict[str, object]]:
        """Give rows of v_backfills that are open, or were finished since then."""
        return self._dicts(
            "SELECT * FROM v_backfills WHERE state NOT IN ('done', 'failed') OR finished_at >= ? ORDER BY id",
            [written(since)],
        )

    def open_notices(self) -> list[dict[str, object]]:
        """Give notices that nobody has dealt with."""
        return self._dicts("SELECT at, cause, text FROM events WHERE resolved_at IS NULL ORDER BY id")

    def facts(self) -> dict[str, object]:
        """Give facts about the file."""
        with translated(self._path):
            size = sum(part.stat().st_size for part in self._path.parent.glob(self._path.name + "*"))
            mode = self._execute("PRAGMA journal_mode").fetchone()[0]
            if mode == "delete" and keeps_a_log(self._path):  # opened as a file that nobody writes to
                mode = "wal"
            articles = self._execute("SELECT count(*) FROM articles").fetchone()[0]
        return {"size": size, "sqlite": sqlite3.sqlite_version, "mode": mode, "articles": articles}

    def select(self, sql: str) -> tuple[list[str], Iterable[Sequence[object]]]:
        """Run a reading statement; the connection is read-only, and no other file may be attached."""
        self._database.conn.set_authorizer(_no_attach)
        with translated():
            cursor = self._execute(sql, [])
        return [column[0] for column in cursor.description or ()], _rows_of(cursor)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _execute(self, sql: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a cursor of either sqlite3
        return self._database.conn.execute(sql, values)

    def _rows(self, sql: str, values: Sequence[object]) -> list[Any]:
        with translated(self._path):
            return list(self._execute(sql, values).fetchall())

    def _dicts(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, object]]:
        with translated(self._path):
            cursor = self._execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _rows_of(cursor: Any) -> Iterable[Sequence[object]]:  # noqa: ANN401 - a cursor of either sqlite3
    with translated():
        yield from cursor


def _no_attach(action: int, *_: object) -> int:
    return int(sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK)
