"""The store's faces for the stages: what is due, what was collected, what goes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Alert,
    Article,
    Backfill,
    ConceptVersion,
    DueGroup,
    IdentityKey,
    IndexedText,
    IndexProgress,
    Match,
    Message,
    Notice,
    Receipt,
    Retention,
    Rule,
    Settled,
    Source,
    SourceKind,
    SourceState,
    WaitingAlert,
)


class Sources(Protocol):
    """The store's face for collecting: what is due, and what is remembered of each source."""

    def sync(self, sources: Sequence[Source], *, now: datetime, first_due: Mapping[str, datetime]) -> None:
        """Make the known sources those of the configuration.

        A new source starts at `first_due[name]`. A source whose address changed keeps everything but its
        validators and body hash and is due at once. A source that is gone is marked, never deleted.
        """

    def claim(
        self,
        *,
        now: datetime,
        limit: int,
        lease: timedelta,
        only: Collection[str] | None = None,
        kinds: Collection[SourceKind] = tuple(SourceKind),
    ) -> tuple[SourceState, ...]:
        """Take up to `limit` due sources of these kinds that nobody holds, oldest first, in one transaction.

        With `only`, take those names, due or not.
        """

    def settle(self, settled: Sequence[Settled]) -> None:
        """Write visits, replace the sources' states and give their leases back, in one transaction.

        Inside `Articles.transaction()` it joins that transaction.
        """

    def states(self) -> tuple[SourceState, ...]:
        """Every source of the configuration, as it is remembered."""

    def weights(self) -> Mapping[str, float | None]:
        """What each source of the configuration is worth (`SourceState.weight`)."""

    def next_due(self) -> datetime | None:
        """When the next source is due; None where there is no source."""

    def addresses(self, outlet: str) -> tuple[str, ...]:
        """The addresses of an outlet's sources of the configuration."""


class Conditions(Protocol):
    """The store's face for how sources do."""

    def failing(self) -> tuple[SourceState, ...]:
        """The sources of the configuration whose last visit failed."""

    def quiet(self) -> tuple[SourceState, ...]:
        """Those that are read without fault and say nothing."""

    def thin(self) -> frozenset[str]:
        """The names of those whose pages have lost their texts."""

    def set_thin(self, source: str, since: datetime | None) -> None:
        """Write down since when that is so, None when it is over."""

    def text_lengths(self, source: str, limit: int) -> tuple[int, ...]:
        """How long the texts of its newest pages are, newest first; 0 for a page that gives none."""

    def last_good_at(self) -> datetime | None:
        """When any source was read last."""

    def hurry(self, sources: Collection[str], due: datetime) -> None:
        """Let sources be due at that time, unless they are earlier."""


class Articles(Protocol):
    """The store's face for what was collected."""

    def transaction(self) -> AbstractContextManager[None]:
        """Open one immediate transaction; everything in it happens, or nothing."""

    def find(self, keys: Collection[IdentityKey]) -> dict[IdentityKey, int]:
        """Which of these keys are known, and of which article (by id), purged articles included."""

    def get(self, ids: Collection[int]) -> dict[int, Article]:
        """Articles by id; those whose text was purged are left out."""

    def add(self, article: Article, keys: Collection[IdentityKey], indexed: IndexedText) -> int:
        """Store a new article with its identity keys and search keys; gives its id."""

    def add_all(self, new: Sequence[tuple[Article, Collection[IdentityKey], IndexedText]]) -> list[int]:
        """Store new articles as `add` does, in this order; gives their ids."""

    def learn(self, article_id: int, source: str, keys: Collection[IdentityKey]) -> bool:
        """Remember further keys of a known article; True when this source shows it for the first time."""

    def count_as_news(self, article_id: int) -> None:
        """Take an article for news from now on, although it was there before, or came from a silent back-filling."""

    def versions(self, article_id: int) -> tuple[str, ...]:
        """Texts of the article's earlier versions, as far as they are kept."""

    def matched(self, article_id: int) -> set[str]:
        """Rules that any version of the article ever matched, or that anybody was told of it for."""

    def revise(self, article: Article, indexed: IndexedText, *, now: datetime, keep: int) -> int:
        """Keep the stored version as a revision, put this one in its place, give its number (from 1).

        Of the earlier versions the first stays and the last ones, `keep` in all; and those that alerts wait for.
        """

    def record(
        self, article_id: int, revision: int, matches: Sequence[Match], *, withdrawn: Collection[str] = ()
    ) -> None:
        """Write down which rules matched by which words; a match that is known already stays as it is.

        But that of a rule in `withdrawn` is forgotten, and with it the earlier one of each rule in `matches`.
        """

    def alert(self, alerts: Sequence[Alert]) -> int:
        """Add alerts; one for the same recipient, article and revision is never added twice. Gives how many were.

        Where one waits already, it names the rules of both.
        """


