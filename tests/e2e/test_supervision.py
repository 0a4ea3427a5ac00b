"""The real process under a supervisor: ready, alive, reloading, ending (cases 36, 76, 78, 82)."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.rigs.site import Site, rss
from tests.rigs.smtp import HANG, LATE
from tests.rigs.supervisor import FakeSystemd
from tests.rigs.web import Answer

pytestmark = pytest.mark.slow


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[FakeSystemd]:
    with FakeSystemd(tmp_path) as fake:
        yield fake


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(["Prisoners came home", "A ceasefire holds"]))
    site.write()
    return site


def change(site: Site, before: str, after: str) -> None:
    text = site.config.read_text(encoding="utf-8")
    assert before in text
    site.config.write_text(text.replace(before, after), encoding="utf-8")


def hang_up(site: Site, process: subprocess.Popen[bytes], event: str) -> None:
    """Have it reload, and wait for what it says of it."""
    said = len(site.events(event))
    process.send_signal(signal.SIGHUP)
    site.wait(lambda: len(site.events(event)) > said, event)


def test_case_78_it_is_ready_after_its_first_round_and_says_what_goes_on(outlet: Site, systemd: FakeSystemd) -> None:
    process = outlet.start(**systemd.environ(watchdog=3))
    outlet.wait(lambda: systemd.count("READY=1"), "the word that it is ready")
    assert outlet.events("started")
    assert outlet.database.exists()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    outlet.wait(lambda: systemd.count("WATCHDOG=1") >= 3, "signs of life")
    outlet.wait(lambda: any(h.says("STATUS=1 sources · ") for h in systemd.heard), "what goes on")
    assert outlet.stop(process) == 0
    assert systemd.order() == ["READY=1", "STOPPING=1"]


@pytest.mark.parametrize("status", [65, 75, 78])
def test_case_78_what_cannot_start_is_never_ready_and_ends_with_its_status(
    status: int, outlet: Site, systemd: FakeSystemd
) -> None:
    first = None
    if status == 65:
        outlet.database.parent.mkdir(exist_ok=True)
        outlet.database.write_bytes(b"no database" * 1000)
    elif status == 75:
        first = outlet.start()
        outlet.wait(lambda: outlet.events("started"), "the first daemon")
    else:
        change(outlet, "rules:", "rulez:")
    done = outlet.run("run", **systemd.environ())
    assert done.returncode == status
    assert not systemd.count("READY=1")
    if first:
        assert outlet.stop(first) == 0


def test_case_36_a_stuck_event_loop_gives_no_sign_of_life(outlet: Site, systemd: FakeSystemd) -> None:
    process = outlet.start(FAIL="after_claim=10", **systemd.environ(watchdog=0.9))
    outlet.wait(lambda: outlet.events("started"), "the start")
    outlet.wait(lambda: outlet.rows("select 1 from messages where state = 'sending'"), "the place where it is stuck")
    time.sleep(1)
    signs = systemd.count("WATCHDOG=1")
    time.sleep(2)
    assert systemd.count("WATCHDOG=1") == signs
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    outlet.wait(lambda: systemd.count("WATCHDOG=1") > signs, "signs of life")
    assert outlet.stop(process) == 0
    assert not outlet.events("stalled")


def test_case_36_a_stuck_store_ends_the_signs_of_life_and_its_return_brings_them_back(
    outlet: Site, systemd: FakeSystemd
) -> None:
    """A call on the store's thread does not come back, as when a disk hangs."""
    change(outlet, "probe: 1s", "probe: 1s, stalled: 4s")
    process = outlet.start(FAIL="before_commit=15", **systemd.environ(watchdog=1.5))
    outlet.wait(lambda: outlet.events("stalled"), "the word that it is stuck")
    assert "collect" in outlet.events("stalled")[0]["parts"]
    signs = systemd.count("WATCHDOG=1")
    assert signs
    time.sleep(2)
    assert systemd.count("WATCHDOG=1") == signs
    assert systemd.heard[-1].says("STATUS=stalled: ")
    outlet.wait(lambda: outlet.events("goes_on"), "the end of it")
    outlet.wait(lambda: systemd.count("WATCHDOG=1") > signs, "signs of life")
    assert outlet.stop(process) == 0


