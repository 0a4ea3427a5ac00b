"""Hostile servers: bombs, floods, silence, redirects without end; the next page of the same crawl is read."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from monitor.errors import SourceError
from tests.rigs.bombs import bomb, coded, endless, endless_chunks, flood, packed_as
from tests.rigs.crawl import LIMITS, CrawlRig, Run, children, page, site_source, until
from tests.rigs.web import Answer, WebRig, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

MIB = 2**20
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = replace(LIMITS, request=timedelta(seconds=2), first_byte=timedelta(seconds=1), connect=timedelta(seconds=2))


async def assert_the_next_is_read(run: Run, web: WebRig, name: str = "next") -> None:
    read = await run.read(web.serve(f"/good/{name}", ok(page(f"A day of return {name}"))))
    assert read.error is None
    assert read.draft


def peak(process: psutil.Process) -> int:
    """The most memory that a process ever had, in bytes; where the system does not keep it, what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return process.memory_info().rss
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@asynccontextmanager
async def bounded(run: Run, web: WebRig, most: int) -> AsyncIterator[None]:
    """Hold the child to its memory; it has read a page before, so that everything is loaded."""
    await assert_the_next_is_read(run, web, "before")
    (child,) = children()
    before = peak(child)
    yield
    await assert_the_next_is_read(run, web, "after")
    assert peak(child) - before < most


async def test_case_26_bombs_of_a_gib_are_errors_and_take_no_memory(crawl: CrawlRig, web: WebRig) -> None:
    """gzip, deflate, br; twice packed and zstd are not unpacked at all: +64 MiB at most (case 26)."""
    codings = ["gzip", "deflate", "br"]
    async with crawl.reading() as run, bounded(run, web, 64 * MIB):
        urls = {coding: web.serve(f"/{coding}", coded(coding)) for coding in codings}
        for coding, url in urls.items():
            assert (await run.read(url)).error == "too_large", coding
        twice = await run.read(web.serve("/twice", coded("gzip, gzip")))
        assert twice.error in {"too_large", "bad_response", "not_a_page"}
        unknown = ok(page("A day of return"), Content_Encoding="zstd", Content_Type="text/html")
        assert (await run.read(web.serve("/zstd", unknown))).error in {"bad_response", "not_a_page"}


async def test_case_26_a_robots_txt_that_is_a_bomb_is_cut_and_the_page_is_read() -> None:
    """gzip, deflate, br: the first 512 KiB are the file (case 26)."""
    crawl = CrawlRig()
    async with AsyncExitStack() as stack:
        rigs = [await stack.enter_async_context(WebRig()) for _ in range(3)]
        first = await stack.enter_async_context(WebRig())
        async with crawl.reading() as run, bounded(run, first, 64 * MIB):
            for rig, coding in zip(rigs, ("gzip", "deflate", "br"), strict=True):
                rig.serve("/robots.txt", coded(coding, "text/plain"))
                await assert_the_next_is_read(run, rig)
                assert len(crawl.hosts.known[rig.place].robots.body) == 512 * 1024  # type: ignore[union-attr] # it was asked for


@pytest.mark.parametrize("times", [1, 2])
async def test_case_26_a_packed_sitemap_that_is_a_bomb_is_an_error_of_its_source(times: int, web: WebRig) -> None:
    """sitemap.xml.gz of a GiB, packed once and twice, and the same as a content coding (case 26)."""
    packed = bomb("gzip") if times == 1 else bomb("gzip, gzip")
    web.serve("/robots.txt", ok(b"User-agent: *\nDisallow: /no\n"))
    url = web.serve("/sitemap.xml.gz", ok(packed, Content_Type="application/gzip"))
    coding = web.serve("/sitemap.xml", coded("gzip", "application/xml"))
    crawl = CrawlRig()
    good = web.serve("/map", ok(f"<urlset><url><loc>{web.url('/news/1')}</loc></url></urlset>".encode()))
    hang = web.serve("/hang", Answer(b"", hang=True))
    visited = asyncio.create_task(crawl.visit(site_source("sitemap", good, start=(good, url, coding, hang))))
    await until(lambda: "/hang" in web.paths, "the last of the files")
    (child,) = children()
    assert peak(child) < 256 * MIB
    child.kill()
    collected = await visited
    assert [draft.url for draft in collected.drafts] == [web.url("/news/1")]
    failed = await crawl.visit(site_source("sitemap", url))
    assert failed.visit.error
    with pytest.raises(SourceError, match="too_large"):
        await crawl.visit(site_source("sitemap", coding))


