"""Pages that hurt whoever parses them: each costs its own reading at most, the next page of the same crawl is read."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from monitor.collect.worker import MEMORY
from monitor.model import Selectors
from tests.rigs.crawl import CrawlRig, Run, children, page, site_source, texts, until
from tests.rigs.web import WebRig, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

HOSTILE = {
    "120 KB of open tags": "<a <a " * 20_000,
    "a MB of nested divisions": "<div>" * 200_000,
    "360 KB of character data": "<![CDATA[" * 40_000,
    "560 KB of open comments": "<!--" * 140_000,
    "a MB of nested tables": "<table><tr><td>" * 70_000,
    "300,000 attributes": f"<p {' '.join(f'a{number}=1' for number in range(300_000))}>end</p>",
    "entities that are no characters": "&#xD800;&#99999999999;" * 20_000,
    "data in 200,000 brackets": f'<script type="application/ld+json">{"[" * 200_000}</script>',
    "a style of blanks": f'<p style="a{" " * 80_000}">end</p>',
    "numbers like dates": f"<p>{'2026-' * 100_000}</p>",
}
SECRET = "the-word-that-only-the-file-holds"


def worker_of(run_child: psutil.Process) -> psutil.Process:
    """The extraction worker of a child."""
    (found,) = [
        one for one in run_child.children() if "spawn_main" in " ".join(one.cmdline()) and "tracker" not in one.name()
    ]
    return found


async def read_good(run: Run, web: WebRig, name: str) -> None:
    read = await run.read(web.serve(f"/good/{name}", ok(page(f"A day of return {name}"))))
    assert read.error is None
    assert read.draft
    assert "prisoners crossed the bridge" in (read.draft.text or "")


async def test_case_23_hostile_html_ends_no_crawl_and_its_text_is_read_where_it_can_be(
    crawl: CrawlRig, web: WebRig
) -> None:
    """Ten kinds, 80 KB to 3 MB: read within the limit of 5 s, or given up (case 23); those three kinds are read."""
    async with crawl.reading() as run:
        for number, (name, more) in enumerate(HOSTILE.items()):
            read = await run.read(web.serve(f"/{number}", ok(page("A day of return", more=more))))
            assert read.error in {None, "parse_timeout", "parse_memory", "parse_crash"}, name
            assert read.draft is None or "prisoners crossed the bridge" in (read.draft.text or ""), name
            if number < 3:
                assert read.draft, name
            await read_good(run, web, str(number))
    assert crawl.said == []


async def test_case_23_hostile_html_in_a_head_or_as_a_whole_page_is_an_error_of_that_page(
    crawl: CrawlRig, web: WebRig
) -> None:
    """The same without a text beside it (case 23)."""
    async with crawl.reading() as run:
        urls = {
            name: web.serve(f"/{number}", ok(b"<html><body>" + more.encode(), Content_Type="text/html"))
            for number, (name, more) in enumerate(HOSTILE.items())
        }
        for name, read in (await run.read_all(urls)).items():
            assert read.error or read.draft, name
        await read_good(run, web, "last")


async def test_case_23_a_page_on_which_the_parser_hangs_costs_its_limit_and_nothing_else(
    crawl: CrawlRig, web: WebRig
) -> None:
    """A person's selector takes minutes on 100,000 paragraphs, all of them in C: killed after 5 s (case 23)."""
    slow = page("A day of return", more="<p>x</p>" * 100_000)
    async with crawl.reading() as run:
        await read_good(run, web, "first")
        (child,) = children()
        worker = worker_of(child)
        read = await run.read(web.serve("/hangs", ok(slow)), selectors=Selectors(text="p ~ p ~ p"))
        assert read.error == "parse_timeout"
        await read_good(run, web, "next")
        assert not worker.is_running()


async def test_case_23_workers_that_die_cost_one_page_each_at_most(crawl: CrawlRig, web: WebRig) -> None:
    """SIGKILL on a worker that rests, three times, as the machine sends it when memory runs out (case 23)."""
    async with crawl.reading() as run:
        await read_good(run, web, "first")
        (child,) = children()
        for number in range(3):
            worker = worker_of(child)
            worker.kill()
            await until(lambda worker=worker: not worker.is_running(), "the end of the worker")
            read = await run.read(web.serve(f"/dies/{number}", ok(page("A day of return"))))
            assert read.draft or read.error == "parse_crash"
            await read_good(run, web, f"next-{number}")


