"""The demo's verdict must be able to find each fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.demo.outlets import OUTLETS
from monitor.demo.run import _prepare
from monitor.demo.verdict import Mail, _database_faults, _faults, expected
from monitor.errors import ConfigError
from monitor.store import current_owner, open_store

BASE = "http://127.0.0.1:1"
BASES = {outlet.name: BASE for outlet in OUTLETS}
WHO = ("anna@newsroom.example",)


def delivered() -> list[Mail]:
    return [
        Mail(recipient=WHO[0], message_id=f"<{number}@x>", digest=str(number), subject="S", urls=(url,))
        for number, url in enumerate(expected(BASES))
    ]


def faults(mails: list[Mail]) -> list[str]:
    return [fault.partition(":")[0] for fault in _faults(mails, {mail.message_id: mail for mail in mails}, BASES, WHO)]


def test_everything_once_is_no_fault_and_a_repeat_of_the_same_bytes_neither() -> None:
    assert faults(delivered()) == []
    assert faults([*delivered(), delivered()[0]]) == []


def test_each_fault_is_found() -> None:
    mails = delivered()
    assert faults(mails[1:]) == ["lost"]
    assert faults([*mails, replace(mails[0], message_id="<again@x>")]) == ["doubled"]
    assert faults([*mails, replace(mails[0], message_id="<n@x>", urls=(f"{BASE}/apples",))]) == ["for nothing"]
    assert faults([*mails, replace(mails[0], digest="other")]) == ["repeated with other bytes"]


def test_alerts_that_name_other_rules_are_found(tmp_path: Path) -> None:
    open_store(tmp_path / "monitor.db", current_owner()).close()
    assert len(_database_faults(tmp_path / "monitor.db", BASES)) == len(expected(BASES))


def test_the_outlets_carry_what_the_demo_promises() -> None:
    pieces = [piece for outlet in OUTLETS for piece in outlet.pieces]
    assert {outlet.language for outlet in OUTLETS} == {"en", "ru", "hy", "az", "ka"}
    assert any(len(piece.rules) == 3 for piece in pieces)
    assert sum(bool(piece.looks_like) for piece in pieces) >= 4
    assert any(outlet.delay for outlet in OUTLETS)
    assert any(piece.after > 0 for piece in pieces)


def test_a_demo_folder_is_used_again_and_any_other_is_not(tmp_path: Path) -> None:
    _prepare(tmp_path / "demo")
    (tmp_path / "demo" / "monitor.db").touch()
    _prepare(tmp_path / "demo")
    assert not (tmp_path / "demo" / "monitor.db").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(ConfigError):
        _prepare(tmp_path / "other")
