"""Rules, channels, alerts and messages: from what a person asked for to the bytes that go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model.article import Article, Match


class When(StrEnum):
    """What a rule wants to hear about."""

    NEW = "new"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as the user wrote it; `to` are channel names, empty `languages` and `sources` mean all.

    `mentions` is how many mentions an article must have. `concepts` are those that the query names, each with the
    fingerprint of its words.
    """

    name: str
    query: str
    to: tuple[str, ...]
    when: tuple[When, ...] = (When.NEW,)
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    mentions: int = 1
    concepts: tuple[tuple[str, str], ...] = ()
    version: int = 1

    @property
    def meaning(self) -> tuple[object, ...]:
        """What a version is a version of: everything but name and recipients, lists in any order."""
        scope = (set(self.when), set(self.languages), set(self.sources), self.mentions)
        return (self.query, *scope, set(self.concepts))


class ChannelKind(StrEnum):
    """How a channel delivers."""

    MAILDIR = "maildir"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach people. `path` (maildir) is relative to the data folder; `to` (email) are addresses.

    `neutral` keeps rules and titles out of the subject line.
    """

    name: str
    kind: ChannelKind
    path: str | None = None
    to: tuple[str, ...] = ()
    neutral: bool = False

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everyone who gets a message of their own: addresses, or the channel's name for a maildir."""
        return self.to if self.kind is ChannelKind.EMAIL else (self.name,)


class AlertKind(StrEnum):
    """Why an article is told."""

    NEW = "new"
    UPDATE = "update"
    BASELINE = "baseline"  # was there before the source was added
    FLOOD = "flood"  # came in a burst that looks like an import
    BACKFILL = "backfill"  # was found by reading back


SUMMARIES = frozenset({AlertKind.BASELINE, AlertKind.FLOOD, AlertKind.BACKFILL})  # told as one list


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One article for one recipient, with every rule that matched.

    `group` names what goes out together: the first rule in config order, or the digest of one visit. `edited_at` is
    when the edit was seen that brought what is told; None where the alert is of the article as such.
    """

    id: int | None = None
    recipient: str
    channel: str
    group: str
    kind: AlertKind = AlertKind.NEW
    article_id: int
    revision: int = 0
    matches: tuple[Match, ...]
    created_at: datetime
    due_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAlert:
    """An alert that is in no message yet, with the article it tells about."""

    alert: Alert
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class DueGroup:
    """Alerts of one recipient that may go out together now."""

    recipient: str
    channel: str
    group: str
    kind: AlertKind
    waiting: int  # alerts of this recipient in all groups that are in no message yet


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Words ready to send: the same bytes and Message-ID at every attempt."""

    id: int | None = None
    message_id: str
    recipient: str
    channel: str
    group: str
    subject: str
    raw: bytes
    state: MessageState = MessageState.QUEUED
    attempts: int = 0
    created_at: datetime
    next_try_at: datetime
    reply: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an attempt came to, as it is written down."""

    state: MessageState
    at: datetime
    reply: str = ""
    next_try_at: datetime | None = None
    counts: bool = True  # whether the attempt counts


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPlan:
    """Waits between attempts (then the last again), and when to give a message up."""

    waits: tuple[timedelta, ...]
    give_up: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the operator is told once: `cause` is what makes two notices the same."""

    cause: str
    text: str
    at: datetime