@pytest.mark.skipif(not psutil.LINUX, reason="other systems do not tell the limits of another process")
async def test_case_23_the_worker_may_take_768_mib_and_write_no_file(crawl: CrawlRig, web: WebRig) -> None:
    """(case 23)"""
    async with crawl.reading() as run:
        await read_good(run, web, "first")
        (child,) = children()
        worker = worker_of(child)
        assert worker.rlimit(psutil.RLIMIT_AS) == (MEMORY, MEMORY)
        assert worker.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_AS) == (2**30, 2**30)


@pytest.mark.parametrize("kind", ["listing", "sitemap"])
async def test_case_23_hostile_html_where_links_are_looked_for_is_read_or_an_error(kind: str, web: WebRig) -> None:
    """Each of ten kinds as the second start page of a source; links of the first one are found (case 23)."""
    links = "".join(
        f'<p><a href="/news/{81000 + number}">A long headline number {number}</a></p>' for number in range(9)
    )
    maps = "".join(f"<url><loc>{web.url(f'/news/{number}')}</loc></url>" for number in range(9))
    first = page("Home", more=links) if kind == "listing" else f"<urlset>{maps}</urlset>".encode()
    start = [web.serve("/first", ok(first))]
    start += [
        web.serve(f"/{number}", ok(f"<html><body>{more}".encode(), Content_Type="text/html"))
        for number, more in enumerate(HOSTILE.values())
    ]
    collected = await CrawlRig().visit(site_source(kind, start[0], start=tuple(start)))
    found = {draft.url for draft in collected.drafts}
    assert len({url for url in found if url and "/news/" in url}) == 9
    assert set(web.paths) == {"/robots.txt", "/first", *(f"/{number}" for number in range(len(HOSTILE)))}


def outside(canary: WebRig, secret: Path) -> str:
    """A document type with every way to bring something in from outside."""
    return (
        f'<!DOCTYPE html SYSTEM "{canary.url("/x.dtd")}" [<!ENTITY file SYSTEM "{secret.as_uri()}">'
        f'<!ENTITY net SYSTEM "{canary.url("/net")}"><!ENTITY % all SYSTEM "{canary.url("/all")}">%all;'
        '<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>'
    )


async def test_case_25_no_page_listing_or_sitemap_brings_in_a_file_or_an_address(
    crawl: CrawlRig, web: WebRig, tmp_path: Path
) -> None:
    """XXE by file, http, external and parameter DTD: a listener on an allowed address hears nothing (case 25)."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    async with WebRig() as canary:
        kind = outside(canary, secret)
        uses = f'&file; &net; &lol2; <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}"/>'
        html = page("A day of return", more=f"<p>{uses}</p>").decode().replace("<!doctype html>", kind)
        xhtml = f'<?xml version="1.0"?>{html}'
        async with crawl.reading() as run:
            urls = {
                "html": web.serve("/html", ok(html.encode(), Content_Type="text/html")),
                "xhtml": web.serve("/xhtml", ok(xhtml.encode(), Content_Type="application/xhtml+xml")),
            }
            reads = await run.read_all(urls)
        drafts = [read.draft for read in reads.values() if read.draft]
        assert len(drafts) == 2
        listing = page("Home", more=f'<a href="/news/1001">A long headline of the day {uses}</a>').decode()
        found = await crawl.visit(
            site_source("listing", web.serve("/list", ok(listing.replace("<!doctype html>", kind).encode())))
        )
        sitemap = (
            f'<?xml version="1.0"?>{kind.replace("html", "urlset", 1)}<urlset xmlns:news="http://n.example/">'
            f"<url><loc>{web.url('/news/1')}</loc><news:news><news:title>News {uses}</news:title></news:news></url>"
            f"<url><loc>{web.url('/news/2')}?&file;</loc></url></urlset>"
        )
        mapped = await crawl.visit(site_source("sitemap", web.serve("/map", ok(sitemap.encode()))))
        assert canary.connections == 0
    told = texts([*drafts, *found.drafts, *mapped.drafts])
    assert "/news/1001" in told
    assert web.url("/news/1") in told
    assert SECRET not in told
    assert "lollol" not in told
