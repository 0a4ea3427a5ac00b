"""What a site repeats on its pages (banners, notices, teasers), so that its keywords make no alert: pure.

A newsroom repeats paragraphs, too: the background of a matter, in each article about it. Three things tell the two
apart. A banner stands on most pages of its site, whatever they are about; so a paragraph is counted only where the rest
of the page is about something else, which its words tell. It must stand like that on five pages, and on half of all
that were read since it first appeared. And three are enough where every page has it letter for letter, and
none has a tenth of its words. Each site and each language is counted by itself: what a news agency's text says on the
pages of five outlets is nobody's banner.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from monitor.model import Article, Block, Match, Sighting, Site
from monitor.text import paragraphs, spans

PAGES = 5
SHARE = 0.5
FEW = 3
ENOUGH = 200  # code points of a text that is still one without its blocks, and that says what a page is about
# Of a paragraph's words, so many stand elsewhere on the page. Measured on real articles: less than a fifth of one's own
# paragraph in one case of twenty (English) or five (Russian), of another article's in four of five; less than a tenth
# in one of forty or eleven, and in six of ten.
_OFF = 0.2
_APART = 0.1
_DIGITS = re.compile(r"\d+")
_LONG = 5  # letters: words from here on say what a text is about, and so many of them survive declension
_LONG_WORD = re.compile(rf"[^\W\d_]{{{_LONG},}}")
_SHORT_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,4}(?![^\W\d_])")
_ENDS = '.!?:։…»”"('


def fingerprint(paragraph: str) -> str:
    """Give what makes two paragraphs the same: letters; not their case, blanks, or numbers (dates, counters)."""
    plain = _DIGITS.sub("0", " ".join(paragraph.casefold().split()))
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


def fingerprints(text: str) -> dict[str, str]:
    """Give the fingerprints of a text's paragraphs, by paragraph."""
    return {part: fingerprint(part) for part in paragraphs(text)}


def learned(site: Site) -> frozenset[str]:
    """Give the fingerprints of what belongs to the site."""
    return frozenset(key for key, block in site.blocks.items() if _belongs(block, site.pages - block.since))


def _belongs(block: Block, pages: int) -> bool:
    """Tell whether a paragraph is the site's own; `pages` were read since it first appeared, that one included."""
    return (block.off >= PAGES and block.off >= SHARE * pages) or (block.apart >= FEW and block.apart == pages)


def left_out(
    text: str, prints: Mapping[str, str], known: Collection[str], *, matched: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Give where the paragraphs stand that belong to the site and are not matched: start and end in code points.

    Those `matched` before stay in; and where hardly anything else would be left, all of them do.
    """
    if not known:
        return ()
    places = [
        (start, end)
        for start, end in spans(text)
        if prints.get(part := text[start:end]) in known and part not in matched
    ]
    left = len(text) - sum(end - start + 2 for start, end in places)
    return tuple(places) if left >= ENOUGH else ()


def without(text: str, prints: Mapping[str, str], known: Collection[str]) -> str:
    """Give a text without the paragraphs that belong to the site: what an edit is looked for in."""
    return "\n\n".join(part for part in paragraphs(text) if prints.get(part) not in known)


def sightings(article: Article, matches: Sequence[Match], prints: Mapping[str, str], site: Site) -> dict[str, Sighting]:
    """Give the paragraphs of a page to be counted, by fingerprint: with a word that matched, or counted before.

    What was left out is counted as well: it is still there, and belongs to the site for as long as it is.
    """
    repeated = site.last | site.blocks.keys()
    page = _Page(article, {part for part, key in prints.items() if key in repeated})
    found_words = [page.words_of(match) for match in matches]
    found = {}
    for start, end in spans(article.text):
        part = article.text[start:end]
        key = prints.get(part)  # of the page's paragraphs only: a feed's are not the site's
        inside = [words for words in found_words if words.are_in(start, end)]
        if key and (inside or key in site.blocks):
            share = None if any(words.are_beside(start, end) for words in inside) else page.share(part)
            found[key] = Sighting(
                text=part, off=share is not None and share < _OFF, apart=share is not None and share < _APART
            )
    return found


@dataclass(frozen=True, slots=True)
class _Words:
    """Where the words of a match stand: in the text; in its own paragraphs; and whether some are above the text."""

    everywhere: list[int]
    own: list[int]
    above: bool

    def are_in(self, start: int, end: int) -> bool:
        """Tell whether one is in this stretch of the text."""
        return _count(self.everywhere, start, end) > 0

    def are_beside(self, start: int, end: int) -> bool:
        """Tell whether one is on the rest of the page."""
        return self.above or len(self.own) > _count(self.own, start, end)


def _count(places: Sequence[int], start: int, end: int) -> int:
    return bisect_left(places, end) - bisect_left(places, start)


class _Page:
    """What a page is about: its title, its summary, and the paragraphs that other pages of the site do not have."""

    def __init__(self, article: Article, repeated: Collection[str]) -> None:
        places = [place for place in spans(article.text) if article.text[slice(*place)] not in repeated]
        own = [article.text[start:end] for start, end in places]
        self._edges = [edge for place in places for edge in place]
        self._parts = (article.title, article.summary, *own)
        self._paragraphs = frozenset(own)
        self._length = sum(map(len, own))

    @cached_property
    def _words(self) -> Counter[str]:
        """In how many of its parts each word stands; most pages have no keyword, and are not asked."""
        return Counter(word for part in self._parts for word in _words(part))

    def words_of(self, match: Match) -> _Words:
        """Give where the words of a match stand."""
        places = sorted(word.start for word in match.words if word.field == "text")
        own = [place for place in places if bisect_right(self._edges, place) % 2]  # between a beginning and an end
        return _Words(places, own, above=any(word.field != "text" for word in match.words))

    def share(self, paragraph: str) -> float | None:
        """Give how many of a paragraph's words the rest of the page has, from 0 to 1; None where there is no rest."""
        itself = paragraph in self._paragraphs
        words = _words(paragraph)
        if not words or self._length - itself * len(paragraph) < ENOUGH:
            return None
        return sum(self._words[word] > itself for word in words) / len(words)


def _words(text: str) -> set[str]:
    """Give the beginnings of the words that say what a text is about: long ones, and names."""
    return {word.casefold()[:_LONG] for word in _LONG_WORD.findall(text)} | set(_short_names(text))


def _short_names(text: str) -> Iterator[str]:
    for word in _SHORT_WORD.finditer(text):
        if word[0][0].isupper():
            before = text[max(0, word.start() - 3) : word.start()].rstrip()
            if before and before[-1] not in _ENDS:
                yield word[0].casefold()[:_LONG]
