"""How sources publish: what they told last, and where articles may have been missed."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_RHYTHM = (
    "ALTER TABLE visits ADD COLUMN gap INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE source_state ADD COLUMN newest_at TEXT",
    "ALTER TABLE source_state ADD COLUMN rhythm TEXT",
    "ALTER TABLE source_state ADD COLUMN weight REAL",
)


@migrations(name="0010_rhythm")
def rhythm(db: Database) -> None:
    """Remember the newest article of each source, and visits between which articles may have been missed."""
    for statement in _RHYTHM:
        db.execute(statement)
