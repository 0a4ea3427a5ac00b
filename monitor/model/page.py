"""Article pages: what is wanted of them, what came of reading one, and what is remembered of hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model.article import Draft
from monitor.model.look import Snapshot
from monitor.model.source import NO_VALIDATORS, Selectors, Source, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPage:
    """A page to read: of which article and source (known since `added_at`), and how often it was tried before.

    `seen_at` is when the article was first seen. With `again` it was read before, is as far as is known what it was,
    had these `validators`, and was to be looked at from `due_at` on.
    """

    article_id: int
    source: str
    url: str
    added_at: datetime
    seen_at: datetime
    attempts: int = 0
    again: bool = False
    due_at: datetime | None = None
    validators: Validators = NO_VALIDATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOrder:
    """A page to download: of which article, and the source whose rules hold for it.

    With `validators`, the server is asked for it only if it is another than it was.
    """

    article_id: int
    url: str
    source: Source
    validators: Validators = NO_VALIDATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A downloaded article page, as the article spider hands it on: the bytes and what the server said of them.

    `country` is that of the source: its clock is meant where the page names no zone. `status` and `headers` are kept
    with a snapshot of the page, where one is wanted (`kept`).
    """

    article_id: int
    url: str
    body: bytes
    content_type: str | None
    selectors: Selectors
    country: str | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """What came of reading a page: a draft, or a stable word for what went wrong with its detail.

    `unchanged` is set where the server said that the page is what it was; then there is neither. `validators` are those
    of a page that came, `snapshot` is the page itself where it is to be kept.
    `retry_after` is what the server asked for. `counts` is False where the page itself was not asked for (its host
    was paused): such a try is none.
    """

    article_id: int
    draft: Draft | None = None
    error: str | None = None
    detail: str | None = None
    retry_after: timedelta | None = None
    counts: bool = True
    unchanged: bool = False
    validators: Validators | None = None
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """A robots.txt as it was answered; `status` is None where no answer came (RFC 9309, section 2.3.1)."""

    status: int | None
    body: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is remembered of a host (name, and port where it is not the usual one)."""

    name: str
    paused_until: datetime | None = None
    robots: RobotsFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph that a site's pages showed: on how many, and how many had been read before the first of them.

    On `off` of them it stood beside an article about something else; on `apart` it did so letter for letter as on the
    first, and the article had hardly a word of it.
    """

    pages: int
    off: int
    apart: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A paragraph on one page: whether the page is about something else (`off`), and has hardly a word of it."""

    text: str
    off: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A host's pages in one language: how many were read, and the paragraphs with keywords on them, by fingerprint.

    `last` are the fingerprints of everything on the page that was read last.
    """

    pages: int = 0
    blocks: Mapping[str, Block] = field(default_factory=dict)
    last: frozenset[str] = frozenset()
