"""HTTP manners: what servers and feeds wish, where they moved to, since when they fail."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_MANNERS = (
    "ALTER TABLE source_state ADD COLUMN address TEXT",
    "ALTER TABLE source_state ADD COLUMN move TEXT",
    "ALTER TABLE source_state ADD COLUMN parser TEXT",
    "ALTER TABLE source_state ADD COLUMN whole_at TEXT",
    "ALTER TABLE source_state ADD COLUMN failing_since TEXT",
    "ALTER TABLE source_state ADD COLUMN error_since TEXT",
    "ALTER TABLE source_state ADD COLUMN hints TEXT",
    # Who fails at the time of the upgrade has done so since the last good visit, as far as anybody knows.
    """UPDATE source_state SET failing_since = coalesce(last_good_at, last_visit_at), error_since = last_visit_at
        WHERE failures > 0""",
    """CREATE TABLE addresses (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL REFERENCES sources(name), url TEXT NOT NULL, left_at TEXT NOT NULL,
        became TEXT NOT NULL, reason TEXT NOT NULL)""",
    "CREATE INDEX addresses_source ON addresses(source)",
)


@migrations(name="0009_manners")
def manners(db: Database) -> None:
    """Remember wishes, moves and since when a source fails; keep the addresses that sources have left."""
    for statement in _MANNERS:
        db.execute(statement)
