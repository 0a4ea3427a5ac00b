"""Settings that the stages are handed: limits, mail transport, alerts, retention; every default number lives here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from monitor.model.alert import RetryPlan
from monitor.model.source import Network

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that no log, error or debugger line shows."""

    value: str

    def __repr__(self) -> str:
        """Hide the value."""
        return "Secret(***)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Whom to let hear from us while all is well: an address that is as good as a password, and how often."""

    address: Secret
    every: timedelta = 5 * MINUTE
    allow_private: tuple[Network, ...] = ()


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"  # loopback only


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server. `rate` is messages a minute; the time-outs are hard, whatever trickles in."""

    host: str
    port: int = 587
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    user: str | None = None
    password: Secret | None = None
    sender: str
    rate: int = 30
    retry: RetryPlan
    ca_file: str | None = None
    connect: timedelta = timedelta(seconds=30)
    command: timedelta = timedelta(seconds=60)
    data: timedelta = timedelta(seconds=600)
    session: timedelta = 15 * MINUTE
    per_connection: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What collecting may take. Sizes are bytes after decompression."""

    floor: timedelta = 5 * MINUTE
    cap: timedelta = DAY
    total: int = 8
    crawls: int = 1
    gap: timedelta = timedelta(seconds=1)
    feed_bytes: int = 10 * 1024 * 1024
    page_bytes: int = 5 * 1024 * 1024
    request: timedelta = timedelta(seconds=60)
    connect: timedelta = timedelta(seconds=10)
    first_byte: timedelta = timedelta(seconds=20)
    parse: timedelta = timedelta(seconds=5)
    crawl: timedelta = 10 * MINUTE
    page_retry: tuple[timedelta, ...] = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR)
    revisit: tuple[timedelta, ...] = (HOUR, 3 * HOUR, 8 * HOUR, 20 * HOUR, 40 * HOUR)
    revisit_grown: tuple[timedelta, ...] = (
        15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, 40 * HOUR,
    )  # fmt: skip # a table
    revisits: int = 60
    revisit_batch: timedelta = 10 * MINUTE
    spread: timedelta = 10 * MINUTE
    tick: timedelta = timedelta(seconds=1)
    probe: timedelta = timedelta(seconds=45)
    credentials_probe: timedelta = 5 * MINUTE
    stalled: timedelta = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """How alerts gather. `wait_for_text` counts only where an article's full text is wanted."""

    group_interval: timedelta = 5 * MINUTE
    wait_for_text: timedelta = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept; None is for ever."""

    visits: timedelta | None = 90 * DAY
    messages: timedelta | None = 30 * DAY
    articles: timedelta | None = None
    snapshots: timedelta | None = None
