"""What a reload says of what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.config import Config, changes, load

TEXT = """\
channels: {desk: {type: maildir, path: mail}}
rules: [{name: prisoners, query: prisoner, to: [desk]}]
sources:
  - {name: one, outlet: One, feed: "https://one.example/feed"}
  - {name: two, outlet: Two, feed: "https://two.example/feed"}
"""


def config(folder: Path, text: str = TEXT) -> Config:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, environ={})


def test_the_same_configuration_changes_nothing(tmp_path: Path) -> None:
    assert changes(config(tmp_path), config(tmp_path)) == {}


def test_what_came_went_and_changed_is_named(tmp_path: Path) -> None:
    before = config(tmp_path)
    text = TEXT.replace("name: two", "name: three").replace("query: prisoner", "query: ceasefire")
    after = config(tmp_path, text.replace("one.example/feed", "one.example/rss"))
    assert changes(before, after) == {
        "sources_added": "three",
        "sources_removed": "two",
        "sources_changed": "one",
        "rules_changed": "prisoners",
    }


def test_settings_are_named_and_secrets_are_not_told(tmp_path: Path) -> None:
    before = config(tmp_path)
    after = replace(before, limits=replace(before.limits, gap=timedelta(seconds=9)), contact="a@example.org")
    assert changes(before, after) == {"settings_changed": "contact, limits"}


def test_of_many_ten_are_named(tmp_path: Path) -> None:
    before = config(tmp_path)
    after = replace(before, sources=tuple(replace(before.sources[0], name=f"n{number}") for number in range(12)))
    told = changes(before, after)
    assert told["sources_added"] == "n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more"
    assert told["sources_removed"] == "one, two"
