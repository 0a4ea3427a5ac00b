"""Why something was told: versions of rules, attempts of delivery, and what people think of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.model.alert import AlertKind, MessageState, Rule
from monitor.model.article import Article, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A rule as it once was (without recipients), and since when."""

    rule: Rule
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptWord:
    """A word or phrase of a concept, with the language it is a word of (None: any), and in which sense it is meant."""

    text: str
    lang: str | None
    sense: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptVersion:
    """A concept's words as they once were; `digest` is their fingerprint."""

    name: str
    digest: str
    words: tuple[ConceptWord, ...]


CUT_OFF = "the program ended before the server's answer was heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver a message; `reply` is what the server said last.

    `at` is when it ended; of one in the middle of which the program ended (`CUT_OFF`), when that was found.
    """

    at: datetime
    state: MessageState
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which a whole way out could not be used, and the reason it gave first; `until`: None while it is."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """The message that an alert went into. `attempts` were counted, `tried` are those that were written down."""

    message_id: str
    state: MessageState
    formed_at: datetime
    sent_at: datetime | None
    next_try_at: datetime
    attempts: int
    reply: str | None
    tried: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a person thinks of an alert, for one of its rules."""

    rule: str
    relevant: bool
    note: str | None
    marked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How many of a rule's marked alerts were relevant."""

    marked: int = 0
    relevant: int = 0

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing was marked."""
        return round(self.relevant / self.marked, 3) if self.marked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored of a time: articles, the texts of how many of them were purged, when the first one was seen."""

    articles: int
    purged: int
    first_seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert with all that led to it.

    `article` is in the version that the alert is about; `current` tells whether that is the last one,
    `edited_at` when the edit was seen that the alert tells of (None: of the article as such). `rules` are those
    that the alert names; `matches` may lack one that a later reading of the article withdrew. `dispatch` is None while
    the alert waits. `outages` are those of its way out while it was to go.
    """

    id: int
    recipient: str
    channel: str
    kind: AlertKind
    alerted_at: datetime
    rules: tuple[str, ...]
    article: Article
    revision: int
    current: bool
    edited_at: datetime | None
    matches: Mapping[str, Match]
    versions: Mapping[str, RuleVersion]
    dispatch: Dispatch | None
    outages: tuple[Outage, ...]
    marks: tuple[Mark, ...]
