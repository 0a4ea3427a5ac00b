"""The keys of config.yaml (pydantic's door, with the fields)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from monitor.config.fields import (
    Addresses,
    ConceptName,
    ConceptNames,
    Duration,
    Durations,
    Heartbeat,
    Host,
    Kept,
    Language,
    Languages,
    Links,
    Name,
    Names,
    Networks,
    NeverOr,
    PositiveDuration,
    Rate,
    Selector,
    Sender,
    Size,
    Starts,
    TermText,
    Text,
    Texts,
    WebAddress,
    Whens,
    Zone,
)
from monitor.language import Sense
from monitor.model import (
    AlertSettings,
    BackupPlan,
    FirstVisit,
    FullText,
    Limits,
    Retention,
    Revisit,
    Robots,
    SmtpSecurity,
    Snapshots,
    When,
)

_LIMITS = Limits()
_RETENTION = Retention()
_ALERTS = AlertSettings()
_BACKUP = BackupPlan()
Subject = Literal["full", "neutral"]
KINDS = ("feed", "sitemap", "listing", "spider")  # a source has exactly one of them
Share = Annotated[int, Field(ge=1, le=1000)]


class Keys(BaseModel):
    """A mapping whose unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


class ChannelKeys(Keys):
    """One of `channels:`."""

    type: Literal["maildir", "email"]
    path: Text | None = None
    to: Addresses = ()
    subject: Subject | None = None


class SmtpKeys(Keys):
    """`smtp:`."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    user: Text | None = None
    password: Text | None = None
    password_file: Text | None = None
    from_: Annotated[Sender, Field(alias="from")]
    rate: Rate = 30
    retry: Durations = tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 30, 60))
    give_up: PositiveDuration = timedelta(days=5)
    ca_file: Text | None = None
    connect: PositiveDuration = timedelta(seconds=30)
    command: PositiveDuration = timedelta(seconds=60)
    data: PositiveDuration = timedelta(seconds=600)
    session: PositiveDuration = timedelta(minutes=15)
    per_connection: Share = 20


class PingKeys(Keys):
    """`ping:`; an address without more to say is written as text."""

    url: Text
    every: PositiveDuration = timedelta(minutes=5)
    allow_private: Networks = ()

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return value if isinstance(value, dict | PingKeys) else {"url": value}


class AlertKeys(Keys):
    """`alerts:`."""

    group_interval: Duration = _ALERTS.group_interval
    wait_for_text: Duration = _ALERTS.wait_for_text
    subject: Subject = "full"


class DefaultKeys(Keys):
    """`defaults:`, for sources that say nothing else."""

    every: PositiveDuration = timedelta(minutes=30)
    full_text: FullText = FullText.AUTO
    first_visit: FirstVisit = FirstVisit.DIGEST
    robots: Robots = Robots.PAGES
    revisit: Revisit = Revisit.AUTO
    snapshots: Snapshots = Snapshots.NEVER


class RuleKeys(Keys):
    """One of `rules:`."""

    name: Name
    query: Text
    to: Names
    when: Whens = (When.NEW,)
    languages: Languages = ()
    sources: Names = ()
    mentions: Share = 1
    schedule: Literal["now"] = "now"
    min_outlets: Literal[1] = 1


class TermKeys(Keys):
    """A word or phrase of a concept; one without more to say is written as text."""

    term: TermText
    forms: Sense | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return value if isinstance(value, dict | TermKeys) else {"term": value}


Terms = Annotated[tuple[TermKeys, ...], BeforeValidator(lambda value: value if isinstance(value, list) else [value])]


class ConceptKeys(Keys):
    """One of `concepts:`; every other key is a language, or `any` for words of every text's own language."""

    model_config = ConfigDict(extra="allow")
    OTHERS: ClassVar[type[Keys]] = TermKeys
    __pydantic_extra__: dict[str, Terms] = Field(init=False)

    note: Text | None = None
    include: ConceptNames = ()
    forms: Sense = Sense.ALL
    extend: bool | None = None

    @property
    def words(self) -> dict[str, tuple[TermKeys, ...]]:
        """Give the terms by language."""
        return dict(self.__pydantic_extra__)


