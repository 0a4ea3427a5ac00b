"""Change over time: moments of versions, pages that are looked at again, pages that are gone, raw snapshots."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_CHANGES = (
    "ALTER TABLE revisions ADD COLUMN seen_at TEXT",
    """UPDATE revisions SET seen_at = CASE number
        WHEN 0 THEN (SELECT first_seen_at FROM articles WHERE articles.id = article_id)
        ELSE (SELECT r.replaced_at FROM revisions r
              WHERE (r.article_id, r.number) = (revisions.article_id, revisions.number - 1)) END""",
    "ALTER TABLE alerts ADD COLUMN edited_at TEXT",
    "ALTER TABLE articles ADD COLUMN gone_at TEXT",
    # Apart from `articles`: a row there has the text and two search indexes to be written anew, for every look.
    """CREATE TABLE revisits (
        article_id INTEGER PRIMARY KEY REFERENCES articles(id), source TEXT NOT NULL REFERENCES sources(name),
        due_at TEXT, since TEXT NOT NULL, looked_at TEXT, looks INTEGER NOT NULL DEFAULT 0, still INTEGER NOT NULL DEFAULT 0,
        grown INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0, etag BLOB, last_modified BLOB,
        lease_owner TEXT, lease_until TEXT)""",
    "CREATE INDEX revisits_due ON revisits(due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX revisits_leased ON revisits(lease_owner) WHERE lease_owner IS NOT NULL",
    "CREATE INDEX revisits_looked ON revisits(source, looked_at)",
    """CREATE TABLE disappearances (
        id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles(id), status INTEGER NOT NULL,
        gone_at TEXT NOT NULL, back_at TEXT)""",
    "CREATE UNIQUE INDEX disappearances_open ON disappearances(article_id) WHERE back_at IS NULL",
    """CREATE TABLE snapshots (
        article_id INTEGER NOT NULL REFERENCES articles(id), revision INTEGER NOT NULL, fetched_at TEXT NOT NULL,
        url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
        body BLOB NOT NULL, PRIMARY KEY (article_id, revision))""",
    "CREATE INDEX snapshots_fetched ON snapshots(fetched_at)",
)
_VIEWS = {
    "v_articles": """
        SELECT id, source, outlet, country, language, title, summary, text, author, url, published_at, first_seen_at,
               text_state, revision, gone_at
        FROM articles""",
    "v_revisions": """
        SELECT articles.id AS article_id, revision, 1 AS current,
               coalesce((SELECT max(replaced_at) FROM revisions WHERE article_id = articles.id), first_seen_at) AS seen_at,
               NULL AS replaced_at, source, outlet, language, url, title, summary, text
        FROM articles
        UNION ALL
        SELECT r.article_id, r.number, 0, r.seen_at, r.replaced_at, source, outlet, language, url, r.title, r.summary, r.text
        FROM revisions r JOIN articles ON articles.id = r.article_id""",
    "v_gone": """
        SELECT d.article_id, articles.source, articles.outlet, articles.language, articles.title, articles.url,
               articles.first_seen_at, d.status, d.gone_at, d.back_at
        FROM disappearances d JOIN articles ON articles.id = d.article_id""",
}


@migrations(name="0011_changes")
def changes(db: Database) -> None:
    """Add what is known of an article's changes since it was first read."""
    for statement in _CHANGES:
        db.execute(statement)
    for name, query in _VIEWS.items():
        db.create_view(name, query, replace=True)
