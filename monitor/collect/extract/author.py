"""Who wrote an article: as its page states, marks or, in a line that says no more, tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from monitor.collect.extract.claims import Claims
from monitor.collect.extract.following import following
from monitor.collect.extract.title import author_of

_BYLINE = (
    '//a[@rel="author"] | //*[contains(@class, "byline") or contains(@class, "author-name")'
    ' or contains(@class, "author__name") or contains(@class, "article-author")]'
)
_MOST_BYLINES = 5
_NAME = range(4, 80)
_SIMPLE = 2  # children of an element that names a person and no more
_PIECES = 9
_NEAR = 40  # elements behind the headline
_ENDS = 4  # lines at either end of a text that may be signed
_LONGEST = 80  # code points of a line that names an author and no more
_SIGNED = re.compile(
    r"\W{0,3}(?:(?:By|BY)\s+|(?i:(?:written|story|text) by|author|автор(?:ы)?(?: (?:текста|статьи))?|текст|müəllif"
    r"|yazar|հեղինակ|ավտոր|ავტორი)\s*[:՝–—]\s*)(.+)"
)
_PARTS = re.compile(r",\s*|\s+(?:and|и|և|და|və|ve)\s+")
_WORDS = range(2, 5)  # of a name
_MARKS = "-.'’"
_GEORGIAN = frozenset(map(chr, range(0x10D0, 0x1100)))


def author_stated(claims: Iterable[Claims], root: HtmlElement) -> str | None:
    """Give the authors that the most trusted place names, else those of what is marked or written as a byline."""
    stated = (author for one in claims if (author := author_of(one.author)))
    return next(stated, None) or author_of(_bylines(root)) or author_signed(_near_headline(root))


def author_signed(lines: Sequence[str]) -> str | None:
    """Give the name in a line such as `Автор: Имя Фамилия`, at the beginning or the end of a text."""
    for line in dict.fromkeys((*lines[:_ENDS], *lines[-_ENDS:])):
        match = _SIGNED.fullmatch(line.strip()) if len(line) <= _LONGEST else None
        if match and all(_is_name(part) for part in _PARTS.split(match[1].strip(" .|"))):
            return author_of([match[1].strip(" .|")])
    return None


def _bylines(root: HtmlElement) -> list[str]:
    """Give the first text that is marked as the author's name among what is shown."""
    for element in root.xpath(_BYLINE)[:_MOST_BYLINES]:
        for piece in element.itertext():
            text = " ".join(piece.split())
            if len(text) in _NAME and not any(char.isdigit() for char in text):
                return [text]
    return []


def _near_headline(root: HtmlElement) -> list[str]:
    """Give the lines behind the headline that name an author in so many words."""
    headline = next(root.iter("h1"), None)
    return [] if headline is None else list(islice(_signed_lines(headline), 1))


def _signed_lines(headline: HtmlElement) -> Iterator[str]:
    for element in islice(following(headline), _NEAR):
        text = " ".join("".join(islice(element.itertext(), _PIECES)).split()) if len(element) <= _SIMPLE else ""
        if len(text) <= _LONGEST and _SIGNED.fullmatch(text):
            yield text


def _is_name(text: str) -> bool:
    """Tell whether a text is a person's name: a few words with capitals, or in Georgian, which has none."""
    words = text.split()
    return len(words) in _WORDS and all(
        (word[0].isupper() or word[0] in _GEORGIAN) and all(char.isalpha() or char in _MARKS for char in word)
        for word in words
    )