def drips(body: bytes) -> Mapping[str, Answer]:
    """Every way to be slow."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return {
        "dripping status line": Answer(head + body, drip=0.5),
        "headers without end": Answer(head[:30], hang=True),
        "silence after the headers": Answer(head, hang=True),
        "half a body": Answer(head + body[:100], hang=True),
        "silence": Answer(b"", hang=True),
        "interim answers": Answer(b"HTTP/1.1 103 Early Hints\r\n\r\n", hang=True),
        "robots.txt": Answer(b"", hang=True),
        "dripping body": Answer(head + body[:20], drip=0.5, hang=True),
    }


async def test_case_28_eight_slow_hosts_hold_up_no_other_and_end_at_the_limit() -> None:
    """As many as requests may be open; a page of a ninth host is read before any of them is given up (case 28)."""
    crawl = CrawlRig(limits=replace(SHORT, request=timedelta(seconds=12), first_byte=timedelta(seconds=12), total=8))
    answers = drips(page("A day of return"))
    assert len(answers) == 8
    async with AsyncExitStack() as stack:
        healthy = await stack.enter_async_context(WebRig())
        rigs = {name: await stack.enter_async_context(WebRig()) for name in answers}
        async with crawl.reading() as run:
            await assert_the_next_is_read(run, healthy, "first")
            slow = {}
            for name, rig in rigs.items():
                path = "/robots.txt" if name == "robots.txt" else "/page"
                rig.serve(path, answers[name])
                slow[name] = run.order(rig.url("/page"))
            slow_paths = [(rig, "/robots.txt" if name == "robots.txt" else "/page") for name, rig in rigs.items()]
            await until(lambda: all(path in rig.paths for rig, path in slow_paths), "the slow requests")
            await assert_the_next_is_read(run, healthy, "second")
            assert [name for name, read in slow.items() if read.done()] == []
            errors = {name: (await read).error for name, read in slow.items()}
            assert errors.pop("robots.txt") == "robots_unreachable"
            assert set(errors.values()) == {"timeout"}
            await assert_the_next_is_read(run, healthy, "third")


async def test_case_28_many_pages_of_a_silent_host_hold_up_no_other(web: WebRig) -> None:
    """Twelve pages, more than requests may be open at a time: they wait for their host's turn, not others (case 28)."""
    crawl = CrawlRig(limits=replace(SHORT, request=timedelta(seconds=8), first_byte=timedelta(seconds=8)))
    async with WebRig() as silent, crawl.reading() as run:
        await assert_the_next_is_read(run, web, "first")
        silent.serve("/robots.txt", ok())
        silent.serve("/page", Answer(b"", hang=True))
        slow = [run.order(silent.url("/page")) for _ in range(12)]
        await until(lambda: "/page" in silent.paths, "the first of them")
        await assert_the_next_is_read(run, web, "second")
        assert [read for read in slow if read.done()] == []
        run.abandon()


LENGTHS = {
    "99 GB announced": (ok().raw.replace(b"Content-Length: 0", b"Content-Length: 99000000000"), "bad_response"),
    "a negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n<p>x", "bad_response"),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 1\r\n\r\n<p>123456", "bad_response"),
    "a length that is no number": (b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n<p>x", "bad_response"),
    "Arabic digits": ("HTTP/1.1 200 OK\r\nContent-Length: \u0663\r\n\r\n<p>x".encode(), "bad_response"),
    "a length and chunks": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\n\r\n", "bad_response"
    ),
    "less than announced": (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<p>x", "bad_response"),
    "a cut chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n900\r\n<p>x", "bad_response"),
    "what is no gzip": (ok(page("A day"), Content_Encoding="gzip").raw, "bad_response"),
}  # fmt: skip # a table


