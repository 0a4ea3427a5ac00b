"""Words and trust: the key index, attempts and marks, the words of concepts."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_TRUST = (
    """CREATE TABLE attempts (
        id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages(id), at TEXT NOT NULL, state TEXT NOT NULL,
        reply TEXT NOT NULL)""",
    "CREATE INDEX attempts_message ON attempts(message)",
    """CREATE TABLE marks (
        alert_id INTEGER NOT NULL REFERENCES alerts(id), rule TEXT NOT NULL, relevant INTEGER NOT NULL, note TEXT,
        marked_at TEXT NOT NULL, PRIMARY KEY (alert_id, rule)) WITHOUT ROWID""",
    # Triggers and not CASCADE: whoever erases a person with the sqlite3 shell has foreign keys switched off.
    """CREATE TRIGGER messages_erased BEFORE DELETE ON messages BEGIN
        DELETE FROM attempts WHERE message = OLD.id; END""",
    "CREATE TRIGGER alerts_erased BEFORE DELETE ON alerts BEGIN DELETE FROM marks WHERE alert_id = OLD.id; END",
)
_TRUST_VIEWS = {
    "v_marks": """
        SELECT marks.alert_id, marks.rule, matches.version, marks.relevant, marks.note, marks.marked_at,
               alerts.recipient, alerts.article_id, articles.title, articles.outlet, articles.language, articles.url
        FROM marks JOIN alerts ON alerts.id = marks.alert_id JOIN articles ON articles.id = alerts.article_id
        LEFT JOIN matches ON (matches.article_id, matches.revision, matches.rule)
            = (alerts.article_id, alerts.revision, marks.rule)""",
    "v_rule_precision": """
        SELECT rule, version, count(*) AS marked, sum(relevant) AS relevant,
               round(1.0 * sum(relevant) / count(*), 3) AS precision
        FROM v_marks GROUP BY rule, version""",
}


@migrations(name="0006_key_index")
def key_index(db: Database) -> None:
    """Remember which analysis the search keys were made by, and how far they are made anew."""
    db.execute(
        "CREATE TABLE key_index (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL, done INTEGER NOT NULL,"
        " up_to INTEGER NOT NULL)"
    )


@migrations(name="0007_trust")
def trust(db: Database) -> None:
    """Keep every attempt of delivery, and what people think of alerts."""
    for statement in _TRUST:
        db.execute(statement)
    for name, query in _TRUST_VIEWS.items():
        db.create_view(name, query)


@migrations(name="0008_concepts")
def concepts(db: Database) -> None:
    """Keep the words of concepts as they were when a rule named them."""
    db.execute(
        "CREATE TABLE concepts (name TEXT NOT NULL, digest TEXT NOT NULL, words TEXT NOT NULL, since TEXT NOT NULL,"
        " PRIMARY KEY (name, digest)) WITHOUT ROWID"
    )
