"""The composition root: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from monitor.clock import SystemClock
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pool import WorkerPool
from monitor.config import Config, cache_folder, failpoints
from monitor.errors import ConfigError
from monitor.health import Rate
from monitor.language import Analyser, Detector, WordForms
from monitor.model import ChannelKind, RetryPlan, Source
from monitor.normalise import normalise
from monitor.notify import MaildirNotifier, SmtpNotifier
from monitor.pipeline import Audience, Collecting, Delivery, Housekeeping, Ingest, Transport
from monitor.protocols import Failpoint, Log, OnStore
from monitor.render import Letters
from monitor.rules import RuleSet, try_query
from monitor.schedule import first_due
from monitor.store import Store, StoreThread, current_owner, journal_mode, open_store

MAILDIR_SENDER = "News monitor <monitor@news-monitor.invalid>"
_MAILDIR_RATE = 10_000
_MAILDIR_RETRY = RetryPlan(waits=(timedelta(minutes=1),), give_up=timedelta(days=5))
_TRIAL_LANGUAGES = ("en", "ru", "hy", "az", "ka", "tr")


@dataclass(frozen=True, slots=True)
class App:
    """The running parts."""

    store: Store
    on_store: OnStore
    collecting: Collecting
    delivery: Delivery
    housekeeping: Housekeeping
    parser: WorkerPool


def user_agent(contact: str) -> str:
    """Give the name we go by: program, version and, where there is one, whom to ask."""
    name = f"news-coverage-monitor/{version('news-coverage-monitor')}"
    return f"{name} (+{contact})" if contact else name


def make_analyser(cache: Path | None, languages: Iterable[str], log: Log) -> Analyser:
    """Give the analyser with its word lists, built now if they are not there yet (some seconds, once)."""
    forms = WordForms(cache)
    missing = cache is not None and not any(cache.glob("*.dic"))
    report: Callable[[str], object] = lambda lang: log.info("word_list_built", language=lang)  # noqa: E731
    forms.warm(list(languages), report if missing else lambda _: None)
    return Analyser(forms)


@asynccontextmanager
async def open_app(config: Config, *, log: Log) -> AsyncIterator[App]:
    """Open the store and put the stages around it; everything is closed at the end, whatever happens."""
    clock, failpoint = SystemClock(), failpoints(os.environ)
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    analyser = await asyncio.to_thread(make_analyser, cache_folder(os.environ, config.data), config.languages, log)
    on_store = StoreThread()
    client = HttpClient(limits=config.limits, user_agent=user_agent(config.contact), clock=clock, log=log)
    parser = WorkerPool(limit=config.limits.parse, clock=clock)
    try:
        store = await on_store(open_store, config.database, current_owner())
        if journal_mode() != "wal":
            log.warning("sqlite_is_old", mode="truncate", remedy="nothing is lost; writing is somewhat slower")
        app = await _assemble(config, store, on_store, client, parser, analyser, log=log, failpoint=failpoint)
        try:
            yield app
        finally:
            await on_store(store.close)
    finally:
        parser.close()
        await client.close()
        on_store.close()


async def _assemble(
    config: Config,
    store: Store,
    on_store: OnStore,
    client: HttpClient,
    parser: WorkerPool,
    analyser: Analyser,
    *,
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
    ingest = Ingest(
        articles=store,
        sources=store,
        rules=RuleSet(rules, analyser),
        audience=Audience(rules=rules, channels=channels),
        analyser=analyser,
        detect=Detector(config.languages),
        failpoint=failpoint,
    )
    collecting = Collecting(
        configured={source.name: source for source in config.sources},
        sources=store,
        on_store=on_store,
        collector=FeedCollector(client=client, parser=parser, limits=config.limits, clock=clock),
        ingest=ingest,
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
    return App(store, on_store, collecting, delivery, keeping, parser)


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


@dataclass(frozen=True, slots=True)
class Round:
    """What one round by hand came to."""

    visits: list[dict[str, object]]
    articles: int
    alerts: int
    sent: int


async def collect_once(
    config: Config, *, names: tuple[str, ...], send: bool, log: Log, show: Callable[[str], None]
) -> Round:
    """Visit sources once, due or not, then form and send what is due.

    Raises:
        ConfigError: a name is no source of the configuration.
    """
    known = {source.name for source in config.sources}
    if unknown := set(names) - known:
        told = f"there is no enabled source {', '.join(sorted(unknown))}; see `monitor sources list`"
        raise ConfigError((f"{config.file}: {told}",))
    clock = SystemClock()
    started = clock.now()
    async with open_app(config, log=log) as app:
        wanted = names or tuple(sorted(known))
        watcher = asyncio.create_task(_watch(app.collecting, len(wanted), show))
        try:
            await app.collecting.visit_all(wanted)
        finally:
            watcher.cancel()
        await app.delivery.form()
        if send:
            await app.delivery.send()
        visits = await app.on_store(app.store.visits_since, started)
        activity = app.collecting.activity
        return Round(visits, activity.articles, activity.alerts, app.delivery.sent)


async def _watch(collecting: Collecting, total: int, show: Callable[[str], None]) -> None:
    while True:
        running = ", ".join(sorted(collecting.activity.running))
        show(f"{collecting.activity.visits} of {total} sources visited; now {running}")
        await asyncio.sleep(0.2)


def try_feed(body: bytes, *, url: str, content_type: str | None, data: Path | None) -> Iterator[dict[str, object]]:
    """Give each entry of a feed as it would be stored.

    Raises:
        SourceError: it cannot be read as a feed.
    """
    del data
    clock = SystemClock()
    parser = WorkerPool(limit=timedelta(seconds=5), clock=clock)
    try:
        feed = asyncio.run(parser.parse(body, url=url, content_type=content_type))
    finally:
        parser.close()
    source = Source(name="try", outlet="try", url=url)
    detect = Detector(_TRIAL_LANGUAGES)
    for draft in feed.drafts:
        article = normalise(draft, source, now=clock.now(), feed_language=feed.language, detect=detect, baseline=False)
        hidden = {"id", "source", "outlet", "country", "first_seen_at", "baseline", "revision"}
        yield {name: value for name, value in asdict(article).items() if name not in hidden}


def try_rule(query: str, lines: Iterable[str], *, lang: str | None, data: Path | None) -> Iterator[dict[str, object]]:
    """Match a query against texts."""
    analyser = Analyser(WordForms(cache_folder(os.environ, data)))
    return try_query(query, lines, lang=lang, analyser=analyser, detect=Detector(_TRIAL_LANGUAGES))
