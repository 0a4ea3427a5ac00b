"""A store in the way fills no log: each trouble now and then, and one line when it is over."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import utils as sqlite_utils

from monitor.errors import NoRoom, StoreError
from monitor.impasse import Impasse
from monitor.model import Notice
from monitor.store import current_owner, open_store
from tests.factories import NOW
from tests.fakes import FakeClock, FakeLog


def refused(text: str, name: str) -> StoreError:
    """An error as the store gives it; the machine's own is its cause."""
    error, error.__cause__ = StoreError(text), sqlite3.OperationalError(text)
    error.__cause__.sqlite_errorname = name
    return error


FULL = refused("x.db: database or disk is full", "SQLITE_FULL")
LOCKED = refused("x.db: database is locked", "SQLITE_BUSY")


class House:
    """An impasse with a clock and a log."""

    def __init__(self) -> None:
        self.clock, self.log = FakeClock(), FakeLog()
        self.writes = 0
        self.impasse = Impasse(monotonic=self.clock.monotonic, writes=lambda: self.writes, log=self.log)

    def met(self, error: StoreError = FULL, *, part: str = "send") -> None:
        self.impasse.met("store_unavailable", error, part=part, tick=part)

    def well(self, seconds: int, *parts: str, writes: int = 1) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            self.writes += writes
            for part in parts:
                self.impasse.passed(part)

    def over(self) -> list[dict[str, object]]:
        return self.log.named("store_works_again")


@pytest.fixture
def house() -> House:
    return House()


def test_a_trouble_is_said_once_and_every_ten_minutes_with_what_was_left_out(house: House) -> None:
    for _ in range(1201):
        house.met()
        house.met(part="form")
        house.clock.advance(1)
    error = str(FULL)
    assert house.log.named("store_unavailable") == [
        {"tick": "send", "error": error},
        {"tick": "send", "error": error, "left_out": 1199},
        {"tick": "send", "error": error, "left_out": 1199},
    ]


def test_a_trouble_of_another_kind_is_said_at_once_and_two_in_turn_fill_no_log(house: House) -> None:
    for _ in range(10):
        house.met(FULL)
        house.met(LOCKED)
    assert [fields["error"] for fields in house.log.named("store_unavailable")] == [str(FULL), str(LOCKED)]


def test_that_it_is_over_is_said_once_with_how_long_it_lasted(house: House) -> None:
    for _ in range(61):
        house.met()
        house.clock.advance(1)
    house.well(38, "send")
    assert house.over() == [], "what could not be stored may not have been tried again"
    house.well(100, "send", "form")
    assert house.over() == [{"seconds": 60, "left_out": 60}]
    house.met()
    assert len(house.log.named("store_unavailable")) == 2, "the next one is another"


def test_texts_that_differ_by_a_number_are_the_same_trouble(house: House) -> None:
    for number in range(10):
        house.met(refused(f"a copy needs {number} MiB more", "SQLITE_FULL"))
        house.impasse.met("store_unavailable", NoRoom(f"{number} MiB are too little"), tick="backup")
    assert [fields["error"] for fields in house.log.named("store_unavailable")] == [
        "a copy needs 0 MiB more",
        "0 MiB are too little",
    ]


def test_it_is_not_over_before_something_was_written(house: House) -> None:
    """A part that met it may come round with nothing to do."""
    house.met(part="backup")
    house.well(600, "backup", "send", writes=0)
    assert house.over() == []
    house.well(1, "send")
    assert len(house.over()) == 1


def test_it_is_not_over_while_a_part_has_not_come_through(house: House) -> None:
    house.met(part="settling")
    house.met(part="send")
    house.well(600, "send", "form")
    assert house.over() == []
    house.impasse.passed("settling")
    assert len(house.over()) == 1


def test_what_need_not_come_round_again_holds_nothing_up(house: House) -> None:
    house.impasse.met("not_stored", FULL, article=7)
    assert house.log.named("not_stored") == [{"article": 7, "error": str(FULL)}]
    house.well(41, "send")
    assert len(house.over()) == 1


def test_without_trouble_nothing_is_said(house: House) -> None:
    house.well(100, "send")
    assert house.log.events == []


def test_a_write_is_what_changed_something_and_is_on_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path / "monitor.db", current_owner())
    notice = Notice(cause="x", text="x" * 100_000, at=NOW)
    before = store.writes
    assert not store.resolve("x", NOW)
    assert store.writes == before, "it changed nothing, as it can on a full disk"
    store._rows(f"PRAGMA max_page_count = {store._rows('PRAGMA page_count')[0][0]}")
    with pytest.raises(sqlite_utils.sqlite3.Error, match="full"):
        store.notice(notice)
    assert store.writes == before
    store._rows("PRAGMA max_page_count = 1000000")
    with store.transaction():
        assert store.notice(notice)
        assert store.resolve("x", NOW)
    assert store.writes == before + 1
    store.close()
