"""The composition root: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from monitor.app.analysing import make_analyser
from monitor.app.boot import check_time
from monitor.app.ground import Ground, letters
from monitor.app.libraries import check_libraries
from monitor.app.past import make_backfilling
from monitor.app.reports import Tick, reports
from monitor.app.startup import bring_up, channels_of, open_safely
from monitor.app.upkeep import Care, make_care
from monitor.app.watch import listening, watching
from monitor.app.ways import WaysOut, feed_collector, open_ways, user_agent
from monitor.clock import SystemClock
from monitor.collect.bykind import ByKind
from monitor.collect.crawl import CrawlCollector, CrawlPages, Crawls
from monitor.collect.http import HttpClient
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.config import Config, cache_folder, failpoints
from monitor.errors import StoreError
from monitor.folders import inside
from monitor.health import Rate
from monitor.impasse import Impasse
from monitor.language import Analyser, Detector, Statistics
from monitor.model import ChannelKind, RetryPlan, Rule
from monitor.notify import MaildirNotifier, SmtpNotifier
from monitor.pipeline import (
    Audience,
    Backfilling,
    Collecting,
    Delivery,
    Housekeeping,
    Ingest,
    Judge,
    Listening,
    PageIngest,
    Reading,
    Reindexing,
    Revisits,
    Transport,
    Watching,
)
from monitor.protocols import Failpoint, Log, OnStore
from monitor.pulse import Pulse
from monitor.rules import RuleSet
from monitor.store import Store, StoreThread

_MAILDIR_RATE = 10_000
_MAILDIR_RETRY = RetryPlan(waits=(timedelta(minutes=1),), give_up=timedelta(days=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The running parts."""

    store: Store
    on_store: OnStore
    collecting: Collecting
    reading: Reading
    watching: Watching
    listening: Listening
    backfilling: Backfilling
    delivery: Delivery
    housekeeping: Housekeeping
    reindexing: Reindexing
    care: Care
    reports: Mapping[str, Tick]
    parser: WorkerPool
    impasse: Impasse


@asynccontextmanager
async def open_app(config: Config, *, log: Log, pulse: Pulse | None = None, waits: bool = False) -> AsyncIterator[App]:
    """Open the store and put the stages around it; everything is closed at the end. `waits` for a clock that is right.

    `pulse` is what a watchdog listens to; None where there is none. What is still held at the end is given back.

    Raises:
        UnfitMachine, StoreError, ClockWrong.
    """
    check_libraries()
    clock, on_store, open_parts = SystemClock(), StoreThread(config.database), ExitStack()
    pulse = pulse or Pulse(clock.monotonic)
    turns = HostSlots(clock, config.limits.gap.total_seconds())
    agent = user_agent(config.contact)
    client = HttpClient(limits=config.limits, user_agent=agent, turns=turns, clock=clock)
    parser = WorkerPool(limit=config.limits.parse, clock=clock)
    try:
        store = await open_safely(config, on_store=on_store, clock=clock, log=log)
        ground = Ground(
            config=config,
            store=store,
            on_store=on_store,
            clock=clock,
            log=log,
            failpoint=failpoints(os.environ),
            impasse=Impasse(monotonic=clock.monotonic, writes=lambda: store.writes, log=log),
        )
        try:
            await check_time(clock, partial(on_store, store.newest), log=log, waits=waits)
            analyser = await make_analyser(cache_folder(os.environ, config.data), config.languages, log)
            rules = await bring_up(config, store, on_store=on_store, now=clock.now(), log=log)
            ways = open_ways(ground, client=client, parser=parser, turns=turns)
            care = open_parts.enter_context(closing(make_care(ground, on_store, pulse)))
            judge = _judge(config, rules, analyser)
            app = _stages(ground, judge, analyser.version, ways=ways, care=care, pulse=pulse)
            _keep_for_good()
            yield app
        finally:
            await asyncio.to_thread(open_parts.close)  # it waits for the end of a copy, and signs of life go on
            with suppress(StoreError):  # a full disk: whoever comes next finds its owner dead
                await on_store(store.release_own, now=clock.now())
            with suppress(StoreError):
                await on_store(store.close)
    finally:
        parser.close()
        await client.close()
        on_store.close()


