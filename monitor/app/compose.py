"""The composition root: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from monitor.clock import SystemClock
from monitor.collect.bykind import ByKind
from monitor.collect.crawl import CrawlCollector, CrawlPages, Crawls, CrawlSettings, HostMemory
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.config import Config, cache_folder, child_environment, failpoints
from monitor.errors import StoreError
from monitor.health import Rate
from monitor.language import Analyser, Detector, WordForms, missing_lists
from monitor.model import Channel, ChannelKind, RetryPlan, SourceKind
from monitor.notify import MaildirNotifier, SmtpNotifier
from monitor.pipeline import (
    Audience,
    Collecting,
    Delivery,
    Housekeeping,
    Ingest,
    Judge,
    PageIngest,
    Reading,
    Transport,
)
from monitor.protocols import Failpoint, Log, OnStore
from monitor.render import Letters
from monitor.rules import RuleSet
from monitor.schedule import first_due
from monitor.store import Store, StoreThread, current_owner, journal_mode, open_store

MAILDIR_SENDER = "News monitor <monitor@news-monitor.invalid>"
_MAILDIR_RATE = 10_000
_MAILDIR_RETRY = RetryPlan(waits=(timedelta(minutes=1),), give_up=timedelta(days=5))


@dataclass(frozen=True, slots=True)
class App:
    """The running parts."""

    store: Store
    on_store: OnStore
    collecting: Collecting
    reading: Reading
    delivery: Delivery
    housekeeping: Housekeeping
    parser: WorkerPool


def user_agent(contact: str) -> str:
    """Give the name we go by: program, version and, where there is one, whom to ask."""
    name = f"news-coverage-monitor/{version('news-coverage-monitor')}"
    return f"{name} (+{contact})" if contact else name


async def make_analyser(cache: Path, languages: Iterable[str], log: Log) -> Analyser:
    """Give the analyser with its word lists, built first where they are missing (some seconds, once).

    Raises:
        StoreError: their folder cannot be made.
    """
    if missing := missing_lists(cache, languages):
        log.info("building_word_lists", languages=missing)
        await _build_word_lists(cache, missing)
    try:
        forms = WordForms(cache)
    except OSError as error:
        raise StoreError(f"{cache}: {error.strerror}") from error
    for lang in languages:
        await asyncio.to_thread(forms.warm, lang)
    return Analyser(forms)


async def _build_word_lists(cache: Path, languages: Iterable[str]) -> None:
    """Build in a child; should it fail, the lists are built here, which only takes more memory."""
    arguments = (str(os.getpid()), str(cache), *languages)
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "monitor.language.build", *arguments)
    try:
        await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


@asynccontextmanager
async def open_app(config: Config, *, log: Log) -> AsyncIterator[App]:
    """Open the store and put the stages around it; everything is closed at the end, whatever happens."""
    clock, failpoint = SystemClock(), failpoints(os.environ)
    on_store = StoreThread()
    turns = HostSlots(clock, config.limits.gap.total_seconds())
    agent = user_agent(config.contact)
    client = HttpClient(limits=config.limits, user_agent=agent, turns=turns, clock=clock, log=log)
    parser = WorkerPool(limit=config.limits.parse, clock=clock)
    try:
        store = await on_store(open_store, config.database, current_owner())
        if journal_mode() != "wal":
            log.warning("sqlite_is_old", mode="truncate", remedy="nothing is lost; writing is somewhat slower")
        try:
            analyser = await make_analyser(cache_folder(os.environ, config.data), config.languages, log)
            yield await _assemble(
                config,
                store,
                on_store=on_store,
                client=client,
                parser=parser,
                crawls=make_crawls(config, store, on_store, turns, log),
                analyser=analyser,
                log=log,
                failpoint=failpoint,
            )
        finally:
            await on_store(store.close)
    finally:
        parser.close()
        await client.close()
        on_store.close()


async def _assemble(
    config: Config,
    store: Store,
    *,
    on_store: OnStore,
    client: HttpClient,
    parser: WorkerPool,
    crawls: Crawls,
    analyser: Analyser,
    log: Log,
    failpoint: Failpoint,
) -> App:
    """Bring the store up to the configuration and make the stages."""
    clock = SystemClock()
    now = clock.now()
    due = first_due(config.sources, now=now, limits=config.limits)
    await on_store(store.sync, config.sources, now=now, first_due=due)
    rules = await on_store(store.version, config.rules, now=now)
    released = await on_store(store.release_dead, now=now)
    if released:
        log.info("leases_released", leases=released)
    channels = {channel.name: channel for channel in config.channels}
    moved, dropped = await on_store(store.reroute, _wanted(config, channels), others=_operators(config, channels))
    if moved or dropped:
        log.info("alerts_rerouted", moved=moved, dropped=dropped)
    judge = Judge(
        rules=RuleSet(rules, analyser),
        audience=Audience(rules=rules, channels=channels),
        analyser=analyser,
        detect=Detector(config.languages),
        settings=config.alerts,
    )
    configured = {source.name: source for source in config.sources}
    feeds = FeedCollector(client=client, parser=parser, limits=config.limits, clock=clock)
    spiders = CrawlCollector(crawls, clock=clock)
    collecting = Collecting(
        configured=configured,
        sources=store,
        on_store=on_store,
        collector=ByKind({kind: feeds if kind is SourceKind.FEED else spiders for kind in SourceKind}),
        ingest=Ingest(articles=store, pages=store, sources=store, judge=judge, failpoint=failpoint),
        clock=clock,
        log=log,
        limits=config.limits,
    )
    reading = Reading(
        configured=configured,
        pages=store,
        on_store=on_store,
        reader=CrawlPages(crawls),
        ingest=PageIngest(articles=store, pages=store, sites=store, judge=judge, failpoint=failpoint),
        clock=clock,
        log=log,
        limits=config.limits,
    )
    delivery = Delivery(
        outbox=store,
        on_store=on_store,
        transports=make_transports(config, clock=clock, failpoint=failpoint),
        channels=channels,
        operator=config.operator,
        letters=Letters(sender=config.smtp.sender if config.smtp else MAILDIR_SENDER, timezone=config.timezone),
        settings=config.alerts,
        retry=config.smtp.retry if config.smtp else _MAILDIR_RETRY,
        limits=config.limits,
        clock=clock,
        log=log,
        failpoint=failpoint,
    )
    keeping = Housekeeping(keeper=store, on_store=on_store, retention=config.retention, clock=clock, log=log)
    return App(store, on_store, collecting, reading, delivery, keeping, parser)


def make_crawls(config: Config, store: Store, on_store: OnStore, turns: HostSlots, log: Log) -> Crawls:
    """Give who starts crawl children."""
    settings = CrawlSettings(
        limits=config.limits,
        user_agent=user_agent(config.contact),
        folders=config.spiders,
        environ=child_environment(os.environ),
    )
    return Crawls(settings, turns=turns, memory=HostMemory(store, on_store=on_store, clock=SystemClock()), log=log)


def _wanted(config: Config, channels: Mapping[str, Channel]) -> dict[str, list[tuple[str, str]]]:
    """Give the recipients of each rule, each with its channel."""
    return {
        rule.name: [(recipient, name) for name in rule.to for recipient in channels[name].recipients]
        for rule in config.rules
    }


def _operators(config: Config, channels: Mapping[str, Channel]) -> list[tuple[str, str]]:
    """Give who gets operator notices, each with the channel."""
    return (
        [(recipient, config.operator) for recipient in channels[config.operator].recipients] if config.operator else []
    )


def make_transports(config: Config, *, clock: SystemClock, failpoint: Failpoint) -> tuple[Transport, ...]:
    """Give the ways out: one for each maildir, one for all e-mail."""
    transports = [
        Transport(
            name=channel.name,
            notifier=MaildirNotifier(config.data / (channel.path or channel.name), failpoint=failpoint),
            channels=(channel.name,),
            rate=Rate(_MAILDIR_RATE),
            lease=timedelta(minutes=2),
        )
        for channel in config.channels
        if channel.kind is ChannelKind.MAILDIR
    ]
    emails = tuple(channel.name for channel in config.channels if channel.kind is ChannelKind.EMAIL)
    if emails and config.smtp:
        smtp = SmtpNotifier(config.smtp, clock=clock, failpoint=failpoint)
        lease = config.smtp.command * 2 + config.smtp.data + timedelta(seconds=60)
        transports.append(
            Transport(name="smtp", notifier=smtp, channels=emails, rate=Rate(config.smtp.rate), lease=lease)
        )
    return tuple(transports)
