"""The store's face for delivery, and for leases of the dead."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from monitor.model import (
    CUT_OFF,
    SUMMARIES,
    Alert,
    AlertKind,
    Article,
    DueGroup,
    Message,
    MessageState,
    Receipt,
    WaitingAlert,
)
from monitor.store.base import Base
from monitor.store.owner import is_dead
from monitor.store.rows import (
    ARTICLE_COLUMNS,
    MESSAGE_COLUMNS,
    article_of,
    marks,
    match_of,
    message_of,
    read,
    versioned,
    written,
)

_ALERT_COLUMNS = (
    'a.id, a.recipient, a.channel, a."group", a.kind, a.revision, a.rules, a.created_at, a.due_at, a.edited_at'
)
_SINGLE = f"kind NOT IN ({', '.join(repr(kind.value) for kind in sorted(SUMMARIES))})"  # not told as a summary
# What a back-filling brings goes out once it is finished, in one message.
_FINISHED = (
    f"(a.kind != '{AlertKind.BACKFILL}' OR EXISTS (SELECT 1 FROM backfills WHERE state IN ('done', 'failed')"
    " AND id = CAST(substr(a.\"group\", length('backfill:') + 1) AS INTEGER)))"
)
_OPEN = "state IN ('queued', 'unknown', 'sending')"

_TIMES = (  # what is to come: table, column, which maximum, where
    ("source_state", "due_at", "poll", "1"),
    ("source_state", "lease_until", "lease", "1"),
    ("messages", "next_try_at", "retry", _OPEN),
    ("messages", "lease_until", "lease", "1"),
    ("alerts", "due_at", "retry", "message IS NULL"),
    ("articles", "text_due_at", "poll", "text_state = 'wanted'"),
    ("articles", "text_lease_until", "lease", "text_state = 'wanted'"),
    ("revisits", "due_at", "poll", "due_at IS NOT NULL"),
    ("revisits", "lease_until", "lease", "lease_until IS NOT NULL"),
    ("backfills", "due_at", "poll", "state = 'open'"),
    ("backfills", "lease_until", "lease", "1"),
    ("hosts", "paused_until", "poll", "1"),
)


class OutboxRows(Base):
    """`protocols.Outbox` and `protocols.Leases` on SQLite."""

    def due(self, *, now: datetime, interval: timedelta) -> tuple[DueGroup, ...]:
        """Give groups that may go out now, oldest first."""
        rows = self._rows(
            'SELECT a.recipient, min(a.channel), a."group", a.kind,'
            f" (SELECT count(*) FROM alerts o WHERE o.recipient = a.recipient AND o.message IS NULL AND o.{_SINGLE})"
            f" FROM alerts a WHERE a.message IS NULL AND a.due_at <= ? AND {_FINISHED}"
            " AND (a.kind = ? OR NOT EXISTS (SELECT 1 FROM messages m WHERE m.recipient = a.recipient"
            # One that is formed later than now was so before the clock was set back, and holds nothing up.
            ' AND m."group" = a."group" AND m.created_at > ? AND m.created_at <= ?))'
            ' GROUP BY a.recipient, a."group", a.kind ORDER BY min(a.due_at), min(a.id)',
            [written(now), AlertKind.FLOOD, written(now - interval), written(now)],
        )
        return tuple(
            DueGroup(recipient=row[0], channel=row[1], group=row[2], kind=AlertKind(row[3]), waiting=row[4])
            for row in rows
        )

    def waiting(self, group: DueGroup, *, now: datetime, limit: int) -> tuple[WaitingAlert, ...]:
        """Give the due alerts of a group; an empty group name means all of the recipient's but the summaries.

        Each with the article as it was in the version that the alert is about: there its words are.
        """
        chosen = 'a."group" = ? AND a.kind = ?' if group.group else f"a.{_SINGLE}"
        rows = self._rows(
            f"SELECT {_ALERT_COLUMNS}, {versioned(ARTICLE_COLUMNS)} FROM alerts a JOIN articles ON articles.id = a.article_id"
            " LEFT JOIN revisions r ON r.article_id = a.article_id AND r.number = a.revision"
            f" WHERE a.message IS NULL AND a.recipient = ? AND a.due_at <= ? AND {chosen} ORDER BY a.id LIMIT ?",
            [group.recipient, written(now), *([group.group, group.kind] if group.group else []), limit],
        )
        return tuple(self._waiting_of(row[:10], article_of(row[10:])) for row in rows)

    def _waiting_of(self, row: Sequence[str], article: Article) -> WaitingAlert:
        assert article.id is not None
        rules = json.loads(row[6])
        matches = {
            rule: match_of(rule, version, words)
            for rule, version, words in self._rows(
                "SELECT rule, version, words FROM matches WHERE article_id = ? AND revision = ?", [article.id, row[5]]
            )
        }
        created, due = read(row[7]), read(row[8])
        assert created is not None
        assert due is not None
        alert = Alert(
            id=int(row[0]),
            recipient=row[1],
            channel=row[2],
            group=row[3],
            kind=AlertKind(row[4]),
            article_id=article.id,
            revision=int(row[5]),
            matches=tuple(matches[rule] for rule in rules if rule in matches),
            created_at=created,
            due_at=due,
            edited_at=read(row[9]),
        )
        return WaitingAlert(alert=alert, article=article)

    def form(self, message: Message, alert_ids: Sequence[int]) -> bool:
        """Store the bytes and tie the alerts to them; False if one is tied already or the message is there."""
        with self.transaction():
            tied = self._rows(
                f"SELECT 1 FROM alerts WHERE message IS NOT NULL AND id IN ({marks(len(alert_ids))})", alert_ids
            )
            if tied or self._rows("SELECT 1 FROM messages WHERE message_id = ?", [message.message_id]):
                return False
            cursor = self._run(
                'INSERT INTO messages (message_id, recipient, channel, "group", subject, raw, state, created_at,'
                f" next_try_at) VALUES ({marks(9)})",
                [
                    message.message_id,
                    message.recipient,
                    message.channel,
                    message.group,
                    message.subject,
                    message.raw,
                    MessageState.QUEUED,
                    written(message.created_at),
                    written(message.next_try_at),
                ],
            )
            self._many("UPDATE alerts SET message = ? WHERE id = ?", [(cursor.lastrowid, item) for item in alert_ids])
        return True

    def has_due(self, channels: Collection[str], *, now: datetime) -> bool:
        """Tell whether a message for these channels may be sent now."""
        return bool(
            self._rows(
                f"SELECT 1 FROM messages WHERE {_OPEN} AND raw IS NOT NULL AND channel IN ({marks(len(channels))})"
                " AND (state = 'sending' AND lease_until <= ? OR state != 'sending' AND next_try_at <= ?) LIMIT 1",
                [*channels, written(now), written(now)],
            )
        )

    def claim_message(self, channels: Collection[str], *, now: datetime, lease: timedelta) -> Message | None:
        """Take the oldest message to send now; it is `sending` on disk before this returns."""
        with self.transaction():
            self._expire(now)
            rows = self._rows(
                f"UPDATE messages SET state = 'sending', lease_owner = ?, lease_until = ? WHERE id = (SELECT id"
                f" FROM messages WHERE state IN ('queued', 'unknown') AND {_OPEN} AND raw IS NOT NULL AND next_try_at <= ?"
                f" AND channel IN ({marks(len(channels))}) ORDER BY next_try_at, id LIMIT 1) RETURNING {MESSAGE_COLUMNS}",
                [self._owner_text, written(now + lease), written(now), *channels],
            )
        return message_of(rows[0]) if rows else None

    def _expire(self, now: datetime) -> None:
        """A message whose sender's time is up may have arrived: unknown."""
        self._cut_off(f"state = 'sending' AND lease_until <= ? AND {_OPEN}", written(now), now)

    def _cut_off(self, where: str, value: str | None, now: datetime) -> int:
        """Make messages unknown whose sender ended in the middle of it; goes again at once."""
        self._run(
            f"INSERT INTO attempts (message, at, state, reply) SELECT id, ?, 'unknown', ? FROM messages WHERE {where}",
            [written(now), CUT_OFF, value],
        )
        cursor = self._run(
            f"UPDATE messages SET state = 'unknown', next_try_at = ?, lease_owner = NULL, lease_until = NULL WHERE {where}",
            [written(now), value],
        )
        return int(cursor.rowcount)

    def settle_message(self, message: Message, receipt: Receipt) -> bool:
        """Write down what the attempt came to and give the lease back; False if the recipient was forgotten meanwhile.

        A message that was given up meanwhile (its rule is gone) stays so, unless it has arrived. Of one whose recipient was
        forgotten nothing is written: a server's reply may repeat the address.
        """
        with self.transaction():
            if self._rows("SELECT 1 FROM messages WHERE id = ? AND raw IS NULL", [message.id]):
                return False
            self._run(
                "UPDATE messages SET state = ?, attempts = attempts + ?, reply = coalesce(nullif(?, ''), reply), next_try_at = coalesce(?, next_try_at),"
                # What another process has sent since stays sent, however late this is written.
                f" sent_at = ?, lease_owner = NULL, lease_until = NULL WHERE id = ? AND state <> '{MessageState.SENT}'"
                f" AND (state <> '{MessageState.FAILED}' OR ? = '{MessageState.SENT}')",
                [
                    receipt.state,
                    int(receipt.counts),
                    receipt.reply,
                    written(receipt.next_try_at),
                    written(receipt.at) if receipt.state is MessageState.SENT else None,
                    message.id,
                    receipt.state,
                ],
            )
            if receipt.counts:
                self._run(
                    "INSERT INTO attempts (message, at, state, reply) VALUES (?, ?, ?, ?)",
                    [message.id, written(receipt.at), receipt.state, receipt.reply],
                )
        return True

    def release_dead(self, *, now: datetime) -> int:
        """Free what dead processes of this host held."""
        held = self._rows(
            "SELECT DISTINCT lease_owner FROM source_state WHERE lease_owner IS NOT NULL"
            " UNION SELECT lease_owner FROM messages WHERE lease_owner IS NOT NULL"
            " UNION SELECT lease_owner FROM backfills WHERE lease_owner IS NOT NULL"
            " UNION SELECT text_lease_owner FROM articles WHERE text_state = 'wanted' AND text_lease_owner IS NOT NULL"
            " UNION SELECT lease_owner FROM revisits WHERE lease_owner IS NOT NULL"
        )
        # The dead stay dead: it does no harm that this is looked up before the transaction, which is rarely needed.
        return self._free([text for (text,) in held if is_dead(text, self._owner)], now)

    def release_own(self, *, now: datetime) -> int:
        """Free what this process holds."""
        return self._free([self._owner_text], now)

    def _free(self, owners: Sequence[str], now: datetime) -> int:
        if not owners:
            return 0
        freed = 0
        with self.transaction():
            for text in owners:
                freed += self._cut_off("state = 'sending' AND lease_owner = ?", text, now)
                for table in ("source_state", "backfills", "revisits"):
                    freed += self._run(
                        f"UPDATE {table} SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?", [text]
                    ).rowcount
                freed += self._run(
                    "UPDATE articles SET text_lease_owner = NULL, text_lease_until = NULL"
                    " WHERE text_state = 'wanted' AND text_lease_owner = ?",
                    [text],
                ).rowcount
        return freed

    def newest(self) -> datetime | None:
        """Give the newest moment that was ever written down, by the last of each kind; None where nothing was."""
        ((last,),) = self._rows(
            "SELECT max(at) FROM (SELECT finished_at AS at FROM visits WHERE id = (SELECT max(id) FROM visits)"
            " UNION ALL SELECT first_seen_at FROM articles WHERE id = (SELECT max(id) FROM articles)"
            " UNION ALL SELECT created_at FROM messages WHERE id = (SELECT max(id) FROM messages))"
        )
        return read(last)

    def pull_back(
        self, *, now: datetime, poll: timedelta, retry: timedelta, lease: timedelta, back: timedelta = timedelta()
    ) -> int:
        """Set future times back by `back`, then those that lie beyond their maximum from now to it."""
        most, changed = {"poll": poll, "retry": retry, "lease": lease}, 0
        with self.transaction():
            for table, column, kind, where in _TIMES:
                if back:
                    changed += self._run(
                        f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?)"
                        f" WHERE {column} > ? AND {where}",
                        [f"-{round(back.total_seconds())} seconds", written(now)],
                    ).rowcount
                latest = written(now + most[kind])
                cursor = self._run(f"UPDATE {table} SET {column} = ? WHERE {column} > ? AND {where}", [latest, latest])
                changed += cursor.rowcount
        return changed