def _stages(ground: Ground, judge: Judge, version: str, *, ways: WaysOut, care: Care, pulse: Pulse) -> App:
    """Put the stages together; `version` names the analysis that makes search keys."""
    store, on_store, clock, log = ground.store, ground.on_store, ground.clock, ground.log
    collecting = _collecting(ground, judge, ways)
    return App(
        store=store,
        on_store=on_store,
        collecting=collecting,
        reading=_reading(ground, judge, ways.crawls),
        watching=watching(ground),
        listening=listening(ground),
        backfilling=make_backfilling(ground, judge, ways, place=collecting.place_for_crawl),
        delivery=_delivery(ground, pulse),
        housekeeping=Housekeeping(
            keeper=store, on_store=on_store, retention=ground.config.retention, clock=clock, log=log
        ),
        reindexing=Reindexing(index=store, read=judge.index, version=version, on_store=on_store, clock=clock, log=log),
        care=care,
        reports=reports(ground, ways.client),
        parser=ways.parser,
        impasse=ground.impasse,
    )


def _keep_for_good() -> None:
    """Leave rules and word lists, which stay as long as the process, out of garbage collection: 0.1 s a time."""
    gc.unfreeze()  # what an earlier configuration froze in this process is garbage by now
    gc.collect()
    gc.freeze()


def _judge(config: Config, rules: tuple[Rule, ...], analyser: Analyser) -> Judge:
    return Judge(
        rules=RuleSet(rules, analyser, config.concepts),
        audience=Audience(rules=rules, channels=channels_of(config)),
        analyser=analyser,
        detect=Detector(config.languages, Statistics(cache_folder(os.environ, config.data))),
        settings=config.alerts,
    )


def _collecting(ground: Ground, judge: Judge, ways: WaysOut) -> Collecting:
    limits, store = ground.config.limits, ground.store
    feeds = feed_collector(ground, ways)
    spiders = CrawlCollector(ways.crawls, clock=ground.clock)
    return Collecting(
        configured={source.name: source for source in ground.config.sources},
        sources=store,
        on_store=ground.on_store,
        collector=ByKind(feeds=feeds, crawls=spiders),
        ingest=Ingest(
            articles=store,
            pages=store,
            sources=store,
            revisits=_revisits(ground),
            judge=judge,
            failpoint=ground.failpoint,
        ),
        clock=ground.clock,
        log=ground.log,
        impasse=ground.impasse,
        limits=limits,
    )


def _revisits(ground: Ground) -> Revisits:
    return Revisits(ground.store, limits=ground.config.limits)


def _reading(ground: Ground, judge: Judge, crawls: Crawls) -> Reading:
    store = ground.store
    return Reading(
        configured={source.name: source for source in ground.config.sources},
        pages=store,
        looks=store,
        on_store=ground.on_store,
        reader=CrawlPages(crawls),
        ingest=PageIngest(
            articles=store,
            pages=store,
            sites=store,
            revisits=_revisits(ground),
            backfills=store,
            judge=judge,
            failpoint=ground.failpoint,
        ),
        clock=ground.clock,
        log=ground.log,
        impasse=ground.impasse,
        line=ground.line,
        limits=ground.config.limits,
    )


def _delivery(ground: Ground, pulse: Pulse) -> Delivery:
    config = ground.config
    return Delivery(
        outbox=ground.store,
        on_store=ground.on_store,
        transports=make_transports(config, clock=ground.clock, failpoint=ground.failpoint, pulse=pulse),
        channels=channels_of(config),
        operator=config.operator,
        letters=letters(config),
        settings=config.alerts,
        retry=config.smtp.retry if config.smtp else _MAILDIR_RETRY,
        limits=config.limits,
        clock=ground.clock,
        log=ground.log,
        failpoint=ground.failpoint,
        pulse=pulse,
    )


def make_transports(config: Config, *, clock: SystemClock, failpoint: Failpoint, pulse: Pulse) -> tuple[Transport, ...]:
    """Give the ways out: one for each maildir, one for all e-mail."""
    transports = [
        Transport(
            name=channel.name,
            notifier=MaildirNotifier(inside(config.data, channel.path or channel.name), failpoint=failpoint),
            channels=(channel.name,),
            rate=Rate(_MAILDIR_RATE),
            lease=timedelta(minutes=2),
        )
        for channel in config.channels
        if channel.kind is ChannelKind.MAILDIR
    ]
    emails = tuple(channel.name for channel in config.channels if channel.kind is ChannelKind.EMAIL)
    if emails and config.smtp:
        smtp = SmtpNotifier(config.smtp, clock=clock, failpoint=failpoint, pulse=pulse)
        lease = config.smtp.command * 2 + config.smtp.data + timedelta(seconds=60)
        transports.append(
            Transport(name="smtp", notifier=smtp, channels=emails, rate=Rate(config.smtp.rate), lease=lease)
        )
    return tuple(transports)
