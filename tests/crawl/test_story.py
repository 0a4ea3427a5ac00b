"""Whole installations whose outlets keep the best for their pages: what a person gets by mail, and when."""

from __future__ import annotations

import json
import signal
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

import psutil
import pytest

from tests.rigs.crawl import children, page
from tests.rigs.site import Site
from tests.rigs.web import Answer, ok

pytestmark = pytest.mark.slow

PASSAGE = "crossed the bridge"  # stands on pages alone
BUSY = ok(status="503 Busy")
NAMES = ("first", "second", "third")


def feed(site: Site, *items: tuple[str, str]) -> None:
    """Serve a feed of titles and paths of pages; there is no text in it."""
    date = format_datetime(datetime.now(UTC))
    entries = "".join(
        f"<item><title>{escape(title)}</title><link>{site.servers.web.url(path)}</link><guid>{path}</guid>"
        f"<description>In short.</description><pubDate>{date}</pubDate></item>"
        for title, path in items
    )
    site.feed("one", f'<rss version="2.0"><channel><title>One</title>{entries}</channel></rss>'.encode())


@pytest.fixture
def outlet(site: Site) -> Site:
    """Give an installation that reads pages, with short times."""
    site.full_text = "auto"
    site.limits = ", page_retry: [1s, 1s, 1s]"
    site.alerts = "group_interval: 0s, wait_for_text: 40s"
    return site


def read(site: Site) -> list[str]:
    """The states of all texts."""
    return (
        [row[0] for row in site.rows("select text_state from articles order by id")] if site.database.exists() else []
    )


def told(site: Site, path: str) -> int:
    """In how many mails an article's link stands."""
    return sum(site.servers.web.url(path) in body(site, number) for number in range(len(site.mails)))


def body(site: Site, number: int = 0) -> str:
    return site.mails[number].raw.replace(b"=\r\n", b"").decode()


def test_a_page_that_is_busy_for_a_while_is_read_later_and_its_first_alert_comes_then(outlet: Site) -> None:
    """503 three times, then the page; the keyword stands on the page alone."""
    feed(outlet, ("Talks went on", "/talks"))
    outlet.servers.web.serve("/talks", BUSY, BUSY, BUSY, ok(page("Talks went on")))
    outlet.write()
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the mail")
    assert outlet.servers.web.paths.count("/talks") == 4
    assert outlet.stop(process) == 0
    assert len(outlet.mails) == 1
    assert PASSAGE in body(outlet)
    assert outlet.rows("select text_state, text_attempts, text_error from articles") == [("complete", 4, None)]
    assert outlet.rows("select rules, state from v_alerts") == [('["prisoners"]', "sent")]
    assert [event["error"].split(":")[0] for event in outlet.events("page_failed")] == ["http_503"] * 3


def test_an_alert_waits_for_the_text_and_the_one_mail_shows_its_passage(outlet: Site) -> None:
    """The title matches at once; two busy answers lie within `wait_for_text` of 40 s."""
    feed(outlet, ("Prisoners came home", "/home"))
    outlet.servers.web.serve("/home", BUSY, BUSY, ok(page("Prisoners came home", words="prisoners under a ceasefire")))
    outlet.write()
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the mail")
    assert outlet.stop(process) == 0
    assert len(outlet.mails) == 1
    assert PASSAGE in body(outlet)
    assert outlet.rows("select rules from v_alerts") == [('["prisoners", "ceasefire"]',)]


def test_a_text_that_comes_too_late_is_stored_and_is_no_second_mail(outlet: Site) -> None:
    """The next try lies beyond `wait_for_text`, so the mail goes with what is known; the page adds a rule to nobody."""
    outlet.alerts = "group_interval: 0s, wait_for_text: 2s"
    outlet.limits = ", page_retry: [5s, 5s]"
    feed(outlet, ("Prisoners came home", "/home"))
    outlet.servers.web.serve("/home", BUSY, ok(page("Prisoners came home", words="prisoners under a ceasefire")))
    outlet.write()
    process = outlet.start()
    outlet.wait(lambda: outlet.mails, "the mail")
    assert PASSAGE not in body(outlet)
    outlet.wait(lambda: read(outlet) == ["complete"], "the text")
    visits = outlet.rows("select count(*) from visits")[0][0]
    outlet.wait(lambda: outlet.rows("select count(*) from visits")[0][0] > visits + 1, "two more visits")
    assert outlet.stop(process) == 0
    assert len(outlet.mails) == 1
    assert outlet.rows("select count(*) from v_alerts") == [(1,)]
    assert PASSAGE in outlet.rows("select text from articles")[0][0]