class SelectorKeys(Keys):
    """`selectors:` of a source: CSS selectors, on article pages and (`links`, `next`) on a listing's."""

    title: Selector | None = None
    text: Selector | None = None
    date: Selector | None = None
    links: Selector | None = None
    next: Selector | None = None


class SourceKeys(Keys):
    """One of `sources:`."""

    name: Name
    outlet: Text
    language: Language | None = None
    country: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None
    feed: WebAddress | None = None
    sitemap: WebAddress | None = None
    listing: WebAddress | None = None
    spider: Name | None = None
    start: Starts = ()
    links: Links | None = None
    pages: Share | None = None
    every: PositiveDuration | None = None
    enabled: bool = True
    note: Text | None = None
    full_text: FullText | None = None
    first_visit: FirstVisit | None = None
    robots: Robots | None = None
    revisit: Revisit | None = None
    snapshots: Snapshots | None = None
    allow_private: Networks = ()
    verify_tls: bool = True
    selectors: SelectorKeys = SelectorKeys()


class LimitKeys(Keys):
    """`limits:`."""

    floor: PositiveDuration = _LIMITS.floor
    cap: PositiveDuration = _LIMITS.cap
    total: Share = _LIMITS.total
    crawls: Share = _LIMITS.crawls
    gap: Duration = _LIMITS.gap
    feed_bytes: Size = _LIMITS.feed_bytes
    page_bytes: Size = _LIMITS.page_bytes
    request: PositiveDuration = _LIMITS.request
    connect: PositiveDuration = _LIMITS.connect
    first_byte: PositiveDuration = _LIMITS.first_byte
    parse: PositiveDuration = _LIMITS.parse
    crawl: PositiveDuration = _LIMITS.crawl
    page_retry: Durations = _LIMITS.page_retry
    revisit: Durations = _LIMITS.revisit
    revisit_grown: Durations = _LIMITS.revisit_grown
    revisits: Share = _LIMITS.revisits
    revisit_batch: Duration = _LIMITS.revisit_batch
    spread: Duration = _LIMITS.spread
    tick: PositiveDuration = _LIMITS.tick
    probe: PositiveDuration = _LIMITS.probe
    credentials_probe: PositiveDuration = _LIMITS.credentials_probe
    stalled: PositiveDuration = _LIMITS.stalled


class RetentionKeys(Keys):
    """`retention:`."""

    visits: Kept = _RETENTION.visits
    messages: Kept = _RETENTION.messages
    articles: Kept = _RETENTION.articles
    snapshots: Kept = _RETENTION.snapshots


class BackupKeys(Keys):
    """`backup:`."""

    every: NeverOr = _BACKUP.every
    keep: Share = _BACKUP.keep


class RootKeys(Keys):
    """The whole file."""

    data: Text = "./data"
    contact: str = ""
    languages: Languages = ("en", "ru", "hy", "az", "ka", "tr")
    timezone: Zone = ZoneInfo("UTC")
    include: Texts = ()
    spiders: Texts = ()
    operator: Name | None = None
    heartbeat: Heartbeat = None
    ping: PingKeys | None = None
    channels: dict[str, ChannelKeys]
    concepts: dict[ConceptName, ConceptKeys] = {}
    smtp: SmtpKeys | None = None
    alerts: AlertKeys = AlertKeys()
    defaults: DefaultKeys = DefaultKeys()
    rules: tuple[RuleKeys, ...] = ()
    sources: tuple[SourceKeys, ...] = ()
    limits: LimitKeys = LimitKeys()
    retention: RetentionKeys = RetentionKeys()
    backup: BackupKeys = BackupKeys()
