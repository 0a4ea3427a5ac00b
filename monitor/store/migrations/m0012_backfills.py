"""The past of outlets: what of it was asked for, how far the walk has come, and which articles it brought."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_BACKFILLS = (
    """CREATE TABLE backfills (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL REFERENCES sources(name), reason TEXT NOT NULL,
        since TEXT NOT NULL, until TEXT NOT NULL, most INTEGER NOT NULL, mails INTEGER NOT NULL, state TEXT NOT NULL,
        visit INTEGER, asked_at TEXT NOT NULL, due_at TEXT NOT NULL, walked_at TEXT, finished_at TEXT,
        found INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0,
        reached INTEGER NOT NULL DEFAULT 0, remarks TEXT NOT NULL DEFAULT '[]', lease_owner TEXT, lease_until TEXT)""",
    "CREATE INDEX backfills_open ON backfills(due_at) WHERE state != 'done'",
    "CREATE INDEX backfills_source ON backfills(source, id)",
    """CREATE TABLE backfill_steps (
        backfill INTEGER NOT NULL REFERENCES backfills(id), url TEXT NOT NULL, way TEXT NOT NULL, place INTEGER NOT NULL,
        page INTEGER NOT NULL, guess INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, error TEXT,
        older INTEGER NOT NULL, within INTEGER NOT NULL, newer INTEGER NOT NULL, undated INTEGER NOT NULL, oldest TEXT,
        newest TEXT, left_out INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (backfill, url)) WITHOUT ROWID""",
    "ALTER TABLE articles ADD COLUMN backfill INTEGER REFERENCES backfills(id)",
    "CREATE INDEX articles_backfill ON articles(backfill) WHERE backfill IS NOT NULL",
    "CREATE INDEX visits_gap ON visits(id) WHERE gap",
    "CREATE INDEX backfills_visit ON backfills(visit)",
)
_VIEW = """
        SELECT backfills.id, backfills.source, sources.outlet, reason, since, until, state, asked_at, finished_at, requests,
               found, new, (SELECT count(DISTINCT article_id) FROM articles JOIN matches ON article_id = articles.id
                   WHERE articles.backfill = backfills.id) AS matched,
               (SELECT min(oldest) FROM backfill_steps WHERE backfill = backfills.id) AS oldest, reached, remarks
        FROM backfills JOIN sources ON sources.name = backfills.source"""


@migrations(name="0012_backfills")
def backfills(db: Database) -> None:
    """Make the tables of back-filling, and mark the articles that it brings."""
    for statement in _BACKFILLS:
        db.execute(statement)
    db.create_view("v_backfills", _VIEW)
