"""The real process: its lock, its end, what it opens, what it says."""

from __future__ import annotations

import base64
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from monitor.daemon.lock import running_pid
from tests.rigs.site import Site, rss
from tests.rigs.smtp import HANG, LATE
from tests.rigs.web import Answer, ok

pytestmark = pytest.mark.slow


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(["Prisoners came home", "A ceasefire holds"]))
    site.write()
    return site


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_case_68_a_second_daemon_ends_with_75_and_names_the_first(outlet: Site, tmp_path: Path) -> None:
    first = outlet.start()
    outlet.wait(lambda: running_pid(outlet.folder / "data"), "the lock")
    link = tmp_path / "link"
    link.symlink_to(outlet.folder / "data")
    for place in ([], ["--data", str(link)]):
        second = outlet.run("run", *place)
        assert second.returncode == 75
        assert second.stderr == f"monitor: another instance is running (pid {first.pid})\n"
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    status = outlet.run("status")
    assert (status.returncode, status.stdout.splitlines()[:2]) == (0, ["OK", f"daemon: running, pid {first.pid}"])
    assert outlet.stop(first) == 0
    assert outlet.run("collect").returncode == 0


def test_case_68_after_a_kill_no_orphan_is_left_and_the_next_daemon_starts_at_once(outlet: Site) -> None:
    first = outlet.start()
    outlet.wait(lambda: outlet.events("source_read"), "a visit")
    workers = children(first)
    assert workers
    first.kill()
    first.wait(60)
    second = outlet.start()
    outlet.wait(lambda: len(outlet.events("started")) == 2, "the second start")
    gone, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
    assert len(gone) == len(workers)
    assert outlet.stop(second) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_case_75_the_daemon_ends_with_0_when_it_is_idle(number: int, outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    workers = children(process)
    process.send_signal(number)
    assert process.wait(60) == 0
    assert [event["event"] for event in outlet.events("stopping") + outlet.events("stopped")] == ["stopping", "stopped"]
    assert not psutil.wait_procs(workers, timeout=20)[1]
    assert not (outlet.folder / "data" / "monitor.pid").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_case_75_the_daemon_ends_with_0_while_it_builds_word_lists(number: int, outlet: Site) -> None:
    (outlet.folder / "data" / "cache" / "words").unlink()
    outlet.config.write_text(outlet.config.read_text().replace("languages: [en]", "languages: [ru, tr, hy, ka]"))
    process = outlet.start()
    outlet.wait(lambda: outlet.events("building_word_lists"), "the building of word lists")
    outlet.wait(lambda: children(process), "the builder")
    builders = children(process)
    process.send_signal(number)
    assert process.wait(60) == 0
    assert "Traceback" not in outlet.log()
    assert not psutil.wait_procs(builders, timeout=20)[1]


def test_case_68_a_kill_while_it_builds_word_lists_leaves_no_orphan(outlet: Site) -> None:
    (outlet.folder / "data" / "cache" / "words").unlink()
    process = outlet.start()
    outlet.wait(lambda: outlet.events("building_word_lists") and children(process), "the builder")
    builders = children(process)
    process.kill()
    process.wait(60)
    assert not psutil.wait_procs(builders, timeout=20)[1]
    second = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    assert outlet.stop(second) == 0


def test_case_75_a_visit_under_way_is_given_up(outlet: Site) -> None:
    outlet.servers.web.serve("/one", Answer(b"HTTP/1.1 200 OK\r\n", hang=True))
    process = outlet.start()
    outlet.wait(lambda: outlet.servers.web.requests, "a request")
    assert outlet.stop(process) == 0
    assert outlet.rows("select count(*) from articles") == [(0,)]


def test_case_75_the_mail_in_flight_is_waited_for_and_counts(outlet: Site) -> None:
    outlet.servers.sink.say("DOT", LATE + "250 kept")
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the first mail")
    assert outlet.stop(process) == 0
    assert outlet.rows("select state, count(*) from messages group by state order by state") == [
        ("queued", 1),
        ("sent", 1),
    ]
    assert len(outlet.mails) == 1
    assert not outlet.events("library")


def test_case_75_asked_twice_the_mail_in_flight_is_left_unknown(outlet: Site) -> None:
    outlet.servers.sink.say("DOT", HANG)
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the first mail")
    process.send_signal(signal.SIGTERM)
    outlet.wait(lambda: outlet.events("stopping"), "the end to begin")
    assert outlet.events("stopping")[0]["waits_for"].startswith("the mail")
    time.sleep(0.5)
    assert process.poll() is None  # still waiting for the server's word
    process.send_signal(signal.SIGTERM)  # asked twice: at once
    assert process.wait(60) == 0
    second = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 3, "the mail again, and the other one")
    assert outlet.stop(second) == 0
    assert outlet.mails[0].raw in {mail.raw for mail in outlet.mails[1:]}


