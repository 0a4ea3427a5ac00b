"""From one address of an outlet to the sources that it could be read by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from monitor.collect.discover.answers import Answer, Answers
from monitor.collect.discover.usual import feed_places, front_page, newsworthy, sitemap_places
from monitor.collect.discover.weigh import Detect, candidate, ordered
from monitor.errors import SourceError
from monitor.model import Candidate, Discovery, Draft, FeedLink, Origin, PageLinks, Source, SourceKind, SourceState
from monitor.protocols import Clock, Collector
from monitor.urls import canonical_url, host_of

_MOST_LINKS = 12  # of one kind on one page
_MOST_EDITIONS = 8
_MOST_MAPS = 4
_FEW = 5  # links that look like articles: with fewer, a page is no list of them
_NOT_HTTPS = frozenset({"connect", "tls", "timeout", "redirect_downgrade"})
_HOPELESS = frozenset(
    "connect dns tls timeout blocked_address host_paused http_429 http_503 challenge_page enough".split()
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)


class Explorer:
    """Looks for the feeds of one outlet; where there is none, for a sitemap; else at its front page."""

    def __init__(
        self,
        answers: Answers,
        *,
        collector: Collector,
        detect: Detect,
        clock: Clock,
        like: Source,
        expected: Collection[str] = (),
    ) -> None:
        """Take who asks for addresses, and who reads sitemaps and listings.

        `like` is a source with what is allowed; editions in languages that are `expected` are read first.
        """
        self._expected = expected
        self._answers = answers
        self._collector = collector
        self._detect = detect
        self._clock = clock
        self._like = like
        self._found: dict[str, Candidate] = {}
        self._remarks: dict[str, None] = {}
        self._outlet = ""

    async def find(self, address: str) -> Discovery:
        """Find what an outlet can be read by.

        Raises:
            SourceError: nothing can be had from the address itself.
        """
        start = await self._start(address)
        page = start.looked.page
        self._outlet = page.site
        if start.looked.feed:
            self._keep(start, Origin.GIVEN)
        elif start.looked.map:
            await self._preview(SourceKind.SITEMAP, start.url, Origin.GIVEN)
        else:
            for base, links, language in await self._fronts(start.base, page):
                await self._feeds(base, links, language)
            if not self._found:
                await self._maps(start.base)
            if not self._found:
                await self._preview(SourceKind.LISTING, start.url, Origin.FRONT)
        return Discovery(address=start.url, candidates=ordered(self._found.values()), remarks=tuple(self._remarks))

    async def _start(self, address: str) -> Answer:
        """Ask for what the person named; without a scheme https is meant, where there is such a thing."""
        address = re.sub(r"^feed:(//)?(?=https?:)", "", address.strip(), flags=re.IGNORECASE)
        address = re.sub(r"^feed:", "http:", address, flags=re.IGNORECASE)
        if "://" in address or _SCHEME.match(address):
            return await self._answers.ask(address)
        try:
            return await self._answers.ask(f"https://{address}")
        except SourceError as error:
            if error.kind not in _NOT_HTTPS:
                raise
            try:
                return await self._answers.ask(f"http://{address}")
            except SourceError:
                raise error from None

    async def _fronts(self, base: str, page: PageLinks) -> list[tuple[str, PageLinks, str | None]]:
        """Give the pages whose feeds are looked for, each with the language that it is known to be in."""
        fronts: list[tuple[str, PageLinks, str | None]] = [(base, page, None)]
        editions = dict.fromkeys(page.editions)
        if base.rstrip("/") != front_page(base).rstrip("/"):
            root = await self._page(front_page(base))
            if root:
                fronts.append((root.base, root.looked.page, None))
                editions |= dict.fromkeys(root.looked.page.editions)
                self._outlet = self._outlet or root.looked.page.site
        wanted = sorted(editions, key=lambda edition: edition[0] not in self._expected)
        for language, url in wanted[:_MOST_EDITIONS]:
            there = await self._page(url)
            if there and canonical_url(there.base) not in {canonical_url(known) for known, _, _ in fronts}:
                fronts.append((there.base, there.looked.page, language))
        return fronts

    async def _page(self, url: str) -> Answer | None:
        """Ask for a page that the person did not name: only where robots.txt allows it."""
        if not await self._answers.may(url):
            self._remarks[f"{url} is not read: robots.txt forbids it, or cannot be had"] = None
            return None
        try:
            return await self._answers.ask(url)
        except SourceError as error:
            self._note(url, error)
            return None

    async def _feeds(self, base: str, page: PageLinks, language: str | None) -> None:
        """Look for the feeds of a front page: those it declares, else those it links to, else at the usual places."""
        tagged = [link.url for link in page.feeds if link.tagged]
        shown = [link.url for link in page.feeds if not link.tagged]
        for urls, origin in ((tagged, Origin.LINKED), (shown, Origin.SHOWN)):
            if self._covers(await self._try(urls[:_MOST_LINKS], origin), language):
                return
        for place in feed_places(base, page.generator):
            if not await self._answers.may(place):
                continue
            try:
                found = self._keep(await self._answers.ask(place), Origin.GUESSED)
            except SourceError as error:
                if error.kind in _HOPELESS:
                    break
                continue
            if self._covers([found], language):
                return
        told = f" ({language})" if language else ""
        self._remarks[f"{base}{told}: no feed found"] = None

    def _note(self, url: str, error: SourceError) -> None:
        told = f"not all was tried: {error.detail}" if error.kind == "enough" else f"{url}: {error.kind}"
        self._remarks[told] = None

    @staticmethod
    def _covers(found: Iterable[Candidate | None], language: str | None) -> bool:
        """Tell whether a feed for a page is among these: one in its language, where that is known."""
        return any(one and (language is None or one.language in {None, language}) for one in found)

    async def _try(self, urls: Sequence[str], origin: Origin, *, deeper: bool = True) -> list[Candidate | None]:
        """Ask for what may be feeds; a page that is one of them may list some."""
        found: list[Candidate | None] = []
        for url in urls:
            try:
                answer = await self._answers.ask(url)
            except SourceError as error:
                self._note(url, error)
                continue
            found.append(self._keep(answer, origin))
            if deeper and not answer.looked.feed:
                inner = [link.url for link in _tagged_first(answer.looked.page.feeds)]
                found += await self._try(inner[:_MOST_LINKS], Origin.SHOWN, deeper=False)
        return found

    def _keep(self, answer: Answer, origin: Origin) -> Candidate | None:
        """Keep an answer that is a feed with entries; gives it, also where it was kept before."""
        key, feed = canonical_url(answer.url), answer.looked.feed
        if key in self._found or feed is None:
            return self._found.get(key)
        if not feed.drafts:
            self._remarks[f"{answer.url}: a feed without entries"] = None
            return None
        self._outlet = self._outlet or feed.title
        self._found[key] = self._candidate(SourceKind.FEED, answer.url, origin, feed.drafts, feed.language)
        return self._found[key]

    async def _maps(self, base: str) -> None:
        """Look for a sitemap: those that robots.txt names, else at the usual places; the first that lists articles."""
        named = (await self._answers.robots(base)).sitemaps()
        for url in newsworthy(named or sitemap_places(base))[:_MOST_MAPS]:
            try:
                answer = await self._answers.ask(url)
            except SourceError as error:
                if error.kind in _HOPELESS:
                    return
                continue
            if answer.looked.map and await self._preview(SourceKind.SITEMAP, answer.url, Origin.SITEMAP):
                return

    async def _preview(self, kind: SourceKind, url: str, origin: Origin) -> bool:
        """Read a sitemap or a listing as the daemon would; keep it where it gives articles."""
        source = Source(
            name="new",
            outlet="new",
            kind=kind,
            url=url,
            start=(url,),
            allow_private=self._like.allow_private,
            verify_tls=self._like.verify_tls,
        )
        now = self._clock.now()
        try:
            collected = await self._collector.collect(source, SourceState(source="new", added_at=now, due_at=now))
        except SourceError as error:
            self._remarks[f"{url}, read as a {kind}: {error.kind} {error.detail}".rstrip()] = None
            return False
        if len(collected.drafts) < (1 if kind is SourceKind.SITEMAP else _FEW):
            self._remarks[f"{url}, read as a {kind}: {len(collected.drafts)} articles"] = None
            return False
        self._found[canonical_url(url)] = self._candidate(kind, url, origin, collected.drafts, None)
        return True

    def _candidate(
        self, kind: SourceKind, url: str, origin: Origin, drafts: Sequence[Draft], hint: str | None
    ) -> Candidate:
        return candidate(
            drafts,
            kind=kind,
            url=url,
            origin=origin,
            outlet=self._outlet or host_of(url).removeprefix("www.") or urlsplit(url).netloc,
            hint=hint,
            detect=self._detect,
            now=self._clock.now(),
        )


def _tagged_first(links: Iterable[FeedLink]) -> list[FeedLink]:
    return sorted(links, key=lambda link: not link.tagged)
