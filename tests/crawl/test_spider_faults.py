"""What the author of a spider is told: which line of which file, in one event, and what to do."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.model import FirstVisit, FullText, Robots, Selectors, Source, VisitOutcome
from tests.rigs.crawl import CrawlRig, page, site_source
from tests.rigs.web import WebRig, ok

pytestmark = pytest.mark.slow

HEAD = """\
import sys
from monitor.model import Draft
from spiders.site import SiteSpider

class Own(SiteSpider):
    name = "own"

"""
FIRST = "yield Draft(url='/news/1', title='The first of these')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "my-spiders"
    made.mkdir()
    return made


def own(folder: Path, methods: str) -> CrawlRig:
    """Write a spider with these methods; the first of their lines is line 8 of the file."""
    text = HEAD + textwrap.indent(textwrap.dedent(methods), "    ")
    (folder / "own.py").write_text(text, encoding="utf-8")
    return CrawlRig(folders=[folder])


def front(web: WebRig) -> Source:
    return site_source("spider", web.serve("/front", ok(page("Home"))), spider="own")


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        ("def parse(self, response):\n    yield None\n    raise KeyError('href')", "own.py:10, in parse: KeyError: 'href'"),
        ("def parse(self, response):\n    return self.rows(response)\ndef rows(self, response):\n    return response.nope()", "own.py:11, in rows: AttributeError: "),
        ("async def start(self):\n    yield None\n    raise RuntimeError('no start')", "own.py:10, in start: RuntimeError: no start"),
        ("def __init__(self, source):\n    super().__init__(source)\n    1 / 0", "own.py:10, in __init__: ZeroDivisionError: "),
        ("def parse(self, response):\n    sys.exit(3)", "own.py:9, in parse: SystemExit: 3; a spider ends by `return`"),
        ("def __init__(self, source):\n    sys.exit()", "own.py:9, in __init__: SystemExit; a spider ends by `return`"),
    ],
)  # fmt: skip # a table
async def test_an_error_names_the_file_and_the_line_of_the_persons_spider(
    methods: str, told: str, web: WebRig, folder: Path
) -> None:
    """In a callback, below it, at the start, in the constructor; an exit is an error like any other."""
    crawl = own(folder, methods)
    with pytest.raises(SourceError) as error:
        await crawl.visit(front(web))
    assert error.value.kind == "spider_error"
    assert error.value.detail.startswith(f"my-spiders/{told}")


async def test_an_exit_after_the_first_drafts_keeps_them_and_counts_as_cut_short(web: WebRig, folder: Path) -> None:
    crawl = own(folder, f"def parse(self, response):\n    {FIRST}\n    sys.exit(0)")
    collected = await crawl.visit(front(web))
    assert [draft.url for draft in collected.drafts] == [web.url("/news/1")]
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.FAILED, "spider_error")
    assert "my-spiders/own.py:10, in parse: SystemExit: 0" in (collected.visit.detail or "")


async def test_an_error_in_a_spider_is_one_event_with_the_persons_lines_alone(web: WebRig, folder: Path) -> None:
    crawl = own(
        folder,
        f"def parse(self, response):\n    {FIRST}\n    yield self.day('')\ndef day(self, text):\n    return int(text)",
    )
    await crawl.visit(front(web))
    (event,) = crawl.log.named("crawl_logged")
    assert crawl.log.named("crawl_said") == []
    assert event["name"] == "scrapy.core.scraper"
    assert "\n" not in event["message"]
    lines = event["traceback"].splitlines()
    assert [line.partition(", line ")[2] for line in lines if line.startswith("  File ")] == [
        "10, in parse",
        "12, in day",
    ]
    assert lines[-1] == "ValueError: invalid literal for int() with base 10: ''"


async def test_a_warning_of_a_spider_is_one_event_however_many_lines_it_has(web: WebRig, folder: Path) -> None:
    crawl = own(
        folder,
        f"def parse(self, response):\n    self.logger.warning('%s', 'one\\ntwo')\n    self.logger.warning('%d', 'x')\n    {FIRST}",
    )
    await crawl.visit(front(web))
    first, second = crawl.log.named("crawl_logged")
    assert (first["name"], first["message"]) == ("own", "one\ntwo")
    assert second["message"].startswith("%d (")


async def test_an_unclear_draft_is_told_with_its_file_and_page_and_the_others_are_kept(
    web: WebRig, folder: Path
) -> None:
    """Once a visit for each field, however many rows have it."""
    crawl = own(
        folder,
        """\
        def parse(self, response):
            yield {"url": "/news/0"}
            for number in (1, 2, 3):
                yield Draft(url=f"/news/{number}", title=None, published_at="soon")
        """,
    )
    collected = await crawl.visit(front(web))
    assert [draft.url for draft in collected.drafts] == [web.url(f"/news/{number}") for number in (1, 2, 3)]
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.READ, "bad_draft")
    told = f"my-spiders/own.py: it yields a dict; yield Draft(url=..., title=...) of monitor.model, or a Request (on {web.url('/front')})"
    assert collected.visit.detail == told
    assert crawl.said == []


async def test_a_row_without_a_link_is_no_error(web: WebRig, folder: Path) -> None:
    crawl = own(folder, f"def parse(self, response):\n    yield Draft(url=None, title='A row')\n    {FIRST}")
    collected = await crawl.visit(front(web))
    assert len(collected.drafts) == 1
    assert (collected.visit.error, crawl.said) == (None, [])


async def test_where_nothing_but_rows_without_links_was_found_they_are_counted(web: WebRig, folder: Path) -> None:
    crawl = own(folder, "def parse(self, response):\n    for _ in range(3): yield Draft(title='A row')")
    with pytest.raises(SourceError, match="nothing_found") as error:
        await crawl.visit(front(web))
    assert "3 drafts had no address (url=None)" in error.value.detail


async def test_a_spiders_drafts_are_held_to_the_pattern_of_its_source(web: WebRig, folder: Path) -> None:
    """`links` means the same for a listing, a sitemap and a spider."""
    crawl = own(folder, "def parse(self, response):\n    for n in range(9): yield Draft(url=f'/news/{n}')")
    collected = await crawl.visit(replace(front(web), links="/news/[2-4]$"))
    assert [draft.url for draft in collected.drafts] == [web.url(f"/news/{n}") for n in (2, 3, 4)]
    with pytest.raises(SourceError, match="nothing_found: the spider found no article whose address has links: '/no/'"):
        await crawl.visit(replace(front(web), links="/no/"))


async def test_a_pattern_that_would_hang_elsewhere_costs_nothing(crawl: CrawlRig, web: WebRig) -> None:
    """Nested repetitions on a long address: the crawl's limit is never near."""
    long = f"/{'a' * 1900}!"
    url = web.serve(
        "/list", ok(page("Home", more=f'<a href="{long}">A long headline of the day</a><a href="/aaa">x</a>'))
    )
    collected = await crawl.visit(site_source("listing", url, links="/(a+)+$"))
    assert [draft.url for draft in collected.drafts] == [web.url("/aaa")]


