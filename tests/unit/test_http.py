from __future__ import annotations

import asyncio
import errno
import gzip
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ConnectionKey

from monitor.collect import failures
from monitor.collect.feeds import FeedCollector
from monitor.collect.guard import AddressGuard, BlockedAddress
from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.slots import HostSlots
from monitor.errors import SourceError
from monitor.model import Collected, Limits, Robots, SourceState, Validators, VisitOutcome
from monitor.polling.remembered import CUT_SHORT, after_visit, is_reread
from tests.factories import NOW, source, state, visit
from tests.fakes import FakeClock, FakeParser
from tests.rigs.bombs import packed_as
from tests.rigs.crawl import RememberedHosts, remembered_pauses, remembered_robots
from tests.rigs.web import Answer, WebRig, ok

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
LIMITS = Limits(
    gap=timedelta(), request=timedelta(seconds=1), first_byte=timedelta(seconds=1), connect=timedelta(seconds=1)
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
        "2002:7f00:1::", "2001:0:1::1", "fe80::1%lo", "fec0::1", "fc00::1", "169.254.169.254", "fd00:ec2::254", "100.64.0.1", "192.0.0.1",
        "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "10.1.1.1", "172.16.0.1", "192.168.1.1", "ff02::1",
        "192.0.2.1", "2001:db8::1",
    ],
)  # fmt: skip # a table
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """(case 41)"""
    with pytest.raises(BlockedAddress):
        AddressGuard().check(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    AddressGuard().check(address)


def test_an_allowed_network_passes_and_no_other() -> None:
    """(case 47)"""
    guard = AddressGuard([ipaddress.ip_network("10.1.2.0/24")])
    guard.check("10.1.2.3")
    with pytest.raises(BlockedAddress):
        guard.check("10.1.3.3")
    with pytest.raises(BlockedAddress):
        guard.check("::1")


class StubResolver(AbstractResolver):
    """Answers by question number: a name that rebinds."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.questions = 0

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the base class names it
    ) -> list[ResolveResult]:
        self.questions += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=socket.AF_INET, proto=0, flags=0) for ip in answer
        ]

    async def close(self) -> None:
        return


def make_client(
    limits: Limits = LIMITS, resolver: AbstractResolver | None = None, clock: FakeClock | None = None
) -> HttpClient:
    clock = clock or FakeClock()
    turns = HostSlots(clock, limits.gap.total_seconds())
    return HttpClient(limits=limits, user_agent="test/1 (+me)", turns=turns, clock=clock, resolver=resolver)


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    made = make_client()
    yield made
    await made.close()


async def failure(client: HttpClient, url: str, *, allowed: bool = True, most: int = 10_000) -> SourceError:
    with pytest.raises(SourceError) as error:
        await client.fetch(url, headers={}, allow_private=LOOPBACK if allowed else (), most_bytes=most)
    return error.value


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0", "localhost", "①②⑦.⓪.⓪.①"]
)
async def test_no_spelling_of_loopback_is_dialled(client: HttpClient, web: WebRig, host: str) -> None:
    """(case 41)"""
    found = await failure(client, f"http://{host}:{web.port}/", allowed=False)
    assert found.kind in {"blocked_address", "bad_address", "bad_response", "dns"}
    assert web.connections == 0


async def test_one_private_answer_refuses_the_name(web: WebRig) -> None:
    """(case 42)"""
    client = make_client(resolver=StubResolver(["8.8.8.8", "10.0.0.1"]))
    assert (await failure(client, f"http://mixed.example:{web.port}/", allowed=False)).kind == "blocked_address"
    await client.close()


async def test_a_name_that_rebinds_is_dialled_where_it_was_checked(web: WebRig) -> None:
    """(case 43)"""
    resolver = StubResolver(["127.0.0.1"], ["10.9.9.9"])
    client = make_client(resolver=resolver)
    url = web.serve("/feed", ok(b"x")).replace("127.0.0.1", "rebind.example")
    await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=10)
    await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=10)
    assert resolver.questions == 1
    await client.close()


async def test_permissions_of_one_source_are_not_anothers(client: HttpClient, web: WebRig) -> None:
    """A pooled connection never crosses sources (case 47)."""
    url = web.serve("/feed", ok(b"x"))
    await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=10)
    assert (await failure(client, url, allowed=False)).kind == "blocked_address"
    assert web.connections == 1


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "file:///etc/passwd", "//169.254.169.254/x", "gopher://x/"])
async def test_every_hop_of_a_redirect_is_checked(client: HttpClient, web: WebRig, target: str) -> None:
    """(case 44)"""
    url = web.serve("/r", ok(status="302 Found", Location=target))
    assert (await failure(client, url)).kind in {"blocked_address", "bad_address"}


async def test_redirects_end(client: HttpClient, web: WebRig) -> None:
    """(case 31)"""
    url = web.serve("/loop", ok(status="302 Found", Location="/loop"))
    assert (await failure(client, url)).kind == "redirect_loop"
    assert web.connections == 6


@pytest.mark.parametrize(("status", "moved"), [("301 Moved", True), ("302 Found", False)])
async def test_only_permanent_moves_are_told(client: HttpClient, web: WebRig, status: str, *, moved: bool) -> None:
    url = web.serve("/old", ok(status=status, Location="/new"))
    web.serve("/new", ok(b"x"))
    answer = await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=10)
    assert answer.moved_to == (web.url("/new") if moved else None)


async def test_bodies_end_at_the_limit_also_when_compressed(client: HttpClient, web: WebRig) -> None:
    """(cases 26, 29)"""
    url = web.serve("/bomb", ok(gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip"))
    assert (await failure(client, url)).kind == "too_large"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n", "bad_response"),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X%d: " % n + b"y" * 8000 + b"\r\n" for n in range(9)) + b"Content-Length: 0\r\n\r\n", "too_many_headers"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 1\r\n\r\nx", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "bad_response"),
        (b"nonsense\r\n\r\n", "bad_response"),
        (b"", "bad_response"),
    ],
)  # fmt: skip # a table
async def test_hostile_answers_are_errors_of_the_source(client: HttpClient, web: WebRig, raw: bytes, kind: str) -> None:
    """(cases 27, 29, 100)"""
    assert (await failure(client, web.serve("/x", Answer(raw)))).kind == kind


async def test_a_dripping_server_is_left_after_the_limit(web: WebRig) -> None:
    """(case 28)"""
    client = make_client(replace(LIMITS, request=timedelta(milliseconds=200)))
    assert (await failure(client, web.serve("/drip", Answer(ok(b"x").raw, drip=0.02)))).kind == "timeout"
    assert (await failure(client, web.serve("/hang", Answer(b"HTTP/1.1 200 OK\r\n", hang=True)))).kind == "timeout"
    await client.close()


async def test_a_timeout_says_which_limit_it_was(web: WebRig) -> None:
    """Silence is another thing than an answer that takes too long: which key of `limits:` would help."""
    client = make_client(replace(LIMITS, request=timedelta(seconds=30), first_byte=timedelta(milliseconds=200)))
    silent = await failure(client, web.serve("/hang", Answer(b"HTTP/1.1 200 OK\r\n", hang=True)))
    assert (silent.kind, silent.detail) == ("timeout", "the server was silent for 0.2 s")
    await client.close()
    client = make_client(replace(LIMITS, request=timedelta(milliseconds=200), first_byte=timedelta(seconds=30)))
    slow = await failure(client, web.serve("/drip", Answer(ok(b"x").raw, drip=0.02)))
    assert (slow.kind, slow.detail) == ("timeout", "no complete answer within 0.2 s")
    await client.close()


async def test_dead_ends_have_names(client: HttpClient, web: WebRig) -> None:
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    refused = await failure(client, f"http://127.0.0.1:{port}/")
    assert (refused.kind, refused.detail) == ("connect", f"127.0.0.1:{port} refuses connections")
    assert (await failure(client, "http://no-such-name.invalid/")).kind == "dns"
    assert (await failure(client, f"https://127.0.0.1:{web.port}/")).kind in {"tls", "connect", "timeout"}
    assert (await failure(client, "http://127.0.0.1:25/")).kind == "bad_address"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ECONNREFUSED, "Connect call failed ('192.0.2.7', 443)"), "one.example:443 refuses connections"),
        (OSError(errno.ETIMEDOUT, "x"), "one.example:443 does not answer: timed out"),
        (OSError(errno.ECONNRESET, "x"), "one.example:443 ended the connection"),
        (OSError(errno.ENETUNREACH, "x"), "there is no way to one.example:443: network unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "there is no way to one.example:443: host unreachable"),
        (OSError(errno.EMFILE, "x"), "could not connect to one.example:443: too many open files"),
        (OSError("Multiple exceptions: [Errno 111] …, [Errno 101] …"), "could not connect to one.example:443"),
    ],
)
def test_a_connection_that_fails_is_told_in_short_words(error: OSError, told: str) -> None:
    key = ConnectionKey("one.example", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
    found = failures.failure(aiohttp.ClientConnectorError(key, error))
    assert (found.kind, found.detail) == ("connect", told)


async def test_a_server_that_hangs_up_is_told_in_short_words(client: HttpClient, web: WebRig) -> None:
    found = await failure(client, web.serve("/cut", Answer(b"")))
    assert (found.kind, found.detail) == (
        "bad_response",
        "the server ended the connection before its answer was complete",
    )


async def test_requests_are_honest_and_carry_nothing_else(client: HttpClient, web: WebRig) -> None:
    """(case 98)"""
    url = web.serve("/feed", ok(b"x", Set_Cookie="a=b"))
    for _ in range(2):
        await client.fetch(url, headers={"Accept": "application/rss+xml"}, allow_private=LOOPBACK, most_bytes=10)
    assert web.header("User-Agent") == "test/1 (+me)"
    assert "br" in str(web.header("Accept-Encoding"))
    assert web.header("Cookie") is None
    assert web.header("Referer") is None


async def test_one_request_at_a_time_for_each_host_with_a_gap() -> None:
    """(case 93)"""
    clock = FakeClock()
    slots = HostSlots(clock, 1.0)
    times = []
    for host in ("a", "a", "b"):
        async with slots.hold(host):
            times.append(clock.monotonic())
    assert times == [1000.0, 1001.0, 1001.0]
    for number in range(2100):
        clock.advance(5)
        async with slots.hold(str(number)):
            pass
    assert len(slots._slots) < 2100


async def test_case_99_a_robots_txt_that_grows_old_while_a_request_waits_for_its_turn_holds_up_nobody(
    web: WebRig,
) -> None:
    """To read it anew is a request to the same server, whose turn the first one holds by then."""
    clock = FakeClock()
    slots = HostSlots(clock, 0.0)

    class DayLong:
        @asynccontextmanager
        async def hold(self, place: str, *, gap: float = 0.0) -> AsyncIterator[None]:
            async with slots.hold(place, gap=gap):
                clock.advance(25 * 3600)
                yield

    web.serve("/robots.txt", ok(b"User-agent: *\nDisallow: /no"))
    web.serve("/feed", ok(b"<rss/>"))
    client = HttpClient(limits=Limits(), user_agent="x/1", turns=DayLong(), clock=clock)
    robots = remembered_robots(client, remembered_pauses(clock=clock), clock=clock)
    asked = source(url=web.url("/feed"), robots=Robots.OBEY, allow_private=LOOPBACK)
    feeds = FeedCollector(
        client=client,
        parser=FakeParser(),
        pauses=remembered_pauses(clock=clock),
        robots=robots,
        limits=Limits(),
        clock=clock,
    )
    async with asyncio.timeout(60):
        for _ in range(3):
            await feeds.collect(asked, state())
    assert web.paths == ["/robots.txt", "/feed"] * 3
    await client.close()


async def test_case_101_a_name_is_resolved_again_within_ten_minutes(web: WebRig) -> None:
    """The host has moved to another machine: the next connection goes there (case 101)."""
    resolver, clock = StubResolver(["127.0.0.1"], ["127.0.0.2"]), FakeClock()
    async with WebRig("127.0.0.2", port=web.port) as moved:
        client = make_client(resolver=resolver, clock=clock)
        web.serve("/", ok(b"old"))
        moved.serve("/", ok(b"new"))
        url = f"http://news.example:{web.port}/"
        bodies = []
        for _ in range(3):
            answer = await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=100)
            bodies.append(answer.body)
            clock.advance(299)
        await client.close()
    assert bodies == [b"old", b"old", b"new"]
    assert resolver.questions == 2


async def test_case_101_a_name_that_has_no_address_is_asked_about_again_at_once(web: WebRig) -> None:
    """Nothing that failed is remembered (case 101)."""
    web.serve("/", ok(b"here"))
    client = make_client(resolver=StubResolver([], [], ["127.0.0.1"]))
    url = f"http://news.example:{web.port}/"
    with pytest.raises(SourceError, match=r"dns|connect"):
        await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=100)
    assert (await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=100)).body == b"here"
    await client.close()


async def test_case_101_where_the_first_address_refuses_the_second_is_tried(web: WebRig) -> None:
    web.serve("/", ok(b"alive"))
    client = make_client(resolver=StubResolver(["127.0.0.3", "127.0.0.1"]))
    url = f"http://news.example:{web.port}/"
    assert (await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=100)).body == b"alive"
    await client.close()


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere a full queue of connections refuses instead of keeping silent"
)
async def test_case_101_where_the_first_address_is_silent_the_second_is_tried_in_time(web: WebRig) -> None:
    """Long before the 10 s that a connection may take: the request as a whole succeeds within them (case 101)."""
    web.serve("/", ok(b"alive"))
    with socket.create_server(("127.0.0.3", web.port), backlog=0) as dead:
        waiting = [socket.socket() for _ in range(4)]  # they fill its queue: from now on it answers nobody
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(dead.getsockname())
        await asyncio.sleep(0.05)
        client = make_client(Limits(gap=timedelta()), resolver=StubResolver(["127.0.0.3", "127.0.0.1"]))
        url = f"http://news.example:{web.port}/"
        async with asyncio.timeout(10):
            answer = await client.fetch(url, headers={}, allow_private=LOOPBACK, most_bytes=100)
        await client.close()
        for one in waiting:
            one.close()
    assert answer.body == b"alive"


async def collect(
    client: HttpClient,
    web: WebRig,
    parser: FakeParser,
    *,
    pauses: Pauses | None = None,
    before: SourceState | None = None,
    **facts: object,
) -> Collected:
    pauses = pauses or remembered_pauses()
    robots = remembered_robots(client, pauses)
    collector = FeedCollector(
        client=client, parser=parser, pauses=pauses, robots=robots, limits=LIMITS, clock=FakeClock()
    )
    return await collector.collect(source(url=web.url("/feed"), allow_private=LOOPBACK), before or state(**facts))


async def test_validators_go_back_byte_for_byte(client: HttpClient, web: WebRig) -> None:
    """(case 83)"""
    web.serve("/feed", ok(b"one", ETag='W/"a-gzip"', Last_Modified="Wednesday, foo"), ok(status="304 Not Modified"))
    first = await collect(client, web, FakeParser())
    assert first.visit.outcome is VisitOutcome.READ
    assert first.drafts[0].title == "one"
    validators = first.visit.validators
    assert validators == Validators(etag=b'W/"a-gzip"', last_modified=b"Wednesday, foo")
    second = await collect(client, web, FakeParser(), validators=validators, body_hash=first.visit.body_hash)
    assert second.visit.outcome is VisitOutcome.NOT_MODIFIED
    assert (web.header("If-None-Match"), web.header("If-Modified-Since")) == ('W/"a-gzip"', "Wednesday, foo")
    assert second.visit.validators == validators
    assert second.visit.body_hash == first.visit.body_hash


async def test_the_same_body_is_not_parsed_again_but_new_validators_are_kept(client: HttpClient, web: WebRig) -> None:
    """(case 85)"""
    web.serve("/feed", ok(b"one"), ok(b"one", ETag='"2"', Cache_Control="max-age=600"))
    parser = FakeParser()
    first = await collect(client, web, parser)
    second = await collect(client, web, parser, body_hash=first.visit.body_hash)
    assert second.visit.outcome is VisitOutcome.UNCHANGED
    assert parser.parsed == 1
    assert second.visit.validators == Validators(etag=b'"2"')
    assert second.visit.hints.fresh == timedelta(minutes=10)


async def test_validators_that_cannot_be_sent_are_left_out(client: HttpClient, web: WebRig) -> None:
    web.serve("/feed", ok(b"one"))
    await collect(client, web, FakeParser(), validators=Validators(etag=b"\xff", last_modified=b"a\nb"))
    assert web.header("If-None-Match") is None
    assert web.header("If-Modified-Since") is None


async def test_a_feed_that_cannot_be_parsed_is_an_error_and_remembers_nothing(client: HttpClient, web: WebRig) -> None:
    """(case 20)"""
    web.serve("/feed", ok(b"one", ETag='"1"'))
    parser = FakeParser()
    parser.error = SourceError("parse_timeout")
    with pytest.raises(SourceError, match="parse_timeout"):
        await collect(client, web, parser)


async def test_refusals_carry_the_servers_wish(client: HttpClient, web: WebRig) -> None:
    web.serve("/feed", ok(status="429 Too Many", Retry_After="120"))
    with pytest.raises(SourceError) as error:
        await collect(client, web, FakeParser())
    assert (error.value.kind, error.value.status, error.value.retry_after) == ("http_429", 429, timedelta(seconds=120))


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (ok(status="429 Too Many", Retry_After="120"), 120),
        (ok(status="503 Busy", Retry_After="90"), 90),
        (ok(status="429 Too Many"), 0),
        (ok(status="429 Too Many", Retry_After="0"), 0),
        (ok(status="503 Busy"), 0),
        (ok(status="500 Broken", Retry_After="90"), 0),
    ],
)
async def test_case_88_a_feed_whose_host_says_how_long_it_is_busy_pauses_the_host(
    answer: Answer, wait: int, client: HttpClient, web: WebRig
) -> None:
    """A row of its host, which pages and crawls heed; without a time, the feed alone waits (cases 88, 89)."""
    hosts = RememberedHosts()
    web.serve("/feed", answer)
    with pytest.raises(SourceError, match="http_"):
        await collect(client, web, FakeParser(), pauses=remembered_pauses(hosts))
    told = {name: host.paused_until for name, host in hosts.known.items()}
    assert told == ({web.place: NOW + timedelta(seconds=wait)} if wait else {})


async def test_case_88_a_feed_of_a_paused_host_is_not_asked_for(client: HttpClient, web: WebRig) -> None:
    """Nor one that a redirect leads there; afterwards it is (case 88)."""
    clock = FakeClock()
    hosts = RememberedHosts()
    hosts.pause_host(web.place, NOW + timedelta(minutes=5))
    pauses = remembered_pauses(hosts, clock)
    web.serve("/feed", ok(b"one"))
    with pytest.raises(SourceError, match="host_paused") as error:
        await collect(client, web, FakeParser(), pauses=pauses)
    assert error.value.retry_after == timedelta(minutes=5)
    async with WebRig() as other:
        other.serve("/feed", ok(status="302 Found", Location=web.url("/feed")))
        with pytest.raises(SourceError, match="host_paused"):
            await collect(client, other, FakeParser(), pauses=pauses)
        assert other.paths == ["/feed"]
    assert web.requests == []
    clock.advance(301)
    assert (await collect(client, web, FakeParser(), pauses=pauses)).drafts


async def test_a_pause_that_another_process_wrote_down_is_heeded_soon_and_none_is_shortened() -> None:
    """The store is asked again after ten seconds: `monitor collect` beside the daemon."""
    clock, hosts = FakeClock(), RememberedHosts()
    pauses = remembered_pauses(hosts, clock)
    assert await pauses.live() == {}
    hosts.pause_host("one.example", NOW + timedelta(minutes=5))
    clock.advance(10)
    assert await pauses.live() == {"one.example": NOW + timedelta(minutes=5)}
    await pauses.pause("one.example", NOW + timedelta(minutes=2))
    assert await pauses.live() == {"one.example": NOW + timedelta(minutes=5)}
    clock.advance(290)
    assert await pauses.live() == {}


async def test_case_100_a_feed_that_ends_before_it_is_closed_is_read_again_whole(
    client: HttpClient, web: WebRig
) -> None:
    """An answer that ends with its connection looks complete: the document says that it is not."""
    web.serve("/feed", Answer(b'HTTP/1.1 200 OK\r\nETag: "2"\r\n\r\none'))
    before = {"validators": Validators(etag=b'"1"'), "body_hash": b"before"}
    found = await collect(client, web, FakeParser(cut=True), **before)
    assert [draft.title for draft in found.drafts] == ["one"]
    assert (found.visit.outcome, found.visit.error) == (VisitOutcome.READ, "cut_short")
    after = after_visit(source(), state(**before), found.visit, limits=LIMITS, jitter=0)
    assert (after.validators, after.body_hash) == (Validators(etag=b'"1"'), b"before")
    assert after.first_good_at is None  # what follows behind the cut is no news


async def test_case_100_a_feed_that_is_cut_short_after_an_upgrade_is_marked_as_read_by_the_new_program(
    client: HttpClient, web: WebRig
) -> None:
    """What differs in it is our reading and no edit, in the part as in what follows the break; later edits are edits."""
    web.serve("/feed", ok(b"one"))
    now = state(parser="1/6.0.11", validators=Validators(etag=b'"1"'), body_hash=b"before", last_good_at=NOW)
    rereads = []
    for cut in (True, True, False, True, False):
        seen = (await collect(client, web, FakeParser(cut=cut), before=now)).visit
        rereads.append(is_reread(now, seen))
        now = after_visit(source(), now, seen, limits=LIMITS, jitter=0)
        assert now.parser == state().parser
        web.serve("/feed", ok(f"{len(rereads)}".encode()))
    assert rereads == [True, False, True, False, False]
    assert web.header("If-None-Match") is None


def test_a_feed_that_never_ends_as_it_should_has_news_all_the_same() -> None:
    """Its outlet may write it so: what came after the first visit must not be taken for what was there before."""
    cut = visit(error=CUT_SHORT)
    first = after_visit(source(), state(), cut, limits=LIMITS, jitter=0)
    assert first.first_good_at is None
    assert after_visit(source(), first, cut, limits=LIMITS, jitter=0).first_good_at == cut.finished_at


async def test_a_feed_of_more_entries_than_are_taken_says_so(client: HttpClient, web: WebRig) -> None:
    web.serve("/feed", ok(b"one", ETag='"2"'))
    visit = (await collect(client, web, FakeParser(left_out=4000))).visit
    assert (visit.error, visit.detail) == ("too_many_entries", "4001 entries; the newest 1 were read")
    assert visit.validators == Validators(etag=b'"2"')


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_case_100_a_packed_feed_that_is_cut_short_is_an_error_though_its_length_is_right(
    coding: str, client: HttpClient, web: WebRig
) -> None:
    """Nothing of it is parsed, and its validators are not kept (case 100)."""
    packed = packed_as(coding, b"one" * 500)
    web.serve("/feed", ok(packed[:-3], Content_Encoding=coding, ETag='"1"'), ok(packed, Content_Encoding=coding))
    parser = FakeParser()
    with pytest.raises(SourceError, match="cut short"):
        await collect(client, web, parser)
    assert parser.parsed == 0
    assert (await collect(client, web, parser)).drafts
