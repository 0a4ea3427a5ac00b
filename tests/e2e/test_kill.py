"""SIGKILL at named places: nothing is lost, a repeated mail is the same to the byte (cases 2-4; under load: test_siege.py)."""

from __future__ import annotations

import hashlib
import signal
from collections import defaultdict

import pytest

from tests.rigs.site import Site, rss
from tests.rigs.smtp import HANG

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

TITLES = ["Prisoners came home", "A ceasefire holds", "Apples are cheap", "Prisoners wait for a ceasefire"]
ALERTS = 3  # each article that matches is one alert for one recipient, however many rules name it


def told(site: Site) -> dict[str, set[str]]:
    """Give the Message-IDs under which each article's link was received."""
    ids: dict[str, set[str]] = defaultdict(set)
    for mail in site.mails:
        head, _, body = mail.raw.partition(b"\r\n\r\n")
        name = next(line for line in head.decode().split("\r\n") if line.startswith("Message-ID:"))
        for _number, title in enumerate(TITLES):
            if f"https://one.example/{title.replace(' ', '-')}\r\n".encode() in body.replace(b"=\r\n", b""):
                ids[title].add(name)
    return ids


def settled(site: Site) -> bool:
    """Tell whether everything is stored and nothing waits."""
    if not site.database.exists():
        return False
    ((articles, alerts, open_),) = site.rows(
        "select (select count(*) from articles), (select count(*) from alerts),"
        " (select count(*) from v_alerts where state <> 'sent')"
    )
    return (articles, alerts, open_) == (len(TITLES), ALERTS, 0)


def assert_nothing_lost_or_doubled(site: Site, *, repeats: int) -> None:
    found = told(site)
    assert set(found) == {title for title in TITLES if "Apples" not in title}
    assert all(len(ids) == 1 for ids in found.values()), found
    copies: dict[str, set[str]] = defaultdict(set)
    for mail in site.mails:
        name = mail.raw.partition(b"Message-ID:")[2].partition(b"\r\n")[0].decode()
        copies[name].add(hashlib.sha256(mail.raw).hexdigest())
    assert all(len(digests) == 1 for digests in copies.values())
    assert len(site.mails) - len(copies) <= repeats


def kill_then_finish(site: Site, fail: str) -> None:
    first = site.start(FAIL=fail)
    assert first.wait(60) == -signal.SIGKILL, site.log()
    second = site.start()
    site.wait(lambda: settled(site), "the end of the work")
    assert site.stop(second) == 0


@pytest.fixture
def outlet(site: Site) -> Site:
    site.feed("one", rss(TITLES), ETag='"1"')
    site.write()
    return site


@pytest.mark.parametrize(
    "place",
    [
        "before_commit",
        "between_article_and_alert",
        "between_article_and_alert:3",
        "after_commit",
        "before_form",
        "after_form",
        "before_claim",
        "after_claim",
        "after_mail",
        "after_rcpt",
        "after_settle",
    ],
)
def test_case_3_a_kill_before_the_server_took_a_mail_repeats_none(place: str, outlet: Site) -> None:
    kill_then_finish(outlet, place)
    assert_nothing_lost_or_doubled(outlet, repeats=0)
    assert len(outlet.mails) == 2


@pytest.mark.parametrize("place", ["after_250", "before_settle"])
def test_case_2_a_kill_after_the_servers_250_sends_one_more_copy_of_the_same_bytes(place: str, outlet: Site) -> None:
    kill_then_finish(outlet, place)
    assert_nothing_lost_or_doubled(outlet, repeats=1)
    assert len(outlet.mails) == 3


def test_case_3_a_kill_in_the_middle_of_data_sends_the_same_bytes_again(outlet: Site) -> None:
    """The server has the whole message and never answers the dot: nobody can know what became of it."""
    outlet.servers.sink.say("DOT", HANG)
    first = outlet.start()
    outlet.wait(lambda: outlet.mails, "the first message")
    first.kill()
    first.wait(60)
    second = outlet.start()
    outlet.wait(lambda: settled(outlet), "the end of the work")
    assert outlet.stop(second) == 0
    assert_nothing_lost_or_doubled(outlet, repeats=1)
    assert len(outlet.mails) == 3


def test_case_4_a_kill_between_article_and_alert_leaves_neither(outlet: Site) -> None:
    first = outlet.start(FAIL="between_article_and_alert")
    assert first.wait(60) == -signal.SIGKILL
    assert outlet.rows("select (select count(*) from articles), (select count(*) from alerts)") == [(0, 0)]


def test_case_20_validators_of_a_visit_that_was_not_stored_are_not_used(outlet: Site) -> None:
    kill_then_finish(outlet, "before_commit")
    asked = [request.decode() for request in outlet.servers.web.requests]
    assert "If-None-Match" not in asked[0]
    assert "If-None-Match" not in asked[1]
    assert 'If-None-Match: "1"' in asked[2]
