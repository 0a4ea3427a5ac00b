"""The past of outlets on loopback, read back by the real program: what is stored, what is mailed, what is told."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.rigs.crawl import page
from tests.rigs.site import Site
from tests.rigs.web import Answer, ok

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PASSAGE = "crossed the bridge"  # stands on pages alone
HOUR = timedelta(hours=1)


def path(number: int) -> str:
    return f"/story-about-the-valley-{number}"


def title(number: int) -> str:
    return f"Prisoners of the valley, part {number}"


class Outlet:
    """An outlet that publishes an article an hour; its feed shows the last ten."""

    def __init__(self, site: Site, articles: int) -> None:
        self.site = site
        self.web = site.servers.web
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.articles = list(range(articles))
        for number in self.articles:
            self.web.serve(path(number), ok(page(title(number))))

    def at(self, number: int) -> datetime:
        return self.now - HOUR * number

    def item(self, number: int) -> str:
        return (
            f"<item><title>{title(number)}</title><link>{self.web.url(path(number))}</link><guid>{number}</guid>"
            f"<pubDate>{format_datetime(self.at(number))}</pubDate></item>"
        )

    def feed(self, numbers: Sequence[int], where: str = "/one", more: str = "") -> None:
        items = "".join(self.item(number) for number in numbers)
        body = f'<rss version="2.0"><channel><title>One</title>{more}{items}</channel></rss>'.encode()
        if where == "/one":
            self.site.feed("one", body)
        else:
            self.web.serve(where, ok(body))

    def sitemap(self, numbers: Sequence[int], where: str = "/sitemap.xml") -> None:
        entries = "".join(
            f"<url><loc>{self.web.url(path(number))}</loc><lastmod>{self.at(number).isoformat()}</lastmod>"
            f"<news:news><news:title>{title(number)}</news:title></news:news></url>"
            for number in numbers
        )
        self.web.serve(where, ok(f"<urlset>{entries}</urlset>".encode()))


@pytest.fixture
def outlet(site: Site) -> Outlet:
    """Give an installation that reads pages, and an outlet with forty articles."""
    site.full_text = "auto"
    made = Outlet(site, 40)
    made.feed(range(10))
    site.write()
    return made


def since(outlet: Outlet, hours: float) -> str:
    return f"{outlet.now - HOUR * hours:%Y-%m-%dT%H:%M:%S}"


def test_the_past_comes_from_the_sitemap_once_and_is_told_as_one_summary(outlet: Outlet) -> None:
    """Forty articles in the sitemap, ten of them in the feed: thirty come, with their texts, in one mail."""
    site = outlet.site
    outlet.sitemap(range(60, -1, -1))
    assert site.run("collect").returncode == 0
    before = len(site.mails)
    result = site.run("backfill", "one", "--since", since(outlet, 38.5), "--json")
    told = json.loads(result.stdout)
    assert result.returncode == 0
    assert (told["state"], told["reached"], told["new"]) == ("done", True, 29)
    assert site.rows("select count(*), count(backfill) from articles") == [(39, 29)]
    assert site.rows("select count(*) from v_articles where text like '%crossed the bridge%'") == [(39,)]
    assert len(site.mails) == before + 1
    body = site.mails[-1].raw.replace(b"=\r\n", b"").decode()
    assert all(outlet.web.url(path(number)) in body for number in range(10, 39))
    again = json.loads(site.run("backfill", "one", "--since", since(outlet, 38.5), "--json").stdout)
    assert (again["new"], again["delivered"], len(site.mails)) == (0, 0, before + 1)


def away(site: Site, hours: float) -> None:
    """Let everything that was done until now be so many hours ago."""
    moved = {
        "visits": ("started_at", "finished_at"),
        "source_state": ("first_good_at", "last_visit_at", "last_good_at", "newest_at"),
        "sources": ("added_at",),
    }
    connection = sqlite3.connect(site.database, timeout=10)
    with connection:
        for table, columns in moved.items():
            for column in columns:
                connection.execute(
                    f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-{hours} hours')"
                )
    connection.close()


def test_three_days_offline_lose_nothing(outlet: Outlet) -> None:
    """Case 19: the feed shows ten articles; forty were published meanwhile; the sitemap has them all.

    The ten that the feed shows are told as news, the thirty that had left it as one summary; none is lost or doubled.
    """
    site, web = outlet.site, outlet.web
    site.full_text = "never"  # titles are enough here
    outlet.feed(range(40, 50))
    outlet.sitemap(range(60))
    site.write()
    assert site.run("collect").returncode == 0
    before = len(site.mails)
    away(site, 39.5)
    outlet.feed(range(10))
    process = site.start()
    site.wait(lambda: site.rows("select 1 from backfills"), "the gap")
    site.wait(lambda: site.rows("select 1 from backfills where state != 'open'"), "the end of the walk")
    site.wait(lambda: site.rows("select 1 from backfills where state = 'done'"), "the end of the back-filling")
    site.wait(lambda: site.rows("select 1 from v_alerts where state != 'sent'") == [], "the mails")
    assert site.stop(process) == 0
    assert site.rows("select count(*), count(distinct url), count(backfill) from articles") == [(50, 50, 30)]
    assert site.rows("select reason, state, reached, new, matched from v_backfills") == [("gap", "done", 1, 30, 30)]
    assert site.rows("select count(*), count(distinct article_id) from alerts where kind = 'backfill'") == [(30, 30)]
    bodies = [mail.raw.replace(b"=\r\n", b"").decode() for mail in site.mails[before:]]
    summaries = [body for body in bodies if "found by reading back" in body]
    assert len(summaries) == 1
    for number in range(40):
        link = f'{web.url(path(number))}"'
        assert sum(link in body for body in bodies) == 1, number
        assert (link in summaries[0]) is (number >= 10)
    told = site.run("status").stdout
    assert "back-filling" not in told  # there is nothing left to say
    assert "perhaps missed" not in told


@pytest.mark.parametrize("place", ["before_backfill_commit", "after_backfill_commit"])
def test_killed_half_way_it_goes_on_where_it_was(outlet: Outlet, place: str) -> None:
    """SIGKILL at the second batch of articles; the daemon goes on by itself, and the one summary is whole."""
    site, web = outlet.site, outlet.web
    site.full_text = "never"
    site.write()
    generator = "<generator>https://wordpress.org/?v=6.8</generator>"
    outlet.feed(range(10), more=generator)
    for number in (2, 3, 4):
        outlet.feed(range(number * 10 - 10, number * 10), f"/one?paged={number}", generator)
    assert site.run("collect").returncode == 0
    killed = site.run("backfill", "one", "--since", since(outlet, 23.5), FAIL=f"{place}:2")
    assert killed.returncode == -9
    assert site.rows("select state from backfills") == [("open",)]
    web.requests.clear()
    process = site.start()
    site.wait(lambda: site.rows("select 1 from backfills where state = 'done'"), "the end of the back-filling")
    assert site.stop(process) == 0
    assert "/one?paged=3" in web.paths
    assert "/one?paged=4" not in web.paths
    assert site.rows("select new, reached from backfills") == [(14, 1)]
    assert site.rows("select count(*), count(distinct url) from articles where backfill") == [(14, 14)]


def test_a_trial_tells_how_far_back_it_can_be_read_and_stores_nothing(outlet: Outlet) -> None:
    """The sitemap is of a day; what is before cannot be had, and is not claimed."""
    site = outlet.site
    outlet.sitemap(range(24))
    assert site.run("collect").returncode == 0
    stored = site.rows("select count(*) from articles")
    result = site.run("backfill", "one", "--since", since(outlet, 72), "--dry-run")
    assert result.returncode == 1
    assert "its beginning was not reached" in result.stdout
    assert f"the sitemap begins at {outlet.at(23):%Y-%m-%d %H:%M} UTC" in result.stdout
    assert "24 entries of that time, 14 would be new" in result.stdout
    assert (site.rows("select count(*) from articles"), site.rows("select count(*) from backfills")) == (stored, [(0,)])


def test_ctrl_c_leaves_it_as_it_is_and_says_how_to_go_on(outlet: Outlet) -> None:
    """A second one at the same time is told that it is in good hands."""
    site, web = outlet.site, outlet.web
    outlet.sitemap(range(60))
    assert site.run("collect").returncode == 0
    web.serve("/sitemap.xml", Answer(b"", hang=True))
    asked = ["backfill", "one", "--since", since(outlet, 30)]
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", *asked, "--config", str(site.config)],
        env=site.environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        site.wait(lambda: "/sitemap.xml" in web.paths, "the sitemap's turn")
        busy = site.run(*asked)
        assert busy.returncode == 75
        assert "is being read by another process" in busy.stderr
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "to go on where it was, run: " in said
    assert "Traceback" not in said
    assert site.rows("select state, lease_owner from backfills") == [("paused", None)]
    outlet.sitemap(range(60))
    web.requests.clear()
    assert site.run(*asked).returncode == 0
    assert "/one" not in web.paths  # the feed was read before
    assert site.rows("select count(*), max(state) from backfills") == [(1, "done")]
