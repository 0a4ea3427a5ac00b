"""Articles: as the source told them, as we keep them, and what makes two of them the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article as the source told it: plain text (paragraphs parted by blank lines), absolute link, aware UTC times.

    `text` is None where the source gives no more than a summary: then the draft is a pointer. `canonical_url` and
    `site` are what an article's own page says of its address and of the publication's name; `unmatched` names the
    person's selectors (`title`, `text`, `date`) that found nothing on it.
    """

    url: str | None = None
    guid: str | None = None
    title: str = ""
    summary: str = ""
    text: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    unmatched: tuple[str, ...] = ()


class TextState(StrEnum):
    """Whether the full text is here."""

    COMPLETE = "complete"
    WANTED = "wanted"
    FAILED = "failed"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as we keep it.

    `id` is None until it is stored. `url` is the link to open; `canonical_url` the one that tells articles
    apart. `baseline` marks what was there before its source was added. `revision` 0 is the first version. `told` is a
    fingerprint of what the source itself said; `page_read_at` is set once the text is that of the article's own page,
    and `site` is then the name that the page gives to the publication. `left_out` are stretches of the text (start and
    end in code points) that belong to the site and not to the article: no rule and no search looks at them. `gone_at`
    is since when the page is not there any more. `backfill` is the number of the back-filling that brought it, None for
    what a visit brought.
    """

    id: int | None = None
    source: str
    outlet: str
    country: str | None = None
    language: str
    title: str
    summary: str = ""
    text: str = ""
    author: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    guid: str | None = None
    published_at: datetime | None = None
    first_seen_at: datetime
    text_state: TextState = TextState.NONE
    baseline: bool = False
    revision: int = 0
    told: str = ""
    page_read_at: datetime | None = None
    site: str | None = None
    left_out: tuple[tuple[int, int], ...] = ()
    gone_at: datetime | None = None
    backfill: int | None = None


class KeyKind(StrEnum):
    """The kinds of identity key, strongest first."""

    URL = "url"  # canonical URL, one space for all sources
    GUID = "guid"  # within a source
    TITLE = "title"  # title and timestamp to the second, within a source
    CONTENT = "content"  # hash of everything, within a source; only where nothing else exists
    CLAIM = "claim"  # an address that the article's page gives as its own, with the title; one space for all sources


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityKey:
    """One thing that an article is known by. `source` is None for keys that hold everywhere."""

    kind: KeyKind
    value: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedText:
    """The search keys of an article, blank-separated, as they go into the key index."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexProgress:
    """How far the key index is made anew: articles up to number `done` of those up to `up_to`."""

    done: int
    up_to: int

    @property
    def is_open(self) -> bool:
        """Whether articles are left."""
        return self.done < self.up_to


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedWord:
    """A word that made a rule match: offsets in code points of the named field, end exclusive."""

    field: str  # title | summary | text
    start: int
    end: int
    form: str  # as printed
    term: str  # as written in the rule, or in the concept
    concept: str | None = None  # the concept that the term is of


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that matched an article, and by which words."""

    rule: str
    version: int
    words: tuple[MatchedWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What narrows a search: first seen from `since` until before `until`, language, source."""

    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    source: str | None = None
