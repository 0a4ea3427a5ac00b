"""Asking for addresses on the way to a feed: so many, for so long, each once, and by the manners of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.collect.challenge import refusal
from monitor.collect.http import HttpClient, Response
from monitor.collect.pauses import Pauses
from monitor.collect.robots import MOST_BYTES, RobotsRules, host_key, robots_url
from monitor.errors import SourceError
from monitor.model import Limits, Looked, Network, RobotsFile
from monitor.polling.hints import BUSY, retry_after
from monitor.protocols import Clock

Look = Callable[[bytes, str, str | None], Awaitable[Looked]]
MOST_REQUESTS = 60  # for one outlet
_OK = 200
_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json;q=0.9,"
    " application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking: `url` is what to ask for next time, `base` what the links are relative to."""

    url: str
    base: str
    looked: Looked


class Answers:
    """Asks, and remembers what was asked."""

    def __init__(
        self,
        *,
        client: HttpClient,
        look: Look,
        pauses: Pauses,
        limits: Limits,
        clock: Clock,
        show: Callable[[str], None],
        allow_private: Sequence[Network] = (),
        verify_tls: bool = True,
    ) -> None:
        """Take the way out, what reads answers, and what a person allows for this outlet; `show` is told of each."""
        self._client = client
        self._look = look
        self._pauses = pauses
        self._limits = limits
        self._clock = clock
        self._show = show
        self._allow_private = tuple(allow_private)
        self._verify_tls = verify_tls
        self._left = MOST_REQUESTS
        self._until = clock.monotonic() + limits.crawl.total_seconds()
        self._known: dict[str, Answer | SourceError] = {}
        self._robots: dict[str, RobotsRules] = {}

    async def ask(self, url: str) -> Answer:
        """Ask for an address and read what comes; one that was asked for before is not asked for again.

        Raises:
            SourceError: nothing usable came; enough: there were too many requests, or it took too long.
        """
        if url not in self._known:
            try:
                self._known[url] = await self._ask(url)
            except SourceError as error:
                self._known[url] = error
        answer = self._known[url]
        if isinstance(answer, SourceError):
            raise answer
        return answer

    async def may(self, url: str) -> bool:
        """Tell whether the host's robots.txt allows what no person and no page named."""
        return (await self.robots(url)).allow(url)

    async def robots(self, url: str) -> RobotsRules:
        """Give the robots.txt for an address."""
        host = host_key(url)
        if host not in self._robots:
            now, status, body = self._clock.now(), None, ""
            try:
                response = await self._fetch(robots_url(url), MOST_BYTES, cut=True)
                status, body = response.status, response.body.decode("utf-8", "replace")
            except SourceError:
                pass  # as one that cannot be reached: nothing is guessed there
            self._robots[host] = RobotsRules(RobotsFile(status=status, body=body, read_at=now))
        return self._robots[host]

    async def _ask(self, url: str) -> Answer:
        response = await self._fetch(url, self._limits.feed_bytes)
        if response.status != _OK:
            raise await self._refused(response)
        looked = await self._look(response.body, response.url, response.text("content-type"))
        return Answer(url=response.moved_to or url, base=response.url, looked=looked)

    async def _fetch(self, url: str, most: int, *, cut: bool = False) -> Response:
        if self._left <= 0 or self._clock.monotonic() >= self._until:
            raise SourceError("enough", f"{MOST_REQUESTS} requests or {self._limits.crawl} are as much as is tried")
        self._left -= 1
        self._show(f"asking for {url}")
        return await self._client.fetch(
            url,
            headers={"Accept": _ACCEPT},
            allow_private=self._allow_private,
            verify_tls=self._verify_tls,
            most_bytes=most,
            cut=cut,
            before=self._gap,
            still=self._pauses.check,
        )

    async def _gap(self, url: str) -> float:
        """Give the gap that a host wants, as far as its robots.txt is known by now; raises where it wants a pause."""
        rules = self._robots.get(host_key(url))
        return max(await self._pauses.check(url), rules.delay() if rules else 0.0)

    async def _refused(self, response: Response) -> SourceError:
        now = self._clock.now()
        wait = retry_after(response.text("retry-after"), response.text("date"), now=now)
        if response.status in BUSY:
            await self._pauses.pause(host_key(response.url), now + (wait or timedelta(minutes=1)))
        kind = refusal(response.status, response.body, response.headers)
        return SourceError(kind, f"{response.url} answered {response.status}", status=response.status, retry_after=wait)
