"""The seams: what the stages ask of the store, of the network and of time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, ParamSpec, Protocol, TypeVar

from monitor.model import (
    Alert,
    Article,
    Collected,
    DueGroup,
    Filters,
    Host,
    IdentityKey,
    IndexedText,
    Match,
    Message,
    Notice,
    PageOrder,
    PageRead,
    ParsedFeed,
    Receipt,
    Retention,
    RobotsFile,
    Rule,
    Settled,
    Site,
    Source,
    SourceKind,
    SourceState,
    WaitingAlert,
    WantedPage,
)

P = ParamSpec("P")
T = TypeVar("T")


class Clock(Protocol):
    """Time, handed to whoever needs it."""

    def now(self) -> datetime:
        """Wall time, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never step back."""

    async def sleep(self, seconds: float) -> None:
        """Wait without holding up anyone else."""


class Log(Protocol):
    """Constant event names with facts as fields."""

    def debug(self, event: str, **fields: object) -> object:
        """Of interest to those who look for something."""

    def info(self, event: str, **fields: object) -> object:
        """Something happened as it should."""

    def warning(self, event: str, **fields: object) -> object:
        """Something is not as it should be; the program copes."""

    def error(self, event: str, **fields: object) -> object:
        """A person must act."""


class OnStore(Protocol):
    """Runs a function on the one thread that owns the store's connection."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Wait for the function's turn and give its result.

        Raises:
            StoreError: the machine is in the way (disk, lock, permissions).
        """


class Failpoint(Protocol):
    """A named place where a test may kill, fail or hold up the process."""

    def __call__(self, name: str) -> None:
        """Do nothing, unless this place was named when the program was started."""


class Collector(Protocol):
    """Visits a source."""

    async def collect(self, source: Source, state: SourceState) -> Collected:
        """Fetch what the source shows now.

        Raises:
            SourceError: nothing usable came back; its `kind` says why.
        """


class Parser(Protocol):
    """Turns the bytes of a feed into drafts, away from anything it could hang or break."""

    async def parse(self, body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """Parse bytes; links are made absolute against `url`.

        Raises:
            SourceError: `parse_timeout`, `parse_crash`, `not_a_feed`.
        """


class PageReader(Protocol):
    """Reads article pages, away from anything they could hang or break."""

    async def read(self, orders: AsyncIterator[PageOrder], keep: Callable[[PageRead], Awaitable[None]]) -> None:
        """Read pages as they are ordered, hand what comes of each to `keep`, end when there are no more orders.

        Raises:
            SourceError: crawl_timeout, crawl_broken; pages that `keep` was not called for are unread.
        """


class Notifier(Protocol):
    """One way out for messages. A transport is opened, used for some messages, and closed."""

    async def open(self) -> None:
        """Make the transport ready; nothing is claimed before this has worked.

        Raises:
            TransportError: it cannot be used now. CredentialsError: not before a person mends it.
        """

    async def send(self, message: Message) -> str:
        """Hand the bytes over and give the server's last words.

        Raises:
            TemporaryRefusal, PermanentRefusal, UnknownOutcome: about this message.
            TransportError: the connection was lost before DATA; nothing was handed over.
        """

    async def close(self) -> None:
        """End politely; never raises."""


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

    def next_due(self) -> datetime | None:
        """When the next source is due; None where there is no source."""


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

    def learn(self, article_id: int, source: str, keys: Collection[IdentityKey]) -> bool:
        """Remember further keys of a known article; True when this source shows it for the first time."""

    def revise(self, article: Article, indexed: IndexedText) -> int:
        """Keep the stored version as a revision, put this one in its place, give its number (from 1)."""

    def record(self, article_id: int, revision: int, matches: Sequence[Match], *, anew: bool = False) -> None:
        """Write down which rules matched by which words; a match that is known already stays as it is.

        `anew` forgets what was written of this version before.
        """

    def alert(self, alerts: Sequence[Alert]) -> int:
        """Add alerts; one for the same recipient, article and revision is never added twice. Gives how many were."""


class Pages(Protocol):
    """The store's face for full texts."""

    def claim_pages(
        self, *, now: datetime, limit: int, lease: timedelta, only: Collection[str]
    ) -> tuple[WantedPage, ...]:
        """Take up to `limit` pages of these sources that are due and that nobody holds: news first, then the oldest.

        A source has only a few pages in hand at a time, so that a long listing keeps nobody waiting.
        """

    def want_page(self, article_id: int, *, now: datetime) -> None:
        """Want a page again that was read: it has grown since."""

    def told(self, article_id: int) -> dict[str, set[str]]:
        """Who was told of an article, or waits to be, each with the rules named."""

    def release_pages(self, ids: Collection[int]) -> None:
        """Give the leases of these articles' pages back."""

    def fail_page(self, page: WantedPage, *, error: str, attempts: int, due_at: datetime | None) -> None:
        """Write down a failed try and when the next is due; None means that it was the last: the text has failed."""

    def complete_page(self, article: Article, indexed: IndexedText) -> None:
        """Put the page's text and facts in place, under the same version; gives the lease back."""

    def renew(self, article_id: int, revision: int, alerts: Sequence[Alert], *, told_once: bool) -> int:
        """Make an article's waiting alerts these; gives how many are new.

        A recipient who was told of the article is not told again. With `told_once`, nor is one to whom this source's
        summary of the same kind went already.
        """

    def release_alerts(self, source: str, *, now: datetime) -> int:
        """Let the alerts of a source go that need not wait for a text any longer; gives how many."""

    def want_again(self, sources: Collection[str], *, now: datetime) -> int:
        """Want the failed pages of these sources once more; gives how many."""


