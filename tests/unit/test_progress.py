"""Whether the whole comes on, and who outside hears from us while it does (case 120)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.model import Standing
from monitor.pipeline import Pinging
from monitor.progress import pace, troubles
from tests.factories import NOW, source
from tests.fakes import FakeClock, FakeLog, here

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = Standing(
    sources=3,
    failing=0,
    since=NOW - 30 * HOUR,
    last_good_at=NOW - 5 * MINUTE,
    due_at=NOW + 5 * MINUTE,
    pending_at=None,
    causes=frozenset(),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"sources": 0, "since": None, "last_good_at": None, "due_at": None}, ()),
        # No source read for three intervals of a quarter of an hour:
        ({"last_good_at": NOW - 44 * MINUTE, "due_at": NOW - 44 * MINUTE}, ()),
        ({"last_good_at": NOW - 46 * MINUTE, "due_at": NOW - 16 * MINUTE}, ("fetching",)),
        ({"last_good_at": NOW - 46 * MINUTE, "due_at": NOW - 14 * MINUTE}, ()),
        ({"last_good_at": NOW - 5 * HOUR, "due_at": NOW + HOUR}, ()),  # all rest: they publish rarely
        ({"last_good_at": NOW - 46 * MINUTE, "failing": 3}, ("fetching",)),  # asked more and more rarely
        ({"last_good_at": NOW - 46 * MINUTE, "failing": 2}, ()),
        ({"last_good_at": None, "since": NOW - 46 * MINUTE, "due_at": NOW - 46 * MINUTE}, ("fetching",)),
        ({"last_good_at": None, "since": NOW - MINUTE, "due_at": NOW - MINUTE, "failing": 3}, ()),  # just begun
        # What waits for its mail:
        ({"pending_at": NOW - 59 * MINUTE}, ()),
        ({"pending_at": NOW - 61 * MINUTE}, ("mail",)),
        # What others have found out:
        ({"causes": frozenset({"database:check"})}, ("database",)),
        ({"causes": frozenset({"clock_suspect"})}, ("clock",)),
        ({"since": None, "last_good_at": None, "now": datetime(1970, 1, 1, tzinfo=UTC)}, ("clock",)),
        ({"causes": frozenset({"failing:one", "transport:smtp", "disk", "backup"})}, ()),
        (
            {"pending_at": NOW - 2 * HOUR, "causes": frozenset({"clock", "database"}), "failing": 3}
            | {"last_good_at": NOW - 2 * HOUR},
            ("fetching", "mail", "database", "clock"),
        ),
    ],
)
def test_case_120_the_table_of_what_is_not_well(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    now = changes.pop("now", NOW)
    assert troubles(replace(WELL, **changes), now=now, interval=15 * MINUTE) == expected


def test_the_shortest_interval_is_the_measure_but_none_below_five_minutes() -> None:
    assert pace([source("a", every=30 * MINUTE), source("b", every=15 * MINUTE)]) == 15 * MINUTE
    assert pace([source("a", every=timedelta(seconds=1))]) == 5 * MINUTE
    assert pace([]) == 5 * MINUTE


class Outside:
    """Somebody who listens, and may be away."""

    def __init__(self) -> None:
        self.heard = 0
        self.away = False

    async def call(self) -> None:
        if self.away:
            raise SourceError("connect", "https://ping.example/s3cret")
        self.heard += 1


class Told:
    """`Overview` with what the test says."""

    def __init__(self) -> None:
        self.now = WELL

    def standing(self) -> Standing:
        return self.now


class Rig:
    def __init__(self) -> None:
        self.clock, self.log, self.outside, self.told = FakeClock(), FakeLog(), Outside(), Told()
        self.pinging = Pinging(
            caller=self.outside,
            every=5 * MINUTE,
            interval=15 * MINUTE,
            overview=self.told,  # type: ignore[arg-type] # it is asked for nothing else
            on_store=here,
            clock=self.clock,
            log=self.log,
        )

    async def live(self, minutes: int) -> None:
        for _ in range(minutes):
            await self.pinging.tick()
            self.clock.advance(60)
            now = self.clock.now()
            self.told.now = replace(self.told.now, last_good_at=now, due_at=now)


async def test_case_120_a_ping_goes_out_every_five_minutes_while_all_is_well() -> None:
    rig = Rig()
    await rig.live(60)
    assert rig.outside.heard == 12
    assert rig.log.events == []


async def test_case_120_the_ping_stops_while_something_is_wrong_and_goes_on_afterwards() -> None:
    rig = Rig()
    await rig.live(10)
    rig.told.now = replace(rig.told.now, causes=frozenset({"database"}))
    await rig.live(60)
    assert rig.outside.heard == 2
    rig.told.now = replace(rig.told.now, causes=frozenset())
    await rig.live(10)
    assert rig.outside.heard == 4
    assert [event[1] for event in rig.log.events] == ["ping_withheld", "ping_resumed"]
    assert rig.log.named("ping_withheld") == [{"checks": ["database"]}]


async def test_case_120_a_ping_that_fails_is_tried_again_and_logged_once_without_its_address() -> None:
    rig = Rig()
    rig.outside.away = True
    await rig.live(30)
    assert rig.log.named("ping_failed") == [{"error": "connect"}]
    rig.outside.away = False
    await rig.live(1)
    assert rig.outside.heard == 1
    assert len(rig.log.named("ping_works_again")) == 1
    assert "s3cret" not in str(rig.log.events)
