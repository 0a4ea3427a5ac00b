"""Sources as they behave over days: when they are asked, what is remembered, what the operator hears."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.collect.http import Response
from monitor.model import Robots, Validators
from monitor.polling.trouble import Ailment, ailment, trouble
from monitor.store import current_owner, open_store
from monitor.text import minute
from tests.factories import source
from tests.rigs.outlets import ZONE, Outlets, Request, Script, answer, feed

URL = "https://one.example/feed"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database of which nothing is known but its schema."""
    path = tmp_path_factory.mktemp("empty") / "monitor.db"
    open_store(path, current_owner()).close()
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, empty: bytes) -> Path:
    (tmp_path / "monitor.db").write_bytes(empty)
    return tmp_path


@pytest.fixture
def outlets(folder: Path) -> Iterator[Outlets]:
    made = Outlets(folder, source(every=2 * HOUR))
    yield made
    made.close()


def revalidated(etag: str = '"1"', body: bytes | None = None, **headers: str) -> Script:
    """A server that answers 304 whatever is asked, once it has given the feed."""
    given: list[bool] = []

    def script(request: Request) -> Response:
        if given or not request.whole:
            given.append(True)
            return answer(304, ETag=etag, **headers)(request)
        given.append(True)
        return answer(200, body or feed("1"), ETag=etag)(request)

    return script


async def test_case_87_a_server_stuck_on_304_is_asked_for_everything_once_a_week(outlets: Outlets) -> None:
    outlets.web[URL] = revalidated()
    await outlets.live(days=30)
    whole = [request.at for request in outlets.requests if request.whole]
    assert 2 <= len(whole) <= 5
    assert min(after - before for before, after in pairwise(whole)) >= timedelta(days=7)
    assert len(outlets.requests) > 250


async def test_case_87_a_week_old_whole_visit_that_fails_is_no_reason_for_more_of_them(outlets: Outlets) -> None:
    outlets.web[URL] = lambda request: (
        answer(200, feed("1"), ETag='"1"')(request) if not asked else answer(503 if request.whole else 304)(request)
    )
    asked: list[bool] = []
    await outlets.live(hours=1)
    asked.append(True)
    await outlets.live(days=20)
    assert len([request for request in outlets.requests if request.whole]) == 3


