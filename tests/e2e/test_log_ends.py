"""What becomes of the daemon when its log is moved, cut, closed or full (case 79)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.site import Site, rss

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    return site


def start(site: Site, *arguments: str, shell: str = "", **streams: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "monitor", "run", "--config", str(site.config), *arguments]
    if shell:
        command = ["/bin/sh", "-c", f'exec "$@" {shell}', "sh", *command]
    process = subprocess.Popen(command, env=site.environment(), **streams)  # type: ignore[call-overload] # by name
    site.daemons.append(process)
    return process


def assert_goes_on(site: Site, process: subprocess.Popen[bytes]) -> None:
    """It delivers what comes next, and ends as it should."""
    before = len(site.mails)
    site.feed("one", rss(["Prisoners left", "Prisoners came home"]))
    site.wait(lambda: len(site.mails) == before + 1, "another mail")
    process.terminate()
    assert process.wait(60) == 0


@pytest.fixture
def logged(outlet: Site, tmp_path: Path) -> Iterator[tuple[Site, subprocess.Popen[bytes]]]:
    outlet.logs = tmp_path / "monitor.log"
    process = start(outlet, "--log-file", str(outlet.logs), stderr=subprocess.DEVNULL)
    outlet.wait(lambda: outlet.events("message_sent"), "the first mail")
    yield outlet, process
    outlet.close()


def test_case_79_a_log_file_that_is_renamed_is_begun_anew(logged: tuple[Site, subprocess.Popen[bytes]]) -> None:
    site, process = logged
    assert site.logs is not None
    old = site.logs.with_suffix(".log.1")
    site.logs.rename(old)
    assert_goes_on(site, process)
    assert site.events("stopped")
    assert "stopped" not in old.read_text()
    assert site.logs.stat().st_mode & 0o077 == 0


def test_case_79_a_log_file_that_is_copied_and_truncated_goes_on_from_its_beginning(
    logged: tuple[Site, subprocess.Popen[bytes]],
) -> None:
    site, process = logged
    assert site.logs is not None
    os.truncate(site.logs, 0)
    assert_goes_on(site, process)
    assert site.logs.read_bytes().startswith(b"{")  # no hole where the old lines were
    assert site.events("stopped")


def test_a_log_file_that_cannot_be_written_is_said_at_once(outlet: Site, tmp_path: Path) -> None:
    process = outlet.run("run", "--log-file", str(tmp_path / "no" / "folder"))
    assert process.returncode == 1
    assert process.stderr.endswith("No such file or directory; name a file that you may write to with --log-file\n")


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_case_79_closed_streams_from_the_start_do_no_harm(closed: str, outlet: Site) -> None:
    process = start(outlet, shell=closed)
    outlet.wait(lambda: outlet.mails, "the first mail")
    for number in (0, 1, 2):
        target = Path(f"/proc/{process.pid}/fd/{number}")
        if target.parent.exists():  # Linux
            assert not str(target.readlink()).startswith(str(outlet.folder))
            assert "socket" not in str(target.readlink())
    assert_goes_on(outlet, process)


def test_case_79_whoever_read_the_log_may_go(outlet: Site) -> None:
    """A pipe whose other end is closed: no SIGPIPE, no EPIPE death."""
    reading, writing = os.pipe()
    process = start(outlet, stdout=writing, stderr=writing)
    os.close(writing)
    outlet.wait(lambda: outlet.mails, "the first mail")
    os.close(reading)
    time.sleep(0.5)
    assert_goes_on(outlet, process)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here (Linux)")
def test_case_79_a_log_that_is_full_from_the_start_does_no_harm(outlet: Site) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start(outlet, stdout=full.fileno(), stderr=full.fileno())
    outlet.wait(lambda: outlet.mails, "the first mail")
    assert_goes_on(outlet, process)