async def test_drafts_beyond_the_limit_are_told(web: WebRig, folder: Path) -> None:
    crawl = own(folder, "def parse(self, response):\n    for n in range(612): yield Draft(url=f'/news/{n}')")
    collected = await crawl.visit(front(web))
    assert len(collected.drafts) == 500
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.READ, "too_many_drafts")
    assert collected.visit.detail == "612 drafts in one visit; the first 500 were taken: yield the newest first"


WALL = b"<!doctype html><html><title>Just a moment...</title><body><p>Enable JavaScript to go on</body></html>"


@pytest.mark.parametrize(
    ("kind", "body", "told", "error"),
    [
        ("sitemap", page("Not found"), "text/html", "not_a_sitemap: the answer is HTML (text/html, "),
        ("sitemap", b"%PDF-1.7", "application/xml", "not_a_sitemap: the answer is a PDF (application/xml, 8 bytes)"),
        ("listing", b"%PDF-1.7", "application/pdf", "not_a_page: the answer is a PDF (application/pdf, 8 bytes)"),
        ("listing", b"<rss></rss>", "text/html", "not_a_page: the answer is a feed (text/html, 11 bytes)"),
        ("listing", page("Home"), "text/html", "empty_listing: no article was found there; open it"),
        ("sitemap", WALL, "text/html", "challenge_page: the answer is a bot wall (text/html, "),
        ("listing", WALL, "text/html", "challenge_page: the answer is a bot wall (text/html, "),
        ("spider", b"{}", "application/json", "nothing_found: the spider found no article; the answer is JSON (application"),
    ],
)  # fmt: skip # a table
async def test_where_nothing_is_found_it_is_told_what_came(
    kind: str, body: bytes, told: str, error: str, *, web: WebRig, folder: Path
) -> None:
    crawl = own(folder, "def parse(self, response):\n    return None")
    url = web.serve("/x", ok(body, Content_Type=told))
    with pytest.raises(SourceError) as raised:
        await crawl.visit(site_source(kind, url, spider="own" if kind == "spider" else None))
    assert str(raised.value).startswith(error)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "found there; open it in a browser, and set links: or selectors: {links: ...}"),
        ({"links": "/no/"}, "found there whose address has links: '/no/'; open it in a browser, and correct it"),
        (
            {"selectors": Selectors(links="h9 a")},
            "found there by selectors: {links: 'h9 a'}; open it in a browser, and ",
        ),
    ],
)
async def test_a_listing_without_articles_names_what_chose_none(
    changes: dict[str, Any], told: str, crawl: CrawlRig, web: WebRig
) -> None:
    with pytest.raises(SourceError, match="empty_listing") as error:
        await crawl.visit(site_source("listing", web.serve("/list", ok(page("Home"))), **changes))
    assert told in error.value.detail


async def test_a_spider_sees_its_source_as_the_person_wrote_it(web: WebRig, folder: Path) -> None:
    """Every field, also those that the crawl itself has no use for."""
    crawl = own(folder, f"def parse(self, response):\n    print(repr(self.source))\n    {FIRST}")
    written = replace(
        front(web),
        language="ka",
        country="ge",
        every=timedelta(minutes=17),
        every_given=True,
        full_text=FullText.ALWAYS,
        first_visit=FirstVisit.SILENT,
        robots=Robots.OBEY,
        verify_tls=False,
        links="/news/",
        pages=3,
        selectors=Selectors(title="h1", next="a.next"),
    )
    await crawl.visit(written)
    assert crawl.said == [repr(written)]


async def test_an_empty_sitemap_stays_a_remark(crawl: CrawlRig, web: WebRig) -> None:
    url = web.serve("/map.xml", ok(b"<urlset></urlset>", Content_Type="text/xml"))
    collected = await crawl.visit(site_source("sitemap", url))
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.READ, "empty_sitemap")
    assert "the answer is a sitemap (text/xml, 17 bytes)" in (collected.visit.detail or "")
