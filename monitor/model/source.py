"""Sources: what the user wrote, what we remember, and what one visit brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from monitor.model.article import Draft
from monitor.model.hints import NO_HINTS, Hints, Move
from monitor.model.rhythm import Rhythm

Network = IPv4Network | IPv6Network


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    SPIDER = "spider"


class FirstVisit(StrEnum):
    """What happens to entries that were there before the source was added."""

    DIGEST = "digest"
    SILENT = "silent"
    ALERT = "alert"


class FullText(StrEnum):
    """When the article's own page is wanted."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Revisit(StrEnum):
    """Whether the pages of a source's articles are looked at again."""

    AUTO = "auto"
    NEVER = "never"


class Snapshots(StrEnum):
    """Of which articles the page is kept as it came."""

    NEVER = "never"
    MATCHED = "matched"  # by a rule, in any version
    ALWAYS = "always"


class Robots(StrEnum):
    """Whose robots.txt is obeyed: pages = all but typed-in feeds."""

    PAGES = "pages"
    OBEY = "obey"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS selectors that a person gave for a source; None leaves the finding to us.

    `title`, `text` and `date` hold on article pages, `links` and `next` on the pages of a listing.
    """

    title: str | None = None
    text: str | None = None
    date: str | None = None
    links: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as the user wrote it, defaults filled in.

    `every` is the interval between visits; `every_given` tells whether the user wrote it for this
    source (then hints inside the feed do not count). `language` and `country` are hints. `url` is where reading
    begins, `start` all places where it does. `links` is a regular expression for the addresses of articles, `pages`
    the most pages of a listing or sitemap that one visit reads, `spider` the name of a site's own spider.
    """

    name: str
    outlet: str
    kind: SourceKind = SourceKind.FEED
    url: str
    language: str | None = None
    country: str | None = None
    every: timedelta = timedelta(minutes=30)
    every_given: bool = False
    full_text: FullText = FullText.AUTO
    first_visit: FirstVisit = FirstVisit.DIGEST
    robots: Robots = Robots.PAGES
    revisit: Revisit = Revisit.AUTO
    snapshots: Snapshots = Snapshots.NEVER
    allow_private: tuple[Network, ...] = ()
    verify_tls: bool = True
    start: tuple[str, ...] = ()
    links: str | None = None
    pages: int | None = None
    spider: str | None = None
    selectors: Selectors = Selectors()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """HTTP validators, byte for byte as the server sent them (RFC 9110, section 8.8)."""

    etag: bytes | None = None
    last_modified: bytes | None = None


NO_VALIDATORS = Validators()


class Condition(StrEnum):
    """How a source does."""

    NEW = "new"  # not visited yet
    WELL = "well"
    QUIET = "quiet"  # read without fault, and says nothing although by its own rhythm it should
    SLOW = "slow"  # it has failed, is asked more rarely, and may work again by itself
    BLOCKED = "blocked"  # it is there and does not let us read it
    DEAD = "dead"  # nothing is there, or has not answered for days


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What we remember of a source between visits.

    `first_good_at` is None until the first visit that was read to its end: until then everything
    the source shows is its baseline. `body_hash` is the SHA-256 of the last whole body that was stored, empty where any
    body is to be read, `parser` which version of the parser read last, `whole_at` when a body came, or was last asked
    for without conditions.
    `failing_since` is when the failures in a row began, `error_since` when those of the last kind did; both are None
    while it works. `address` is where a feed has moved for good: it is used in place of the configured address; `move`
    is such a move that has not been seen often enough yet. `newest_at` is the latest date of publication that it told
    of, None where it tells none. `rhythm` is None before the first visit that was read; `weight` is how many visits the
    source is worth, beside one with an article a day, None while unknown.
    `condition` is how it did at its last visit, `since` when that began.
    """

    source: str
    added_at: datetime
    due_at: datetime
    first_good_at: datetime | None = None
    last_visit_at: datetime | None = None
    last_good_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    validators: Validators = Validators()
    body_hash: bytes | None = None
    guids_unusable: bool = False
    newest_at: datetime | None = None
    rhythm: Rhythm | None = None
    weight: float | None = None
    condition: Condition = Condition.NEW
    since: datetime | None = None
    address: str | None = None
    move: Move | None = None
    parser: str | None = None
    whole_at: datetime | None = None
    failing_since: datetime | None = None
    error_since: datetime | None = None
    hints: Hints = NO_HINTS


class VisitOutcome(StrEnum):
    """What one visit came to."""

    READ = "read"
    NOT_MODIFIED = "not_modified"  # the server said 304
    UNCHANGED = "unchanged"  # the same body again
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One fetch of a source.

    `error` is a stable word (`SourceError.kind`), `detail` the rest of the story. `wait` is what the
    server asked for (Retry-After), `hints` what this answer and the feed in it say about when to ask again. `moved_to`
    is where permanent redirects, and no others, led; `familiar` is False where they led to a feed that shows none of
    the articles that were known before. `arrivals` are the dates
    of publication of its new articles as the source tells them, None for each that has none. `gap` tells that nothing
    it shows stands next to what it showed before: articles in between may have been missed.
    """

    source: str
    started_at: datetime
    finished_at: datetime
    outcome: VisitOutcome
    status: int | None = None
    size: int = 0
    entries: int = 0
    new_articles: int = 0
    revisions: int = 0
    arrivals: tuple[datetime | None, ...] = ()
    flood: bool = False
    gap: bool = False
    error: str | None = None
    detail: str | None = None
    validators: Validators | None = None
    body_hash: bytes | None = None
    wait: timedelta | None = None
    hints: Hints = NO_HINTS
    parser: str | None = None
    moved_to: str | None = None
    familiar: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a collector brings home: the visit, and its drafts in the order of the source."""

    visit: Visit
    drafts: tuple[Draft, ...] = ()
    language: str | None = None  # as the feed declares it; often wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed after parsing: drafts in document order, its declared language and its own wishes.

    `hint` is how often it wants to be read (ttl, sy:), `skip_hours` and `skip_days` are as in `Hints`. `cut` says that
    the document ends before it is closed: what it has after the drafts is still to come. `left_out` counts the entries
    beyond the most that one fetch brings.
    """

    drafts: tuple[Draft, ...]
    title: str = ""
    language: str | None = None
    hint: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    cut: bool = False
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A visit that is over, and what is to be remembered of its source from now on."""

    visit: Visit
    state: SourceState
