"""What else works on the data while the daemon does: a long lock, commands by hand, a second name of the folder."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from monitor.daemon.lock import running_pid
from tests.rigs.disk import mounted
from tests.rigs.site import Site, rss

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

LONG = "FAULT_SECONDS" in os.environ
LOCKED = 30.0 if LONG else 12.0  # seconds: more than two waits of the store for a lock
BESIDE = float(os.environ.get("FAULT_SECONDS", "20"))  # seconds of commands beside the daemon
COMMANDS = (
    ("search", "prisoner", "--json"),
    ("mark", "1", "relevant"),
    ("sql", "select count(*) from v_articles"),
    ("status",),
    ("collect", "one"),
    ("alerts",),
    ("sources", "export", "-"),
    ("check",),  # opens no database: what the machine takes for any command
)
SLOW = 5.0  # seconds, on a machine that does nothing else


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(["Prisoners came home", "A ceasefire holds"]))
    site.write()
    return site


def test_case_67_a_lock_held_for_long_loses_nothing(outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    titles = ["Prisoners came home", "A ceasefire holds"]
    with closing(sqlite3.connect(outlet.database, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = time.monotonic() + LOCKED
        while time.monotonic() < end:
            titles.insert(0, f"Prisoner number {len(titles)}")
            outlet.feed("one", rss(titles))
            time.sleep(1)
        other.execute("COMMIT")
    outlet.wait(
        lambda: outlet.rows("select count(*) from v_alerts where state = 'sent'") == [(len(titles),)], "all of it"
    )
    assert outlet.stop(process) == 0
    assert outlet.rows("select count(*) from articles") == [(len(titles),)]
    assert len({mail.raw for mail in outlet.mails}) == len(outlet.mails)
    for number in range(2, len(titles)):
        link = f"https://one.example/Prisoner-number-{number}\r\n".encode()
        assert len([mail for mail in outlet.mails if link in mail.raw]) == 1
    assert not outlet.events("tick_crashed") + outlet.events("visit_crashed")
    assert outlet.events("store_unavailable")


def test_case_69_commands_beside_the_daemon_all_succeed(
    outlet: Site, record_property: Callable[[str, object], None]
) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    end = time.monotonic() + BESIDE
    failed: list[tuple[tuple[str, ...], int, str]] = []
    took: dict[str, list[float]] = {command[0]: [] for command in COMMANDS}

    def loop(first: int) -> None:
        number = first
        while time.monotonic() < end or number < len(COMMANDS):
            command = COMMANDS[number % len(COMMANDS)]
            started = time.monotonic()
            done = outlet.run(*command)
            took[command[0]].append(time.monotonic() - started)
            if done.returncode:
                failed.append((command, done.returncode, done.stdout + done.stderr))
            number += 1

    threads = [threading.Thread(target=loop, args=(first,)) for first in (0, len(COMMANDS) // 2)]
    for thread in threads:
        thread.start()
    titles = ["Prisoners came home", "A ceasefire holds"]
    while any(thread.is_alive() for thread in threads):
        if len(titles) < 40:
            titles.insert(0, f"Prisoner number {len(titles)}")
            outlet.feed("one", rss(titles))
        time.sleep(0.5)
    for thread in threads:
        thread.join()
    told = {name: f"{len(times)} times, {max(times):.1f} s at most" for name, times in took.items()}
    record_property("took", told)
    assert failed == []
    assert min(len(times) for times in took.values()) > 0
    # On a machine that others keep busy all take longer, the one that opens no database too: that is no lock's fault.
    usual = median(took.pop("check"))
    assert median(one for times in took.values() for one in times) < max(SLOW, 4 * usual), told
    outlet.wait(
        lambda: outlet.rows("select count(*) from v_alerts where state = 'sent'") == [(len(titles),)], "all of it"
    )
    assert outlet.stop(process) == 0
    assert len({mail.raw for mail in outlet.mails}) == len(outlet.mails)
    assert not outlet.events("tick_crashed") + outlet.events("visit_crashed")


def test_case_68_the_lock_holds_under_another_name_of_the_folder_and_from_another_place(
    outlet: Site, tmp_path: Path
) -> None:
    first = outlet.start()
    outlet.wait(lambda: running_pid(outlet.folder / "data"), "the lock")
    said = f"monitor: another instance is running (pid {first.pid})\n"
    beside = subprocess.run(
        [sys.executable, "-m", "monitor", "run", "--config", "config.yaml", "--data", "data"],
        cwd=outlet.folder,
        env=outlet.environment(PYTHONPATH=str(Path(__file__).parents[2])),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (beside.returncode, beside.stderr) == (75, said)
    with mounted(tmp_path / "elsewhere", "--bind", str(outlet.folder / "data")) as other:
        bound = outlet.run("run", "--data", str(other))
        assert (bound.returncode, bound.stderr) == (75, said)
        assert running_pid(other) == first.pid
    assert outlet.stop(first) == 0