async def test_case_29_bodies_end_at_5_mib_and_lengths_must_be_true(crawl: CrawlRig, web: WebRig) -> None:
    """Endless bodies, plain, chunked and packed; lengths and codings that are not those of the body (cases 29, 100)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, block = (packer.compress(bytes(100_000)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    async with crawl.reading() as run, bounded(run, web, 64 * MIB):
        for number, answer in enumerate([
            endless("Content-Type: text/html\r\n"),
            endless("Content-Type: text/html\r\nContent-Length: 99000000000\r\n"),
            endless_chunks(),
            replace(endless("", block), raw=b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + first),
        ]):  # fmt: skip # a table
            assert (await run.read(web.serve(f"/endless/{number}", answer))).error == "too_large", number
        urls = {name: web.serve(f"/{number}", Answer(raw)) for number, (name, (raw, _)) in enumerate(LENGTHS.items())}
        reads = await run.read_all(urls)
        assert {name: read.error for name, read in reads.items()} == {name: word for name, (_, word) in LENGTHS.items()}


@pytest.mark.parametrize("kind", ["listing", "sitemap"])
async def test_case_29_a_listing_or_sitemap_without_end_is_an_error_of_its_source(kind: str, web: WebRig) -> None:
    """10 MiB are read of it (case 29)."""
    with pytest.raises(SourceError, match="too_large"):
        await CrawlRig().visit(site_source(kind, web.serve("/x", endless("Content-Type: text/html\r\n"))))


def floods(body: bytes) -> Mapping[str, Answer]:
    """Answers that take long to become none."""
    return {
        "100,000 interim answers": flood(b"HTTP/1.1 100 Continue\r\n\r\n", 100_000),
        "a long chunk extension": endless_chunks(b";a=" + b"x" * 100_000),
        "small chunks with long extensions": endless_chunks(b";a=" + b"x" * 10_000, size=1),
        "interim answers without end": Answer(b"", more=endless("", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100).more),
        "an extension without end": Answer(CHUNKED + b"1;a=", more=endless("", b"x" * 60_000).more),
        "a chunk size without end": Answer(CHUNKED + b"0", more=endless("", b"0" * 60_000).more),
        "trailers without end": Answer(CHUNKED + b"1\r\nx\r\n0\r\n", more=endless("", b"X: y\r\n" * 9000).more),
        "HTTP/0.9": Answer(body),
        "HTTP/7.3": Answer(b"HTTP/7.3 OK\r\n\r\n" + body),
        "headers without end": Answer(b"HTTP/1.1 200 OK\r\n", more=flood(b"X: y\r\n", 1_000_000).more),
        "a header without end": Answer(b"HTTP/1.1 200 OK\r\nX: ", more=endless("", b"y" * 60_000).more),
        "10,000 headers": Answer(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n" + body),
        "a header without a name": Answer(b"HTTP/1.1 200 OK\r\n: x\r\n\r\n" + body),
        "a status without end": Answer(b"HTTP/1.1 200 ", more=endless("", b"y" * 60_000).more),
        "another protocol": Answer(b"SSH-2.0-OpenSSH_9.9\r\n"),
    }  # fmt: skip # a table


async def test_case_30_floods_and_dead_protocols_are_errors(web: WebRig) -> None:
    """Interim answers, chunk extensions, zeros, HTTP/0.9, headers without name or end: none lasts (cases 27, 30)."""
    crawl = CrawlRig()  # with a minute for a request: a flood must not last as long
    answers = floods(page("A day of return"))
    async with crawl.reading() as run, bounded(run, web, 64 * MIB):
        urls = {name: web.serve(f"/{number}", answer) for number, (name, answer) in enumerate(answers.items())}
        errors = {name: (await run.read(url)).error for name, url in urls.items()}
        # The body before the trailers is whole; whether they are seen before it is handed on is a matter of moments.
        whole = {"trailers without end": "not_a_page"}
        assert {
            name: error for name, error in errors.items() if error not in {"bad_response", "too_large", whole.get(name)}
        } == {}


async def test_case_30_a_few_interim_answers_are_no_flood(crawl: CrawlRig, web: WebRig) -> None:
    """100 Continue, 102 Processing and five times 103 Early Hints come before the page (case 30)."""
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    hints += b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 5
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/page", Answer(hints + ok(page("A day of return")).raw)))).draft


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_case_100_a_packed_page_that_is_cut_short_is_an_error_though_its_length_is_right(
    coding: str, crawl: CrawlRig, web: WebRig
) -> None:
    """A page, a listing and a sitemap; whole, all three are read (case 100)."""
    body = page("A day of return", more='<a href="/news/81001">A long headline of the day</a>')
    packed = packed_as(coding, body)
    kinds = {"listing": body, "sitemap": f"<urlset><url><loc>{web.url('/news/1')}</loc></url></urlset>".encode()}
    async with crawl.reading() as run:
        cut = ok(packed[:-9], Content_Encoding=coding, Content_Type="text/html")
        assert (await run.read(web.serve("/cut", cut))).error == "bad_response"
        whole = ok(packed, Content_Encoding=coding, Content_Type="text/html")
        assert (await run.read(web.serve("/whole", whole))).draft
    for kind, text in kinds.items():
        packed = packed_as(coding, text)
        with pytest.raises(SourceError, match="bad_response"):
            await crawl.visit(site_source(kind, web.serve("/x", ok(packed[:-9], Content_Encoding=coding))))
        assert (await crawl.visit(site_source(kind, web.serve("/x", ok(packed, Content_Encoding=coding))))).drafts


async def test_case_30_bare_line_feeds_are_refused_or_read_as_what_they_look_like(crawl: CrawlRig, web: WebRig) -> None:
    """(case 30)"""
    async with crawl.reading() as run:
        read = await run.read(web.serve("/lf", Answer(ok(page("A day of return")).raw.replace(b"\r\n", b"\n"))))
        assert read.error == "bad_response" or read.draft
        smuggled = ok(page("A day of return"), X_A="y\nTransfer-Encoding: chunked").raw
        read = await run.read(web.serve("/smuggled", Answer(smuggled)))
        assert read.error == "bad_response" or (read.draft and "prisoners" in (read.draft.text or ""))
        await assert_the_next_is_read(run, web)


async def test_an_answer_that_is_none_is_an_error_of_its_page(crawl: CrawlRig, web: WebRig) -> None:
    """304 that was not asked for, 204, 206, 300 and 999: each page gets its answer, none is waited for."""
    async with crawl.reading() as run:
        words = {
            "304 Not Modified": "http_304",
            "204 No Content": "not_a_page",
            "300 Choose": "http_300",
            "304 Not Modified ": "http_304",
            "404 Not Found": "http_404",
            "410 Gone": "http_410",
            "500 Broken": "http_500",
            "999 Go Away": "http_999",
        }
        urls = {status: web.serve(f"/{number}", ok(status=status, ETag='"1"')) for number, status in enumerate(words)}
        assert {status: read.error for status, read in (await run.read_all(urls)).items()} == words
        await assert_the_next_is_read(run, web)


async def test_the_home_page_in_an_articles_place_is_no_article(crawl: CrawlRig, web: WebRig) -> None:
    """Sites send readers of what they took down to their front page, whose headlines are other articles'."""
    web.serve("/", ok(page("A day of return")))
    async with crawl.reading() as run:
        gone = await run.read(web.serve("/gone", ok(status="302 Found", Location="/")))
        assert gone.error == "redirected_home"
        elsewhere = await run.read(web.serve("/moved", ok(status="302 Found", Location="/?p=17")))
        assert elsewhere.error != "redirected_home"
        assert (await run.read(web.url("/"))).draft


