"""`monitor sources test`: what a visit would bring, by the daemon's own way, with nothing kept; and what selectors miss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rigs.crawl import page
from tests.rigs.site import Site, rss
from tests.rigs.web import ok

pytestmark = pytest.mark.slow


def listing(site: Site, more: str = "") -> None:
    """A front page with two articles, and their pages."""
    web = site.servers.web
    site.full_text = "auto"
    links = "".join(f'<p><a href="/news/{n}">The long story of day {n}</a></p>' for n in (81001, 81002))
    web.serve("/list", ok(page("Home", words="readers", more=links)))
    for number in (81001, 81002):
        web.serve(f"/news/{number}", ok(page(f"The story of {number}")))
    site.sources = [f'name: list, outlet: List, language: en, listing: "{web.url("/list")}", every: 1s{more}']
    site.write()


def tried(site: Site, *arguments: str) -> list[dict[str, Any]]:
    done = site.run("sources", "test", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_source_is_tried_without_keeping_anything(site: Site) -> None:
    """Two articles, the page of one is read and matches a rule; no database, no mail."""
    listing(site)
    first, second = tried(site, "list", "--pages", "1")
    assert (first["title"], first["text"], first["rules"]) == ("The story of 81001", "page", ["prisoners"])
    assert first["words"] == ["prisoners"]
    assert first["characters"] > 300
    assert (second["title"], second["text"], second["rules"]) == ("The long story of day 81002", "page (not read)", [])
    assert site.servers.web.paths == ["/robots.txt", "/list", "/news/81001"]
    assert not site.database.exists()
    assert site.mails == []


def test_people_get_a_table_and_a_sum(site: Site) -> None:
    listing(site, ', selectors: {text: "div.gone"}')
    done = site.run("sources", "test", "list")
    assert done.returncode == 0, done.stderr
    assert "The story of 81002" in done.stdout
    assert "selectors: text found nothing on 2 pages\n" in done.stdout
    assert done.stdout.endswith("2 articles, 2 pages read, 2 with a match; nothing was stored or sent\n")


def test_a_disabled_source_can_be_tried_and_an_unknown_one_is_one_line(site: Site) -> None:
    listing(site, ", enabled: false")
    rows = tried(site, "list", "--pages", "0")
    assert [row["text"] for row in rows] == ["page (not read)"] * 2
    done = site.run("sources", "test", "lsit")
    assert done.returncode == 78
    assert "there is no source lsit" in done.stderr


def test_a_feed_with_whole_texts_needs_no_page(site: Site) -> None:
    words = b"<content:encoded>" + b"The prisoners came home on foot. " * 30 + b"</content:encoded><link>"
    body = rss(["Prisoners came home"]).replace(b"<link>", words)
    site.feed("one", body.replace(b"<rss ", b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '))
    site.full_text = "auto"
    site.write()
    (row,) = tried(site, "one")
    assert (row["title"], row["text"], row["rules"]) == ("Prisoners came home", "source", ["prisoners"])
    assert site.servers.web.paths == ["/one"]


def test_what_goes_wrong_is_told_with_status_1(site: Site) -> None:
    """A listing that is a PDF; and a page that answers 404 beside one that is read."""
    listing(site)
    site.servers.web.serve("/news/81001", ok(status="404 Not Found"))
    rows = tried(site, "list")
    assert [row["text"].partition(":")[0] for row in rows] == ["http_404", "page"]
    site.servers.web.serve("/list", ok(b"%PDF-1.7", Content_Type="application/pdf"))
    done = site.run("sources", "test", "list")
    assert done.returncode == 1
    assert "monitor: not_a_page: the answer is a PDF (application/pdf, 8 bytes)" in done.stderr


def test_a_host_that_asked_the_daemon_for_a_pause_is_left_alone_here_too(site: Site) -> None:
    listing(site)
    site.servers.web.serve("/list", ok(status="429 Too Many", Retry_After="3600"))
    assert site.run("collect").returncode == 1
    asked = len(site.servers.web.paths)
    done = site.run("sources", "test", "list")
    assert done.returncode == 1
    assert "host_paused" in done.stderr
    assert len(site.servers.web.paths) == asked


def test_selectors_that_find_nothing_on_the_newest_pages_are_shown_until_they_are_mended(site: Site) -> None:
    """Three pages by `collect`: `sources list` and `status` name the selector; with another one they are silent."""
    web = site.servers.web
    links = "".join(f'<p><a href="/news/{n}">The long story of day {n}</a></p>' for n in (81001, 81002, 81003))
    web.serve("/list", ok(page("Home", words="readers", more=links)))
    for number in (81001, 81002, 81003):
        web.serve(f"/news/{number}", ok(page(f"The story of {number}")))
    site.full_text = "auto"

    def select(text: str) -> None:
        chosen = f"selectors: {{title: h1, text: {text}, date: time}}"
        site.sources = [f'name: list, outlet: List, listing: "{web.url("/list")}", language: en, every: 1s, {chosen}']
        site.write()

    def missed() -> list[str]:
        (row,) = (json.loads(line) for line in site.run("sources", "list", "--json").stdout.splitlines())
        return list(row["missed"])

    select("div.gone")
    assert site.run("collect").returncode == 0
    assert missed() == ["text", "date"]
    assert "selectors: text, date found nothing on the newest pages" in site.run("sources", "list").stdout
    told = site.run("status").stdout
    assert "  selectors: list: text, date found nothing on the newest pages; run: " in told
    assert "sources test list --config" in told
    select("article")
    assert missed() == ["date"]
