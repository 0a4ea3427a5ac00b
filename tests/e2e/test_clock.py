"""The real daemon on a clock that is set, frozen or wrong from the start (cases 37, 38, 81)."""

from __future__ import annotations

import re
import signal
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import partial
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.rigs.clocks import WallClock, library
from tests.rigs.site import Site, rss

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]
faked = pytest.mark.skipif(library() is None, reason="libfaketime is not installed (Debian: apt install libfaketime)")

EVERY = 2.0  # seconds between visits
CATCHING_UP = EVERY / 4  # between two visits; times are written to the second, so that EVERY may be 0.8 s
BOOT = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
OVERFLOW = datetime(2106, 2, 7, 6, 28, tzinfo=UTC)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    site.config.write_text(site.config.read_text().replace("every: 1s", f"every: {EVERY:.0f}s"))
    return site


def visits(site: Site, since: float) -> list[float]:
    return [exchange.came for exchange in list(site.servers.web.exchanges) if exchange.came >= since]


def two_visits(site: Site, since: float) -> bool:
    return len(visits(site, since)) > 1


def all_told(site: Site, mails: int) -> bool:
    return len(site.mails) == mails


def stamps(site: Site) -> set[str]:
    """Every time in every table."""
    found: set[str] = set()
    for (table,) in site.rows("select name from sqlite_master where type = 'table' and name not like '%fts%'"):
        for row in site.rows(f"select * from [{table}]"):
            found |= {text for value in row if isinstance(value, str) for text in STAMP.findall(value)}
    return found


def assert_years_are_true(site: Site, *, ahead: int = 0) -> None:
    """No stamp and no mail of another year, beside one that a step of a day may have left."""
    now = datetime.now(UTC)
    true = {f"{now.year + more}" for more in (-1, 0, 1)}
    assert {stamp[:4] for stamp in stamps(site)} <= true
    for mail in site.mails:
        date = message_from_bytes(mail.raw, policy=policy.default)["Date"].datetime
        assert (date - now).days <= ahead, date
        assert str(date.year) in true


@faked
def test_case_37_whatever_the_clock_is_set_to_feeds_are_read_in_time_and_not_in_bursts(
    outlet: Site, tmp_path: Path
) -> None:
    """An hour back, a day ahead, 1970, 2106, and put right after each; case 81: no stamp of such a year is left."""
    wall = WallClock(tmp_path)
    process = outlet.start(**wall.environment)
    outlet.wait(lambda: len(outlet.mails) == 1, "the first mail")
    time.sleep(2 * EVERY)
    memory = psutil.Process(process.pid).memory_info().rss
    titles = ["Prisoners came home"]
    for step in (-3600.0, 0.0, 86400.0, 0.0, BOOT, 0.0, OVERFLOW, 0.0):
        titles.insert(0, f"Prisoners of step {len(titles)}")
        if isinstance(step, datetime):
            wall.set_to(step)
        else:
            wall.set(step)
        at = time.monotonic()
        outlet.feed("one", rss(titles))
        outlet.wait(partial(two_visits, outlet, at), f"two visits after {step}")
        outlet.wait(partial(all_told, outlet, len(titles)), f"the mail of {step}")
        came = visits(outlet, at)
        assert len(came) <= time.monotonic() - at + 3, came
        for first, second in pairwise(came[1:]):
            assert second - first > CATCHING_UP, came
    assert psutil.Process(process.pid).memory_info().rss - memory < 20 * 2**20
    assert outlet.events("clock_stepped")
    assert outlet.events("clock_suspect")
    assert outlet.stop(process) == 0
    assert_years_are_true(outlet, ahead=1)


@faked
def test_case_81_a_start_in_1970_waits_for_a_clock_that_can_be_right(outlet: Site, tmp_path: Path) -> None:
    wall = WallClock(tmp_path)
    wall.set_to(BOOT)
    process = outlet.start(**wall.environment)
    outlet.wait(lambda: outlet.events("clock_suspect"), "word of the clock")
    refused = outlet.run("collect", **wall.environment)
    assert refused.returncode == 1
    assert refused.stderr.startswith("monitor: the machine's clock says 1970-01-01T00:0")
    time.sleep(2)
    assert outlet.servers.web.requests == []
    assert outlet.mails == []
    told = outlet.run("status", **wall.environment)
    assert told.stdout.startswith("the machine's clock says 1970-01-01 00:0")
    wall.set(0)
    outlet.wait(lambda: len(outlet.mails) == 1, "the mail once the clock is right")
    assert outlet.stop(process) == 0
    assert len(outlet.events("clock_trusted")) == 1
    assert_years_are_true(outlet)


def test_case_38_a_daemon_that_was_stopped_does_what_is_overdue_once(outlet: Site) -> None:
    """Fifteen seconds are seven visits that were due: one is made. A mail that was due goes out, once."""
    outlet.servers.sink.say("DOT", "451 come back later")  # to be tried again in a second
    process = outlet.start()
    outlet.wait(lambda: outlet.events("message_deferred"), "the refusal")
    process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(15)
        outlet.feed("one", rss(["Prisoners left", "Prisoners came home"]))
    finally:
        at = time.monotonic()
        process.send_signal(signal.SIGCONT)
    outlet.wait(lambda: len(outlet.mails) == 2, "both mails")
    outlet.wait(lambda: len(visits(outlet, at)) > 2, "visits as usual")
    came = visits(outlet, at)
    for first, second in pairwise(came):
        assert second - first > CATCHING_UP, came
    assert outlet.stop(process) == 0
    assert len({mail.raw for mail in outlet.mails}) == 2
    assert outlet.rows("select state, attempts from messages order by id") == [("sent", 2), ("sent", 1)]
    assert not outlet.events("tick_crashed")
    assert not outlet.events("leases_released")
