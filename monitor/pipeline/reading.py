"""The reading stage: claim wanted pages, have them read while more come, leave what they say in the store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.errors import SourceError, StoreError
from monitor.impasse import Impasse
from monitor.line import Line
from monitor.model import Limits, PageOrder, PageRead, Source, WantedPage
from monitor.pipeline.collecting import STORE_WAIT
from monitor.pipeline.page_ingest import PageIngest
from monitor.polling.condition import NO_WAY_OUT
from monitor.protocols import Clock, Log, Looks, OnStore, PageReader, Pages
from monitor.schedule import next_daily_try, next_page_try
from monitor.text import reason
from monitor.tries import Try, meaning

ROOM = 64  # pages in hand at a time
REST = 5.0  # seconds without a page after which a run ends: its process is not started anew for each visit
_LOOKS_ASKED = 10.0  # seconds between two questions whether looks are due
_LOOKS_ALONG = 60.0  # the same while a run is under way: they must not keep its process alive all day
_MARGIN = timedelta(seconds=60)
_LINE_DOWN = timedelta(minutes=5)  # until a page is tried again that our own line was down for


@dataclass(slots=True)
class Progress:
    """What reading has come to since the start."""

    read: int = 0
    looks: int = 0
    failed: int = 0
    alerts: int = 0


class Reading:
    """Reads article pages. Work in hand is never taken twice; what a run leaves is taken again."""

    def __init__(
        self,
        *,
        configured: Mapping[str, Source],
        pages: Pages,
        looks: Looks,
        on_store: OnStore,
        reader: PageReader,
        ingest: PageIngest,
        clock: Clock,
        log: Log,
        impasse: Impasse,
        line: Line | None = None,
        limits: Limits,
        rest: float = REST,
        jitter: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 - spreads load, protects nothing
    ) -> None:
        """Take the stage's surroundings; `line` tells whether ours is down, `jitter` gives a number from -1 to 1."""
        self._line = line or Line()
        self._configured = configured
        self._pages = pages
        self._looks = looks
        self._on_store = on_store
        self._reader = reader
        self._ingest = ingest
        self._clock = clock
        self._log = log
        self._impasse = impasse
        self._limits = limits
        self._rest = rest
        self._jitter = jitter
        self._open: dict[int, WantedPage] = {}
        self._unstored: set[int] = set()
        self._give_back_at = 0.0
        self._orders: asyncio.Queue[PageOrder | None] = asyncio.Queue()
        self._run: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._stopping = False
        self._next_looks = 0.0
        # A page may wait for the end of a run, and is read in the next.
        self._lease = limits.crawl * 2 + _MARGIN
        self.progress = Progress()

    @property
    def in_hand(self) -> int:
        """How many pages are being read or wait for their turn."""
        return len(self._open)

    async def tick(self) -> None:
        """Take on as many wanted pages as there is room for; a run that is under way reads them, too.

        Looks at pages that were read before go along with a run, or wait until one would be worth it.
        """
        await self._give_back()
        await self._take(self._configured)

    async def _give_back(self) -> None:
        """Give back the pages that could not be stored, after a while, so that they are read again."""
        if self._unstored and self._clock.monotonic() >= self._give_back_at:
            given = tuple(self._unstored)
            await self._on_store(self._pages.release_pages, given)
            self._unstored.difference_update(given)

    async def drain(self, only: Collection[str]) -> None:
        """Read the pages of these sources that are due, and wait until all are read or have failed."""
        while await self._take(only, at_once=True) or self._open:
            await self._changed.wait()
            self._changed.clear()
        if self._run is not None:
            self._orders.put_nowait(None)
            await asyncio.gather(self._run, return_exceptions=True)

    async def stop(self) -> None:
        """Give up the run under way; pages not read yet stay wanted."""
        self._stopping = True
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)
        if self._open:
            await self._on_store(self._pages.release_pages, tuple(self._open))
            self._open.clear()

    async def _claim_looks(self, only: Collection[str], *, at_once: bool = False) -> tuple[WantedPage, ...]:
        """Claim pages to look at again: a run under way takes some along, else one must have waited long enough."""
        now = self._clock.monotonic()
        running = self._run is not None and not self._run.done()
        if self._stopping or len(self._open) > ROOM // 2 or (now < self._next_looks and not at_once):
            return ()
        batch = self._limits.revisit_batch
        self._next_looks = now + min(_LOOKS_ALONG if running else _LOOKS_ASKED, batch.total_seconds())
        return await self._on_store(
            self._looks.claim_looks,
            now=self._clock.now(),
            patience=timedelta() if running or at_once else batch,
            limit=ROOM // 2,
            per_hour=self._limits.revisits,
            lease=self._lease,
            only=tuple(only),
        )

    async def _take(self, only: Collection[str], *, at_once: bool = False) -> int:
        """Claim what is wanted, then what may be looked at again; gives how many pages."""
        wanted = self._admit(await self._claim_pages(only))
        return wanted + self._admit(await self._claim_looks(only, at_once=at_once))

    async def _claim_pages(self, only: Collection[str]) -> tuple[WantedPage, ...]:
        if self._stopping or len(self._open) >= ROOM:
            return ()
        return await self._on_store(
            self._pages.claim_pages,
            now=self._clock.now(),
            limit=ROOM - len(self._open),
            lease=self._lease,
            only=tuple(only),
        )

    def _admit(self, pages: Sequence[WantedPage]) -> int:
        """Put pages in hand, for the run under way or a new one, which may take looks along at once."""
        for page in pages:
            if page.article_id in self._open:
                continue
            self._open[page.article_id] = page
            order = PageOrder(
                article_id=page.article_id,
                url=page.url,
                source=self._configured[page.source],
                validators=page.validators,
            )
            self._orders.put_nowait(order)
        if self._open and (self._run is None or self._run.done()):
            self._run = asyncio.create_task(self._read())
            self._run.add_done_callback(lambda _: self._changed.set())
            self._next_looks = 0.0
        return len(pages)

    async def _read(self) -> None:
        """Run the reader once; what becomes of pages that it took and did not bring back is decided here.

        They were not asked for, so it was no try. A reader that fails before it took any page gives all of them back
        for a while, so that it is not started again at once.
        """
        handed: set[int] = set()
        error = SourceError("crawl_broken", "the crawl ended without saying what came of this page")
        failed = False
        try:
            await self._reader.read(self._next_orders(handed), self._keep)
        except SourceError as raised:
            error, failed = raised, True
            self._log.warning("crawl_failed", error=raised.kind, detail=raised.detail, pages=len(self._open))
        except Exception as raised:  # noqa: BLE001 - the boundary of one run: the next one goes on
            error, failed = SourceError("internal", repr(raised)), True
            self._log.error("crawl_crashed", exc_info=raised)
        left = handed or (set(self._open) if failed else set())
        for number in left & self._open.keys():
            await self._keep(PageRead(article_id=number, error=error.kind, detail=error.detail, counts=False))

    async def _next_orders(self, handed: set[int]) -> AsyncIterator[PageOrder]:
        """Give orders as they come; end after a rest, or in time for what is under way to be finished."""
        end = self._clock.monotonic() + self._limits.crawl.total_seconds() / 2
        while self._clock.monotonic() < end:
            try:
                async with asyncio.timeout(self._rest):
                    order = await self._orders.get()
            except TimeoutError:
                if not self._open:
                    return
                continue
            if order is None:
                return
            if order.article_id in self._open:
                handed.add(order.article_id)
                yield order

    async def _keep(self, read: PageRead) -> None:
        """Leave in the store what came of a page; where that fails, the page stays wanted and is read again soon."""
        page = self._open.pop(read.article_id, None)
        if page is None:
            return
        try:
            await self._store(page, read)
        except StoreError as error:
            self._impasse.met("not_stored", error, article=page.article_id)
            self._unstored.add(page.article_id)
            self._give_back_at = self._clock.monotonic() + STORE_WAIT.total_seconds()
        except Exception as error:  # noqa: BLE001 - the boundary of one page: the others go on
            self._log.error("page_crashed", article=page.article_id, exc_info=error)
        finally:
            self._changed.set()

    async def _store(self, page: WantedPage, read: PageRead) -> None:
        now, source = self._clock.now(), self._configured[page.source]
        if page.again:
            self.progress.looks += 1
            self.progress.alerts += await self._on_store(self._ingest.look, page, read, source, now)
            return
        if read.draft is None:
            await self._fail(page, read)
            return
        alerts = await self._on_store(self._ingest, page, read, source, now)
        self.progress.read += 1
        self.progress.alerts += alerts

    async def _fail(self, page: WantedPage, read: PageRead) -> None:
        now = self._clock.now()
        cut_off = self._line.down and read.error in NO_WAY_OUT  # not the page's fault, however many days it lasts
        attempts = page.attempts + int(read.counts and not cut_off)
        due_at: datetime | None
        match meaning(read.error):
            case _ if cut_off:
                due_at = now + _LINE_DOWN
            case Try.FINAL:
                due_at = None
            case Try.DAILY:
                due_at = next_daily_try(page.seen_at, now=now, jitter=self._jitter())
            case _:
                due_at = next_page_try(attempts, self._limits, now=now, asked=read.retry_after, jitter=self._jitter())
        error = reason(f"{read.error}: {read.detail}" if read.detail else read.error or "unknown")
        await self._on_store(self._ingest.fail, page, error=error, attempts=attempts, due_at=due_at, now=now)
        self.progress.failed += 1
        self._log.warning(
            "page_failed", source=page.source, article=page.article_id, error=error, attempts=attempts, next_try=due_at
        )
