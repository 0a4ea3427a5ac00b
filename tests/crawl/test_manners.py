"""How a crawl behaves to hosts: turns, gaps, robots.txt, pauses, and what it says of itself."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.clock import SystemClock
from monitor.collect.http import HttpClient
from monitor.collect.robots import FRESH_FAILURE
from monitor.collect.slots import HostSlots
from monitor.errors import SourceError
from monitor.model import Host, Robots, RobotsFile, Validators, VisitOutcome
from tests.rigs.crawl import AGENT, LIMITS, LOOPBACK, CrawlRig, RecordedTurns, page, site_source, until
from tests.rigs.web import Answer, Exchange, WebRig, ok

pytestmark = pytest.mark.slow

GAP = 0.03
POLITE = replace(LIMITS, gap=timedelta(seconds=GAP))


def assert_one_at_a_time(exchanges: list[Exchange], gap: float) -> None:
    """The answer had gone, and the gap had passed, before the next request came (10 ms for the clocks' steps)."""
    ordered = sorted(exchanges, key=lambda exchange: exchange.came)
    assert all(later.came - earlier.went > gap - 0.01 for earlier, later in itertools.pairwise(ordered))


async def test_case_93_a_hundred_pages_of_a_host_are_asked_for_one_at_a_time_with_a_gap(web: WebRig) -> None:
    """By two children at once, robots.txt included: never two at a time, 30 ms apart here (case 93)."""
    crawl = CrawlRig(limits=POLITE)
    urls = {str(number): web.serve(f"/{number}", ok(page(f"Day {number} of return"))) for number in range(100)}
    async with crawl.reading() as one, crawl.reading() as other:
        half = {name: url for name, url in urls.items() if int(name) < 50}
        rest = {name: url for name, url in urls.items() if int(name) >= 50}
        reads = await asyncio.gather(one.read_all(half), other.read_all(rest))
    assert {name for found in reads for name, read in found.items() if read.draft} == set(urls)
    assert len(web.exchanges) in {101, 102}  # robots.txt once for each child, or once for both
    assert_one_at_a_time(web.exchanges, GAP)


class OneServer(AbstractResolver):
    """Every name is 127.0.0.1."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the base class names it
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return


async def test_case_93_three_names_of_one_server_share_its_turn(web: WebRig) -> None:
    """Three names with one address, and a client each for feeds and for a crawl, with one set of turns (case 93)."""
    clock = SystemClock()
    turns = HostSlots(clock, GAP)
    clients = [
        HttpClient(limits=POLITE, user_agent=AGENT, turns=turns, clock=clock, resolver=OneServer()) for _ in range(2)
    ]
    url = web.serve("/x", ok(b"x"))
    names = [url.replace("127.0.0.1", name) for name in ("one.example", "two.example", "three.example", "127.0.0.1")]
    await asyncio.gather(
        *(
            client.fetch(name, headers={}, allow_private=LOOPBACK, most_bytes=10)
            for client in clients
            for name in names
            for _ in range(3)
        )
    )
    for client in clients:
        await client.close()
    assert len(web.exchanges) == 24
    assert len({exchange.host for exchange in web.exchanges}) == 4
    assert_one_at_a_time(web.exchanges, GAP)


async def test_case_93_a_child_names_a_servers_address_for_its_turns(web: WebRig) -> None:
    """`localhost` and 127.0.0.1 are one place (case 93)."""
    turns = RecordedTurns()
    crawl = CrawlRig(turns=turns)
    url = web.serve("/x", ok(page("A day of return")))
    async with crawl.reading() as run:
        await run.read(url)
        await run.read(url.replace("127.0.0.1", "localhost"))
    assert {place for place, _ in turns.gaps} == {f"127.0.0.1 {web.port}"}


async def test_case_98_requests_of_a_crawl_are_honest_and_carry_nothing_else(crawl: CrawlRig, web: WebRig) -> None:
    """Pages, robots.txt, a listing with two pages, a sitemap: agent, Accept, no cookies, no Referer (case 98)."""
    web.serve("/robots.txt", ok(b"User-agent: *\nAllow: /\n", Set_Cookie="robots=1; Path=/"))
    for path, body in {
        "/a": page("A day of return"),
        "/b": page("Another day of return"),
        "/list": page("Home", more='<a rel=next href="/list/2">Next</a>'),
        "/list/2": page("Home", more='<a href="/news/81001">A long headline of the day</a>'),
        "/map": f"<urlset><url><loc>{web.url('/news/1')}</loc></url></urlset>".encode(),
    }.items():
        web.serve(path, ok(body, Set_Cookie="seen=1; Path=/", ETag='"1"'))
    async with crawl.reading() as run:
        for path in ("/a", "/b", "/a"):
            assert (await run.read(web.url(path))).draft
    await crawl.visit(site_source("listing", web.url("/list"), pages=2))
    await crawl.visit(site_source("sitemap", web.url("/map")))
    assert web.paths == ["/robots.txt", "/a", "/b", "/a", "/list", "/list/2", "/map"]
    for number, path in enumerate(web.paths):
        names = [line.split(":")[0].lower() for line in web.requests[number].decode().split("\r\n")[1:] if line]
        assert sorted(names) == ["accept", "accept-encoding", "host", "user-agent"], path
        assert web.header("User-Agent", number) == AGENT
        assert web.header("Accept-Encoding", number) == "gzip, deflate, br"
        accept = web.header("Accept", number) or ""
        assert accept.startswith("text/plain" if path == "/robots.txt" else "text/html")


async def test_validators_of_a_listing_go_back_and_304_is_no_failure(crawl: CrawlRig, web: WebRig) -> None:
    """They are sent to the source's own address alone, byte for byte."""
    listing = page("Home", more='<a href="/news/81001">A long headline of the day</a>')
    source = site_source("listing", web.serve("/list", ok(listing, ETag='W/"a-gzip"', Last_Modified="Monday, foo")))
    first = await crawl.visit(source)
    assert first.visit.validators == Validators(etag=b'W/"a-gzip"', last_modified=b"Monday, foo")
    web.serve("/list", ok(status="304 Not Modified"))
    second = await crawl.visit(source, validators=first.visit.validators)
    assert second.visit.outcome is VisitOutcome.NOT_MODIFIED
    assert (web.header("If-None-Match"), web.header("If-Modified-Since")) == ('W/"a-gzip"', "Monday, foo")
    assert not second.drafts
    with pytest.raises(SourceError, match="http_304"):
        await crawl.visit(source)


async def test_a_visit_of_several_pages_has_no_validators(crawl: CrawlRig, web: WebRig) -> None:
    """The first page may be as it was while the second has something new: a 304 would hide it."""
    link = '<a href="/news/81001">A long headline of the day</a>'
    web.serve("/list/2", ok(page("Home", more=link.replace("81001", "81002"))))
    url = web.serve("/list", ok(page("Home", more=f'{link}<a rel="next" href="/list/2">Older</a>'), ETag='"1"'))
    visited = await crawl.visit(site_source("listing", url, pages=2))
    assert len(visited.drafts) == 2
    assert visited.visit.validators == Validators()
    alone = await crawl.visit(site_source("listing", url))
    assert alone.visit.validators == Validators(etag=b'"1"')
    web.serve("/list", ok(status="304 Not Modified"))
    again = await crawl.visit(site_source("listing", url), validators=alone.visit.validators)
    assert again.visit.validators == alone.visit.validators, "a 304 need not repeat them"


RULES = b"User-agent: *\nDisallow: /no\n"
ROBOTS = {
    "200": (ok(RULES), "robots_disallowed"),
    "200 for others": (ok(b"User-agent: other\nDisallow: /\n"), None),
    "200 for us": (ok(b"User-agent: *\nDisallow: /\n\nUser-agent: news-coverage-monitor\nAllow: /\n"), None),
    "200 against us": (
        ok(b"User-agent: *\nAllow: /\n\nUser-Agent: News-Coverage-Monitor/2\nDisallow: /no\n"), "robots_disallowed"
    ),
    "200 with the longest match": (ok(b"User-agent: *\nDisallow: /no\nAllow: /no/page$\n"), None),
    "200, empty": (ok(), None),
    "203": (ok(RULES, status="203 From Cache"), "robots_disallowed"),
    "401": (ok(RULES, status="401 Unauthorized"), None),
    "403": (ok(RULES, status="403 Forbidden"), None),
    "404": (ok(RULES, status="404 Not Found"), None),
    "410": (ok(RULES, status="410 Gone"), None),
    "429": (ok(RULES, status="429 Too Many"), "robots_unreachable"),
    "500": (ok(status="500 Broken"), "robots_unreachable"),
    "503": (ok(b"User-agent: *\nAllow: /\n", status="503 Busy"), "robots_unreachable"),
    "silence": (Answer(b"", hang=True), "robots_unreachable"),
    "no HTTP": (Answer(b"SSH-2.0\r\n"), "robots_unreachable"),
    "half": (Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nUser-agent: *"), "robots_unreachable"),
    "one redirect": (ok(status="301 Moved", Location="/other-robots.txt"), "robots_disallowed"),
    "redirects without end": (ok(status="302 Found", Location="/robots.txt"), None),
    "5 MB, rules first": (ok(RULES + b"# comment\n" * 500_000), "robots_disallowed"),
    "5 MB, rules at 500 KiB": (ok(b"# comment\n" * 51_200 + RULES + b"# comment\n" * 450_000), "robots_disallowed"),
    "NUL": (ok(b"\0\0\0User-agent: *\n\0Disallow: /no\0\n"), "robots_disallowed"),
    "a byte order mark": (ok(b"\xef\xbb\xbf" + RULES), "robots_disallowed"),
    "HTML": (ok(page("Not found")), None),
    "no text": (ok(bytes(range(128, 256)) * 100), None),
}  # fmt: skip # a table


async def test_case_99_robots_txt_is_obeyed_as_rfc_9309_has_it() -> None:
    """Twenty-five answers: 5xx, 429 and silence forbid, other 4xx and loops permit, 512 KiB are read (case 99)."""
    crawl = CrawlRig(limits=replace(LIMITS, request=timedelta(seconds=5), first_byte=timedelta(seconds=5)))
    async with AsyncExitStack() as stack:
        rigs = {name: await stack.enter_async_context(WebRig()) for name in ROBOTS}
        for name, rig in rigs.items():
            rig.serve("/robots.txt", ROBOTS[name][0])
            rig.serve("/other-robots.txt", ok(RULES))
            rig.serve("/no/page", ok(page("A day of return")))
        async with crawl.reading() as run:
            reads = await run.read_all({name: rig.url("/no/page") for name, rig in rigs.items()})
            assert {name: read.error for name, read in reads.items()} == {
                name: word for name, (_, word) in ROBOTS.items()
            }
            ignoring = await run.read_all(
                {name: rig.url("/no/page") for name, rig in rigs.items()}, robots=Robots.IGNORE
            )
            assert {name for name, read in ignoring.items() if read.error} == set()
        for name, rig in rigs.items():
            asked = rig.paths.count("/robots.txt")
            assert asked == (6 if name == "redirects without end" else 1), name
            assert rig.paths.count("/no/page") == (1 if ROBOTS[name][1] else 2), name
            told = crawl.hosts.known.get(rig.place)
            if ROBOTS[name][1] != "robots_unreachable" and name != "redirects without end":
                assert told is not None, name
                assert told.robots is not None, name
                assert len(told.robots.body) <= 512 * 1024


@pytest.mark.parametrize("kind", ["listing", "sitemap"])
async def test_case_99_robots_txt_holds_for_listings_and_sitemaps(kind: str, crawl: CrawlRig, web: WebRig) -> None:
    """Forbidden, unreachable, and ignored where the source says so (case 99)."""
    web.serve("/robots.txt", ok(RULES))
    url = web.serve("/no/x", ok(b"<urlset/>"))
    with pytest.raises(SourceError, match="robots_disallowed"):
        await crawl.visit(site_source(kind, url))
    assert web.paths == ["/robots.txt"]
    with pytest.raises(SourceError, match="robots_disallowed"):
        await crawl.visit(site_source(kind, url))
    assert web.paths == ["/robots.txt"]  # remembered
    crawl.hosts.known.clear()
    web.serve("/robots.txt", ok(status="500 Broken"))
    with pytest.raises(SourceError, match="robots_unreachable"):
        await crawl.visit(site_source(kind, url))
    body = page("Home", more='<a href="/no/81001">A long headline of it</a>') if kind == "listing" else b"<urlset/>"
    source = site_source(kind, web.serve("/no/y", ok(body)))
    visited = await crawl.visit(replace(source, robots=Robots.IGNORE))
    assert visited.visit.status == 200
    assert web.paths == ["/robots.txt", "/robots.txt", "/no/y"]


async def test_case_99_a_redirect_leads_to_no_address_that_robots_txt_forbids(crawl: CrawlRig, web: WebRig) -> None:
    """On the same host and on another, whose own file is read first (case 99)."""
    async with WebRig() as other, crawl.reading() as run:
        web.serve("/robots.txt", ok(RULES))
        other.serve("/robots.txt", ok(RULES))
        other.serve("/no/x", ok(page("A day of return")))
        same = web.serve("/same", ok(status="302 Found", Location="/no/x"))
        there = web.serve("/there", ok(status="302 Found", Location=other.url("/no/x")))
        reads = await run.read_all({"same": same, "there": there})
        assert {read.error for read in reads.values()} == {"robots_disallowed"}
        assert other.paths == ["/robots.txt"]
        assert "/no/x" not in web.paths


@pytest.mark.parametrize(
    ("delay", "gap"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("61", 60.0),
        ("1e308", 60.0),
        ("inf", 0.0),
        ("nan", 0.0),
        ("-3", 0.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
async def test_case_99_a_crawl_delay_is_asked_for_with_each_turn_and_a_minute_at_most(
    delay: str, gap: float, web: WebRig
) -> None:
    """(case 99)"""
    turns = RecordedTurns()
    crawl = CrawlRig(turns=turns)
    web.serve("/robots.txt", ok(f"User-agent: *\nCrawl-delay: {delay}\nDisallow: /no\n".encode()))
    async with crawl.reading() as run:
        for number in range(2):
            assert (await run.read(web.serve(f"/{number}", ok(page("A day of return"))))).draft
    assert [told for _, told in turns.gaps] == [0.0, gap, gap]


async def test_case_99_a_crawl_delay_lies_between_requests_also_of_two_children(web: WebRig) -> None:
    """A quarter of a second here; the second child is told of the robots.txt and does not ask (case 99)."""
    crawl = CrawlRig()
    web.serve("/robots.txt", ok(b"User-agent: *\nCrawl-delay: 0.25\n"))
    urls = {str(number): web.serve(f"/{number}", ok(page("A day of return"))) for number in range(3)}
    async with crawl.reading() as run:
        await run.read_all(urls)
    async with crawl.reading() as run:
        await run.read_all(urls)
    pages = [exchange for exchange in web.exchanges if exchange.path != "/robots.txt"]
    assert len(pages) == 6
    assert len(web.exchanges) == 7
    assert_one_at_a_time(pages, 0.25)


@pytest.mark.parametrize(
    ("status", "age", "asked"),
    [
        (200, 23, False),
        (200, 25, True),
        (404, 23, False),
        (404, 25, True),
        (503, 0.4, False),
        (503, 0.6, True),
        (None, 0.6, True),
    ],
)
async def test_case_99_a_robots_txt_is_remembered_for_a_day_and_a_failure_for_half_an_hour(
    status: int | None, age: float, crawl: CrawlRig, web: WebRig, *, asked: bool
) -> None:
    """Hours of age; for pages of two hosts and for a listing (case 99)."""
    read_at = datetime.now(UTC) - timedelta(hours=age)
    async with WebRig() as other:
        for rig in (web, other):
            rig.serve("/robots.txt", ok())
            rig.serve("/x", ok(page("Home", more='<a href="/news/81001">A long headline of the day</a>')))
            file = RobotsFile(status=status, body="", read_at=read_at)
            crawl.hosts.known[rig.place] = Host(name=rig.place, robots=file)
        async with crawl.reading() as run:
            reads = [await run.read(web.url("/x")), await run.read(other.url("/x"))]
        for rig in (web, other):
            assert ("/robots.txt" in rig.paths) == asked
        forbidden = status == 503 and not asked
        assert {read.error for read in reads} == ({"robots_unreachable"} if forbidden else {None})
        if forbidden:  # until it is asked for again, a try could come to nothing else
            waits = [read.retry_after for read in reads if read.retry_after is not None]
            assert len(waits) == 2
            assert all(FRESH_FAILURE - (datetime.now(UTC) - read_at) <= wait < FRESH_FAILURE for wait in waits)
    # What the pages brought is told; for the listing it is as old again.
    crawl.hosts.known[web.place] = Host(name=web.place, robots=RobotsFile(status=status, body="", read_at=read_at))
    before = web.paths.count("/robots.txt")
    visit = crawl.visit(site_source("listing", web.url("/x")))
    if forbidden:
        with pytest.raises(SourceError, match="robots_unreachable"):
            await visit
    else:
        await visit
    assert (web.paths.count("/robots.txt") > before) == asked


async def test_case_88_a_busy_host_is_left_alone_for_as_long_as_it_asks_by_all_crawls() -> None:
    """429 and 503 with Retry-After pause the host, 429 without for an hour; 503 without, and 0, pause nothing (case 88)."""
    crawl = CrawlRig()
    async with AsyncExitStack() as stack:
        answers = {
            "429": (ok(status="429 Too Many", Retry_After="120"), 120),
            "503": (ok(status="503 Busy", Retry_After="90"), 90),
            "429 without": (ok(status="429 Too Many"), 3600),
            "429 nonsense": (ok(status="429 Too Many", Retry_After="1e3"), 3600),
            "429 for years": (ok(status="429 Too Many", Retry_After="9" * 5000), 86400),
            "503 without": (ok(status="503 Busy"), 0),
            "429 for no time": (ok(status="429 Too Many", Retry_After="0"), 0),
            "503 for no time": (ok(status="503 Busy", Retry_After="0"), 0),
        }
        rigs = {name: await stack.enter_async_context(WebRig()) for name in answers}
        started = time.time()
        async with crawl.reading() as run:
            for name, rig in rigs.items():
                busy = await run.read(rig.serve("/busy", answers[name][0]))
                assert busy.error == f"http_{name[:3]}"
                assert busy.counts
                then = await run.read(rig.serve("/page", ok(page("A day of return"))))
                assert then.error == ("host_paused" if answers[name][1] else None), name
                assert then.counts == (not answers[name][1])
                if answers[name][1]:
                    assert then.retry_after
                    assert then.retry_after <= timedelta(seconds=answers[name][1])
        for name, rig in rigs.items():
            until_ = crawl.hosts.known[rig.place].paused_until
            assert (until_ is not None) == bool(answers[name][1])
            if until_:
                assert answers[name][1] <= until_.timestamp() - started < answers[name][1] + 60
            assert rig.paths == ["/robots.txt", "/busy"] + ["/page"] * (not answers[name][1])
        # Another child is told, for a page as for a listing.
        paused = rigs["429"]
        async with crawl.reading() as run:
            assert (await run.read(paused.url("/page"))).error == "host_paused"
        with pytest.raises(SourceError, match="host_paused") as error:
            await crawl.visit(site_source("listing", paused.url("/page")))
        assert error.value.retry_after
        assert paused.paths == ["/robots.txt", "/busy"]
        # A pause that is over counts for nothing.
        crawl.hosts.known[paused.place] = Host(name=paused.place, paused_until=datetime.now(UTC) - timedelta(seconds=1))
        async with crawl.reading() as run:
            assert (await run.read(paused.url("/page"))).draft


async def test_case_88_requests_that_wait_for_their_turn_are_not_made_when_the_host_asks_for_a_pause(
    web: WebRig,
) -> None:
    """Eight pages ordered at once, the first is answered 429: the server sees no other (case 88)."""
    crawl = CrawlRig(limits=POLITE)
    web.serve("/robots.txt", ok())
    web.serve("/busy", ok(status="429 Too Many", Retry_After="120"))
    async with crawl.reading() as run:
        reads = await run.read_all({str(number): web.url("/busy") for number in range(8)})
    assert sorted(str(read.error) for read in reads.values()) == ["host_paused"] * 7 + ["http_429"]
    assert web.paths == ["/robots.txt", "/busy"]


async def test_case_88_a_listing_that_is_busy_pauses_its_host(crawl: CrawlRig, web: WebRig) -> None:
    """The visit fails with what the server asked for, and the pause is a row of its host (case 88)."""
    url = web.serve("/list", ok(status="429 Too Many", Retry_After="120"))
    with pytest.raises(SourceError) as error:
        await crawl.visit(site_source("listing", url))
    assert (error.value.kind, error.value.status, error.value.retry_after) == ("http_429", 429, timedelta(seconds=120))
    assert crawl.hosts.known[web.place].paused_until
    await until(lambda: web.paths == ["/robots.txt", "/list"], "nothing more")


async def test_case_88_a_listing_that_may_be_asked_again_at_once_says_so(crawl: CrawlRig, web: WebRig) -> None:
    """Retry-After: 0 is a time that was told, not one that is missing (case 88)."""
    with pytest.raises(SourceError, match="http_429") as error:
        await crawl.visit(site_source("listing", web.serve("/list", ok(status="429 Too Many", Retry_After="0"))))
    assert error.value.retry_after == timedelta()


async def test_case_88_a_pause_reaches_a_child_that_runs_already(crawl: CrawlRig, web: WebRig) -> None:
    """It has read a page of the host before; another child hears of the pause, and it makes no further request."""
    crawls = crawl.crawls()
    good = web.serve("/page", ok(page("A day of return")))
    async with crawl.reading(crawls) as one, crawl.reading(crawls) as other:
        assert (await other.read(good)).draft
        busy = await one.read(web.serve("/busy", ok(status="429 Too Many", Retry_After="120")))
        assert busy.error == "http_429"
        read = await other.read(good)
        assert (read.error, read.counts) == ("host_paused", False)
    assert web.paths.count("/page") == 1


async def test_case_99_pages_of_a_host_that_wants_a_long_gap_go_back_when_the_run_ends(web: WebRig) -> None:
    """A minute between pages, eight in hand, no more orders: one is read, the others are no try (case 99)."""
    crawl = CrawlRig(limits=replace(LIMITS, request=timedelta(seconds=3)))
    web.serve("/robots.txt", ok(b"User-agent: *\nCrawl-delay: 60\n"))
    url = web.serve("/page", ok(page("A day of return")))
    async with crawl.reading() as run:
        waiting = [run.order(url) for _ in range(8)]
        run.orders.put_nowait(None)
        reads = await asyncio.gather(*waiting)
    assert sorted(str(read.error) for read in reads) == ["None"] + ["not_reached"] * 7
    assert all(not read.counts for read in reads if read.error)
    assert web.paths == ["/robots.txt", "/page"]


async def test_case_99_a_listing_whose_next_page_cannot_be_had_in_time_keeps_what_it_has(web: WebRig) -> None:
    """A minute between pages, a crawl of three quarters of one: its first page counts, and it says `done` (case 99)."""
    limits = replace(LIMITS, crawl=timedelta(seconds=45), request=timedelta(seconds=8), parse=timedelta(seconds=20))
    web.serve("/robots.txt", ok(b"User-agent: *\nCrawl-delay: 60\n"))
    link = '<a href="/news/81001">A long headline of the day</a><a rel=next href="/list/2">Older</a>'
    url = web.serve("/list", ok(page("Home", more=link)))
    collected = await CrawlRig(limits=limits).visit(site_source("listing", url, pages=2))
    assert len(collected.drafts) == 1
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.READ, "not_reached")
    assert "/list/2" not in web.paths
