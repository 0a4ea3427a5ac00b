"""How sources publish, and how they do: what they told last, where articles may have been missed, states since when."""

from __future__ import annotations

from sqlite_utils import Database

from monitor.store.migrations.released import migrations

_RHYTHM = (
    "ALTER TABLE visits ADD COLUMN gap INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE source_state ADD COLUMN newest_at TEXT",
    "ALTER TABLE source_state ADD COLUMN rhythm TEXT",
    "ALTER TABLE source_state ADD COLUMN weight REAL",
    "ALTER TABLE source_state ADD COLUMN condition TEXT NOT NULL DEFAULT 'new'",
    "ALTER TABLE source_state ADD COLUMN since TEXT",
    "ALTER TABLE source_state ADD COLUMN thin_since TEXT",
    # Until its next visit a source is what it was by what was kept so far.
    """UPDATE source_state SET since = coalesce(last_good_at, last_visit_at),
        condition = CASE WHEN failures > 0 THEN 'slow' WHEN last_good_at IS NULL THEN 'new' ELSE 'well' END""",
    "CREATE INDEX visits_gaps ON visits(source, started_at) WHERE gap = 1",
)
_HEALTH = """
        SELECT sources.name AS source, sources.outlet,
               CASE WHEN failures > 0 AND condition NOT IN ('blocked', 'dead') THEN 'slow'
                    WHEN failures = 0 AND thin_since IS NOT NULL THEN 'blocked'
                    WHEN failures = 0 AND last_good_at IS NOT NULL AND condition != 'quiet' THEN 'well'
                    ELSE condition END AS state,
               last_good_at, last_error, failures, due_at,
               (SELECT count(*) FROM articles WHERE articles.source = sources.name
                   AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 days')) AS articles_24h,
               (SELECT count(*) FROM articles WHERE articles.source = sources.name
                   AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) AS articles_7d,
               CASE WHEN failures = 0 AND thin_since IS NOT NULL THEN thin_since
                   ELSE coalesce(since, failing_since, last_good_at, added_at) END AS since,
               (SELECT max(started_at) FROM visits WHERE visits.source = sources.name AND gap = 1) AS last_gap_at
        FROM sources JOIN source_state ON source_state.source = sources.name
        WHERE sources.removed_at IS NULL"""


@migrations(name="0010_rhythm")
def rhythm(db: Database) -> None:
    """Remember how each source publishes and does, and visits between which articles may have been missed."""
    for statement in _RHYTHM:
        db.execute(statement)
    db.create_view("v_source_health", _HEALTH, replace=True)
