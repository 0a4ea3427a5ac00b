"""The first release: articles, rules, alerts, messages."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_TABLES = (
    """CREATE TABLE sources (
        name TEXT PRIMARY KEY, outlet TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,
        language TEXT, country TEXT, added_at TEXT NOT NULL, removed_at TEXT)""",
    """CREATE TABLE source_state (
        source TEXT PRIMARY KEY REFERENCES sources(name), due_at TEXT NOT NULL, first_good_at TEXT, last_visit_at TEXT,
        last_good_at TEXT, failures INTEGER NOT NULL DEFAULT 0, last_error TEXT, etag BLOB, last_modified BLOB,
        body_hash BLOB, guids_unusable INTEGER NOT NULL DEFAULT 0, lease_owner TEXT, lease_until TEXT)""",
    "CREATE INDEX source_state_due ON source_state(due_at)",
    """CREATE TABLE visits (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL REFERENCES sources(name), started_at TEXT NOT NULL,
        finished_at TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER, size INTEGER NOT NULL, entries INTEGER NOT NULL,
        new_articles INTEGER NOT NULL, revisions INTEGER NOT NULL, flood INTEGER NOT NULL, error TEXT, detail TEXT)""",
    "CREATE INDEX visits_source ON visits(source, started_at)",
    "CREATE INDEX visits_started ON visits(started_at)",
    """CREATE TABLE visit_days (
        source TEXT NOT NULL REFERENCES sources(name), day TEXT NOT NULL, visits INTEGER NOT NULL, failed INTEGER NOT NULL,
        new_articles INTEGER NOT NULL, PRIMARY KEY (source, day))""",
    """CREATE TABLE hosts (
        host TEXT PRIMARY KEY, paused_until TEXT, robots TEXT, robots_at TEXT, failures INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE articles (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL REFERENCES sources(name), outlet TEXT NOT NULL,
        country TEXT, language TEXT NOT NULL, title TEXT NOT NULL, summary TEXT NOT NULL, text TEXT NOT NULL, author TEXT,
        url TEXT, canonical_url TEXT, guid TEXT, published_at TEXT, first_seen_at TEXT NOT NULL,
        text_state TEXT NOT NULL, text_due_at TEXT, baseline INTEGER NOT NULL, revision INTEGER NOT NULL)""",
    "CREATE INDEX articles_source ON articles(source, first_seen_at)",
    "CREATE INDEX articles_seen ON articles(first_seen_at)",
    """CREATE TABLE article_ids (
        kind TEXT NOT NULL, source TEXT NOT NULL, value TEXT NOT NULL, article_id INTEGER NOT NULL,
        PRIMARY KEY (kind, source, value)) WITHOUT ROWID""",
    "CREATE INDEX article_ids_article ON article_ids(article_id)",
    """CREATE TABLE revisions (
        article_id INTEGER NOT NULL REFERENCES articles(id), number INTEGER NOT NULL, replaced_at TEXT NOT NULL,
        title TEXT NOT NULL, summary TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (article_id, number))""",
    """CREATE TABLE rules (
        name TEXT NOT NULL, version INTEGER NOT NULL, query TEXT NOT NULL, scope TEXT NOT NULL, since TEXT NOT NULL,
        PRIMARY KEY (name, version))""",
    """CREATE TABLE matches (
        article_id INTEGER NOT NULL REFERENCES articles(id), revision INTEGER NOT NULL, rule TEXT NOT NULL,
        version INTEGER NOT NULL, words TEXT NOT NULL, PRIMARY KEY (article_id, revision, rule))""",
    "CREATE INDEX matches_rule ON matches(rule, article_id)",
    """CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL,
        channel TEXT NOT NULL, "group" TEXT NOT NULL, subject TEXT NOT NULL, raw BLOB, state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, next_try_at TEXT NOT NULL, sent_at TEXT, reply TEXT,
        lease_owner TEXT, lease_until TEXT)""",
    "CREATE INDEX messages_open ON messages(next_try_at) WHERE state IN ('queued', 'unknown', 'sending')",
    'CREATE INDEX messages_group ON messages(recipient, "group", created_at)',
    """CREATE TABLE alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, channel TEXT NOT NULL, "group" TEXT NOT NULL,
        kind TEXT NOT NULL, article_id INTEGER NOT NULL REFERENCES articles(id), revision INTEGER NOT NULL,
        rules TEXT NOT NULL, words TEXT NOT NULL, created_at TEXT NOT NULL, due_at TEXT NOT NULL,
        message INTEGER REFERENCES messages(id), UNIQUE (recipient, article_id, revision))""",
    "CREATE INDEX alerts_waiting ON alerts(recipient, due_at) WHERE message IS NULL",
    "CREATE INDEX alerts_message ON alerts(message)",
    "CREATE INDEX alerts_article ON alerts(article_id)",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, cause TEXT NOT NULL, text TEXT NOT NULL, resolved_at TEXT)""",
    "CREATE UNIQUE INDEX events_open ON events(cause) WHERE resolved_at IS NULL",
    # Keys are made of letters, digits and = ~ & + # _ ’ and parted by blanks; `ascii` takes all else than ASCII as letters.
    "CREATE VIRTUAL TABLE article_keys_fts USING fts5(title, body, tokenize = \"ascii tokenchars '=~&+#_'\")",
)

_VIEWS = {
    "v_articles": """
        SELECT id, source, outlet, country, language, title, summary, text, author, url, published_at, first_seen_at,
               text_state
        FROM articles""",
    "v_alerts": """
        SELECT alerts.id, alerts.recipient, alerts.rules, alerts.words, alerts.article_id, articles.title,
               articles.outlet, articles.language, articles.url, articles.first_seen_at,
               alerts.created_at AS alerted_at, messages.message_id, coalesce(messages.state, 'waiting') AS state,
               messages.sent_at
        FROM alerts JOIN articles ON articles.id = alerts.article_id
        LEFT JOIN messages ON messages.id = alerts.message""",
    "v_source_health": """
        SELECT sources.name AS source, sources.outlet,
               CASE WHEN failures > 0 THEN 'failing'
                    WHEN last_good_at IS NULL THEN 'new'
                    WHEN first_good_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')
                         AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.source = sources.name
                             AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) THEN 'quiet'
                    ELSE 'well' END AS state,
               last_good_at, last_error, failures, due_at,
               (SELECT count(*) FROM articles WHERE articles.source = sources.name
                   AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 days')) AS articles_24h,
               (SELECT count(*) FROM articles WHERE articles.source = sources.name
                   AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) AS articles_7d
        FROM sources JOIN source_state ON source_state.source = sources.name
        WHERE sources.removed_at IS NULL""",
}


@migrations(name="0001_first_release")
def first_release(db: Database) -> None:
    """Make all tables, indexes and views."""
    for statement in _TABLES:
        db.execute(statement)
    db.table("articles").enable_fts(
        ["title", "summary", "text", "author"], tokenize="unicode61 remove_diacritics 2", create_triggers=True
    )
    for name, query in _VIEWS.items():
        db.create_view(name, query)