async def test_a_bot_wall_is_told_from_a_refusal(crawl: CrawlRig, web: WebRig) -> None:
    """Both answer 403; only one of them is the site's own word."""
    wall = b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"
    async with crawl.reading() as run:
        walled = await run.read(web.serve("/walled", ok(wall, status="403 Forbidden")))
        refused = await run.read(web.serve("/refused", ok(b"<h1>Forbidden</h1>", status="403 Forbidden")))
        assert (walled.error, refused.error) == ("challenge_page", "http_403")


async def test_a_time_without_a_zone_is_read_on_the_clock_of_the_sources_country(crawl: CrawlRig, web: WebRig) -> None:
    """The country goes all the way to the worker that reads the page."""
    body = page("A day of return", more="<p>23.11.2020, 14:05</p>")
    async with crawl.reading() as run:
        read = await run.read(web.serve("/local", ok(body)), country="ge")
        assert read.draft
        assert read.draft.published_at == datetime(2020, 11, 23, 10, 5, tzinfo=UTC)


async def test_case_31_redirects_without_end_or_sense_are_errors(crawl: CrawlRig, web: WebRig) -> None:
    """A loop, 30 hops, Locations that grow, are empty, `//` or 1 MB: 10 redirects, 2,048 characters (case 31)."""

    def to(location: str) -> Answer:
        return ok(status="302 Found", Location=location)

    for number in range(30):
        web.serve(f"/hop/{number}", to(f"/hop/{number + 1}"))
    web.serve("/hop/30", ok(page("A day of return")))
    for number in range(12):
        web.serve("/g" * number + "/grow", to("/g" * (number + 1) + "/grow"))
    cases = {
        "a loop": (web.serve("/loop", to("/loop")), "redirect_loop"),
        "30 hops": (web.url("/hop/0"), "redirect_loop"),
        "11 hops": (web.url("/hop/19"), "redirect_loop"),
        "one that grows": (web.url("/grow"), "redirect_loop"),
        "empty": (web.serve("/empty", to("")), "redirect_loop"),
        "no host": (web.serve("/slashes", to("//")), "redirect_loop"),
        "a host of nothing": (web.serve("/colon", to("http://:80/")), "bad_address"),
        "a port that is none": (web.serve("/port", to("http://one.example:99999/")), "bad_address"),
        "a bracket": (web.serve("/bracket", to("http://[::1")), "bad_address"),
        "2,049 characters": (web.serve("/long", to("/" + "x" * 2049)), "bad_address"),
        "1 MB": (web.serve("/huge", to("/" + "x" * 1_000_000)), "bad_response"),
        "a line break": (web.serve("/break", to("/a\rb")), "bad_response"),
        "a control character": (web.serve("/control", to("/a\x01b")), "bad_address"),
        "bytes that are no text": (web.serve("/bytes", to("/\xff\xfe")), "http_404"),
    }
    async with crawl.reading() as run:
        await assert_the_next_is_read(run, web)
        for name, (url, word) in cases.items():
            before = web.connections
            read = await run.read(url)
            assert (name, read.error) == (name, word), read
            assert web.connections - before <= 11, name
        ten = await run.read(web.url("/hop/20"))
        assert ten.draft
        assert ten.draft.url == web.url("/hop/30")


async def test_case_31_a_redirect_loop_of_a_listing_is_an_error_of_its_source(crawl: CrawlRig, web: WebRig) -> None:
    """(case 31)"""
    for kind in ("listing", "sitemap"):
        with pytest.raises(SourceError, match="redirect_loop"):
            await crawl.visit(site_source(kind, web.serve("/loop", ok(status="302 Found", Location="/loop"))))
