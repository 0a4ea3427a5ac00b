"""Hostile servers in a feed's place: bombs, floods, silence, redirects without end, headers of nonsense."""

from __future__ import annotations

import asyncio
import tracemalloc
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.model import Collected, Limits, Source, SourceState
from monitor.protocols import Collector
from tests.crawl.test_hostile_servers import LENGTHS, drips, floods
from tests.rigs.bombs import coded, endless, endless_chunks, packed_as
from tests.rigs.crawl import until
from tests.rigs.hostile_feeds import rss
from tests.rigs.rounds import LIMITS, feed_source, rounds, shortened
from tests.rigs.web import Answer, WebRig, ok

pytestmark = pytest.mark.slow

MIB = 2**20
FEED = rss("<title>Prisoners return</title>")


@contextmanager
def bounded(most: int) -> Iterator[None]:
    """Hold what Python allocates meanwhile to a limit; rigs give their bodies in pieces that exist before."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < most


async def read(
    folder: Path, web: WebRig, answers: Mapping[str, Answer], *, limits: Limits = LIMITS
) -> dict[str, str | None]:
    """Give the error of each feed, all read in one round beside one that is well."""
    sources = [feed_source(f"s{n}", web.serve(f"/{n}", answer)) for n, answer in enumerate(answers.values())]
    async with rounds(folder, [*sources, feed_source("well", web.serve("/well", ok(FEED)))], limits=limits) as made:
        visits = await made.round()
        assert visits["well"].error is None
        told = dict(made.rows("SELECT source, last_error FROM v_source_health"))
        assert told.pop("well") is None
        for name, visit in visits.items():
            if visit.error:  # the line that `status` shows
                assert told[name] == f"{visit.error}: {visit.detail}"
                assert told[name].isprintable(), told[name]
                assert len(told[name]) < 400, told[name]
    return {name: visits[f"s{n}"].error for n, name in enumerate(answers)}


async def test_case_26_bombs_in_a_feeds_place_are_errors_and_take_no_memory(tmp_path: Path, web: WebRig) -> None:
    """1 GiB of gzip, deflate and br; twice and three times packed; zstd, which nobody asked for (case 26)."""
    answers = {coding: coded(coding, "application/rss+xml") for coding in ("gzip", "deflate", "br", "gzip, gzip")}
    thrice = packed_as("gzip", packed_as("gzip", packed_as("gzip", FEED)))
    answers["gzip, gzip, gzip"] = ok(thrice, Content_Encoding="gzip, gzip, gzip")
    answers["thrice, said once"] = ok(thrice, Content_Encoding="gzip")
    answers["zstd"] = ok(FEED, Content_Encoding="zstd")
    expected = dict.fromkeys(answers, "bad_response") | dict.fromkeys(("gzip", "deflate", "br"), "too_large")
    with bounded(64 * MIB):
        errors = await read(tmp_path, web, answers)
    assert errors == expected | {"thrice, said once": "not_a_feed"}


async def test_case_29_feeds_end_at_10_mib_and_lengths_must_be_true(tmp_path: Path, web: WebRig) -> None:
    """Endless bodies, plain, chunked and packed; lengths that are not those of the body (cases 29, 100)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, block = (packer.compress(bytes(100_000)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    endings = {
        "plain": endless("Content-Type: application/rss+xml\r\n"),
        "announced": endless("Content-Type: application/rss+xml\r\nContent-Length: 99000000000\r\n"),
        "chunks": endless_chunks(),
        "packed": replace(endless("", block), raw=b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + first),
    }
    answers = endings | {name: Answer(raw) for name, (raw, _) in LENGTHS.items()}
    with bounded(64 * MIB):
        errors = await read(tmp_path, web, answers)
    assert errors == dict.fromkeys(endings, "too_large") | {name: word for name, (_, word) in LENGTHS.items()}


async def test_case_30_floods_and_dead_protocols_in_a_feeds_place_are_errors(tmp_path: Path, web: WebRig) -> None:
    """The request may take a minute; none of these lasts as long, or takes memory (cases 27, 30)."""
    answers = floods(FEED)
    with bounded(64 * MIB):
        errors = await read(tmp_path, web, answers)
    # The body before the trailers is whole; whether they are seen before it is handed on is a matter of moments.
    whole = {"trailers without end": "not_a_feed"}
    odd = {
        name: error for name, error in errors.items() if error not in {"bad_response", "too_large", "too_many_headers"}
    }
    assert odd in ({}, whole)


async def test_case_28_slow_feeds_end_at_the_limit_and_hold_up_no_other(tmp_path: Path) -> None:
    """As many hosts as are visited at a time, each slow in its way; the ninth is read before any of them ends (case 28)."""
    answers = drips(FEED)
    assert len(answers) == 8
    async with AsyncExitStack() as stack:
        rigs = [await stack.enter_async_context(WebRig()) for _ in answers]
        healthy = await stack.enter_async_context(WebRig())
        slow = [
            feed_source(f"slow-{n}", rig.serve("/feed", answer))
            for n, (rig, answer) in enumerate(zip(rigs, answers.values(), strict=True))
        ]
        well = feed_source("well", healthy.serve("/feed", ok(FEED)))
        limits = shortened(request=6, first_byte=6)
        async with rounds(tmp_path, [*slow, well], limits=limits, patience=0.1) as made:
            await made.round("well")  # a worker is there
            made.order.clear()
            under_way = asyncio.create_task(made.round(*(one.name for one in slow)))
            await until(lambda: all(rig.paths for rig in rigs), "the slow requests")
            assert (await made.round("well"))["well"].error is None
            assert made.order[0] == "well"
            errors = made.errors(await under_way)
        assert dict(zip(answers, errors.values(), strict=True)) == dict.fromkeys(answers, "timeout")


async def test_case_31_redirects_of_a_feed_without_end_or_sense_are_errors(tmp_path: Path, web: WebRig) -> None:
    """A loop, 30 hops, Locations that grow, are empty, `//` or 1 MB: five redirects, 2,048 characters (case 31)."""

    def to(location: str) -> Answer:
        return ok(status="302 Found", Location=location)

    for number in range(30):
        web.serve(f"/hop/{number}", to(f"/hop/{number + 1}"))
        web.serve("/g" * number + "/grow", to("/g" * (number + 1) + "/grow"))
    web.serve("/hop/30", ok(FEED))
    answers = {
        "30 hops": (to("/hop/1"), "redirect_loop"),
        "six hops": (to("/hop/25"), "redirect_loop"),
        "five hops": (to("/hop/26"), None),
        "one that grows": (to("/g/grow"), "redirect_loop"),
        "empty": (to(""), "redirect_loop"),
        "no host": (to("//"), "redirect_loop"),
        "a host of nothing": (to("http://:80/"), "bad_address"),
        "a port that is none": (to("http://one.example:99999/"), "bad_address"),
        "a bracket": (to("http://[::1"), "bad_address"),
        "2,049 characters": (to("/" + "x" * 2049), "bad_address"),
        "1 MB": (to("/" + "x" * 1_000_000), "bad_response"),
        "a line break": (to("/a\rb"), "bad_response"),
        "a control character": (to("/a\x01b"), "bad_address"),
        "bytes that are no text": (to("/\xff\xfe"), "http_404"),
        "no Location": (ok(status="302 Found"), "http_302"),
    }
    errors = await read(tmp_path, web, {name: answer for name, (answer, _) in answers.items()})
    assert errors == {name: word for name, (_, word) in answers.items()}


ODD = {
    "Retry-After": ("99999999999999", "-1", "1e400", "9" * 5000, "\u0663\u0660".encode().decode("latin-1"), "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"),
    "Cache-Control": ("max-age=1e400", "max-age=-1", "max-age=" + "9" * 4000, "max-age=, s-maxage", 'max-age="', "max-age=nan"),
    "Expires": ("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 99 Foo 99999 99:99:99 GMT", "0", "-1"),
    "Age": ("-5", "1e999", "9" * 400),
    "Date": ("Fri, 31 Dec 9999 23:59:59 +9999", "Mon, 01 Jan 0000 00:00:00 GMT", "\x80\xff"),
    "Last-Modified": ("Fri, 31 Dec 9999 23:59:59 GMT", "\xff" * 200),
    "ETag": ('"' + "e" * 15_000 + '"', "\xff\xfe", 'W/"', ""),
    "Content-Type": ("text/xml; charset=\x7f", "text/xml; charset=" + "x" * 900, "text/xml; charset=idna", ";;;", "multipart/mixed"),
    "Content-Location": ("file:///etc/passwd", "http://["),
    "Content-Language": ("x" * 9000,),
    "Content-Encoding": ("", "identity", " "),
    "Link": ("<file:///etc/passwd>; rel=self",),
    "Refresh": ("0; url=file:///etc/passwd",),
    "Set-Cookie": ("a=b; Max-Age=1e400; Expires=Fri, 31 Dec 9999 23:59:59 GMT",),
}  # fmt: skip # a table


def oddities() -> Iterator[tuple[Answer, str | None]]:
    """Each odd header with each kind of answer, and the error that it makes."""
    kinds = {"200 OK": None, "304 Not Modified": None, "429 Slow Down": "http_429", "503 Busy": "http_503"}
    for status, error in kinds.items():
        for name, values in ODD.items():
            for value in values:
                body = FEED if status.startswith("200") else b""
                yield ok(body, status=status, **{name.replace("-", "_"): value}), error


async def test_case_34_no_header_of_a_feed_keeps_it_or_the_others_from_being_read(tmp_path: Path, web: WebRig) -> None:
    """Times, lengths and names of nonsense, with 200, 304, 429 and 503; each is due again within a day (case 34)."""
    async with AsyncExitStack() as stack:
        sources, expected = [], {}
        for number, (answer, error) in enumerate(oddities()):
            rig = await stack.enter_async_context(WebRig())  # a host of its own, which may ask to be left alone
            sources.append(feed_source(f"s{number}", rig.serve("/feed", answer)))
            expected[f"s{number}"] = error
        others = [feed_source(f"well-{n}", web.serve(f"/well/{n}", ok(FEED))) for n in range(3)]
        async with rounds(tmp_path, [*sources, *others]) as made:
            errors = made.errors(await made.round())
            assert errors == expected | {other.name: None for other in others}
            day = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+25 hours')"
            assert made.rows(f"SELECT source FROM source_state WHERE due_at > {day} OR due_at IS NULL") == []


class Raising:
    """A collector that raises for one source whatever it is told to, and reads the others."""

    def __init__(self, inner: Collector, errors: list[BaseException]) -> None:
        self._inner = inner
        self.errors = errors

    async def collect(self, visited: Source, state: SourceState) -> Collected:
        if visited.name == "first":
            raise self.errors.pop()
        return await self._inner.collect(visited, state)


async def test_case_34_whatever_one_source_raises_the_other_three_are_read(tmp_path: Path, web: WebRig) -> None:
    """(case 34)"""
    errors: list[BaseException] = [
        ValueError("odd"), OverflowError("timedelta"), MemoryError(), RecursionError(), KeyError("x"), AssertionError(),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), StopAsyncIteration(), NotImplementedError(), OSError(24, "files"),
        EOFError(), BrokenPipeError(), ExceptionGroup("two", [ValueError("a"), TypeError("b")]),
    ]  # fmt: skip # a table
    times = len(errors)
    names = ["first", "second", "third", "fourth"]
    sources = [feed_source(name, web.serve(f"/{name}", ok(FEED))) for name in names]
    async with rounds(tmp_path, sources, wrap=lambda inner: Raising(inner, errors)) as made:
        for _ in range(times):
            told = made.errors(await made.round())
            assert told == dict.fromkeys(names) | {"first": "internal"}
        assert made.rows("SELECT failures FROM source_state WHERE source = 'first'") == [(times,)]
