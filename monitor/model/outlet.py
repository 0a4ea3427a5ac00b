"""Outlets that are not sources yet: what a list of subscriptions, or their own pages, say of their feeds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.model.article import Draft
from monitor.model.source import ParsedFeed, SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A feed as an OPML file lists it; `folders` are the titles it stands under, the outermost first."""

    url: str
    title: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """A list of subscriptions as it was read.

    `feeds` are in the order of the file, each address once. `lists` are other such files
    that it points to, `sites` the pages of entries that name no feed.
    """

    feeds: tuple[Listed, ...] = ()
    lists: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Origin(StrEnum):
    """How an address came to be known; the surest first."""

    GIVEN = "given"  # by the person
    LINKED = "linked"  # by the page's head, which is made for that
    SHOWN = "shown"  # by a link in the page
    SITEMAP = "sitemap"  # by robots.txt, or at its usual place
    GUESSED = "guessed"  # at a usual place for feeds
    FRONT = "front page"  # which lists the articles, where there is nothing better


class Texts(StrEnum):
    """What a source tells of most of its articles."""

    FULL = "full"
    SUMMARY = "summary"
    TITLES = "titles"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A link that may lead to a feed; `tagged` where it stands in the page's head as one."""

    url: str
    tagged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """What a page says of its site.

    `editions` are the front pages of the site in other languages, each with the language that the page claims for it;
    `generator` is the program that made the page, as it names itself.
    """

    feeds: tuple[FeedLink, ...] = ()
    editions: tuple[tuple[str, str], ...] = ()
    generator: str = ""
    site: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What an answer turned out to be: a feed, a sitemap (`map`), or a page with links."""

    feed: ParsedFeed | None = None
    map: bool = False
    page: PageLinks = PageLinks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A source as it could be added, and what it shows now.

    `per_day` is None where the dates do not tell it. `newest` are the first articles, newest first. `also` are other
    addresses that show the same articles. `asleep` tells that nothing new came for half a year.
    """

    kind: SourceKind
    url: str
    origin: Origin
    outlet: str
    language: str | None
    entries: int
    per_day: float | None
    texts: Texts
    newest: tuple[Draft, ...]
    also: tuple[str, ...] = ()
    asleep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found at an address: the best first, and whatever a person should know, a line each."""

    address: str
    candidates: tuple[Candidate, ...]
    remarks: tuple[str, ...] = ()
