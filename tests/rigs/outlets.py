"""Outlets on the web and the stages that poll them, for as many virtual days as a test likes.

The real client, collector, stages and store; only the network is scripted, and time is the test's.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp.abc import AbstractResolver, ResolveResult
from sqlite_utils.utils import sqlite3

from monitor.app.watch import server_of
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient, Response
from monitor.collect.parse import parse_feed
from monitor.collect.pauses import Pauses
from monitor.collect.slots import HostSlots
from monitor.failpoints import nowhere
from monitor.impasse import Impasse
from monitor.language import Detector
from monitor.line import Line
from monitor.model import AlertSettings, Channel, ChannelKind, Limits, ParsedFeed, Source, SourceState
from monitor.pipeline import Audience, Collecting, Ingest, Judge, Listening, Operator, Outage, Revisits, Watching
from monitor.polling.visits import first_due
from monitor.render import Letters
from monitor.rules import RuleSet
from monitor.store import current_owner, open_store
from tests.factories import NOW
from tests.fakes import FakeClock, FakeLog, here
from tests.language_fixtures import stems

OPS = Channel(name="ops", kind=ChannelKind.EMAIL, to=("ops@example.org",))


@dataclass(frozen=True)
class Request:
    """What was asked for, and when."""

    at: datetime
    url: str
    headers: Mapping[str, str]

    @property
    def whole(self) -> bool:
        """Whether it named no conditions."""
        return not {"If-None-Match", "If-Modified-Since"} & self.headers.keys()


Script = Callable[[Request], Response]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Script:
    """Give a script that always answers the same; header names have underscores here."""
    raw = {name.replace("_", "-").lower(): value.encode("latin-1") for name, value in headers.items()}
    return lambda request: Response(url=request.url, status=status, headers=raw, body=body)


def feed(*guids: str, head: str = "") -> bytes:
    """Give an RSS feed with these articles."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>Title {guid}</title>"
        f"<link>https://one.example/{guid}</link></item>"
        for guid in guids
    )
    return f"<rss version='2.0'><channel><title>One</title>{head}{items}</channel></rss>".encode()


class Stub(AbstractResolver):
    """Every name has the same public address."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="8.8.8.8", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        return


class ScriptedClient(HttpClient):
    """The real client but for the connection: `web` says what a request is answered with."""

    web: Mapping[str, Script]
    requests: list[Request]
    time: FakeClock

    async def _once(  # type: ignore[override] # answers by a script
        self, session: object, url: str, headers: Mapping[str, str], most_bytes: int, *, cut: bool
    ) -> Response:
        del session, most_bytes, cut
        request = Request(self.time.now(), url, headers)
        self.requests.append(request)
        script = self.web.get(url) or self.web.get("*") or answer(404)
        return script(request)

    def _session(self, *_: object, **__: object) -> None:  # type: ignore[override] # answers by a script
        return


class InProcess:
    """`Parser` without a worker."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.parsed = 0

    async def parse(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str | None,
        country: str | None = None,
        language: str | None = None,
    ) -> ParsedFeed:
        self.parsed += 1
        return parse_feed(body, url, content_type, self._clock.now(), country=country, language=language)


ZONE = ZoneInfo("Asia/Tbilisi")  # where operator mails are read


