"""Who is stuck, who hears of it, and what systemd's environment means (cases 36, 78)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Supervision, supervision
from monitor.daemon.supervisor import Supervisor
from monitor.daemon.watchdog import Watchdog
from monitor.pulse import Pulse
from tests.fakes import FakeClock, FakeLog
from tests.rigs.supervisor import FakeSystemd


class Dog:
    """A watchdog with a clock that is moved by hand."""

    def __init__(self, systemd: FakeSystemd) -> None:
        self.clock, self.log, self._systemd = FakeClock(), FakeLog(), systemd
        self.pulse = Pulse(self.clock.monotonic, patience=timedelta(seconds=60))
        address = systemd.environ()["NOTIFY_SOCKET"]
        supervisor = Supervisor(Supervision(address=address, watchdog=timedelta(seconds=60)))
        self.watchdog = Watchdog(pulse=self.pulse, supervisor=supervisor, status=lambda: "3 sources", log=self.log)

    def look(self, *, after: float) -> None:
        self.clock.advance(after)
        self.watchdog.look()
        self._systemd.settle()


@pytest.mark.parametrize("stuck", ["collect", "form", "send", "heartbeat"])
def test_case_36_a_part_that_breaks_its_promise_ends_the_signs_of_life(stuck: str, tmp_path: Path) -> None:
    with FakeSystemd(tmp_path) as systemd:
        dog = Dog(systemd)
        for part in ("collect", "form", "send", "heartbeat"):
            dog.pulse.promise(part, timedelta(seconds=1))
        dog.look(after=60)
        for part in {"collect", "form", "send", "heartbeat"} - {stuck}:
            dog.pulse.promise(part, timedelta(seconds=300))
        dog.look(after=20)
        dog.look(after=20)
        dog.look(after=20)
    assert systemd.count("WATCHDOG=1") == 1
    assert systemd.count(f"STATUS=stalled: {stuck}") == 1
    assert dog.log.named("stalled") == [{"parts": [stuck]}]


def test_case_36_a_wait_for_a_server_within_its_limit_is_no_standstill(tmp_path: Path) -> None:
    with FakeSystemd(tmp_path) as systemd:
        dog = Dog(systemd)
        dog.pulse.promise("send", timedelta(minutes=10))
        for _ in range(30):
            dog.look(after=20)
    assert systemd.count("WATCHDOG=1") == 30
    assert dog.log.events == []


def test_a_machine_that_slept_is_not_taken_for_stuck(tmp_path: Path) -> None:
    """After SIGSTOP, or a virtual machine's pause, every promise is broken until the next round."""
    with FakeSystemd(tmp_path) as systemd:
        dog = Dog(systemd)
        dog.pulse.promise("collect")
        dog.look(after=600)
        dog.pulse.promise("collect")
        dog.look(after=20)
    assert systemd.count("WATCHDOG=1") == 1
    assert dog.log.events == []


def test_what_goes_on_again_is_told_once(tmp_path: Path) -> None:
    with FakeSystemd(tmp_path) as systemd:
        dog = Dog(systemd)
        dog.pulse.promise("send")
        for _ in range(3):
            dog.look(after=61)
        dog.pulse.promise("send")
        dog.look(after=1)
        dog.look(after=1)
    assert [name for _, name, _ in dog.log.events] == ["stalled", "goes_on"]
    assert systemd.heard[-1].lines == ("STATUS=3 sources",)


def test_what_ended_in_good_order_owes_nothing() -> None:
    clock = FakeClock()
    pulse = Pulse(clock.monotonic)
    pulse.promise("collect")
    pulse.rest()
    clock.advance(1000)
    assert pulse.late() == ()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, Supervision()),
        ({"NOTIFY_SOCKET": "/run/x"}, Supervision(address="/run/x")),
        (
            {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "60000000"},
            Supervision(address="@x", watchdog=timedelta(minutes=1)),
        ),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "9", "WATCHDOG_PID": "8"}, Supervision(address="/x")),
        (
            {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "9", "WATCHDOG_PID": "7"},
            Supervision(address="/x", watchdog=timedelta(microseconds=9)),
        ),
        ({"NOTIFY_SOCKET": "vsock:2:1", "WATCHDOG_USEC": "9"}, Supervision()),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"}, Supervision(address="/x")),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "0"}, Supervision(address="/x")),
        (
            {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "9" * 400},
            Supervision(address="/x", watchdog=timedelta(days=11574.074074074073)),
        ),
    ],
)
def test_what_systemd_leaves_in_the_environment_is_read(environ: dict[str, str], expected: Supervision) -> None:
    assert supervision(environ, pid=7) == expected


def test_nobody_who_listens_is_no_error(tmp_path: Path) -> None:
    Supervisor(Supervision()).ready()
    Supervisor(Supervision(address=str(tmp_path / "nobody"))).ready()
    Supervisor(Supervision(address="@nobody-listens-here")).status("all is well")


def test_a_status_is_one_line_that_a_person_can_read(tmp_path: Path) -> None:
    with FakeSystemd(tmp_path) as systemd:
        supervisor = Supervisor(Supervision(address=systemd.environ()["NOTIFY_SOCKET"]))
        supervisor.status("two\nlines\nREADY=1")
        supervisor.status("x" * 5000)
        systemd.settle()
    short, long = systemd.heard
    assert short.lines == ("STATUS=two lines READY=1",)
    assert len(long.lines[0]) == len("STATUS=") + 200
