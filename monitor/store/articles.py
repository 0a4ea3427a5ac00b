"""The store's face for what was collected."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.model import Alert, Article, IdentityKey, IndexedText, Match, TextState
from monitor.store.base import Base
from monitor.store.rows import (
    ARTICLE_COLUMNS,
    alert_words,
    article_of,
    key_row,
    marks,
    rule_names,
    words_json,
    written,
)

_BATCH = 200
_ROWS = 50  # articles a statement
_SHOWN = "shown"  # a row of article_ids that tells which source shows which article

NewArticle = tuple[Article, Collection[IdentityKey], IndexedText]


class ArticleRows(Base):
    """`protocols.Articles` on SQLite."""

    def find(self, keys: Collection[IdentityKey]) -> dict[IdentityKey, int]:
        """Give which of these keys are known, and of which article."""
        by_row = {key_row(key): key for key in keys}
        rows = list(by_row)
        found: dict[IdentityKey, int] = {}
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            values = ", ".join(["(?, ?, ?)"] * len(batch))
            for kind, source, value, article_id in self._rows(
                f"SELECT kind, source, value, article_id FROM article_ids WHERE (kind, source, value) IN (VALUES {values})",
                [part for row in batch for part in row],
            ):
                found[by_row[kind, source, value]] = article_id
        return found

    def get(self, ids: Collection[int]) -> dict[int, Article]:
        """Give articles by id."""
        wanted = sorted(ids)
        found: dict[int, Article] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            rows = self._rows(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id IN ({marks(len(batch))})", batch)
            found.update((row[0], article_of(row)) for row in rows)
        return found

    def add(self, article: Article, keys: Collection[IdentityKey], indexed: IndexedText) -> int:
        """Store a new article; gives its id."""
        return self.add_all([(article, keys, indexed)])[0]

    def add_all(self, new: Sequence[NewArticle]) -> list[int]:
        """Store new articles in this order; gives their ids.

        Many rows a statement: each one that fires a trigger makes both search indexes write what they have gathered.
        """
        with self.transaction():
            last = self._rows("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'articles'")[0][0]
            ids = list(range(last + 1, last + 1 + len(new)))
            for start in range(0, len(new), _ROWS):
                rows = [
                    [number, *_new_row(article)]
                    for number, (article, _, _) in zip(
                        ids[start : start + _ROWS], new[start : start + _ROWS], strict=True
                    )
                ]
                values = ", ".join([f"({marks(len(rows[0]))})"] * len(rows))
                self._run(
                    f"INSERT INTO articles ({ARTICLE_COLUMNS}, text_due_at) VALUES {values}",
                    [value for row in rows for value in row],
                )
            self._many(
                "INSERT INTO article_keys_fts (rowid, title, body) VALUES (?, ?, ?)",
                [(number, indexed.title, indexed.body) for number, (_, _, indexed) in zip(ids, new, strict=True)],
            )
            self._many(
                "INSERT OR IGNORE INTO article_ids (kind, source, value, article_id) VALUES (?, ?, ?, ?)",
                [
                    (*row, number)
                    for number, (article, keys, _) in zip(ids, new, strict=True)
                    for row in (*map(key_row, keys), (_SHOWN, article.source, str(number)))
                ],
            )
        return ids

    def learn(self, article_id: int, source: str, keys: Collection[IdentityKey]) -> bool:
        """Remember further keys; True when this source shows the article for the first time."""
        with self.transaction():
            self._many(
                "INSERT OR IGNORE INTO article_ids (kind, source, value, article_id) VALUES (?, ?, ?, ?)",
                [(*key_row(key), article_id) for key in keys],
            )
            cursor = self._run(
                "INSERT OR IGNORE INTO article_ids (kind, source, value, article_id) VALUES (?, ?, ?, ?)",
                [_SHOWN, source, str(article_id), article_id],
            )
        return bool(cursor.rowcount > 0)

    def count_as_news(self, article_id: int) -> None:
        """Take an article for news from now on; a back-filling that mails keeps it, for its summary tells of it."""
        self._run(
            "UPDATE articles SET baseline = 0, backfill = (SELECT id FROM backfills WHERE id = articles.backfill AND mails)"
            " WHERE id = ?",
            [article_id],
        )

    def versions(self, article_id: int) -> tuple[str, ...]:
        """Give the texts of an article's earlier versions that are kept: title, summary and text in one."""
        rows = self._rows("SELECT title, summary, text FROM revisions WHERE article_id = ?", [article_id])
        return tuple("\n\n".join(filter(None, row)) for row in rows)

    def matched(self, article_id: int) -> set[str]:
        """Give the rules that a version of an article matched, or that stand in one of its alerts."""
        rows = self._rows(
            "SELECT rule FROM matches WHERE article_id = ?1 UNION"
            " SELECT value FROM alerts, json_each(alerts.rules) WHERE article_id = ?1",
            [article_id],
        )
        return {row[0] for row in rows}

    def revise(self, article: Article, indexed: IndexedText, *, now: datetime, keep: int) -> int:
        """Keep the stored version as a revision and put this one in its place; gives the new version's number."""
        with self.transaction():
            self._run(
                "INSERT INTO revisions (article_id, number, seen_at, replaced_at, title, summary, text)"
                " SELECT id, revision, coalesce((SELECT max(replaced_at) FROM revisions WHERE article_id = articles.id), first_seen_at),"
                " ?, title, summary, text FROM articles WHERE id = ?",
                [written(now), article.id],
            )
            row = self._run(
                "UPDATE articles SET title = ?, summary = ?, text = ?, author = coalesce(?, author), language = ?,"
                " text_state = ?, told = ?, left_out = ?, revision = revision + 1 WHERE id = ? RETURNING revision",
                [
                    article.title,
                    article.summary,
                    article.text,
                    article.author,
                    article.language,
                    article.text_state,
                    article.told,
                    json.dumps(article.left_out),
                    article.id,
                ],
            ).fetchone()
            self._run(
                "UPDATE article_keys_fts SET title = ?, body = ? WHERE rowid = ?",
                [indexed.title, indexed.body, article.id],
            )
            # The first and the last ones stay, and those that a mail will still be made of.
            self._run(
                "DELETE FROM revisions WHERE article_id = ? AND number > 0 AND number <= ? AND NOT EXISTS (SELECT 1 FROM alerts"
                " WHERE alerts.article_id = revisions.article_id AND alerts.revision = number AND message IS NULL)",
                [article.id, row[0] - keep],
            )
        return int(row[0])

    def record(
        self, article_id: int, revision: int, matches: Sequence[Match], *, withdrawn: Collection[str] = ()
    ) -> None:
        """Write down which rules matched by which words, anew for rules that a later reading has another answer for."""
        with self.transaction():
            self._many(
                "DELETE FROM matches WHERE article_id = ? AND revision = ? AND rule = ?",
                [(article_id, revision, rule) for rule in withdrawn],
            )
            self._many(
                "INSERT OR IGNORE INTO matches (article_id, revision, rule, version, words) VALUES (?, ?, ?, ?, ?)",
                [(article_id, revision, match.rule, match.version, words_json(match)) for match in matches],
            )

    def alert(self, alerts: Sequence[Alert]) -> int:
        """Add alerts, none twice for the same recipient, article and revision; gives how many were added.

        One that waits already names the rules of both from then on.
        """
        with self.transaction():
            return sum(self._alert(alert) for alert in alerts)

    def _alert(self, alert: Alert) -> bool:
        cursor = self._run(
            'INSERT OR IGNORE INTO alerts (recipient, channel, "group", kind, article_id, revision, rules, words,'
            f" created_at, due_at, edited_at) VALUES ({marks(11)})",
            _alert_row(alert),
        )
        if cursor.rowcount > 0:
            return True
        for (number,) in self._rows(
            "SELECT id FROM alerts WHERE recipient = ? AND article_id = ? AND revision = ? AND message IS NULL",
            [alert.recipient, alert.article_id, alert.revision],
        ):
            self._join(number, alert)
        return False

    def _join(self, number: int, alert: Alert) -> None:
        """Name in a waiting alert what else is to be told of its version: there is one alert for it."""
        ((rules, words),) = self._rows("SELECT rules, words FROM alerts WHERE id = ?", [number])
        self._run(
            "UPDATE alerts SET rules = ?, words = ? WHERE id = ?",
            [_together(rules, rule_names(alert)), _together(words, alert_words(alert)), number],
        )


def _article_row(article: Article) -> list[object]:
    return [
        article.source,
        article.outlet,
        article.country,
        article.language,
        article.title,
        article.summary,
        article.text,
        article.author,
        article.url,
        article.canonical_url,
        article.guid,
        written(article.published_at),
        written(article.first_seen_at),
        article.text_state,
        article.baseline,
        article.revision,
        article.told,
        written(article.page_read_at),
        article.site,
        json.dumps(article.left_out),
        written(article.gone_at),
        article.backfill,
    ]


def _new_row(article: Article) -> list[object]:
    return [*_article_row(article), written(article.first_seen_at) if _wanted(article) else None]


def _wanted(article: Article) -> bool:
    return article.text_state is TextState.WANTED


def _alert_row(alert: Alert) -> list[object]:
    return [
        alert.recipient,
        alert.channel,
        alert.group,
        alert.kind,
        alert.article_id,
        alert.revision,
        rule_names(alert),
        alert_words(alert),
        written(alert.created_at),
        written(alert.due_at),
        written(alert.edited_at),
    ]


def _together(first: str, second: str) -> str:
    """Give two JSON arrays as one, each value once."""
    return json.dumps(list(dict.fromkeys([*json.loads(first), *json.loads(second)])), ensure_ascii=False)