def test_case_59_nothing_listens(outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    for one in (psutil.Process(process.pid), *children(process)):
        assert [socket for socket in one.net_connections("inet") if socket.status == psutil.CONN_LISTEN] == []
    assert outlet.stop(process) == 0


def test_case_58_no_secret_is_seen_anywhere(site: Site) -> None:
    """Canaries: the SMTP password, a token in a feed's address; the server repeats the password in its refusal."""
    password, token = "c4nary/p@ss", "c4narytoken"
    site.servers.sink.extensions = ("AUTH PLAIN",)
    site.servers.sink.say("AUTH", f"535 5.7.8 {password} is wrong")
    site.feed(f"one?token={token}", rss(["Prisoners came home"]))
    site.write()
    text = site.config.read_text().replace(f"name: one?token={token}", "name: one")
    text = text.replace("One?Token=C4Narytoken", "One").replace(
        "security: none", "security: none, user: me, password: '${PASS}'"
    )
    site.config.write_text(text)
    process = site.start(PASS=password)
    site.wait(lambda: site.events("transport_fails"), "the refusal")
    commandline = " ".join(psutil.Process(process.pid).cmdline())
    assert site.stop(process) == 0
    database = site.database.read_bytes()
    shown = [site.log(), commandline, site.run("status", PASS=password).stdout, database.decode("utf-8", "replace")]
    for spelling in (password, quote(password, safe=""), base64.b64encode(f"\0me\0{password}".encode()).decode()):
        assert not [text for text in shown if spelling in text]
    assert token not in site.log()


def test_without_network_it_names_the_unreachable_sources_goes_on_and_stops(outlet: Site) -> None:
    outlet.config.write_text(
        outlet.config.read_text() + '  - {name: gone, outlet: Gone, every: 1s, feed: "https://gone.invalid/feed"}\n'
    )
    process = outlet.start()
    outlet.wait(lambda: [event for event in outlet.events("source_failed") if event["source"] == "gone"], "the failure")
    outlet.wait(lambda: len(outlet.mails) == 2, "the other source's mails")
    told = outlet.run("status")
    assert re.search(r"^    gone +\d", told.stdout, re.MULTILINE)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def test_on_a_terminal_one_line_says_what_goes_on(outlet: Site) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run", "--config", str(outlet.config)],
        stdin=child,
        stdout=child,
        stderr=child,
        env=outlet.environment(TERM="xterm", COLUMNS="150"),
    )
    os.close(child)
    outlet.daemons.append(process)
    seen = b""
    end = time.monotonic() + 60
    while b"2 alerts" not in seen or b"2 mails" not in seen:
        assert time.monotonic() < end, seen
        if select.select([parent], [], [], 1)[0]:
            seen += os.read(parent, 65536)
    process.send_signal(signal.SIGINT)
    while True:
        try:
            more = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        seen += more
        if not more:
            break
    os.close(parent)
    assert process.wait(60) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "1 sources" in plain
    assert "2 articles" in plain
    assert "next visit in" in plain
    assert "started" in plain
    assert "stopped" in plain


def test_files_are_for_their_owner_alone(outlet: Site) -> None:
    outlet.email = False
    outlet.write()
    old = os.umask(0)
    try:
        process = outlet.start()
        outlet.wait(
            lambda: (
                (outlet.folder / "data" / "mail" / "new").exists()
                and len(list((outlet.folder / "data" / "mail" / "new").iterdir())) == 2
            ),
            "both mails",
        )
        assert outlet.stop(process) == 0
    finally:
        os.umask(old)
    open_to_others = [
        path for path in (outlet.folder / "data").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert open_to_others == []


def test_collect_beside_the_daemon_neither_waits_nor_doubles(outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    titles = ["Prisoners came home", "A ceasefire holds"]
    for number in range(3):
        titles.insert(0, f"Prisoner number {number}")
        outlet.feed("one", rss(titles))
        assert outlet.run("collect", "one").returncode == 0
    outlet.wait(
        lambda: outlet.rows("select count(*) from v_alerts where state = 'sent'") == [(5,)], "an alert for each article"
    )
    assert outlet.stop(process) == 0
    assert outlet.rows("select count(*) from articles") == [(5,)]
    for number in range(3):
        link = f"https://one.example/Prisoner-number-{number}\r\n".encode()
        assert len([mail for mail in outlet.mails if link in mail.raw]) == 1


def test_what_a_killed_collect_held_is_free_at_once(outlet: Site) -> None:
    daemon = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    outlet.servers.sink.say("DOT", HANG)
    outlet.feed("one", rss(["Prisoners left again", "Prisoners came home"]))
    # Which of the two sends it is a matter of luck; both leave it to the other when they are killed.
    collect = subprocess.Popen(
        [sys.executable, "-m", "monitor", "collect", "--config", str(outlet.config)],
        env=outlet.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    outlet.wait(lambda: len(outlet.mails) == 3, "the mail that is never answered")
    held = outlet.rows("select lease_owner from messages where state = 'sending'")
    victim, other = (collect, daemon) if f'"pid": {collect.pid},' in held[0][0] else (daemon, collect)
    victim.kill()
    victim.wait(60)
    if victim is daemon:
        other.wait(60)
        daemon = outlet.start()
        outlet.wait(lambda: len(outlet.events("started")) == 2, "the next daemon")
    outlet.wait(lambda: len(outlet.mails) == 4, "the same mail from the other")
    assert outlet.mails[2].raw == outlet.mails[3].raw
    assert outlet.stop(daemon) == 0
    collect.wait(60)


def test_a_busy_server_is_asked_again_only_after_its_pause(outlet: Site) -> None:
    """A restart does not forget it: what is due, and when, is in the database (cases 77, 88)."""
    outlet.servers.web.serve("/one", ok(status="503 Busy", Retry_After="3600"))
    process = outlet.start()
    outlet.wait(lambda: outlet.events("source_failed"), "the refusal")
    assert outlet.stop(process) == 0
    again = outlet.start()
    outlet.wait(lambda: len(outlet.events("started")) == 2, "the second start")
    time.sleep(1.5)
    assert outlet.stop(again) == 0
    assert len(outlet.servers.web.requests) == 1
