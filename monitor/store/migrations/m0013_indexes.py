"""Indexes for what is asked at every tick, however long the tables are."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

# SQLite takes an index of a part of a table only where the query says that part in the same words:
# `text_state = 'wanted'` does not lead it to an index for `text_state IN ('wanted', 'failed')`.
_INDEXES = (
    "CREATE INDEX articles_wanted ON articles(text_due_at) WHERE text_state = 'wanted'",
    """CREATE INDEX articles_held ON articles(text_lease_owner)
        WHERE text_state = 'wanted' AND text_lease_owner IS NOT NULL""",
    "CREATE INDEX messages_held ON messages(lease_owner) WHERE lease_owner IS NOT NULL",
    "CREATE INDEX backfills_held ON backfills(lease_owner) WHERE lease_owner IS NOT NULL",
)


@migrations(name="0013_indexes")
def indexes(db: Database) -> None:
    """Find wanted pages, and what is held by whom, without looking through all articles and messages."""
    for statement in _INDEXES:
        db.execute(statement)