def test_a_page_that_fails_for_good_is_shown_and_is_read_once_it_is_wanted_again(outlet: Site) -> None:
    """404 at each of the plan's tries; `sources unread --again`, and its first alert comes."""
    outlet.limits = ", page_retry: [1s]"
    feed(outlet, ("Talks went on", "/talks"))
    outlet.write()
    process = outlet.start()
    outlet.wait(lambda: read(outlet) == ["failed"], "the last try")
    (shown,) = json.loads("[" + ",".join(outlet.run("sources", "unread", "--json").stdout.splitlines()) + "]")
    assert (shown["state"], shown["attempts"], shown["title"]) == ("failed", 2, "Talks went on")
    assert shown["url"] == outlet.servers.web.url("/talks")
    assert shown["error"].startswith("http_404")
    assert "0 to be read, 1 failed" in outlet.run("status").stdout
    assert json.loads(outlet.run("status", "--json").stdout)["pages"] == {"failed": 1}
    outlet.servers.web.serve("/talks", ok(page("Talks went on")))
    assert outlet.run("sources", "unread", "--again").stdout == "1 page wanted once more\n"
    outlet.wait(lambda: outlet.mails, "the mail")
    assert outlet.run("sources", "unread", "--json").stdout.strip() == ""
    assert outlet.stop(process) == 0
    assert PASSAGE in body(outlet)
    assert len(outlet.mails) == 1


def test_an_outlet_without_a_feed_alerts_and_its_robots_txt_is_asked_for_once(outlet: Site) -> None:
    """A listing and a sitemap by `collect`, three times: what is known of the host is in its row (case 99)."""
    web = outlet.servers.web
    web.serve("/robots.txt", ok(b"User-agent: *\nDisallow: /news/82003\n"))
    web.serve("/list", ok(page("Home", words="readers", more='<a href="/news/81001">A long headline of the day</a>')))
    locations = "".join(f"<url><loc>{web.url(path)}</loc></url>" for path in ("/news/82002", "/news/82003"))
    web.serve("/map", ok(f"<urlset>{locations}</urlset>".encode()))
    for number in (81001, 82002, 82003):
        web.serve(f"/news/{number}", ok(page(f"The story of {number}")))
    rest = "language: en, every: 1s, first_visit: alert"
    outlet.sources = [
        f'name: list, outlet: List, listing: "{web.url("/list")}", {rest}',
        f'name: map, outlet: Map, sitemap: "{web.url("/map")}", {rest}',
    ]
    outlet.write()
    for _ in range(3):
        done = outlet.run("collect")
        assert done.returncode == 0, done.stdout + done.stderr
    assert outlet.rows("select title, text_state from articles where text_state = 'complete' order by title") == [
        ("The story of 81001", "complete"),
        ("The story of 82002", "complete"),
    ]
    assert outlet.rows("select url, text_error from articles where text_error like 'robots_disallowed%'")[0][
        0
    ] == web.url("/news/82003")
    assert web.paths.count("/robots.txt") == 1
    assert "/news/82003" not in web.paths
    assert web.paths.count("/news/81001") == 1
    assert {number: told(outlet, f"/news/{number}") for number in (81001, 82002, 82003)} == {
        81001: 1,
        82002: 1,
        82003: 0,
    }
    assert outlet.rows("select count(*) from v_alerts where state = 'sent'") == [(2,)]


