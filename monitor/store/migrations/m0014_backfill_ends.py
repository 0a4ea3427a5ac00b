"""How back-fillings end: those that a fault of the program ends, and what is kept once their pages are forgotten."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_COLUMNS = (
    "ALTER TABLE backfills ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE backfills ADD COLUMN oldest TEXT",
    "UPDATE backfills SET oldest = (SELECT min(oldest) FROM backfill_steps WHERE backfill = backfills.id)",
)
_VIEW = """
        SELECT backfills.id, backfills.source, sources.outlet, reason, since, until, state, asked_at, finished_at, requests,
               found, new, (SELECT count(DISTINCT article_id) FROM articles JOIN matches ON article_id = articles.id
                   WHERE articles.backfill = backfills.id) AS matched,
               oldest, reached, remarks
        FROM backfills JOIN sources ON sources.name = backfills.source"""


@migrations(name="0014_backfill_ends")
def backfill_ends(db: Database) -> None:
    """Count the crashes of a walk, and keep the oldest date that it saw beside it."""
    for statement in _COLUMNS:
        db.execute(statement)
    db.create_view("v_backfills", _VIEW, replace=True)
