"""The store's face for the versions of rules, and for what people think of alerts."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.model import ConceptVersion, Rule
from monitor.store.base import Base
from monitor.store.rows import concept_json, marks, rule_of, scope_json, written


class RuleRows(Base):
    """`protocols.Rules` and `protocols.Marks` on SQLite."""

    def version(
        self, rules: Sequence[Rule], *, now: datetime, concepts: Collection[ConceptVersion] = ()
    ) -> tuple[Rule, ...]:
        """Give each rule its version: a new one when what it asks for differs from the last one kept."""
        named = {pair for rule in rules for pair in rule.concepts}
        with self.transaction():
            self._many(
                "INSERT OR IGNORE INTO concepts (name, digest, words, since) VALUES (?, ?, ?, ?)",
                [
                    (concept.name, concept.digest, concept_json(concept), written(now))
                    for concept in concepts
                    if (concept.name, concept.digest) in named
                ],
            )
            return tuple(self._version(rule, now) for rule in rules)

    def _version(self, rule: Rule, now: datetime) -> Rule:
        rows = self._rows(
            "SELECT name, version, query, scope FROM rules WHERE name = ? ORDER BY version DESC LIMIT 1", [rule.name]
        )
        last = rule_of(rows[0]) if rows else None
        if last and last.meaning == rule.meaning:
            return replace(rule, version=last.version)
        version = last.version + 1 if last else 1
        self._run(
            "INSERT INTO rules (name, version, query, scope, since) VALUES (?, ?, ?, ?, ?)",
            [rule.name, version, rule.query, scope_json(rule), written(now)],
        )
        return replace(rule, version=version)

    def last_versions(self) -> dict[str, int]:
        """Give the last version of each rule that there ever was."""
        return dict(self._rows("SELECT name, max(version) FROM rules GROUP BY name"))

    def mark(
        self, alert_id: int, *, relevant: bool, note: str | None, only: Collection[str], now: datetime
    ) -> tuple[str, ...]:
        """Write down what a person thinks of an alert, in place of what was thought before; gives for which rules."""
        with self.transaction():
            row = self._rows("SELECT rules FROM alerts WHERE id = ?", [alert_id])
            rules = [rule for rule in (json.loads(row[0][0]) if row else []) if not only or rule in only]
            self._run(f"DELETE FROM marks WHERE alert_id = ? AND rule IN ({marks(len(rules))})", [alert_id, *rules])
            self._many(
                "INSERT INTO marks (alert_id, rule, relevant, note, marked_at) VALUES (?, ?, ?, ?, ?)",
                [(alert_id, rule, relevant, note, written(now)) for rule in rules],
            )
        return tuple(rules)