def test_case_88_a_host_that_asked_to_be_left_alone_is_not_asked_after_a_restart(outlet: Site) -> None:
    """429 with Retry-After for one page: the other waits with it, and so does the feed; none of it is a try (case 88)."""
    web = outlet.servers.web
    feed(outlet, ("Talks went on", "/talks"), ("Talks ended", "/end"))
    for path in ("/talks", "/end"):
        web.serve(path, ok(status="429 Too Many", Retry_After="3600"))
    outlet.write()
    assert outlet.run("collect").returncode == 0
    asked = web.paths
    assert asked.count("/talks") + asked.count("/end") == 1
    again = outlet.run("collect")
    assert again.returncode == 1
    assert "host_paused" in again.stdout
    assert web.paths == asked
    assert outlet.rows(f"select count(*) from hosts where host = '{web.place}' and paused_until is not null") == [(1,)]
    tried = outlet.rows("select text_state, text_attempts from articles order by 2")
    assert tried == [("wanted", 0), ("wanted", 1)]
    assert outlet.rows("select state, last_error from v_source_health") == [("well", None)]


def three_pages(site: Site) -> None:
    feed(site, *((f"Talks, the {name} day", f"/{name}") for name in NAMES))
    for name in NAMES:
        site.servers.web.serve(f"/{name}", ok(page(f"Talks, the {name} day")))
    site.write()


def assert_each_told_once(site: Site) -> None:
    assert site.rows("select count(*), count(distinct article_id) from v_alerts where state = 'sent'") == [(3, 3)]
    assert [told(site, f"/{name}") for name in NAMES] == [1, 1, 1]


@pytest.mark.parametrize(
    "place",
    [
        "before_page_commit",
        "between_page_and_alert",
        "between_page_and_alert:2",
        "after_page_commit",
        "after_page_commit:3",
    ],
)
def test_case_3_a_kill_while_pages_are_read_loses_nothing_and_tells_nothing_twice(place: str, outlet: Site) -> None:
    """Three pages that match; SIGKILL at a page's commit: pages, text and alert are there, or wanted still (case 3)."""
    three_pages(outlet)
    first = outlet.start(FAIL=place)
    assert first.wait(60) == -signal.SIGKILL, outlet.log()
    complete = read(outlet).count("complete")
    alerts = outlet.rows("select count(*) from alerts")[0][0]
    assert complete == alerts  # a text and its alert are one
    second = outlet.start()
    outlet.wait(lambda: read(outlet).count("complete") == 3, "all texts")
    outlet.wait(lambda: outlet.rows("select count(*) from v_alerts where state = 'sent'") == [(3,)], "all mails")
    assert outlet.stop(second) == 0
    assert_each_told_once(outlet)


def test_a_kill_in_the_middle_of_a_page_leaves_no_orphan_and_the_page_is_read_by_the_next_daemon(outlet: Site) -> None:
    """What the dead daemon held is free at once: no lease is waited for, no try is counted."""
    three_pages(outlet)
    outlet.servers.web.serve("/second", Answer(b"", hang=True), ok(page("Talks, the second day")))
    first = outlet.start()
    outlet.wait(lambda: "/second" in outlet.servers.web.paths, "the request")
    family = children(psutil.Process(first.pid))
    family += [worker for child in family for worker in child.children(recursive=True)]
    assert family
    first.kill()
    first.wait(60)
    assert not psutil.wait_procs(family, timeout=20)[1]
    second = outlet.start()
    outlet.wait(lambda: read(outlet).count("complete") == 3, "all texts")
    outlet.wait(lambda: outlet.rows("select count(*) from v_alerts where state = 'sent'") == [(3,)], "all mails")
    assert outlet.stop(second) == 0
    assert_each_told_once(outlet)
    assert outlet.rows("select distinct text_attempts from articles") == [(1,)]


def test_case_75_the_daemon_ends_at_once_while_a_page_is_read(outlet: Site) -> None:
    """SIGTERM: no child is left, and the page stays wanted without a try counted (case 75)."""
    feed(outlet, ("Talks went on", "/talks"))
    outlet.servers.web.serve("/talks", Answer(b"", hang=True))
    outlet.write()
    process = outlet.start()
    outlet.wait(lambda: "/talks" in outlet.servers.web.paths, "the request")
    family = children(psutil.Process(process.pid))
    assert outlet.stop(process) == 0
    assert not psutil.wait_procs(family, timeout=20)[1]
    assert outlet.rows("select text_state, text_attempts, text_lease_owner from articles") == [("wanted", 0, None)]
