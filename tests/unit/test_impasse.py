"""A store in the way fills no log: each trouble now and then, and one line when it is over."""

from __future__ import annotations

import pytest

from monitor.errors import StoreError
from monitor.impasse import Impasse
from tests.fakes import FakeClock, FakeLog

FULL, LOCKED = StoreError("x.db: database or disk is full"), StoreError("x.db: database is locked")


class House:
    """An impasse with a clock and a log."""

    def __init__(self) -> None:
        self.clock, self.log = FakeClock(), FakeLog()
        self.impasse = Impasse(monotonic=self.clock.monotonic, log=self.log)

    def met(self, error: StoreError = FULL, *, part: str = "send") -> None:
        self.impasse.met("store_unavailable", error, part=part, tick=part)

    def well(self, seconds: int, *parts: str) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
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
