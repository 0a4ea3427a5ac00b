"""A thousand feeds, of which nearly all are dead: those that live are not late, and the round comes to its end (case 39)."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.errors import SourceError
from monitor.impasse import Impasse
from monitor.model import Collected, Limits, Source, SourceState, VisitOutcome
from monitor.pipeline import Collecting
from monitor.polling.visits import first_due
from monitor.store import current_owner, open_store
from tests.factories import NOW, source, visit
from tests.fakes import FakeLog, here
from tests.rigs.hostile_feeds import rss
from tests.rigs.rounds import feed_source, make_ingest, rounds, shortened
from tests.rigs.virtual import VirtualClock, run
from tests.rigs.web import WebRig, ok

DEAD, UNKNOWN, HEALTHY = 900, 50, 50
EVERY = timedelta(minutes=30)
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class Outlets:
    """Collects from hosts that never answer, from names that there are not, and from those that are well."""

    def __init__(self, limits: Limits) -> None:
        self.started: dict[str, float] = {}
        self.finished: dict[str, float] = {}
        self._limits = limits

    async def collect(self, visited: Source, _: SourceState) -> Collected:
        loop = asyncio.get_running_loop()
        self.started.setdefault(visited.name, loop.time())
        kind = visited.name.partition("-")[0]
        await asyncio.sleep({"dead": self._limits.connect.total_seconds(), "unknown": 0.1}.get(kind, 0.5))
        self.finished.setdefault(visited.name, loop.time())
        if kind == "healthy":
            return Collected(visit=visit(visited.name, outcome=VisitOutcome.NOT_MODIFIED))
        raise SourceError("timeout" if kind == "dead" else "dns")


def test_case_39_with_900_dead_hosts_a_round_ends_within_its_interval_and_no_healthy_feed_is_late(
    tmp_path: Path,
) -> None:
    """In virtual time, with all limits as they are by default: connecting takes 10 s, eight at a time (case 39)."""
    limits = Limits()
    names = (
        [f"dead-{n}" for n in range(DEAD)]
        + [f"unknown-{n}" for n in range(UNKNOWN)]
        + [f"healthy-{n}" for n in range(HEALTHY)]
    )
    sources = tuple(source(name, every=EVERY) for name in names)
    due = first_due(sources, now=NOW, limits=limits)
    outlets, store = Outlets(limits), open_store(tmp_path / "monitor.db", current_owner())
    store.sync(sources, now=NOW, first_due=due)

    async def daemon() -> None:
        collecting = Collecting(
            configured={one.name: one for one in sources},
            sources=store,
            on_store=here,
            collector=outlets,
            ingest=make_ingest(store, NOW),
            clock=VirtualClock(),
            log=FakeLog(),
            impasse=Impasse(monotonic=VirtualClock().monotonic, writes=lambda: 0, log=FakeLog()),
            limits=limits,
            jitter=lambda: 0.0,
        )
        while len(outlets.finished) < len(names):
            await collecting.tick()
            await asyncio.sleep(limits.tick.total_seconds())
        await collecting.drain()

    run(daemon())
    store.close()
    late = {name: outlets.started[name] - (due[name] - NOW).total_seconds() for name in names}
    assert max(outlets.finished.values()) <= EVERY.total_seconds()
    assert max(late[f"healthy-{n}"] for n in range(HEALTHY)) <= 0.1 * EVERY.total_seconds()


class Names(AbstractResolver):
    """Every dead and healthy host has an address of its own on loopback; the others have none."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the base class names it
    ) -> list[ResolveResult]:
        kind, _, number = host.partition(".")[0].partition("-")
        if kind == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        network = {"dead": 1, "healthy": 2}[kind]
        address = f"127.{network}.{int(number) // 250}.{int(number) % 250 + 1}"
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that answers nobody, on every address of loopback: its backlog is full, and nothing is accepted."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("0.0.0.0", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex(("127.0.0.1", port))
        yield port


@pytest.mark.slow
@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere loopback is one address, and a full backlog refuses")
async def test_case_39_900_hosts_that_never_answer_take_few_sockets_and_each_error_has_its_word(tmp_path: Path) -> None:
    """With real sockets, and shorter limits (case 39)."""
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, psutil.Process().num_fds())
            await asyncio.sleep(0.02)

    async with WebRig("0.0.0.0") as web:
        web.serve("/feed", ok(rss("<title>Prisoners return</title>")))
        with black_hole() as port:
            sources = [
                feed_source(f"dead-{n}", f"http://dead-{n}.example:{port}/feed", allow_private=LOOPBACK)
                for n in range(DEAD)
            ]
            sources += [feed_source(f"unknown-{n}", f"http://unknown-{n}.example/feed") for n in range(UNKNOWN)]
            sources += [
                feed_source(f"healthy-{n}", f"http://healthy-{n}.example:{web.port}/feed", allow_private=LOOPBACK)
                for n in range(HEALTHY)
            ]
            limits = shortened(connect=0.3, first_byte=30, request=30)
            async with rounds(tmp_path, sources, limits=limits, resolver=Names(), patience=0.05) as made:
                await made.round("healthy-0")  # a worker is there
                before = psutil.Process().num_fds()
                watching = asyncio.create_task(watch())
                visits = await made.round()
                watching.cancel()
                told = Counter((name.partition("-")[0], visit.error) for name, visit in visits.items())
                assert told == {("dead", "timeout"): DEAD, ("unknown", "dns"): UNKNOWN, ("healthy", None): HEALTHY}
                assert {visits[f"dead-{n}"].detail for n in range(DEAD)} == {"no connection within 0.3 s"}
                assert most - before < 256 - 32
                assert psutil.Process().num_fds() <= before + 32  # what is kept alive for a while, and no more