class Outlets:
    """`Outlets(folder, source(...))`; `web[url] = answer(...)`; `await live(days=30)`; then look at `requests`."""

    def __init__(self, folder: Path, *sources: Source, limits: Limits | None = None, seed: int = 1) -> None:
        self.path = folder / "monitor.db"
        self.clock, self.log = FakeClock(), FakeLog()
        self.web: dict[str, Script] = {}
        self.requests: list[Request] = []
        self.limits = limits or Limits(gap=timedelta())
        self._random = random.Random(seed)
        self.start(*sources)

    def start(self, *sources: Source) -> None:
        """Start the stages on the store as it is, as a daemon does."""
        self.sources = {item.name: item for item in sources}
        self.store = open_store(self.path, current_owner())
        self.store._database.conn.execute("PRAGMA synchronous = OFF")  # months of commits; no power is lost here
        due = first_due(sources, now=self.clock.now(), limits=self.limits)
        self.store.sync(sources, now=self.clock.now(), first_due=due)
        self.client = ScriptedClient(
            limits=self.limits,
            user_agent="test/1",
            turns=HostSlots(self.clock, 0.0),
            clock=self.clock,
            resolver=Stub(),
        )
        self.client.web, self.client.requests, self.client.time = self.web, self.requests, self.clock
        self.parser = InProcess(self.clock)
        known = self.store.version((), now=NOW)
        judge = Judge(
            rules=RuleSet(known, stems()),
            audience=Audience(rules=known, channels={"ops": OPS}),
            analyser=stems(),
            detect=Detector(["en"]),
            settings=AlertSettings(),
        )
        store = self.store
        pauses = Pauses(store, on_store=here, clock=self.clock)
        self.collecting = Collecting(
            configured=self.sources,
            sources=store,
            on_store=here,
            collector=FeedCollector(
                client=self.client,
                parser=self.parser,
                pauses=pauses,
                robots=FeedRobots(self.client, hosts=store, pauses=pauses, on_store=here, clock=self.clock),
                limits=self.limits,
                clock=self.clock,
            ),
            ingest=Ingest(
                articles=store,
                pages=store,
                sources=store,
                revisits=Revisits(store, limits=Limits()),
                judge=judge,
                failpoint=nowhere,
            ),
            clock=self.clock,
            log=self.log,
            impasse=Impasse(monotonic=self.clock.monotonic, writes=lambda: store.writes, log=self.log),
            limits=self.limits,
            jitter=lambda: self._random.uniform(-1, 1),
        )
        letters = Letters(sender="monitor@example.org", timezone=ZoneInfo("UTC"))
        operator = Operator(notices=store, on_store=here, letters=letters, channel=OPS, clock=self.clock, log=self.log)
        self.line = Line()
        outage = Outage(
            conditions=store,
            operator=operator,
            on_store=here,
            servers={name: server_of(one.url) for name, one in self.sources.items()},
            line=self.line,
            clock=self.clock,
            log=self.log,
            zone=ZONE,
        )
        self.watching = Watching(
            configured=self.sources,
            conditions=store,
            operator=operator,
            outage=outage,
            on_store=here,
            clock=self.clock,
            zone=ZONE,
        )
        self.listening = Listening(
            configured=self.sources, conditions=store, operator=operator, on_store=here, clock=self.clock, zone=ZONE
        )

    def restart(self, *sources: Source) -> None:
        """End, and start again with these sources, or the same."""
        self.store.close()
        self.start(*(sources or self.sources.values()))

    async def live(self, **time: float) -> None:
        """Let so much time pass; what falls due is visited, and the operator told what is to be told."""
        end = self.clock.now() + timedelta(**time)
        while (due := self.store.next_due()) is not None and due <= end:
            self.clock.advance(max((due - self.clock.now()).total_seconds(), 1.0))
            await self.collecting.tick()
            await self.collecting.drain()
            await self.watching.tick()
            await self.listening.tick()
        self.clock.advance(max((end - self.clock.now()).total_seconds(), 0.0))
        await self.watching.tick()
        await self.listening.tick()

    def state(self, name: str = "one") -> SourceState:
        return next(state for state in self.store.states() if state.source == name)

    def asked(self, url: str = "") -> list[Request]:
        """Requests for addresses that begin so."""
        return [request for request in self.requests if request.url.startswith(url)]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        # The store's own SQLite: two SQLite libraries on one file in one process release each other's locks.
        connection = sqlite3.connect(self.path)
        found: list[tuple[object, ...]] = connection.execute(sql).fetchall()
        connection.close()
        return found

    def write(self, sql: str) -> None:
        """Change the database as nobody does while the stages run."""
        connection = sqlite3.connect(self.path)
        connection.execute(sql)
        connection.commit()
        connection.close()

    def subjects(self) -> list[str]:
        """What the operator was told, in order."""
        return [str(row[0]) for row in self.rows("SELECT subject FROM messages ORDER BY id")]

    def close(self) -> None:
        self.store.close()
