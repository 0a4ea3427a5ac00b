"""The key index anew: when words are analysed otherwise, stored articles must be found by the new keys."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import Article, IndexedText, IndexProgress
from monitor.store.base import Base
from monitor.store.rows import ARTICLE_COLUMNS, article_of


class KeyIndexRows(Base):
    """`protocols.KeyIndex`."""

    def begin_index(self, version: str) -> IndexProgress:
        """Say which analysis makes keys from now on; where it is another one, all articles up to now are to be read."""
        with self.transaction():
            self._run(
                "INSERT INTO key_index (one, version, done, up_to)"
                " SELECT 1, ?, 0, (SELECT coalesce(max(id), 0) FROM articles) WHERE true"
                " ON CONFLICT (one) DO UPDATE SET version = excluded.version, done = 0, up_to = excluded.up_to"
                " WHERE version != excluded.version",
                [version],
            )
            done, up_to = self._rows("SELECT done, up_to FROM key_index")[0]
        return IndexProgress(done=done, up_to=up_to)

    def unindexed(self, limit: int) -> tuple[Article, ...]:
        """Give the next articles whose keys are old, oldest first."""
        rows = self._rows(
            f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id > (SELECT done FROM key_index)"
            " AND id <= (SELECT up_to FROM key_index) ORDER BY id LIMIT ?",
            [limit],
        )
        return tuple(map(article_of, rows))

    def index(self, read: Sequence[tuple[Article, IndexedText]], *, done: int) -> None:
        """Write new keys, and note how far the index is new; an article that changed meanwhile has its keys already."""
        with self.transaction():
            self._many(
                "UPDATE article_keys_fts SET title = ?, body = ? WHERE rowid ="
                " (SELECT id FROM articles WHERE id = ? AND title = ? AND summary = ? AND text = ?)",
                [
                    (indexed.title, indexed.body, article.id, article.title, article.summary, article.text)
                    for article, indexed in read
                ],
            )
            self._run("UPDATE key_index SET done = ?", [done])
