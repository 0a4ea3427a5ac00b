"""Clocks that are set, or cannot be right (cases 37, 38, 81); the real daemon on such clocks is in e2e/test_clock.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.app.boot import PATIENCE, refuse_false_time, wait_for_time
from monitor.daemon.trigger import Every
from monitor.errors import ClockWrong
from monitor.model import Settled
from monitor.plausible import Suspicion, suspicion
from monitor.polling.remembered import as_of
from tests.factories import NOW, state, visit
from tests.fakes import FakeClock, FakeLog

BOOT = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "newest", "found"),
    [
        (NOW, None, None),
        (NOW, NOW - timedelta(days=400), None),  # switched off for a year
        (NOW, NOW + timedelta(hours=1), None),  # was an hour ahead
        (NOW, NOW + timedelta(days=2), Suspicion.BEHIND),
        (NOW, datetime(2106, 2, 7, tzinfo=UTC), None),  # what is stored cannot be right itself
        (BOOT, None, Suspicion.IMPOSSIBLE),
        (datetime(2106, 2, 7, tzinfo=UTC), None, Suspicion.IMPOSSIBLE),
    ],
)
def test_case_81_a_clock_is_suspect_by_what_is_known(
    now: datetime, newest: datetime | None, found: Suspicion | None
) -> None:
    assert suspicion(now, newest) is found


class Corrected(FakeClock):
    """Is set to the true time after so many seconds."""

    def __init__(self, now: datetime, after: float) -> None:
        super().__init__(now)
        self._at = self.monotonic() + after

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.monotonic() >= self._at and self._now < NOW:
            self._now = NOW


async def test_case_81_a_start_waits_for_a_clock_that_can_be_right_however_long_that_takes() -> None:
    clock, log = Corrected(BOOT, 3600), FakeLog()
    await wait_for_time(clock, None, log=log)
    assert clock.now() >= NOW
    (told,) = log.named("clock_suspect")
    assert (told["why"], told["clock"], told["waits"]) == ("impossible", "1970-01-01T00:00:00Z", True)
    assert log.named("clock_trusted")


async def test_case_81_a_clock_behind_what_is_stored_is_waited_for_a_while_and_then_believed() -> None:
    clock, log = FakeClock(), FakeLog()
    await wait_for_time(clock, NOW + timedelta(days=3), log=log)
    assert clock.now() - NOW == PATIENCE
    assert [told["waits"] for told in log.named("clock_suspect")] == [True, False]


async def test_case_81_a_clock_that_can_be_right_is_not_waited_for() -> None:
    clock, log = FakeClock(), FakeLog()
    await wait_for_time(clock, NOW, log=log)
    assert (clock.now(), log.events) == (NOW, [])


def test_case_81_work_by_hand_is_refused_at_once() -> None:
    refuse_false_time(FakeClock())
    with pytest.raises(ClockWrong, match="says 1970-01-01T00:00:00Z, which cannot be; set"):
        refuse_false_time(FakeClock(BOOT))


def test_case_37_a_tick_that_missed_56_years_fires_once_and_goes_on() -> None:
    every = Every(SECOND)
    assert every.get_next_fire_time(None, NOW) == NOW + SECOND
    assert every.get_next_fire_time(NOW, NOW) == NOW + SECOND
    assert every.get_next_fire_time(NOW - SECOND / 2, NOW) == NOW + SECOND / 2  # in its rhythm
    assert every.get_next_fire_time(BOOT, NOW) == NOW + SECOND


def test_case_37_a_visit_that_ends_later_than_now_is_written_as_of_now() -> None:
    done = Settled(visit=visit("one", finished_at=NOW), state=state("one", due_at=NOW + timedelta(minutes=5)))
    assert as_of(done, NOW + SECOND) is done
    back = as_of(done, NOW - timedelta(hours=1))
    assert back.visit.finished_at == NOW - timedelta(hours=1)
    assert back.state.due_at == NOW - timedelta(minutes=55)
