"""Waiting alerts and unsent messages that must not go out any more: kept, with the reason, under one failed message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.store.rows import written

_OPEN = "state IN ('queued', 'unknown', 'sending')"


def settle_unsent(connection: Any, *, reply: str, now: datetime, recipient: str | None = None) -> tuple[int, int]:  # noqa: ANN401 - either of two sqlite3 modules
    """Give up what waits, of one recipient or of all, inside the caller's transaction; gives messages and alerts."""
    whose, values = ("recipient = ?", [recipient]) if recipient is not None else ("1", [])
    messages = connection.execute(
        f"UPDATE messages SET state = 'failed', reply = ?, lease_owner = NULL, lease_until = NULL WHERE {_OPEN} AND {whose}",
        [reply, *values],
    ).rowcount
    alerts = 0
    waiting = connection.execute(
        f"SELECT DISTINCT recipient, channel FROM alerts WHERE message IS NULL AND {whose}", values
    ).fetchall()
    for number, (who, channel) in enumerate(waiting):
        kept = connection.execute(
            'INSERT INTO messages (message_id, recipient, channel, "group", subject, state, created_at, next_try_at, reply)'
            " VALUES (?, ?, ?, 'settled', 'never formed', 'failed', ?, ?, ?)",
            [
                f"<settled.{now:%Y%m%dT%H%M%S%f}.{number}@news-monitor.invalid>",
                who,
                channel,
                written(now),
                written(now),
                reply,
            ],
        ).lastrowid
        alerts += connection.execute(
            "UPDATE alerts SET message = ? WHERE message IS NULL AND (recipient, channel) = (?, ?)",
            [kept, who, channel],
        ).rowcount
    return messages, alerts


def unsent(connection: Any) -> tuple[int, int]:  # noqa: ANN401 - either of two sqlite3 modules
    """Count the messages that are to be sent, and the alerts that are in none yet."""
    row = connection.execute(
        f"SELECT (SELECT count(*) FROM messages WHERE {_OPEN}), (SELECT count(*) FROM alerts WHERE message IS NULL)"
    ).fetchone()
    return int(row[0]), int(row[1])
