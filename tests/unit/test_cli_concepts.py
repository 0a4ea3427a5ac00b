"""`monitor concepts list`: what it shows with a configuration and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.root import cli

_CONFIG = """\
contact: a@example.org
channels: {desk: {type: maildir, path: mail}}
concepts:
  gas: {note: The pipe., ru: [газопровод], en: [{term: TAP, forms: exact}], any: [gaz], include: [oil]}
  oil: {en: [tanker]}
"""


def _call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["concepts", "list", *arguments], prog_name="monitor")


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.yaml"
    file.write_text(_CONFIG, encoding="utf-8")
    return str(file)


def test_shipped_concepts_are_listed_where_there_is_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of a file that is not there is a mistake all the same."""
    monkeypatch.chdir(tmp_path)
    shown = _call()
    assert shown.exit_code == 0
    assert "@prisoners" in shown.stdout
    assert shown.stdout.splitlines()[-1].startswith("35 concepts")
    assert _call("--config", "other.yaml").exit_code == 78


def test_a_persons_own_come_first(config: str) -> None:
    lines = _call("--config", config).stdout.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["@gas", "@oil", "@karabakh"]
    assert lines[-1].startswith("37 concepts")


def test_one_is_shown_with_its_words_by_language_its_note_and_its_source(config: str) -> None:
    told = _call("gas", "--config", config).stdout
    assert told.startswith(f"@gas, from {config}\nThe pipe.\n")
    rows = [line.rstrip().split(maxsplit=1) for line in told.splitlines()[3:]]
    assert rows == [
        ["ru", "газопровод"], ["en", "TAP (exact)"], ["any", "gaz"], ["+", "@oil"],
        ["4", "words with those taken in"],
    ]  # fmt: skip # a table


def test_programs_get_every_word_with_its_language_and_forms(config: str) -> None:
    (row,) = [json.loads(line) for line in _call("gas", "--json", "--config", config).stdout.splitlines()]
    assert row == {
        "concept": "gas",
        "from": config,
        "note": "The pipe.",
        "include": ["oil"],
        "terms": [
            {"term": "газопровод", "language": "ru", "forms": "all"},
            {"term": "TAP", "language": "en", "forms": "exact"},
            {"term": "gaz", "language": "any", "forms": "all"},
            {"term": "tanker", "language": "en", "forms": "all"},
        ],
    }


def test_a_mistyped_name_is_told_what_was_meant(config: str) -> None:
    told = _call("prisonrs", "--config", config)
    assert told.exit_code == 2
    assert "there is no concept 'prisonrs'; did you mean prisoners?" in told.stderr