def test_case_76_another_configuration_is_taken_up_as_a_whole(outlet: Site, systemd: FakeSystemd) -> None:
    process = outlet.start(**systemd.environ())
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    outlet.feed("two", rss(["Prisoners wait", "Apples are cheap"], host="two.example"))
    outlet.write()
    change(outlet, "query: ceasefire", "query: apples")
    hang_up(outlet, process, "reloaded")
    (told,) = outlet.events("reloaded")
    assert (told["sources_added"], told["rules_changed"]) == ("two", "ceasefire")
    outlet.wait(lambda: len(outlet.mails) == 4, "mails by the new source and the new rule")
    assert [event["pid"] for event in outlet.events("started")] == [process.pid]
    outlet.wait(lambda: systemd.count("READY=1") == 2, "that it is ready")
    assert outlet.stop(process) == 0
    assert systemd.order() == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]
    (reloading,) = (heard for heard in systemd.heard if heard.says("RELOADING=1"))
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", reloading.lines[1])


def test_case_76_a_broken_configuration_changes_nothing_and_says_why(outlet: Site, systemd: FakeSystemd) -> None:
    process = outlet.start(**systemd.environ())
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    good = outlet.config.read_text(encoding="utf-8")
    for bad in (good.replace("rules:", "rulez:"), "{", good.replace("query: prisoner", "query: (prisoner"), "\0"):
        outlet.config.write_text(bad, encoding="utf-8")
        hang_up(outlet, process, "configuration_kept")
        refused = outlet.events("configuration_refused")
        assert str(outlet.config) in refused[-1]["problem"]
    outlet.config.unlink()
    hang_up(outlet, process, "configuration_kept")
    outlet.feed("one", rss(["Prisoners left again", "Prisoners came home", "A ceasefire holds"]))
    outlet.wait(lambda: len(outlet.mails) == 3, "a mail by the old configuration")
    assert systemd.order() == ["READY=1", *["RELOADING=1", "READY=1"] * 5]
    assert not outlet.events("reloaded")
    assert outlet.stop(process) == 0


def test_case_76_another_data_folder_is_refused_and_the_old_one_kept(outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    change(outlet, "contact:", "data: ./elsewhere\ncontact:")
    hang_up(outlet, process, "configuration_kept")
    assert "restart it" in outlet.events("configuration_refused")[0]["problem"]
    assert not (outlet.folder / "elsewhere").exists()
    assert outlet.stop(process) == 0


def test_case_76_what_is_due_when_stays_for_sources_that_were_not_touched(outlet: Site) -> None:
    outlet.feed("slow", rss(["Nothing"]))
    outlet.write()
    change(
        outlet, "name: slow, outlet: Slow, language: en, every: 1s", "name: slow, outlet: Slow, language: en, every: 2h"
    )
    process = outlet.start()
    due = "select source, due_at from source_state where source = 'slow' and lease_owner is null and due_at > strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
    outlet.wait(lambda: outlet.events("started") and outlet.rows(due), "the first visit of the slow source")
    before = outlet.rows(due)
    change(outlet, "name: one, outlet: One, language: en, every: 1s", "name: one, outlet: One, language: en, every: 3s")
    hang_up(outlet, process, "reloaded")
    assert outlet.events("reloaded")[0]["sources_changed"] == "one"
    assert outlet.rows(due) == before
    asked = len([r for r in outlet.servers.web.requests if r.startswith(b"GET /slow")])
    assert asked == 1
    assert outlet.stop(process) == 0


def test_case_76_another_mail_server_gets_what_waits(outlet: Site) -> None:
    port = outlet.servers.sink.port
    change(outlet, f"port: {port}", "port: 9")
    process = outlet.start()
    outlet.wait(lambda: outlet.events("transport_fails"), "the dead mail server")
    change(outlet, "port: 9", f"port: {port}")
    hang_up(outlet, process, "reloaded")
    assert outlet.events("reloaded")[0]["settings_changed"] == "smtp"
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    assert outlet.stop(process) == 0


def test_case_76_a_mail_in_flight_ends_before_the_other_configuration_begins(outlet: Site) -> None:
    outlet.servers.sink.say("DOT", LATE + "250 kept")
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the first mail, whose 250 is late")
    hang_up(outlet, process, "reloaded")
    assert len(outlet.events("message_sent")) == 1
    outlet.wait(lambda: len(outlet.mails) == 2, "the other one")
    assert outlet.stop(process) == 0
    assert not outlet.events("message_left_unknown")
    assert len({mail.raw for mail in outlet.mails}) == 2


def test_case_75_told_to_end_while_it_makes_way_it_waits_no_longer_than_at_any_other_time(outlet: Site) -> None:
    outlet.servers.sink.say("DOT", HANG)
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the first mail, which is never answered")
    process.send_signal(signal.SIGHUP)
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)  # asked twice: at once
    assert process.wait(20) == 0
    assert not outlet.events("reloaded")


