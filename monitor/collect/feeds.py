"""The collector for feeds: conditional GET, the same body is not parsed twice, the rest goes to the parser."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from monitor.collect.challenge import refusal
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.http import HttpClient, Response
from monitor.collect.pauses import TOO_MANY_REQUESTS, Pauses
from monitor.collect.robots import host_key
from monitor.collect.validators import conditions, validators_of
from monitor.collect.version import parser_version
from monitor.errors import SourceError
from monitor.model import Collected, Hints, Limits, ParsedFeed, Source, SourceState, Validators, Visit, VisitOutcome
from monitor.polling.hints import BUSY, UNTOLD_WAIT, freshness, retry_after
from monitor.polling.remembered import CUT_SHORT, read_by, validators_for
from monitor.protocols import Clock, Parser

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/feed+json;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"
)
_NOT_MODIFIED = 304
_OK = 200


class FeedCollector:
    """`protocols.Collector` for RSS, Atom, RDF and JSON Feed."""

    def __init__(
        self,
        *,
        client: HttpClient,
        parser: Parser,
        pauses: Pauses,
        robots: FeedRobots,
        limits: Limits,
        clock: Clock,
    ) -> None:
        """Take the way out, the parser, and who knows which hosts are to be left alone and which feeds may be read."""
        self._client = client
        self._pauses = pauses
        self._robots = robots
        self._parser = parser
        self._limits = limits
        self._clock = clock
        self._version = parser_version()

    async def collect(self, source: Source, state: SourceState) -> Collected:
        """Fetch the feed; validators count as remembered only after its entries are stored."""
        started = self._clock.now()
        state = read_by(state, self._version)
        response = await self._client.fetch(
            state.address or source.url,
            headers={"Accept": ACCEPT, **conditions(validators_for(state, started))},
            allow_private=source.allow_private,
            verify_tls=source.verify_tls,
            most_bytes=self._limits.feed_bytes,
            before=lambda url: self._robots.check(url, source),
            still=self._pauses.check,
        )
        if response.status not in {_OK, _NOT_MODIFIED}:
            raise await self._refused(response)
        digest = hashlib.sha256(response.body).digest()
        not_modified = response.status == _NOT_MODIFIED
        visit = Visit(
            source=source.name,
            started_at=started,
            finished_at=self._clock.now(),
            outcome=VisitOutcome.NOT_MODIFIED if not_modified else VisitOutcome.UNCHANGED,
            status=response.status,
            size=len(response.body),
            validators=validators_of(response, state.validators if not_modified else Validators()),
            body_hash=state.body_hash if not_modified else digest,
            hints=Hints(fresh=self._fresh(response)),
            parser=self._version,
            moved_to=response.moved_to,
        )
        if not_modified or digest == state.body_hash:
            return Collected(visit=visit)
        return await self._parsed(source, state, visit, response)

    async def _parsed(self, source: Source, state: SourceState, visit: Visit, response: Response) -> Collected:
        feed = await self._parser.parse(
            response.body,
            url=response.url,
            content_type=response.text("content-type"),
            country=source.country,
            language=source.language,
        )
        visit = replace(
            visit,
            outcome=VisitOutcome.READ,
            hints=replace(visit.hints, every=feed.hint, skip_hours=feed.skip_hours, skip_days=feed.skip_days),
            entries=len(feed.drafts),
        )
        return Collected(visit=_in_part(visit, feed, state), drafts=feed.drafts, language=feed.language)

    def _fresh(self, response: Response) -> timedelta | None:
        text = response.text
        return freshness(
            cache_control=text("cache-control"),
            age=text("age"),
            expires=text("expires"),
            date=text("date"),
            now=self._clock.now(),
        )

    async def _refused(self, response: Response) -> SourceError:
        """Give the error of an answer; where the host says for how long it is busy, all its pages wait.

        A 429 without a time may be about this feed alone, which then waits by itself; not so where another host of
        the same domain says it, too.
        """
        now = self._clock.now()
        wait = retry_after(response.text("retry-after"), response.text("date"), now=now)
        if wait and response.status in BUSY:
            await self._pauses.pause(host_key(response.url), now + wait)
        if response.status == TOO_MANY_REQUESTS:
            await self._pauses.too_many(host_key(response.url), now + (UNTOLD_WAIT if wait is None else wait))
        told = f"{response.url} answered {response.status}"
        kind = refusal(response.status, response.body, response.headers)
        return SourceError(kind, told, status=response.status, retry_after=wait)


def _in_part(visit: Visit, feed: ParsedFeed, state: SourceState) -> Visit:
    """Give the visit of a feed of which not all was read; what broke off leaves no memory of the whole.

    What another version of the parser has left is forgotten all the same, so that the next answer is read whole.
    """
    if feed.cut:
        told = f"the answer ended before the feed did; {len(feed.drafts)} whole entries were read"
        visit = replace(visit, validators=state.validators, body_hash=state.body_hash)
        return replace(visit, error=CUT_SHORT, detail=told)
    if feed.left_out:
        told = f"{feed.left_out + len(feed.drafts)} entries; the newest {len(feed.drafts)} were read"
        return replace(visit, error="too_many_entries", detail=told)
    return visit
