"""Golden databases: the schema as it was after each migration, with a few rows, as SQL that people can read.

`python -m tests.rigs.schemas` writes the file of a new migration; one that is there is never written again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from monitor.store.connection import APPLICATION_ID
from monitor.store.migrations import migrations

FOLDER = Path(__file__).parents[1] / "data" / "schemas"
_AT = "'2026-11-20T08:00:00Z'"
# What somebody's database had in it; entered once the migration of that number was there.
_ROWS = {
    "0001": (
        f"INSERT INTO sources VALUES ('one', 'One', 'feed', 'https://one.example/feed', 'en', 'ge', {_AT}, NULL)",
        f"INSERT INTO sources VALUES ('two', 'Two', 'feed', 'https://two.example/feed', NULL, NULL, {_AT}, {_AT})",
        f"INSERT INTO source_state (source, due_at, first_good_at, last_good_at, last_visit_at, failures, etag) VALUES ('one', {_AT}, {_AT}, {_AT}, {_AT}, 0, x'22612200ff')",
        f"INSERT INTO source_state (source, due_at, last_visit_at, failures, last_error) VALUES ('two', {_AT}, {_AT}, 3, 'dns: no such name')",
        f"INSERT INTO visits VALUES (1, 'one', {_AT}, {_AT}, 'read', 200, 512, 2, 2, 0, 0, NULL, NULL)",
        "INSERT INTO visit_days VALUES ('one', '2026-08-01', 96, 1, 12)",
        f"INSERT INTO hosts (host, paused_until, robots, robots_at) VALUES ('one.example', NULL, 'User-agent: *', {_AT})",
        f"INSERT INTO articles (id, source, outlet, country, language, title, summary, text, url, canonical_url, guid, published_at, first_seen_at, text_state, baseline, revision) VALUES (1, 'one', 'One', 'ge', 'en', 'Prisoners return', 'A summary', 'The prisoners came home.', 'https://one.example/1', 'https://one.example/1', '1', {_AT}, {_AT}, 'complete', 0, 1)",
        f"INSERT INTO articles (id, source, outlet, language, title, summary, text, url, canonical_url, first_seen_at, text_state, baseline, revision) VALUES (2, 'one', 'One', 'ru', 'Пленные вернулись', '', '', 'https://one.example/2', 'https://one.example/2', {_AT}, 'none', 1, 0)",
        "INSERT INTO article_ids VALUES ('url', '', 'https://one.example/1', 1), ('guid', 'one', '1', 1), ('url', '', 'https://one.example/2', 2)",
        f"INSERT INTO revisions (article_id, number, replaced_at, title, summary, text) VALUES (1, 0, {_AT}, 'Prisoner returns', '', 'A prisoner came home.')",
        f"""INSERT INTO rules VALUES ('prisoners', 1, 'prisoners', '{{"languages": [], "sources": [], "when": ["new"]}}', {_AT})""",
        """INSERT INTO matches VALUES (1, 0, 'prisoners', 1, '[["title", 0, 8, "Prisoner", "prisoners"]]')""",
        f"""INSERT INTO messages (id, message_id, recipient, channel, "group", subject, raw, state, attempts, created_at, next_try_at, sent_at, reply) VALUES (1, '<1@one.example>', 'anna@example.org', 'desk', 'rule:prisoners', 'prisoners', x'66726f6d00ff', 'sent', 1, {_AT}, {_AT}, {_AT}, '250 kept')""",
        f"""INSERT INTO messages (id, message_id, recipient, channel, "group", subject, raw, state, created_at, next_try_at) VALUES (2, '<2@one.example>', 'ben@example.org', 'desk', 'rule:prisoners', 'prisoners', x'66726f6d', 'queued', {_AT}, {_AT})""",
        f"""INSERT INTO alerts (id, recipient, channel, "group", kind, article_id, revision, rules, words, created_at, due_at, message) VALUES (1, 'anna@example.org', 'desk', 'rule:prisoners', 'new', 1, 0, '["prisoners"]', '["Prisoner"]', {_AT}, {_AT}, 1), (2, 'ben@example.org', 'desk', 'rule:prisoners', 'new', 1, 0, '["prisoners"]', '["Prisoner"]', {_AT}, {_AT}, 2)""",
        f"INSERT INTO events (id, at, cause, text) VALUES (1, {_AT}, 'transport:smtp', 'mail cannot be sent')",
        "INSERT INTO article_keys_fts (rowid, title, body) VALUES (1, 'prisoner return', 'the prisoner come home'), (2, 'пленный вернуться', '')",
    ),
    "0002": (
        f"UPDATE articles SET text_state = 'failed', page_read_at = {_AT}, text_error = 'http_404' WHERE id = 1",
        "INSERT INTO blocks VALUES ('one.example', 'abc', 7, 1, 'Subscribe')",
    ),
    "0004": ("INSERT INTO sites VALUES ('one.example', 'en', 9, '[]')", "INSERT INTO blocks VALUES ('one.example', 'en', 'abc', 7, 6, 5, 1, 'Subscribe', 'x')"),
    "0006": ("INSERT INTO key_index VALUES (1, 'v1', 2, 2)",),
    "0007": (
        f"INSERT INTO attempts VALUES (1, 1, {_AT}, 'sent', '250 kept')",
        f"INSERT INTO marks VALUES (1, 'prisoners', 1, 'right', {_AT})",
    ),
    "0008": (f"""INSERT INTO concepts VALUES ('prisoners', 'd1', '[["prisoner", "en", "all"]]', {_AT})""",),
    "0009": (f"INSERT INTO addresses VALUES (1, 'one', 'https://old.example/feed', {_AT}, 'https://one.example/feed', 'moved')",),
    "0011": (
        f"INSERT INTO revisits (article_id, source, due_at, since) VALUES (1, 'one', {_AT}, {_AT})",
        f"INSERT INTO disappearances VALUES (1, 2, 404, {_AT}, NULL)",
        f"INSERT INTO snapshots VALUES (1, 0, {_AT}, 'https://one.example/1', 200, '[]', 'aa', 3, x'28b52f')",
    ),
    "0012": (
        f"INSERT INTO backfills (id, source, reason, since, until, most, mails, state, asked_at, due_at) VALUES (1, 'one', 'asked', {_AT}, {_AT}, 500, 1, 'open', {_AT}, {_AT})",
        "INSERT INTO backfill_steps VALUES (1, 'https://one.example/p1', 'feed', 0, 1, 0, 'open', 0, NULL, 0, 0, 0, 0, NULL, NULL, 0, '')",
    ),
}  # fmt: skip # a row a line


def names() -> list[str]:
    """The migrations, oldest first."""
    return [one.name for one in migrations.pending(Database(memory=True))]


def golden() -> list[Path]:
    return sorted(FOLDER.glob("*.sql"))


def load(file: Path, target: Path) -> None:
    """Make the database that a golden file describes."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.executescript(file.read_text(encoding="utf-8"))
    connection.close()
    target.chmod(0o600)