def test_case_82_sources_come_and_go_while_they_are_visited(outlet: Site) -> None:
    """A hundred are added, and removed again, while some of them hang; nothing is left over and nothing crashes."""
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    small = outlet.config.read_text(encoding="utf-8")
    for number in range(100):
        outlet.feed(f"s{number}", rss([f"Prisoner {number}"], host=f"s{number}.example"))
        if number % 10 == 0:
            outlet.servers.web.serve(f"/s{number}", Answer(b"HTTP/1.1 200 OK\r\n", hang=True))
    outlet.write()
    change(outlet, "gap: 0s", "gap: 0s, request: 3s")
    hang_up(outlet, process, "reloaded")
    outlet.wait(lambda: any(b"GET /s0 " in request for request in outlet.servers.web.requests), "visits that hang")
    outlet.config.write_text(small, encoding="utf-8")
    hang_up(outlet, process, "reloaded")
    assert outlet.events("reloaded")[-1]["sources_removed"].endswith("and 90 more")
    assert outlet.rows("select count(*) from sources where removed_at is null") == [(1,)]
    assert outlet.rows("select count(*) from source_state where lease_owner is not null and source like 's%'") == [(0,)]
    assert outlet.rows("select count(*) from source_state where source not in (select name from sources)") == [(0,)]
    assert not [event for name in ("visit_crashed", "tick_crashed") for event in outlet.events(name)]
    outlet.feed("one", rss(["Prisoners left again"]))
    outlet.wait(lambda: outlet.rows("select 1 from articles where title = 'Prisoners left again'"), "the next article")
    assert outlet.stop(process) == 0
    connection = sqlite3.connect(outlet.database)
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_case_76_a_reload_that_is_asked_for_during_another_is_not_passed_over(outlet: Site) -> None:
    """A person sees the mistake in what was just read, mends it and reloads again at once."""
    outlet.feed("one", rss(["Apples are cheap", "Prisoners came home"]))
    process = outlet.start()
    outlet.wait(lambda: outlet.events("started"), "the start")
    change(outlet, "query: ceasefire", "query: pears")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.05)
    change(outlet, "query: pears", "query: plums")
    process.send_signal(signal.SIGHUP)
    outlet.wait(
        lambda: (
            outlet.rows("select query from rules where name = 'ceasefire' order by version desc limit 1")
            == [("plums",)]
        ),
        "the rule as it was written last",
    )
    assert outlet.stop(process) == 0


def test_case_67_a_reload_while_the_database_is_locked_waits_for_it_and_goes_on(
    outlet: Site, systemd: FakeSystemd
) -> None:
    """Neither configuration can begin; the old one does once the lock is gone, without a restart."""
    process = outlet.start(**systemd.environ())
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    with closing(sqlite3.connect(outlet.database, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        process.send_signal(signal.SIGHUP)
        outlet.wait(
            lambda: [one for one in outlet.events("store_unavailable") if one.get("tick") == "reload"], "the wait"
        )
        outlet.wait(lambda: systemd.count("STATUS=waits for the database"), "what it waits for")
        assert process.poll() is None
        other.execute("COMMIT")
    outlet.feed("one", rss(["Prisoners came home", "A ceasefire holds", "Prisoners went home"]))
    outlet.wait(lambda: len(outlet.mails) == 3, "the mail after it")
    assert outlet.events("reload_failed")
    assert outlet.stop(process) == 0


def test_a_reload_that_is_asked_for_many_times_ends_nothing(outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: outlet.events("started"), "the start")
    for _ in range(20):
        process.send_signal(signal.SIGHUP)
        time.sleep(0.05)
    outlet.wait(lambda: outlet.events("reloaded"), "a reload")
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    assert process.poll() is None
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 0


_IN_A_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "monitor", "run", "--config", sys.argv[1]])
"""


def test_a_terminal_that_is_closed_ends_it(outlet: Site) -> None:
    """There SIGHUP is no wish for a reload: nobody would see or stop what runs on."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_A_TERMINAL, str(outlet.config)],
        stdin=child,
        stdout=child,
        stderr=child,
        env=outlet.environment(),
    )
    outlet.daemons.append(process)
    os.close(child)

    def both() -> bool:
        while select.select([parent], [], [], 0)[0]:  # who writes to a terminal waits for its reader
            os.read(parent, 65536)
        return len(outlet.mails) == 2

    outlet.wait(both, "both mails")
    os.close(parent)
    assert process.wait(60) == 0