class Outbox(Protocol):
    """The store's face for delivery. Every method is a short transaction of its own, or joins an open one."""

    def transaction(self) -> AbstractContextManager[None]:
        """Open one immediate transaction; everything in it happens, or nothing."""

    def due(self, *, now: datetime, interval: timedelta) -> tuple[DueGroup, ...]:
        """Groups with an alert that is due, and no message formed within `interval` before now, oldest first.

        A flood does not wait for `interval`.
        """

    def waiting(self, group: DueGroup, *, now: datetime, limit: int) -> tuple[WaitingAlert, ...]:
        """The due alerts of a group that are in no message yet, oldest first.

        An empty `group.group` means all of the recipient's groups but those of first visits and floods.
        """

    def backfill_of(self, group: str) -> Backfill | None:
        """The back-filling that a digest is about."""

    def form(self, message: Message, alert_ids: Sequence[int]) -> bool:
        """Store the bytes and tie the alerts to them; False, and nothing done, if one is tied already."""

    def has_due(self, channels: Collection[str], *, now: datetime) -> bool:
        """Whether a message for these channels may be sent now."""

    def claim_message(self, channels: Collection[str], *, now: datetime, lease: timedelta) -> Message | None:
        """Take the oldest message to send now, marked `sending` on disk before this returns."""

    def settle_message(self, message: Message, receipt: Receipt) -> bool:
        """Write down what an attempt came to and give the lease back; False if its recipient was forgotten."""

    def reroute(
        self, wanted: Mapping[str, Collection[tuple[str, str]]], *, others: Collection[tuple[str, str]] = ()
    ) -> tuple[int, int]:
        """Move what waits for recipients who have left the configuration to those whom its rules name now.

        `wanted` gives the recipients of each rule, each with a channel; `others` get mails too, but no alerts. Gives
        how many alerts were moved, and how many were dropped because no rule that asked for them is left.
        """

    def notice(self, notice: Notice) -> bool:
        """Write an operator notice; False if its cause is open already."""

    def resolve(self, cause: str, at: datetime) -> bool:
        """Close a notice; True if it was open."""

    def open_notice(self, cause: str) -> Notice | None:
        """Give a notice as it was opened; None where it is not open."""


class Notices(Protocol):
    """The store's face for what the operator is told."""

    def transaction(self) -> AbstractContextManager[None]:
        """Open one immediate transaction; everything in it happens, or nothing."""

    def notice(self, notice: Notice) -> bool:
        """Write an operator notice; False if its cause is open already."""

    def resolve(self, cause: str, at: datetime) -> bool:
        """Close a notice; True if it was open."""

    def open_causes(self, prefix: str) -> frozenset[str]:
        """Give the causes of open notices that begin so."""

    def form(self, message: Message, alert_ids: Sequence[int]) -> bool:
        """Store a mail as `Outbox.form` does."""


class Rules(Protocol):
    """The store's face for rule versions."""

    def version(
        self, rules: Sequence[Rule], *, now: datetime, concepts: Collection[ConceptVersion] = ()
    ) -> tuple[Rule, ...]:
        """Give each rule its version: a new one when what it asks for differs from the last one kept.

        Of `concepts` those are kept that a rule names, as they are now.
        """

    def last_versions(self) -> dict[str, int]:
        """The last version of each rule that there ever was, by name."""


class Marks(Protocol):
    """The store's face for what people think of alerts."""

    def mark(
        self, alert_id: int, *, relevant: bool, note: str | None, only: Collection[str], now: datetime
    ) -> tuple[str, ...]:
        """Mark an alert for its rules (those in `only`, if any are), in place of an earlier mark.

        Gives the rules that it was marked for; none where there is no such alert.
        """


class Leases(Protocol):
    """Who holds what."""

    def release_dead(self, *, now: datetime) -> int:
        """Free what dead processes of this host held; their `sending` messages become `unknown`, due at once."""

    def release_own(self, *, now: datetime) -> int:
        """Free what this process holds, likewise: for the end of its work, when nothing is in hand any more."""

    def newest(self) -> datetime | None:
        """The newest moment that was ever written down; None where nothing was."""

    def pull_back(
        self, *, now: datetime, poll: timedelta, retry: timedelta, lease: timedelta, back: timedelta = timedelta()
    ) -> int:
        """Pull due times, retries and leases that lie beyond their maximum from now back to it; gives how many.

        Where the clock was set `back`, what was to come is as far ahead as it was before.
        """


class KeyIndex(Protocol):
    """The store's face for making the search keys of stored articles anew."""

    def begin_index(self, version: str) -> IndexProgress:
        """Say which analysis makes keys from now on; gives what is left to read anew."""

    def unindexed(self, limit: int) -> tuple[Article, ...]:
        """Give the next articles whose keys are old, oldest first."""

    def index(self, read: Sequence[tuple[Article, IndexedText]], *, done: int) -> None:
        """Write new keys of articles that have not changed since, and note the last number that is new."""


class Housekeeper(Protocol):
    """What is forgotten, and when."""

    def purge(self, *, now: datetime, retention: Retention) -> int:
        """Fold old visits, drop old messages' bytes and, where asked for, old texts; gives how many rows."""
