"""Feeds that hurt whoever parses them: each costs its own visit at most, and whoever is due beside it is read."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.rigs.crawl import until
from tests.rigs.hostile_feeds import CRASHES, GROWING, SECRET, SLOW, outside, rss
from tests.rigs.rounds import feed_source, rounds, shortened
from tests.rigs.web import WebRig, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

MIB = 2**20
GIVEN_UP = {"parse_timeout", "parse_memory", "parse_crash"}


def workers() -> dict[int, psutil.Process]:
    """The processes that parse, by their ids."""
    return {one.pid: one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())}


async def test_case_21_a_slow_feed_costs_its_limit_and_the_feed_beside_it_nothing(tmp_path: Path, web: WebRig) -> None:
    """Sixteen kinds, each due at the same moment as a feed that is well (cases 21, 22, 23).

    The limit is 2 s here, 5 s by default; the worker is ended, and the next feed finds one again.
    """
    web.serve("/well", *(ok(rss(f"<title>Well {number}</title>")) for number in range(2 * len(SLOW) + 1)))
    sources = [feed_source("well", web.url("/well"))]
    sources += [
        feed_source(f"slow-{number}", web.serve(f"/{number}", ok(body))) for number, body in enumerate(SLOW.values())
    ]
    async with rounds(tmp_path, sources, limits=shortened(parse=2)) as made:
        assert (await made.round("well"))["well"].error is None
        given_up = []
        for number, name in enumerate(SLOW):
            before = workers()
            visits = await made.round("well", f"slow-{number}")
            assert visits["well"].error is None, name
            assert visits["well"].new_articles == 1, name
            slow = visits[f"slow-{number}"]
            assert slow.error in {None, "cut_short", *GIVEN_UP}, name
            if slow.error == "parse_timeout":
                given_up.append(name)
                assert slow.detail == "parsing took longer than 2 s"
                await until(lambda before=before: set(before) - set(workers()), f"the end of the worker of {name}")
            assert (await made.round("well"))["well"].new_articles == 1, name
        assert made.titles("well") == {f"Well {number}" for number in range(2 * len(SLOW) + 1)}
        told = {fields["source"] for fields in made.log.named("source_failed")}
        assert {f"slow-{number}" for number, name in enumerate(SLOW) if name in given_up} <= told
    assert given_up  # else these feeds are not what they are meant to be


async def test_case_24_feeds_that_grow_are_cut_or_refused_and_take_no_memory(tmp_path: Path, web: WebRig) -> None:
    """Entities of entities, long entities often, titles of a MB: +100 MiB at most (case 24)."""
    sources = [
        feed_source(f"grows-{number}", web.serve(f"/{number}", ok(body)))
        for number, body in enumerate(GROWING.values())
    ]
    sources.append(feed_source("well", web.serve("/well", ok(rss("<title>Well</title>")))))
    async with rounds(tmp_path, sources, workers=1, limits=shortened(parse=60)) as made:
        assert (await made.round("well"))["well"].error is None
        (worker,) = workers().values()
        before = worker.memory_info().rss
        for number, name in enumerate(GROWING):
            visit = (await made.round(f"grows-{number}"))[f"grows-{number}"]
            assert visit.error in {None, "not_a_feed", "cut_short", "too_many_entries"}, (name, visit.detail)
            assert peak(worker) - before < 100 * MIB, name
            titles = made.titles(f"grows-{number}")
            assert visit.error == "not_a_feed" or any(title.startswith("T") for title in titles), name
            assert not [title for title in titles if len(title) > 1000 or "lollollol" in title], name
        assert max(len(row[0] or "") for row in made.rows("SELECT url FROM articles")) <= 2048
        assert made.rows("SELECT count(*) FROM articles WHERE source = 'grows-8'")[0][0] <= 1000


def peak(process: psutil.Process) -> int:
    """The most memory that a process ever had, in bytes; where the system does not keep it, what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return process.memory_info().rss
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


async def test_case_32_a_feed_that_makes_the_parser_raise_loses_no_entry_and_ends_nothing(
    tmp_path: Path, web: WebRig
) -> None:
    """All of the corpus in one round of one worker, which lives on (case 32)."""
    names = [f"crash-{number}" for number in range(len(CRASHES))]
    bodies = zip(names, CRASHES.values(), strict=True)
    sources = [feed_source(name, web.serve(f"/{name}", ok(body, ETag='"1"'))) for name, body in bodies]
    async with rounds(tmp_path, sources, workers=1, limits=shortened(parse=60)) as made:
        await made.round(names[0])
        before = set(workers())
        visits = await made.round(*names[1:])
        assert set(made.errors(visits).values()) <= {None, "cut_short"}
        assert set(workers()) == before
        assert {visit.entries for visit in visits.values()} == {2}


async def test_case_25_no_feed_brings_in_a_file_or_an_address(tmp_path: Path, web: WebRig) -> None:
    """XXE by file, http, external and parameter DTD; a listener on an allowed address hears nothing (case 25)."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    item = (
        "<title>T &file; &net; &leak;</title><description>&file;</description><link>https://one.example/&file;</link>"
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    )
    async with WebRig() as canary:
        kind = outside(canary.url(""), secret.as_uri())
        sheet = f'<?xml version="1.0"?><?xml-stylesheet href="{canary.url("/x.xsl")}"?>'
        bodies = {
            "rss": rss(item, before=kind),
            "broken": rss(item + "<b>", before=kind),
            "sheet": rss(item, before=sheet),
            "atom": kind.encode()
            + b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="file:///etc/"><entry><title>T &file;</title>'
            b'<id>1</id><link href="passwd"/><content src="' + secret.as_uri().encode() + b'"/></entry></feed>',
        }
        sources = [feed_source(name, web.serve(f"/{name}", ok(body))) for name, body in bodies.items()]
        async with rounds(tmp_path, sources) as made:
            visits = await made.round()
            assert made.errors(visits) == dict.fromkeys(bodies)
            assert {visit.entries for visit in visits.values()} == {1}
            assert SECRET not in made.dump()
            assert made.rows("SELECT url FROM articles WHERE url NOT LIKE 'http%'") == []
        assert canary.connections == 0
