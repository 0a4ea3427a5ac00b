"""What waits for somebody who has left the configuration goes to those who are there now."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from monitor.model import MessageState
from monitor.store.base import Base

_LEFT = "not sent: the recipient has left the configuration"


class RoutingRows(Base):
    """The part of `protocols.Outbox` that follows a changed configuration."""

    def reroute(
        self, wanted: Mapping[str, Collection[tuple[str, str]]], *, others: Collection[tuple[str, str]] = ()
    ) -> tuple[int, int]:
        """Move what waits for unknown recipients; gives how many alerts were moved, and how many nobody wants."""
        known: dict[str, set[str]] = {}
        for recipient, channel in [pair for pairs in wanted.values() for pair in pairs] + list(others):
            known.setdefault(recipient, set()).add(channel)
        moved = dropped = 0
        with self.transaction():
            for alert_id, recipient, channel, rules in self._rows(
                "SELECT a.id, a.recipient, a.channel, a.rules FROM alerts a LEFT JOIN messages m ON m.id = a.message"
                " WHERE a.message IS NULL OR m.state IN ('queued', 'unknown')"
            ):
                if recipient not in known:
                    heirs = dict(pair for rule in json.loads(rules) for pair in wanted.get(rule, ()))
                    self._bequeath(alert_id, heirs)
                    moved += bool(heirs)
                    dropped += not heirs
                elif channel not in known[recipient]:
                    self._run("UPDATE alerts SET channel = ? WHERE id = ?", [min(known[recipient]), alert_id])
            for message_id, recipient, channel in self._rows(
                "SELECT id, recipient, channel FROM messages WHERE state IN ('queued', 'unknown')"
            ):
                if recipient not in known:
                    self._run(
                        "UPDATE messages SET state = ?, reply = ? WHERE id = ?",
                        [MessageState.FAILED, _LEFT, message_id],
                    )
                elif channel not in known[recipient]:
                    self._run("UPDATE messages SET channel = ? WHERE id = ?", [min(known[recipient]), message_id])
        return moved, dropped

    def _bequeath(self, alert_id: int, heirs: Mapping[str, str]) -> None:
        """Give an alert to others, each of whom is told of an article's version once."""
        for recipient, channel in heirs.items():
            self._run(
                'INSERT OR IGNORE INTO alerts (recipient, channel, "group", kind, article_id, revision, rules, words,'
                ' created_at, due_at, edited_at) SELECT ?, ?, "group", kind, article_id, revision, rules, words, created_at,'
                " due_at, edited_at FROM alerts WHERE id = ?",
                [recipient, channel, alert_id],
            )
        self._run("DELETE FROM alerts WHERE id = ?", [alert_id])