class Hosts(Protocol):
    """The store's face for hosts."""

    def hosts(self, names: Collection[str]) -> dict[str, Host]:
        """Give what is known of these hosts."""

    def pause_host(self, name: str, until: datetime) -> None:
        """Leave a host alone until then; a pause is never shortened."""

    def keep_robots(self, name: str, file: RobotsFile) -> None:
        """Remember a robots.txt."""


class Sites(Protocol):
    """The store's face for what a site repeats on its pages."""

    def site(self, host: str) -> Site:
        """Give what was counted so far."""

    def count_page(self, host: str, blocks: Mapping[str, str]) -> None:
        """Count a page, and the blocks with keywords on it: fingerprints with a sample of their text."""


class Outbox(Protocol):
    """The store's face for delivery. Every method is a short transaction of its own."""

    def due(self, *, now: datetime, interval: timedelta) -> tuple[DueGroup, ...]:
        """Groups with an alert that is due, and no message formed within `interval` before now, oldest first.

        A flood does not wait for `interval`.
        """

    def waiting(self, group: DueGroup, *, now: datetime, limit: int) -> tuple[WaitingAlert, ...]:
        """The due alerts of a group that are in no message yet, oldest first.

        An empty `group.group` means all of the recipient's groups but those of first visits and floods.
        """

    def form(self, message: Message, alert_ids: Sequence[int]) -> bool:
        """Store the bytes and tie the alerts to them; False, and nothing done, if one is tied already."""

    def has_due(self, channels: Collection[str], *, now: datetime) -> bool:
        """Whether a message for these channels may be sent now."""

    def claim_message(self, channels: Collection[str], *, now: datetime, lease: timedelta) -> Message | None:
        """Take the oldest message to send now, marked `sending` on disk before this returns."""

    def settle_message(self, message: Message, receipt: Receipt) -> None:
        """Write down what the attempt came to and give the lease back."""

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


class Rules(Protocol):
    """The store's face for rule versions."""

    def version(self, rules: Sequence[Rule], *, now: datetime) -> tuple[Rule, ...]:
        """Give each rule its version: a new one when its query or scope differs from the last one kept."""


class Leases(Protocol):
    """Who holds what."""

    def release_dead(self, *, now: datetime) -> int:
        """Free what dead processes of this host held; their `sending` messages become `unknown`, due at once."""

    def pull_back(self, *, now: datetime, poll: timedelta, retry: timedelta, lease: timedelta) -> int:
        """Pull due times, retries and leases that lie beyond their maximum from now back to it; gives how many."""


class Housekeeper(Protocol):
    """What is forgotten, and when."""

    def purge(self, *, now: datetime, retention: Retention) -> int:
        """Fold old visits, drop old messages' bytes and, where asked for, old texts; gives how many rows."""


class Archive(Protocol):
    """Reading, for people: each row a mapping from column to value, as the documented views have them."""

    def search(self, match: str | None, filters: Filters, *, before: int | None, limit: int) -> tuple[Article, ...]:
        """Candidates of a search, newest first, with ids below `before`; `match` is an FTS5 expression over keys."""

    def alerts(self, *, since: datetime | None, limit: int | None) -> list[dict[str, object]]:
        """Rows of v_alerts, newest first."""

    def health(self) -> list[dict[str, object]]:
        """Rows of v_source_health."""

    def rule_counts(self, now: datetime) -> dict[str, dict[str, object]]:
        """What each rule caught in the last 24 hours and 7 days, and its version."""

    def delivery(self) -> dict[str, Any]:
        """Messages by state, alerts waiting, the oldest that is open, the last that was sent, and failures."""

    def unread(self) -> list[dict[str, object]]:
        """Rows of v_unread: articles whose page could not be read yet, or at all; newest first."""

    def texts(self) -> dict[str, dict[str, int]]:
        """How many texts of each source came from its feed or from pages, are wanted, failed or not there."""

    def open_notices(self) -> list[dict[str, object]]:
        """Notices that nobody has dealt with."""

    def facts(self) -> dict[str, object]:
        """About the file: size in bytes, SQLite version, journal mode, articles."""

    def select(self, sql: str) -> tuple[list[str], Iterable[Sequence[object]]]:
        """Run a reading statement.

        Raises:
            StoreError: it is wrong, or would write.
        """