def make(upto: str) -> str:
    """The SQL of a database that has had every migration up to this one."""
    database = Database(memory=True)
    for name in names():
        later = names()[names().index(name) + 1 :]
        migrations.apply(database, stop_before=later[:1] or None)
        for row in _ROWS.get(name[:4], ()):
            database.conn.execute(row)
        database.conn.commit()
        if name == upto:
            break
    return "\n".join(_dump(database.conn)) + "\n"


def _dump(connection: Any) -> list[str]:
    parts = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    own = [part for part in parts if not (part[1].startswith("sqlite_") or _is_shadow(part[1], parts))]
    told = [f"PRAGMA application_id = {APPLICATION_ID};", "BEGIN;"]
    told += [f"{sql};" for kind, _, sql in own if kind == "table"]
    for kind, name, sql in own:
        if kind == "table" and name != "articles_fts":
            columns = "rowid, title, body" if "VIRTUAL" in sql.upper()[:20] else "*"
            for row in connection.execute(f'SELECT {columns} FROM "{name}"'):
                into = f'"{name}" ({columns})' if columns != "*" else f'"{name}"'
                told.append(f"INSERT INTO {into} VALUES ({', '.join(map(_literal, row))});")
    told.append("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');")
    told += [f"{sql};" for kind, _, sql in own if kind in {"index", "view", "trigger"}]
    return [*told, "COMMIT;"]


def _is_shadow(name: str, parts: list[Any]) -> bool:
    return any(name.startswith(f"{other}_") for _, other, sql in parts if sql.upper().startswith("CREATE VIRTUAL"))


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in names():
        if not (FOLDER / f"{each[:4]}.sql").exists():
            (FOLDER / f"{each[:4]}.sql").write_text(make(each), encoding="utf-8")
