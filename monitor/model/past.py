"""The past of an outlet: what is asked for of it, what a page of it shows, and how far the walk has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model.article import Draft


class Way(StrEnum):
    """How a page of the past is read."""

    FEED = "feed"  # a page of a paged feed
    ROBOTS = "robots"  # robots.txt, which names sitemaps
    SITEMAP = "sitemap"
    LISTING = "listing"
    ARCHIVE = "archive"  # the listing of one day


class Reason(StrEnum):
    """Why a source's past is read."""

    ASKED = "asked"
    GAP = "gap"  # two visits of it had nothing in common


class BackfillState(StrEnum):
    """How far a back-filling is."""

    OPEN = "open"  # there is more to walk
    PAUSED = "paused"  # somebody has stopped it; it goes on when it is asked for again
    PAGES = "pages"  # all is walked; articles' pages are still to be read
    DONE = "done"
    FAILED = "failed"  # the program has failed at it, again and again


class StepState(StrEnum):
    """What became of a step."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # another one made it needless


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time of publication, both ends included; what changed after `latest` is news, and left to the usual visits."""

    since: datetime
    until: datetime
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Another page of the past, and the way it is read."""

    url: str
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one page of the past showed: how many entries before, in and after the period, or that do not say.

    `oldest` and `newest` are the ends of their dates, `left` tells how many files were left out because all in them is
    too old, `mark` is the same for two pages that show the same. `error` is a stable word, where nothing came of it.
    """

    url: str
    way: Way
    older: int = 0
    within: int = 0
    newer: int = 0
    undated: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    left: int = 0
    mark: str = ""
    leads: tuple[Lead, ...] = ()
    error: str | None = None
    detail: str | None = None
    retry_after: timedelta | None = None

    @property
    def passed(self) -> bool:
        """Whether a page that lists the newest first has passed the period; a few old ones may be pinned to its top."""
        return self.older > self.within + self.newer


@dataclass(frozen=True, slots=True, kw_only=True)
class PastShown:
    """What some steps brought: their drafts that may be of the period, and what each page showed."""

    looks: tuple[Look, ...]
    drafts: tuple[Draft, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A page of the past that is to be read, or was. `guess`: nobody has told of it, it is where such pages often are.

    `place` is its place among those of its way: the lowest is read first. `page` counts the pages from the way's first.
    """

    url: str
    way: Way
    place: int = 0
    page: int = 1
    guess: bool = False
    state: StepState = StepState.OPEN
    attempts: int = 0
    error: str | None = None
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """A time of one source's past that is read. `most` articles are taken; `mails` tells whether matches are told.

    `reached` is whether the walk has come as far back as `since`; `remarks` say in words what it could not reach.
    `new` counts the articles that it has brought, `found` all it has seen of the period. It goes on at `due_at`.
    `crashes` counts faults of the program since its last step forward.
    """

    id: int
    source: str
    reason: Reason
    since: datetime
    until: datetime
    mails: bool
    most: int
    state: BackfillState
    asked_at: datetime
    found: int = 0
    new: int = 0
    requests: int = 0
    reached: bool = False
    remarks: tuple[str, ...] = ()
    due_at: datetime | None = None
    finished_at: datetime | None = None
    crashes: int = 0

    @property
    def group(self) -> str:
        """The digest that its matches belong to."""
        return f"backfill:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """What a spider is to look for: entries of a period, by one way, on `pages` pages at most."""

    period: Period
    way: Way
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFacts:
    """What is known of a source that matters for its past; `sitemaps` are those that were good before."""

    added_at: datetime
    last_good_at: datetime | None = None
    guids_unusable: bool = False
    addresses: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
