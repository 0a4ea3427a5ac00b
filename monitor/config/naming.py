"""Names for sources that a program adds: of the outlet and its language, unique, and the same each time: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count, islice
from urllib.parse import urlsplit

from monitor.model import Network, Source, SourceKind
from monitor.text import clean_line
from monitor.urls import canonical_url, host_of

_LONGEST_OUTLET = 60
_LONGEST_SLUG = 40
_PARTS = re.compile(r"\s+[|–—·•»:-]+\s+|\s*\|\s*")
_LONGEST_SECTION = 20
_NO_SECTIONS = frozenset(
    "feed feeds rss rss2 atom xml index api category categories tag tags news export all section sections default posts"
    " en eng ru rus hy am arm az aze ka ge geo tr tur".split()
)
_SUFFIX = 4  # letters of the last parts of a host that say nothing: com, org, co.uk, info


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A source that is about to be written."""

    name: str
    outlet: str
    kind: SourceKind
    url: str
    language: str | None = None
    note: str = ""
    enabled: bool = True
    allow_private: tuple[Network, ...] = ()
    verify_tls: bool = True

    @property
    def entry(self) -> dict[str, object]:
        """Give it as an item of `sources:`; defaults are left out."""
        told: dict[str, object] = {"name": self.name, "outlet": self.outlet, "language": self.language}
        told[self.kind.value] = self.url
        told |= {"allow_private": tuple(map(str, self.allow_private)), "note": self.note}
        return told | ({} if self.enabled else {"enabled": False}) | ({} if self.verify_tls else {"verify_tls": False})


class Known:
    """The names and addresses that are taken."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Take the sources there are."""
        self._names: set[str] = set()
        self._addresses: dict[str, str] = {}
        for source in sources:
            self.take(source.name, source.url)

    def take(self, name: str, url: str) -> None:
        """Remember a source."""
        self._names.add(name.casefold())
        self._addresses.setdefault(canonical_url(url), name)

    def twin(self, url: str) -> str | None:
        """Give the source that has this address, whatever its scheme, `www.` and trailing slash."""
        return self._addresses.get(canonical_url(url))

    def free_name(self, outlet: str, url: str, language: str | None, *, several: bool) -> str:
        """Give a name that is free; with `several`, the outlet has sources in other languages, too."""
        base = slug(outlet) or slug(site_word(url)) or "source"
        related = several or base in self._names or any(name.startswith(f"{base}-") for name in self._names)
        ending = f"-{language}" if language and related else ""
        names = [f"{base}{ending}", *(f"{base}-{section}{ending}" for section in _sections(url))]
        numbered = (f"{names[0]}-{number}" for number in count(2))
        return next(name for name in (*names, *islice(numbered, len(self._names) + 1)) if name not in self._names)


def outlet_name(title: str, url: str) -> str:
    """Give an outlet's name out of the title of its page or feed; where that has none, its host."""
    first = _PARTS.split(clean_line(title, 200))[0].strip(" -|–—»:")
    return clean_line(first, _LONGEST_OUTLET) or host_of(url).removeprefix("www.") or "unknown"


def slug(text: str) -> str:
    """Give a text as a name, such as `oc-media`; empty where its letters are not Latin."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("ə", "e").replace("ı", "i")
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    if sum(character.isalpha() and not character.isascii() for character in plain) > len(plain) / 4:
        return ""
    parts = re.findall(r"[a-z0-9]+", plain)
    while len(parts) > 1 and len("-".join(parts)) > _LONGEST_SLUG:
        parts.pop()
    return "-".join(parts)[:_LONGEST_SLUG]


def _sections(url: str) -> list[str]:
    """Give the words of an address that may name a section: `politics` of /category/politics/feed/."""
    words = (slug(part.partition(".")[0]) for part in urlsplit(url).path.split("/"))
    return [
        word
        for word in words
        if word.strip("0123456789-") and len(word) <= _LONGEST_SECTION and word not in _NO_SECTIONS
    ]


def site_word(url: str) -> str:
    """Give the word by which a host is known: `jam-news` of www.jam-news.net."""
    labels = host_of(url).removeprefix("www.").split(".")
    while len(labels) > 1 and len(labels[-1]) <= _SUFFIX:
        labels.pop()
    return labels[-1]
