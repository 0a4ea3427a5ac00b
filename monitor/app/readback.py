"""The past of one source, read by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.app.compose import App, open_app
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.errors import Busy, ConfigError
from monitor.model import Backfill, BackfillState, Reason, Step
from monitor.protocols import Log

Show = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asks for: the articles of a source from `since` until `until` (None: its last good visit)."""

    source: str
    since: datetime
    until: datetime | None
    most: int
    mails: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What came of it; of a trial, `found` and `new` are what would have come, and nothing was stored."""

    backfill: Backfill
    steps: tuple[Step, ...]
    pages_left: int = 0
    sent: int = 0


async def read_back(config: Config, wish: Wish, *, log: Log, show: Show) -> ReadBack:
    """Walk the past of a source, read its articles' pages, send one summary; what was begun before goes on.

    Told to end, it leaves everything as it is, for the next time.

    Raises:
        ConfigError: there is no such source, or the time is none. Busy: another process walks it.
    """
    async with open_app(config, log=log) as app:
        backfill = await _taken(app, await _asked(app, config, wish))
        try:
            backfill = await app.backfilling.walk(backfill, lambda now: show(_line(now)))
        except BaseException:
            await app.backfilling.pause(backfill.id)
            raise
        if backfill.state is BackfillState.PAGES:
            show(f"{backfill.new} articles; their pages are read")
            await app.reading.drain((wish.source,))
        await app.backfilling.settle()
        await app.delivery.form()
        sent = await app.delivery.send()
        found = await app.on_store(app.store.backfill, backfill.id)
        return ReadBack(
            backfill=found or backfill,
            steps=await app.on_store(app.store.steps, backfill.id),
            pages_left=await app.on_store(app.store.pages_left, backfill.id),
            sent=sent,
        )


async def try_reading_back(config: Config, wish: Wish, *, log: Log, show: Show) -> ReadBack:
    """Walk the past of a source and count what would come; nothing is stored and no article's page is read.

    Raises:
        ConfigError: there is no such source, or the time is none.
    """
    async with open_app(config, log=log) as app:
        asked = await _asked(app, config, wish)
        backfill, steps = await app.backfilling.try_out(asked, lambda now: show(_line(now)))
        return ReadBack(backfill=backfill, steps=steps)


async def _asked(app: App, config: Config, wish: Wish) -> Backfill:
    """Give what is asked for; what came since the last good visit is news, and left to the next one.

    Raises:
        ConfigError: there is no such source, or the time is none.
    """
    if wish.source not in {source.name for source in config.sources}:
        told = f"there is no enabled source {wish.source}; see `monitor sources list`"
        raise ConfigError((f"{config.file}: {told}",))
    now = SystemClock().now()
    facts = await app.on_store(app.store.past_facts, wish.source)
    latest = min(now, facts.last_good_at or facts.added_at)
    until = min(wish.until or latest, latest)
    if wish.since >= until:
        told = f"{wish.since:%Y-%m-%d %H:%M} is not before {until:%Y-%m-%d %H:%M} UTC"
        why = "" if wish.until == until else "; what came after its last visit is brought by the next one"
        raise ConfigError((f"{wish.source}: {told}{why}",))
    return Backfill(
        id=0,
        source=wish.source,
        reason=Reason.ASKED,
        since=wish.since,
        until=until,
        mails=wish.mails,
        most=wish.most,
        state=BackfillState.OPEN,
        asked_at=now,
    )


async def _taken(app: App, asked: Backfill) -> Backfill:
    """Give the back-filling that this process holds now: one that was begun before, or a new one.

    Raises:
        Busy: another process walks it.
    """
    store, lease = app.store, app.backfilling.lease
    begun = await app.on_store(store.unfinished, asked.source, since=asked.since)
    if begun is None:
        return await app.on_store(store.add_backfill, asked, lease=lease)
    taken = await app.on_store(store.claim_backfill, now=asked.asked_at, lease=lease, only=begun.id)
    if taken is None:
        told = f"the past of {asked.source} is being read by another process, {begun.requests} requests until now"
        raise Busy(f"{told}; `monitor status` tells how far it is")
    return taken


def _line(backfill: Backfill) -> str:
    return f"{backfill.source}: {backfill.requests} requests, {backfill.found} articles found, {backfill.new} new"