async def test_case_87_an_edited_address_is_asked_for_everything(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1"), ETag='"1"')
    await outlets.live(hours=1)
    assert outlets.state().validators.etag == b'"1"'
    there = "https://one.example/new"
    outlets.web[there] = answer(200, feed("1"), ETag='"1"')
    outlets.restart(source(every=2 * HOUR, url=there))
    outlets.requests.clear()
    await outlets.live(hours=9)
    assert {request.url for request in outlets.requests} == {there}
    assert [request.whole for request in outlets.requests[:3]] == [True, False, False]
    assert outlets.rows("SELECT url, became, reason FROM addresses") == [(URL, there, "edited")]
    assert outlets.rows("SELECT count(*) FROM articles") == [(1,)]


async def test_case_87_what_an_older_parser_has_read_is_read_once_more(outlets: Outlets) -> None:
    """The same body is parsed again, too: its hash was that of another reading (case 87)."""
    outlets.web[URL] = answer(200, feed("1"), ETag='"1"')
    await outlets.live(hours=1)
    assert outlets.parser.parsed == 1
    outlets.write("UPDATE source_state SET parser = 'older'")
    outlets.requests.clear()
    outlets.restart()
    await outlets.live(hours=9)
    assert [request.whole for request in outlets.requests[:3]] == [True, False, False]
    assert outlets.parser.parsed == 1


@pytest.mark.parametrize(
    ("answers", "etag", "modified"),
    [
        ([("a", "1"), ("b", "1")], b"b", b"1"),
        ([("a", "1"), ("a", "2")], b"a", b"2"),
        ([("a", "1"), ("a", None)], b"a", None),
        ([("a", "1"), (None, "1")], None, b"1"),
        ([("a", "1"), (None, None)], None, None),
        ([("a", None), (None, "1")], None, b"1"),
        ([(None, "1"), ("a", None)], b"a", None),
        ([(None, None), ("a", "1")], b"a", b"1"),
        ([("a", "1"), (None, None), ("a", "1")], b"a", b"1"),
    ],
)
async def test_case_84_each_validator_is_kept_as_the_last_whole_answer_gave_it(
    outlets: Outlets, answers: list[tuple[str | None, str | None]], etag: bytes | None, modified: bytes | None
) -> None:
    """Whether the body changed with it or not, and what is kept is what is sent (case 84)."""
    for number, (first, second) in enumerate(answers):
        headers = {"ETag": first, "Last_Modified": second}
        given = {name: value for name, value in headers.items() if value is not None}
        outlets.web[URL] = answer(200, feed(str(number // 2)), **given)
        await visit_once(outlets)
    assert outlets.state().validators == Validators(etag=etag, last_modified=modified)
    await visit_once(outlets)
    sent = outlets.requests[-1].headers
    told = (sent.get("If-None-Match"), sent.get("If-Modified-Since"))
    assert told == (etag.decode() if etag else None, modified.decode() if modified else None)


async def visit_once(outlets: Outlets) -> None:
    """Let time pass until the source is asked once more, however long its server wants that to be."""
    before = len(outlets.requests)
    while len(outlets.requests) == before:
        await outlets.live(minutes=1)


async def test_case_86_a_304_that_names_another_etag_replaces_it_and_one_that_names_none_keeps_it(
    outlets: Outlets,
) -> None:
    outlets.web[URL] = answer(200, feed("1"), ETag='"1"', Last_Modified="yesterday")
    await visit_once(outlets)
    outlets.web[URL] = answer(304, ETag='"2"')
    await visit_once(outlets)
    assert outlets.state().validators == Validators(etag=b'"2"', last_modified=b"yesterday")
    outlets.web[URL] = answer(304)
    await visit_once(outlets)
    assert outlets.state().validators == Validators(etag=b'"2"', last_modified=b"yesterday")


async def test_case_86_wishes_of_a_304_hold_and_are_kept_by_one_that_names_none(outlets: Outlets) -> None:
    """Hints that stand in a feed hold on, too, for it is the same feed (cases 86 and 91)."""
    outlets.web[URL] = answer(200, feed("1", head="<ttl>300</ttl>"), ETag='"1"', Cache_Control="max-age=14400")
    await visit_once(outlets)
    assert 5 * HOUR <= outlets.state().due_at - outlets.requests[-1].at < 6 * HOUR
    for headers, least in (
        ({"Cache_Control": "max-age=36000"}, 10 * HOUR),
        ({}, 10 * HOUR),
        ({"Cache_Control": "no-cache"}, 5 * HOUR),
        ({}, 5 * HOUR),
    ):
        outlets.web[URL] = answer(304, **headers)
        await visit_once(outlets)
        assert least <= outlets.state().due_at - outlets.requests[-1].at < least * 1.2


@pytest.mark.parametrize(
    "row",
    [
        ("120", None, 15, 17),
        ("7200", None, 120, 121),
        ("Tue, 24 Nov 2026 18:00:00 GMT", "Tue, 24 Nov 2026 15:00:00 GMT", 180, 181),  # its clock is three hours ahead
        ("Tue, 24 Nov 2026 11:00:00 GMT", None, 54, 66),  # past
        ("-5", None, 54, 66),
        ("1e3", None, 54, 66),
        ("9" * 20, None, 24 * 60, 24 * 60 + 1),
        ("9" * 5000, None, 24 * 60, 24 * 60 + 1),
        ("٣٠", None, 54, 66),
        ("soon", None, 54, 66),
        ("", None, 54, 66),
        (None, None, 54, 66),
        ("0", None, 13, 17),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_case_88_a_busy_server_is_not_asked_before_its_time_also_after_a_restart(
    folder: Path, status: int, row: tuple[str | None, str | None, int, int]
) -> None:
    value, date, least, most = row
    outlets = Outlets(folder, source(every=HOUR / 4))
    headers = {"Retry_After": value, "Date": date}
    given = {name: told.encode().decode("latin-1") for name, told in headers.items() if told is not None}
    outlets.web[URL] = answer(status, **given)
    await visit_once(outlets)
    outlets.restart()
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(minutes=max(least - 2, 0))
    assert len(outlets.requests) == 1
    await outlets.live(minutes=most - least + 3)
    assert len(outlets.requests) >= 2
    outlets.close()


async def test_case_88_a_server_that_is_busy_for_long_is_asked_less_and_less_up_to_once_a_day(folder: Path) -> None:
    outlets = Outlets(folder, source(every=HOUR / 4))
    outlets.web[URL] = answer(429)
    await outlets.live(days=9)
    at = [request.at for request in outlets.requests]
    waits = [(after - before) / HOUR for before, after in pairwise(at)]
    assert [round(wait) for wait in waits[:3]] == [1, 2, 4]
    assert all(21 <= wait <= 24.01 for wait in waits[5:])
    assert len({round(wait, 2) for wait in waits[:5]} - {1, 2, 4, 8, 16}) >= 3  # with jitter
    outlets.close()


def cloud(folder: Path, *hosts: str) -> Outlets:
    """Sources on these hosts, each asked every quarter of an hour."""
    return Outlets(
        folder, *(source(host.partition(".")[0], url=f"https://{host}/feed", every=HOUR / 4) for host in hosts)
    )


@pytest.mark.parametrize(("value", "least"), [(None, 1), ("7200", 2)])
async def test_case_89_two_hosts_of_a_domain_that_are_busy_pause_all_of_it(
    folder: Path, value: str | None, least: int
) -> None:
    """No request to any of its hosts for as long, a restart in between; another domain is not touched (case 89)."""
    outlets = cloud(folder, "one.tumblr.example.co.uk", "two.tumblr.example.co.uk", "three.example.co.uk", "four.co.uk")
    busy = answer(429, **({"Retry_After": value} if value else {}))
    outlets.web |= {"*": answer(200, feed("1")), "https://one.tumblr.example.co.uk/feed": busy}
    outlets.web["https://two.tumblr.example.co.uk/feed"] = busy
    while len(outlets.asked("https://one.")) + len(outlets.asked("https://two.")) < 2:
        await outlets.live(minutes=1)
    begin = len(outlets.requests)
    outlets.restart()
    await outlets.live(hours=least - 0.05)
    assert {request.url for request in outlets.requests[begin:]} == {"https://four.co.uk/feed"}
    assert len(outlets.requests) - begin >= 3
    outlets.web["*"] = answer(200, feed("1"))
    await outlets.live(hours=0.5)
    assert "https://three.example.co.uk/feed" in {request.url for request in outlets.requests[begin:]}
    outlets.close()


async def test_case_89_one_bad_route_of_a_host_pauses_that_feed_alone(folder: Path) -> None:
    """Nor do two names of one host, or two hosts that are busy at different times, speak for a domain (case 89)."""
    outlets = cloud(folder, "one.rss.example.com", "www.one.rss.example.com", "two.rss.example.com")
    outlets.web["*"] = answer(200, feed("1"))
    outlets.web["https://one.rss.example.com/feed"] = outlets.web["https://www.one.rss.example.com/feed"] = answer(429)
    await outlets.live(minutes=40)
    outlets.requests.clear()
    outlets.web["https://one.rss.example.com/feed"] = outlets.web["https://www.one.rss.example.com/feed"] = answer(304)
    await outlets.live(minutes=15)
    outlets.web["https://two.rss.example.com/feed"] = answer(429)
    await outlets.live(hours=3)
    assert outlets.rows("SELECT * FROM hosts WHERE host LIKE '*%'") == []
    assert len(outlets.asked("https://one.")) + len(outlets.asked("https://www.")) >= 8
    outlets.close()


FORBIDS = b"User-agent: *\nDisallow: /feed\nCrawl-delay: 7"
ROBOTS = "https://one.example/robots.txt"


async def test_case_99_a_feed_that_a_person_typed_in_is_read_whatever_robots_txt_says(outlets: Outlets) -> None:
    outlets.web |= {URL: answer(200, feed("1")), ROBOTS: answer(200, FORBIDS)}
    await outlets.live(hours=1)
    assert {request.url for request in outlets.requests} == {URL}


async def test_case_99_a_feed_that_is_to_obey_robots_txt_does(folder: Path) -> None:
    """Its error says what would read it all the same; the file is asked for once a day, a restart in between (case 99)."""
    outlets = Outlets(folder, source(every=2 * HOUR, robots=Robots.OBEY))
    outlets.web |= {URL: answer(200, feed("1")), ROBOTS: answer(200, FORBIDS)}
    await outlets.live(hours=10)
    outlets.restart()
    await outlets.live(hours=10)
    assert [request.url for request in outlets.requests] == [ROBOTS]
    error = outlets.state().last_error or ""
    assert error.startswith("robots_disallowed: https://one.example/robots.txt forbids https://one.example/feed")
    assert "`robots: pages`" in error
    outlets.web[ROBOTS] = answer(404)
    await outlets.live(hours=40)
    assert outlets.rows("SELECT count(*) FROM articles") == [(1,)]
    outlets.close()


async def test_case_99_the_gap_of_a_robots_txt_lies_between_requests_for_a_feed_that_obeys(folder: Path) -> None:
    outlets = Outlets(folder, source(every=2 * HOUR, robots=Robots.OBEY))
    outlets.web |= {URL: moved(302), NEW: answer(200, feed("1")), ROBOTS: answer(200, b"User-agent: *\nCrawl-delay: 7")}
    outlets.web["https://new.example/robots.txt"] = answer(200, b"User-agent: *\nCrawl-delay: 1e308")
    await outlets.live(hours=1)
    # Every name here is one server's: after each request, the next waits for what its own host wants.
    at = {request.url: request.at for request in outlets.requests[:4]}
    assert list(at) == [ROBOTS, URL, "https://new.example/robots.txt", NEW]
    assert timedelta(seconds=7) <= at["https://new.example/robots.txt"] - at[URL]
    outlets.close()


@pytest.mark.parametrize("robots", [answer(503), answer(429)])
async def test_case_99_a_feed_that_obeys_is_not_asked_for_while_robots_txt_cannot_be_had(
    folder: Path, robots: Script
) -> None:
    outlets = Outlets(folder, source(every=HOUR / 4, robots=Robots.OBEY))
    outlets.web |= {URL: answer(200, feed("1")), ROBOTS: robots}
    await outlets.live(hours=6)
    assert outlets.asked(URL) == []
    at = [request.at for request in outlets.requests]
    assert all(after - before >= HOUR / 2 for before, after in pairwise(at))
    outlets.web[ROBOTS] = answer(200)
    await outlets.live(hours=12)
    assert outlets.state().failures == 0
    outlets.close()


NEW = "https://new.example/feed"


def moved(status: int = 301, to: str = NEW) -> Script:
    return answer(status, Location=to)


async def test_case_94_a_permanent_move_is_kept_once_it_was_seen_three_times_over_a_day(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1", "2"), ETag='"1"')
    await outlets.live(hours=6)
    outlets.web |= {URL: moved(), NEW: answer(200, feed("2", "3"), ETag='"9"')}
    seen = outlets.clock.now()
    await outlets.live(days=3)
    last = outlets.asked(URL)[-1].at
    assert DAY <= last - seen < DAY + 5 * HOUR
    assert outlets.state().address == NEW
    there = [request for request in outlets.asked(NEW) if request.at > last]
    assert there[0].whole or there[1].whole  # what the old address gave is not sent to the new one
    assert not there[-1].whole
    assert outlets.rows("SELECT source, url, became, reason FROM addresses") == [("one", URL, NEW, "moved")]
    assert outlets.log.named("source_moved") == [{"source": "one", "before": URL, "address": NEW}]
    assert outlets.rows("SELECT url FROM sources") == [(URL,)]  # the configuration is the user's


async def test_case_94_a_move_survives_a_restart_and_an_edited_address_wins(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web |= {URL: moved(308), NEW: answer(200, feed("1"))}
    await outlets.live(days=2)
    outlets.requests.clear()
    outlets.restart()
    await outlets.live(hours=6)
    assert {request.url for request in outlets.requests} == {NEW}
    third = "https://third.example/feed"
    outlets.web[third] = answer(200, feed("1"))
    outlets.requests.clear()
    outlets.restart(source(every=2 * HOUR, url=third))
    await outlets.live(hours=6)
    assert {request.url for request in outlets.requests} == {third}
    assert outlets.state().address is None


@pytest.mark.parametrize(
    ("there", "status"),
    [
        (answer(200, feed("1")), 302),
        (answer(200, feed("1")), 303),
        (answer(200, feed("1")), 307),
        (answer(200, b"<html><title>Hotel</title><form>Room number</form></html>"), 301),
        (answer(200, feed("portal-1", "portal-2")), 301),  # a feed, but another one
        (answer(200, b""), 301),
        (answer(410), 301),
        (answer(404), 308),
        (answer(503), 301),
    ],
)
async def test_case_94_no_other_redirect_is_kept(outlets: Outlets, there: Script, status: int) -> None:
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web |= {URL: moved(status), NEW: there}
    await outlets.live(days=20)
    assert len(outlets.asked(NEW)) >= 10
    assert outlets.state().address is None
    assert len(outlets.asked(URL)) == len(outlets.asked(NEW)) + 2 or len(outlets.asked(URL)) > len(outlets.asked(NEW))
    assert outlets.rows("SELECT * FROM addresses") == []


async def test_case_94_a_move_that_is_taken_back_in_between_is_none(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    for _ in range(4):
        outlets.web |= {URL: moved(), NEW: answer(200, feed("1"))}
        await outlets.live(hours=20)
        outlets.web[URL] = answer(200, feed("1"))
        await outlets.live(hours=5)
    assert outlets.state().address is None
    assert outlets.state().move is None


async def test_case_94_one_chain_of_permanent_and_other_redirects_is_no_move(outlets: Outlets) -> None:
    middle = "https://middle.example/feed"
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web |= {URL: moved(301, middle), middle: moved(302), NEW: answer(200, feed("1"))}
    await outlets.live(days=4)
    assert outlets.state().address is None


async def test_a_feed_whose_new_address_fails_is_asked_for_at_its_own_again(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web |= {URL: moved(), NEW: answer(200, feed("1"))}
    await outlets.live(days=2)
    outlets.web |= {URL: answer(200, feed("1", "2")), NEW: answer(404)}
    await outlets.live(days=3)
    assert outlets.requests[-1].url == URL
    assert outlets.state().failures == 0
    assert outlets.rows("SELECT count(*) FROM articles") == [(2,)]


async def test_case_95_a_feed_that_is_gone_is_told_once_after_two_410_an_hour_apart(outlets: Outlets) -> None:
    """And asked once a day from then on (case 95)."""
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web[URL] = answer(410)
    begin = len(outlets.requests)
    await outlets.live(days=30)
    at = [request.at for request in outlets.requests[begin:]]
    assert HOUR <= at[1] - at[0] < 3 * HOUR
    assert all(after - before > 21 * HOUR for before, after in pairwise(at[1:]))
    assert 28 <= len(at) <= 35
    assert outlets.subjects() == [f"News monitor: one (One) is gone since {minute(at[0], ZONE)}"]


async def test_case_95_two_410_within_an_hour_are_not_believed_yet(folder: Path) -> None:
    outlets = Outlets(folder, source(every=HOUR / 6))
    outlets.web[URL] = answer(410)
    await outlets.live(minutes=55)
    assert len(outlets.requests) > 1
    assert outlets.subjects() == []
    outlets.close()


async def test_case_95_thirty_days_of_404_are_asked_once_a_day_and_told_once(outlets: Outlets) -> None:
    outlets.web[URL] = answer(404)
    await outlets.live(days=40)
    assert 38 <= len(outlets.requests) <= 50
    assert len(outlets.subjects()) == 1
    assert ailment(outlets.state()) is Ailment.GONE


async def test_a_feed_that_has_become_a_page_is_told_as_such_and_what_to_do(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web[URL] = answer(200, b"<!doctype html><title>Our new site</title>", Content_Type="text/html")
    await outlets.live(days=2)
    (subject,) = outlets.subjects()
    assert subject.startswith("News monitor: one (One) shows no articles any more since 2026-")
    found = trouble(source("one"), outlets.state(), zone=ZONE)
    assert found is not None
    assert "look at it in a browser; `monitor sources add` finds" in found.text
    outlets.web[URL] = answer(200, feed("1", "2"))
    await outlets.live(days=2)
    assert outlets.subjects()[1:] == ["News monitor: one (One) can be read again"]


@pytest.mark.parametrize("status", [401, 403])
async def test_case_95_a_refusal_is_told_once_and_asked_about_once_a_day(outlets: Outlets, status: int) -> None:
    outlets.web[URL] = answer(status)
    await outlets.live(days=10)
    at = [request.at for request in outlets.requests]
    assert all(after - before > 21 * HOUR for before, after in pairwise(at[5:]))
    assert outlets.subjects() == [f"News monitor: one (One) is refused to us since {minute(at[0], ZONE)}"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content_Type": "application/rss+xml"}, b"<!doctype html><html><title>500</title><body>Error</body></html>"),
        ({"Content_Type": "text/html"}, b"<html><head><title>Log in to Hotel WLAN</title></head><form></form></html>"),
        ({"Content_Type": "application/rss+xml"}, b""),
        ({"Content_Type": "application/rss+xml"}, b"  \n"),
        ({"Content_Type": "application/json"}, b'{"error": "internal"}'),
        ({"Content_Type": "application/json"}, b"[1, 2]"),
        ({"Content_Type": "application/pdf"}, b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj"),
        ({"Content_Type": "text/plain"}, b"Too many connections"),
    ],
)
async def test_case_96_what_is_no_feed_is_an_error_and_nothing_of_it_is_remembered(
    outlets: Outlets, headers: dict[str, str], body: bytes
) -> None:
    outlets.web[URL] = answer(200, feed("1", "2"), ETag='"1"')
    await visit_once(outlets)
    before = outlets.state()
    outlets.web[URL] = answer(200, body, ETag='"error"', Last_Modified="now", **headers)
    await visit_once(outlets)
    state = outlets.state()
    assert (state.last_error or "").startswith("not_a_feed")
    assert (state.validators, state.body_hash) == (before.validators, before.body_hash)
    assert outlets.rows("SELECT count(*) FROM articles") == [(2,)]
    outlets.web[URL] = answer(200, feed("1", "2", "3"))
    await visit_once(outlets)
    assert (outlets.state().failures, outlets.rows("SELECT count(*) FROM articles")) == (0, [(3,)])


async def test_case_97_two_failures_are_nobodys_concern(outlets: Outlets) -> None:
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web[URL] = answer(500)
    while outlets.state().failures < 2:
        await outlets.live(minutes=1)
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(days=2)
    assert outlets.subjects() == []


async def test_case_97_a_source_that_fails_for_long_is_told_once_and_once_when_it_works_again(outlets: Outlets) -> None:
    """It is never given up: twenty failures later it is asked all the same, and read as soon as it works (case 97)."""
    outlets.web[URL] = answer(200, feed("1"))
    await outlets.live(hours=3)
    outlets.web[URL] = answer(500)
    while outlets.state().failures < 20:
        await outlets.live(hours=1)
    first = outlets.rows("SELECT min(finished_at) FROM visits WHERE outcome = 'failed'")[0][0]
    assert outlets.subjects() == [
        f"News monitor: one (One) cannot be read since {minute(datetime.fromisoformat(str(first)), ZONE)}"
    ]
    told = outlets.rows("SELECT at FROM events")[0][0]
    assert datetime.fromisoformat(str(told)) - datetime.fromisoformat(str(first)) >= 6 * HOUR
    outlets.restart()
    await outlets.live(hours=1)
    outlets.web[URL] = answer(200, feed("1", "2"))
    await outlets.live(days=2)
    assert outlets.subjects()[1:] == ["News monitor: one (One) can be read again"]
    assert outlets.rows("SELECT count(*) FROM articles") == [(2,)]


async def test_case_97_many_sources_that_fail_together_are_one_mail(folder: Path) -> None:
    outlets = Outlets(folder, *(source(f"s{number}", every=2 * HOUR) for number in range(30)))
    outlets.web["*"] = answer(500)
    await outlets.live(days=1)
    assert outlets.rows("SELECT count(*) FROM events") == [(30,)]
    told = len(outlets.subjects())
    assert told <= 6
    outlets.web["*"] = answer(200, feed("1"))
    await outlets.live(days=2)
    assert outlets.rows("SELECT count(*) FROM events WHERE resolved_at IS NULL") == [(0,)]
    assert len(outlets.subjects()) - told <= 25  # some are asked again only after a day
    outlets.close()


async def test_a_notice_about_a_source_that_was_removed_is_closed_without_a_word(outlets: Outlets) -> None:
    outlets.web["*"] = answer(500)
    await outlets.live(days=1)
    outlets.restart(source("other", every=2 * HOUR))
    await outlets.live(minutes=5)
    assert len(outlets.subjects()) == 1
    assert outlets.rows("SELECT count(*) FROM events WHERE resolved_at IS NULL") == [(0,)]


async def test_case_77_twenty_restarts_in_ten_minutes_ask_no_feed_twice(folder: Path) -> None:
    """When a source is due is a row, not a timer (case 77)."""
    outlets = Outlets(folder, *(source(f"s{number}", every=HOUR / 4, every_given=True) for number in range(6)))
    outlets.web["*"] = answer(200, feed("1"))
    for _ in range(20):
        await outlets.live(seconds=30)
        outlets.restart()
    urls = [request.url for request in outlets.requests]
    assert len(urls) == len(set(urls)) == 6
    outlets.close()
