"""A store filled without any network, beside its configuration: articles, matches and alerts as the daemon writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from monitor.cli.root import cli
from monitor.config import Config, load
from monitor.model import Message, MessageState, Receipt
from monitor.normalise import identity_keys
from monitor.pipeline import Audience
from monitor.rules import RuleSet, index_text, read_article
from monitor.store import Store, current_owner, open_store
from tests.factories import NOW, article
from tests.language_fixtures import CACHE, dictionaries

RULES = """\
  - {name: prisoners, query: prisoner OR военнопленный, to: [desk]}
  - {name: ceasefire, query: ceasefire OR "cease fire", to: [desk]}
"""
CONFIG = """\
contact: a@example.org
languages: [en, ru, ka]
channels: {{desk: {{type: maildir, path: mail}}, second: {{type: maildir, path: second}}}}
rules:
{rules}
sources:
  - {{name: one, outlet: One, feed: "https://one.example/feed"}}
  - {{name: two, outlet: Two, feed: "https://two.example/feed"}}
{more}"""
SPAN = ("--since", "2026-11-01", "--until", "2026-11-25")


class Desk:
    """`Desk(folder)`; `add(title)`, then `run("rules", "test", ...)`."""

    def __init__(self, folder: Path, rules: str = RULES) -> None:
        self._numbers = count(1)
        self.file = folder / "config.yaml"
        self.analyser = dictionaries()
        words = folder / "data" / "cache" / "words"
        words.parent.mkdir(parents=True, mode=0o700)
        words.symlink_to(CACHE)  # built once, not in each test
        self.store: Store = open_store(folder / "data" / "monitor.db", current_owner())
        self.rewrite(rules)
        self.store.sync(self.config.sources, now=NOW, first_due={"one": NOW, "two": NOW})
        self.start()

    @property
    def config(self) -> Config:
        """The configuration as it was written last; read once, because each article asks for it."""
        if self._config is None:
            self._config = load(self.file, environ={})
        return self._config

    def rewrite(self, rules: str, more: str = "") -> None:
        """Change the rules of the configuration, and what stands below them."""
        self.file.write_text(CONFIG.format(rules=rules, more=more), encoding="utf-8")
        self._config: Config | None = None

    def start(self, days: float = 30) -> None:
        """Do what a start does for rules, so many days ago."""
        config, at = self.config, NOW - timedelta(days=days)
        self.rules = self.store.version(config.rules, now=at, concepts=config.concept_versions)

    def add(self, title: str, text: str = "", *, days: float = 0, **changes: Any) -> int:
        """Store an article first seen so many days ago, match it, alert; gives its id."""
        seen = NOW - timedelta(days=days)
        url = f"https://one.example/{next(self._numbers)}"
        found = article(title=title, text=text, first_seen_at=seen, **{"url": url, "canonical_url": url} | changes)
        document = read_article(found, self.analyser)
        number = self.store.add(found, identity_keys(found), index_text(document))
        matches = RuleSet(self.rules, self.analyser, self.config.concepts).match(found, document)
        self.store.record(number, 0, matches)
        channels = {channel.name: channel for channel in self.config.channels}
        audience = Audience(rules=self.rules, channels=channels)
        self.store.alert(audience.alerts(matches, article_id=number, now=seen))
        return number

    def send(self, *receipts: tuple[MessageState, str], alerts: tuple[int, ...] = (1,)) -> None:
        """Form a message of alerts, and try it as often as there are answers."""
        message = Message(
            message_id="<1@example.org>",
            recipient="desk",
            channel="desk",
            group="g",
            subject="s",
            raw=b"raw",
            created_at=NOW,
            next_try_at=NOW,
        )
        assert self.store.form(message, alerts)
        for number, (state, reply) in enumerate(receipts):
            at = NOW + timedelta(minutes=number)
            claimed = self.store.claim_message(["desk"], now=at, lease=timedelta(minutes=2))
            assert claimed is not None
            self.store.settle_message(claimed, Receipt(state=state, at=at, reply=reply, next_try_at=at))

    def revise(self, number: int, text: str) -> None:
        """Store an edited version of an article."""
        found = replace(self.store.get([number])[number], text=text)
        self.store.revise(found, index_text(read_article(found, self.analyser)), now=NOW, keep=24)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--config", str(self.file)], prog_name="monitor")

    def asked(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command with --json."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]
