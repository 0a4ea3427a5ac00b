"""The daemon's parts that need no process: the lock, the heartbeat, the ticks."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config import Supervision, load, write_default
from monitor.daemon.heartbeat import Heartbeat, clock_step
from monitor.daemon.lock import hold_lock, running_pid
from monitor.daemon.run import Running, Surroundings
from monitor.daemon.service import Daemon, machine_time
from monitor.daemon.supervisor import Supervisor
from monitor.daemon.ticks import Tick
from monitor.errors import AnotherInstance, StoreDamaged, StoreError, StoreNewer
from monitor.impasse import Impasse
from monitor.model import Limits
from monitor.pulse import Pulse
from tests.factories import NOW
from tests.fakes import FakeClock, FakeLog, here


def test_one_process_holds_the_lock_and_names_itself(tmp_path: Path) -> None:
    assert running_pid(tmp_path) is None
    with hold_lock(tmp_path):
        assert running_pid(tmp_path) == os.getpid()
        with pytest.raises(AnotherInstance, match=str(os.getpid())), hold_lock(tmp_path):
            pass
    assert running_pid(tmp_path) is None


def test_a_lock_without_a_readable_pid_still_holds(tmp_path: Path) -> None:
    with hold_lock(tmp_path):
        (tmp_path / "monitor.pid").write_text("what?")
        assert running_pid(tmp_path) == 0
        with pytest.raises(AnotherInstance, match="unknown"), hold_lock(tmp_path):
            pass


def test_asking_whether_a_daemon_runs_keeps_none_from_starting(tmp_path: Path) -> None:
    """Health checks ask every minute, and hold the lock for a moment."""
    stop, found = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            found.append(running_pid(tmp_path))

    askers = [threading.Thread(target=ask) for _ in range(2)]
    with hold_lock(tmp_path):
        pass  # the file is there
    for asker in askers:
        asker.start()
    try:
        for _ in range(30):
            with hold_lock(tmp_path):
                pass
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert set(found) <= {None, 0, os.getpid()}


def _hold_and_die(folder: Path) -> None:
    with hold_lock(folder):
        os.kill(os.getpid(), signal.SIGKILL)


def test_case_68_after_a_kill_the_lock_is_free_at_once(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_hold_and_die, args=(tmp_path,))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    with hold_lock(tmp_path):
        pass


@pytest.mark.parametrize(("wall", "monotonic", "step"), [(1, 1, None), (6, 1, None), (7, 1, 6), (-3600, 1, -3601)])
def test_a_step_of_the_clock_is_what_wall_and_monotonic_time_differ_by(
    wall: int, monotonic: int, step: int | None
) -> None:
    expected = None if step is None else timedelta(seconds=step)
    assert clock_step(timedelta(seconds=wall), timedelta(seconds=monotonic)) == expected


class PullsBack:
    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def pull_back(self, **limits: Any) -> int:
        self.calls.append(limits)
        return 3

    def release_dead(self, **_: Any) -> int:
        return 0


def beating(clock: FakeClock, leases: PullsBack, woken: list[int], log: FakeLog, **more: Any) -> Heartbeat:
    """A heartbeat that notes each time it wakes the ticks."""
    surroundings = {"on_store": here, "limits": Limits(), "smtp": None, "wake": lambda: woken.append(1)}
    return Heartbeat(clock=clock, leases=leases, log=log, **surroundings, **more)


@pytest.mark.parametrize("seconds", [-3600, 86400])
async def test_after_a_step_every_time_is_pulled_back_and_every_tick_woken(seconds: int) -> None:
    clock, leases, woken, log = FakeClock(), PullsBack(), [], FakeLog()
    heartbeat = beating(clock, leases, woken, log)
    await heartbeat.tick()
    assert [call["back"] for call in leases.calls] == [timedelta()], "what lies in the future since nobody ran"
    clock.advance(1)
    await heartbeat.tick()
    assert (len(leases.calls), woken) == (1, [])
    clock.step(seconds)
    clock.advance(1)
    await heartbeat.tick()
    assert leases.calls[1]["now"] == NOW + timedelta(seconds=seconds + 2)
    assert leases.calls[1]["poll"] == Limits().cap
    assert woken == [1]
    assert log.named("clock_stepped") == [{"seconds": seconds, "pulled_back": 3}]
    clock.advance(1)
    await heartbeat.tick()
    assert woken == [1]


class Locked(PullsBack):
    """A store that is in the way at first."""

    def pull_back(self, **limits: Any) -> int:
        super().pull_back(**limits)
        if len(self.calls) == 1:
            raise StoreError("locked")
        return 0


async def test_case_37_a_step_that_the_store_was_in_the_way_of_is_seen_again() -> None:
    clock, leases, woken = FakeClock(), Locked(), []
    heartbeat = beating(clock, leases, woken, FakeLog())
    clock.step(-3600)
    with pytest.raises(StoreError):
        await heartbeat.tick()
    assert woken == [1]
    await heartbeat.tick()
    assert leases.calls[1]["back"] == timedelta(hours=1)


async def test_what_lies_in_the_future_is_put_back_once_the_store_lets_it() -> None:
    leases = Locked()
    heartbeat = beating(FakeClock(), leases, [], FakeLog())
    with pytest.raises(StoreError):
        await heartbeat.tick()
    for _ in range(3):
        await heartbeat.tick()
    assert len(leases.calls) == 2


async def test_case_81_a_machine_in_1970_wakes_the_ticks_and_moves_no_time() -> None:
    clock, leases, woken, log = FakeClock(), PullsBack(), [], FakeLog()
    machine = [NOW]
    heartbeat = beating(clock, leases, woken, log, machine=lambda: machine[0])
    await heartbeat.tick()
    machine[0] = NOW.replace(year=1970)
    await heartbeat.tick()
    assert (len(leases.calls), woken) == (1, [1])
    assert log.named("clock_suspect")


class Stage:
    """Stands for collecting, delivery and housekeeping."""

    def __init__(
        self,
        *,
        error: Exception | None = None,
        end: asyncio.Event | None = None,
        stop_error: Exception | None = None,
    ) -> None:
        self._error = error
        self._stop_error = stop_error
        self._end = end
        self.ticks = 0
        self.stopped = False

    async def tick(self) -> None:
        self.ticks += 1
        await asyncio.sleep(0)
        if self._error:
            raise self._error

    @property
    def sending(self) -> bool:
        return self._end is not None

    form = send = check = tick
    every = timedelta(minutes=1)

    async def stop(self, _grace: timedelta | None = None) -> None:
        if self._stop_error:
            raise self._stop_error
        if self._end:
            await self._end.wait()
        self.stopped = True


def daemon(
    collecting: Stage, delivery: Stage, log: FakeLog, soundness: Stage | None = None, rare: Any = None
) -> Daemon:
    stages: Any = {"collecting": collecting, "reading": Stage(), "backfilling": Stage(), "delivery": delivery}
    every = timedelta(milliseconds=10)
    heartbeat = beating(FakeClock(), PullsBack(), [], log)
    return Daemon(
        **stages,
        ticks={
            "collect": Tick(collecting.tick, every),
            "form": Tick(delivery.form, every),
            "send": Tick(delivery.send, every),
            "soundness": Tick((soundness or Stage()).tick, every),
            "rare": Tick(rare or Stage().tick, timedelta(hours=1)),
        },
        heartbeat=heartbeat,
        pulse=Pulse(FakeClock().monotonic),
        impasse=Impasse(monotonic=FakeClock().monotonic, writes=lambda: 0, log=log),
        log=log,
    )


async def test_a_tick_that_fails_does_not_stop_the_others_nor_itself() -> None:
    broken, locked, log = Stage(error=RuntimeError("bug")), Stage(error=StoreError("disk full")), FakeLog()
    subject = daemon(broken, locked, log)
    running = asyncio.create_task(subject.run())
    while broken.ticks < 3 or locked.ticks < 4:
        await asyncio.sleep(0.01)
    subject.stop()
    await running
    assert {fields["tick"] for fields in log.named("tick_crashed")} == {"collect"}
    assert len(log.named("store_unavailable")) == 1, "however many ticks it is in the way of"
    assert broken.stopped
    assert locked.stopped


async def test_a_rare_tick_that_the_store_was_in_the_way_of_comes_round_within_a_minute() -> None:
    subject = daemon(Stage(), Stage(), FakeLog(), rare=Stage(error=StoreError("locked")).tick)
    running = asyncio.create_task(subject.run())
    job = None
    while job is None or job.next_run_time > machine_time() + timedelta(minutes=1):
        job = subject._scheduler.get_job("rare")
        await asyncio.sleep(0.01)
    subject.stop()
    await running


@pytest.mark.parametrize("day", [timedelta(days=2), timedelta(days=-2)])
async def test_case_37_ticks_that_a_wrong_clock_has_put_off_come_though_no_beat_saw_its_step(day: timedelta) -> None:
    """It was set and set right again while a beat waited for the store, or the scheduler sleeps by a time gone by."""
    collecting = Stage()
    subject = daemon(collecting, Stage(), FakeLog())
    running = asyncio.create_task(subject.run())
    while collecting.ticks < 2:
        await asyncio.sleep(0.01)
    for job in subject._scheduler.get_jobs():
        subject._scheduler._lookup_job(job.id, "default")[0]._modify(next_run_time=machine_time() + day)
    subject._scheduler._stop_timer()  # as one that sleeps for days
    before = collecting.ticks
    while collecting.ticks < before + 3:
        await asyncio.sleep(0.01)
    subject.stop()
    await running


@pytest.mark.parametrize(
    ("error", "event"), [(StoreError("locked"), "store_unavailable"), (RuntimeError("bug"), "tick_crashed")]
)
async def test_a_stage_that_cannot_tidy_up_at_the_end_cuts_no_mail_off(error: Exception, event: str) -> None:
    end, log = asyncio.Event(), FakeLog()
    collecting, delivery = Stage(stop_error=error), Stage(end=end)
    subject = daemon(collecting, delivery, log)
    running = asyncio.create_task(subject.run())
    while not collecting.ticks:
        await asyncio.sleep(0.01)
    subject.stop()
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert not running.done()
    end.set()
    await running
    assert delivery.stopped
    assert [fields["tick"] for fields in log.named(event)] == ["end"]


@pytest.mark.parametrize("ran", [False, True])
async def test_a_database_that_a_newer_version_has_written_is_waited_for_by_no_daemon(
    tmp_path: Path, *, ran: bool
) -> None:
    """It ends, and its supervisor starts the version that is installed by now."""
    supervisor = Supervisor(Supervision(address=None, watchdog=None))
    around = Surroundings(load=lambda: config, make_log=lambda _: FakeLog(), show=None, hung_up=lambda: False)
    config = load(write_default(tmp_path / "config.yaml"), environ={})
    subject = Running(around, supervisor)
    subject._ran = ran
    with pytest.raises(StoreNewer):
        await subject._old_one(config, None, StoreNewer("by a newer version"))


async def test_case_71_a_damaged_database_ends_the_daemon_after_one_line() -> None:
    log, collecting = FakeLog(), Stage(error=StoreDamaged("x is damaged"))
    subject = daemon(collecting, Stage(), log, soundness=Stage(error=StoreDamaged("the same, met elsewhere")))
    with pytest.raises(StoreDamaged):
        await subject.run()
    assert len(log.named("database_unusable")) == 1
    assert collecting.stopped


async def test_a_signal_ends_the_daemon_and_waits_for_the_stages() -> None:
    end, log = asyncio.Event(), FakeLog()
    collecting, delivery = Stage(), Stage(end=end)
    subject = daemon(collecting, delivery, log)
    running = asyncio.create_task(subject.run())
    while not collecting.ticks:
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    while not collecting.stopped:
        await asyncio.sleep(0.01)
    assert not running.done()
    end.set()
    await running
    assert delivery.stopped
    waits, hurry = "the mail that is being sent, 30 s at most", "a second Ctrl-C or SIGTERM ends at once"
    assert log.named("stopping") == [{"waits_for": waits, "hint": hurry}]
    subject = daemon(Stage(), Stage(), log)
    subject.stop()
    await subject.run()
    assert log.named("stopping")[1:] == [{}], "nothing is waited for, and none need hurry"


async def test_case_75_a_second_signal_ends_it_at_once() -> None:
    delivery = Stage(end=asyncio.Event())
    subject = daemon(Stage(), delivery, FakeLog())
    running = asyncio.create_task(subject.run())
    await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    assert not delivery.stopped
