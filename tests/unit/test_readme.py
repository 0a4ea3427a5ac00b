"""What the README says is so."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.cli.root import cli
from monitor.config import load
from monitor.model import Alert, IndexedText
from monitor.normalise import identity_keys
from monitor.store import current_owner, open_store
from tests.factories import NOW, article, match, source

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_it_names_exists() -> None:
    named = set(
        re.findall(
            r"\bmonitor ((?:mail test|try \w+|\w+ list|[a-z]+))",
            "\n".join(re.findall(r"`[^`]+`|```.*?```", README, re.DOTALL)),
        )
    )
    assert len(named) > 10
    for words in named:
        group: click.Command | None = cli
        for word in words.split():
            assert isinstance(group, click.Group)
            group = group.get_command(click.Context(group), word)
            assert group is not None, words


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_make_targets_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_its_configuration_is_right(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    (tmp_path / "config.yaml").write_text("".join(blocks), encoding="utf-8")
    (tmp_path / "smtp-password").write_text("app password\n")
    (tmp_path / "smtp-password").chmod(0o600)
    config = load(tmp_path / "config.yaml", environ={})
    assert [rule.name for rule in config.rules] == ["ceasefire", "water"]
    assert config.secrets == ("app password",)


def test_a_person_is_erased_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("channels: {box: {type: maildir, path: mail}}\nrules: []\nsources: []\n")
    store = open_store(tmp_path / "data" / "monitor.db", current_owner())
    store.sync([source("one")], now=NOW, first_due={"one": NOW})
    told = article()
    number = store.add(told, identity_keys(told), IndexedText(title="", body=""))
    for who in ("a@example.org", "b@example.org"):
        store.alert(
            [
                Alert(
                    recipient=who,
                    channel="desk",
                    group="g",
                    article_id=number,
                    matches=(match(),),
                    created_at=NOW,
                    due_at=NOW,
                )
            ]
        )
    store.close()
    command = re.search(r"`monitor (db forget a@example\.org)`", README)
    assert command
    words = [*command[1].split(), "--yes", "--config", str(tmp_path / "config.yaml")]
    assert CliRunner().invoke(cli, words).exit_code == 0
    connection = sqlite3.connect(tmp_path / "data" / "monitor.db")
    assert connection.execute("select recipient from v_alerts").fetchall() == [("forgotten-1",), ("b@example.org",)]
    connection.close()
