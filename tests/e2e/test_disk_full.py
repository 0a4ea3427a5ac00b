"""The disk is full under the real daemon: at "sent", at the insert, at the claim, under the log (case 66)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.disk import fill, small_disk
from tests.rigs.site import Site, rss
from tests.rigs.smtp import LATE
from tests.rigs.web import Answer, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

TITLES = ["Prisoners came home", "A ceasefire holds"]
RECOVERED = 60.0  # seconds after there is room again
QUIET = 4.0  # seconds in which a daemon that cannot write would have sent


@pytest.fixture
def outlet(site: Site) -> Iterator[Site]:
    site.feed("one", rss(TITLES))
    with small_disk(site.folder / "data", 24):
        site.write()
        # So small a disk is always nearly full, and of that the operator would hear.
        site.config.write_text(site.config.read_text().replace("operator: desk\n", ""))
        yield site
        site.close()


def sent(site: Site) -> int:
    return int(site.rows("select count(*) from messages where state = 'sent'")[0][0])


def assert_nothing_goes_out(site: Site, process: subprocess.Popen[bytes]) -> None:
    site.wait(lambda: site.events("store_unavailable") or site.events("not_stored"), "word of the full disk")
    before = len(site.mails)
    time.sleep(QUIET)
    assert len(site.mails) == before
    assert process.poll() is None


def assert_heals(site: Site, mails: int) -> None:
    """Everything arrives once, and the database says so; without a restart."""
    at = time.monotonic()
    site.wait(lambda: sent(site) == mails, "the rest, once there was room")
    assert time.monotonic() - at < RECOVERED
    assert len({mail.raw for mail in site.mails}) == len(site.mails) == mails
    assert len(site.events("started")) == 1
    for event in ("store_unavailable", "not_stored"):  # a second's line would be dozens by now
        assert len(site.events(event)) <= 6
    assert site.rows("pragma integrity_check") == [("ok",)]


def test_case_66_a_mail_whose_sent_cannot_be_written_goes_out_once(outlet: Site) -> None:
    outlet.servers.sink.say("DOT", LATE + "250 kept")
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the first mail, whose 250 is late")
    ballast = fill(outlet.folder / "data")
    assert_nothing_goes_out(outlet, process)
    assert len(outlet.mails) == 1
    ballast.unlink()
    assert_heals(outlet, 2)
    assert outlet.stop(process) == 0


def test_case_66_what_was_read_and_cannot_be_stored_is_read_again(outlet: Site) -> None:
    process = outlet.start()
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    outlet.wait(lambda: sent(outlet) == 2, "that they were sent")
    body = ok(rss(["Prisoners left", *TITLES])).raw
    outlet.servers.web.serve("/one", Answer(body, drip=4 / len(body)), ok(rss(["Prisoners left", *TITLES])))
    asked = len(outlet.servers.web.requests)
    outlet.wait(lambda: len(outlet.servers.web.requests) > asked, "a visit, which takes seconds")
    ballast = fill(outlet.folder / "data")
    outlet.wait(lambda: outlet.events("not_stored"), "the insert that fails")
    assert_nothing_goes_out(outlet, process)
    assert len(outlet.mails) == 2
    ballast.unlink()
    assert_heals(outlet, 3)
    assert outlet.stop(process) == 0


def test_case_66_a_message_that_cannot_be_claimed_is_not_sent(outlet: Site) -> None:
    outlet.servers.sink.say("DOT", "451 come back later", "451 come back later")  # tried again in a second
    process = outlet.start(FAIL="before_claim:3=3")
    outlet.wait(lambda: len(outlet.events("message_deferred")) == 2, "the refusals")
    ballast = fill(outlet.folder / "data")
    assert_nothing_goes_out(outlet, process)
    assert outlet.mails == []
    ballast.unlink()
    assert_heals(outlet, 2)
    assert outlet.stop(process) == 0


def test_case_66_a_full_disk_under_the_log_stops_nothing_and_lines_come_again(site: Site, tmp_path: Path) -> None:
    site.feed("one", rss(TITLES))
    site.write()
    with small_disk(tmp_path / "logs", 1):
        site.logs = tmp_path / "logs" / "log"
        process = site.start()
        site.wait(lambda: site.events("started"), "the start")
        ballast = fill(tmp_path / "logs")
        site.wait(lambda: len(site.mails) == 2, "both mails")
        ballast.unlink()
        site.feed("one", rss(["Prisoners left", *TITLES]))
        site.wait(lambda: len(site.mails) == 3, "one more")
        site.wait(lambda: site.events("message_sent"), "lines once more")
        assert site.stop(process) == 0
        assert site.events("stopped")
        site.close()
