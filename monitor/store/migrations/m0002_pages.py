"""Pages of articles, and what sites repeat on them."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_PAGES = (
    "ALTER TABLE articles ADD COLUMN told TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE articles ADD COLUMN page_read_at TEXT",
    "ALTER TABLE articles ADD COLUMN site TEXT",
    "ALTER TABLE articles ADD COLUMN text_attempts INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE articles ADD COLUMN text_error TEXT",
    "ALTER TABLE articles ADD COLUMN text_lease_owner TEXT",
    "ALTER TABLE articles ADD COLUMN text_lease_until TEXT",
    "CREATE INDEX articles_unread ON articles(text_state, text_due_at) WHERE text_state IN ('wanted', 'failed')",
    "ALTER TABLE hosts ADD COLUMN robots_status INTEGER",
    "ALTER TABLE hosts ADD COLUMN pages INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE blocks (
        host TEXT NOT NULL, fingerprint TEXT NOT NULL, pages INTEGER NOT NULL, since INTEGER NOT NULL, sample TEXT NOT NULL,
        PRIMARY KEY (host, fingerprint)) WITHOUT ROWID""",
)
_UNREAD = """
        SELECT id AS article_id, source, outlet, title, url, text_state AS state, text_attempts AS attempts,
               text_error AS error, CASE text_state WHEN 'wanted' THEN text_due_at END AS due_at, first_seen_at
        FROM articles WHERE text_state IN ('wanted', 'failed')"""
_OUTDATED = """text_state = 'complete' AND page_read_at IS NOT NULL AND text_error IS NOT NULL"""
_UNREAD_AND_OUTDATED = f"""
        SELECT id AS article_id, source, outlet, title, url, iif(text_state = 'complete', 'outdated', text_state) AS state,
               text_attempts AS attempts, text_error AS error, CASE text_state WHEN 'wanted' THEN text_due_at END AS due_at,
               first_seen_at
        FROM articles WHERE text_state IN ('wanted', 'failed') OR ({_OUTDATED})"""
_SITES = (
    "DROP TABLE blocks",  # what was counted by host alone cannot be told apart by language: it is learned anew
    "ALTER TABLE hosts DROP COLUMN pages",
    "ALTER TABLE articles ADD COLUMN left_out TEXT NOT NULL DEFAULT '[]'",
    """CREATE TABLE sites (
        host TEXT NOT NULL, language TEXT NOT NULL, pages INTEGER NOT NULL, last TEXT NOT NULL,
        PRIMARY KEY (host, language)) WITHOUT ROWID""",
    """CREATE TABLE blocks (
        host TEXT NOT NULL, language TEXT NOT NULL, fingerprint TEXT NOT NULL, pages INTEGER NOT NULL, off INTEGER NOT NULL,
        apart INTEGER NOT NULL, since INTEGER NOT NULL, sample TEXT NOT NULL, letters TEXT NOT NULL,
        PRIMARY KEY (host, language, fingerprint)) WITHOUT ROWID""",
)


@migrations(name="0002_pages")
def pages(db: Database) -> None:
    """Add what is known of article pages, of hosts and of the blocks that a site repeats."""
    for statement in _PAGES:
        db.execute(statement)
    db.create_view("v_unread", _UNREAD)


@migrations(name="0003_outdated_pages")
def outdated_pages(db: Database) -> None:
    """Show pages that were read once, and could not be read again; articles that such a failure hid come back."""
    db.execute("UPDATE articles SET text_state = 'complete' WHERE text_state = 'failed' AND page_read_at IS NOT NULL")
    db.execute(f"CREATE INDEX articles_outdated ON articles(text_error) WHERE {_OUTDATED}")
    db.create_view("v_unread", _UNREAD_AND_OUTDATED, replace=True)


@migrations(name="0004_sites")
def sites(db: Database) -> None:
    """Count what a site repeats by language, and remember what of a text is not matched."""
    for statement in _SITES:
        db.execute(statement)


@migrations(name="0005_missed_selectors")
def missed_selectors(db: Database) -> None:
    """Remember which of a person's selectors found nothing on an article's page."""
    db.execute("ALTER TABLE articles ADD COLUMN missed TEXT")
