"""Which addresses of a site are a source's own: a sitemap is of all editions and sections, a source often of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

from monitor.model import Source, SourceKind
from monitor.patterns import Pattern
from monitor.urls import host_of

_ENOUGH = 10  # known articles from which a section is taken to be all that a source shows
_EDITION = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,4})?")
# Two letters that begin addresses everywhere and are no language.
_NO_EDITION = frozenset({"tv", "wp", "id", "in", "my", "go", "to", "it-news"})
_LANGUAGES = frozenset(
    """en ru hy am arm az ka ge geo tr uk ua be de fr es it pl fa ar he el ro rus eng aze arme kat tur zh ja ko pt nl sv
    fi da no cs sk hu bg sr hr sl et lv lt kk ky uz tg tm mn ab os""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The hosts, the editions (a language as an address's first part; empty for none) and the section of a source."""

    hosts: frozenset[str]
    editions: frozenset[str]
    section: str | None = None
    pattern: Pattern | None = None

    @classmethod
    def of(cls, source: Source, known: Sequence[str]) -> Self:
        """Learn it from the addresses of a source's known articles; without any, from the source's own."""
        own = (source.url, *source.start)
        shown = [url for url in known if host_of(url)]
        hosts = {_host(url) for url in (*shown, *own)}
        editions = {_edition(url) for url in shown or own}
        sections = {_section(url) for url in shown}
        section = sections.pop() if len(shown) >= _ENOUGH and len(sections) == 1 else None
        pattern = Pattern(source.links) if source.links and source.kind is not SourceKind.FEED else None
        return cls(hosts=frozenset(hosts), editions=frozenset(editions), section=section, pattern=pattern)

    def __contains__(self, url: object) -> bool:
        """Tell whether an address is the source's own."""
        assert isinstance(url, str)
        if _host(url) not in self.hosts or _edition(url) not in self.editions:
            return False
        if self.pattern is not None and not self.pattern.fits(url):
            return False
        return self.section is None or _section(url) == self.section


def root_of(source: Source) -> str:
    """Give where the archives of a source begin: its site, and the language that its address begins with."""
    url = source.start[0] if source.start else source.url
    parts = urlsplit(url)
    edition = _edition(url)
    return f"{parts.scheme}://{parts.netloc}/{edition + '/' if edition else ''}"


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _parts(url: str) -> list[str]:
    return [part for part in unquote(urlsplit(url).path).lower().split("/") if part]


def _edition(url: str) -> str:
    """Give the language that an address begins with; empty where it does not."""
    first = next(iter(_parts(url)), "")
    known = _EDITION.fullmatch(first) and first not in _NO_EDITION and re.split(r"[-_]", first)[0] in _LANGUAGES
    return first if known else ""


def _section(url: str) -> str | None:
    """Give an address's first part that names a section; None where it has only a date, a number or the article."""
    parts = _parts(url)
    after = parts[1:] if _edition(url) else parts
    return after[0] if len(after) > 1 and not after[0][0].isdigit() else None
