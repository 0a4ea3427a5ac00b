"""Moments that a page shows to its readers, those of the article before those of other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from monitor.collect.extract.following import following

_DATED = re.compile(r"date|time|publi|posted|byline|meta|stamp|info|detail|credit", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"related|recommend|sidebar|comment|footer|popular|trending|most-?read|latest|widget|promo|teaser|card|ticker"
    r"|breaking|masthead|top-?bar|clock|weather|site-?header",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updat|modif|edit|обновл|измен|թարմաց|yenil|განახლ|güncel|aktuali|mise à jour|actualiz|atualiz", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d{2}")
_NEAR = 80  # elements behind the headline
_LONGEST = 160  # code points of a text that may tell a date
_DATELINE = 60  # code points of one that tells little else
_SIMPLE = 8  # children of an element that is a text, not a part of the page
_MOST = 5000
_BEST = 60
_FAR = 4
_ANYWHERE = "//body//text()[string-length(.) < 160 and contains(., ':') and contains(., '20')]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text that may hold a moment; where `likely` is false, it is good for the minute of a day known otherwise."""

    text: str
    doubt: int

    @property
    def likely(self) -> bool:
        """Tell whether it is the article's rather than another's."""
        return self.doubt < _FAR


def shown_moments(root: HtmlElement) -> list[Shown]:
    """Give texts that may hold the moment of publication, the likeliest first."""
    headline = next(root.iter("h1"), None)
    found = [*_time_elements(root, headline), *_near_headline(headline), *_named_so(root), *_anywhere(root)]
    return sorted(found, key=lambda shown: shown.doubt)[:_BEST]


def _time_elements(root: HtmlElement, headline: HtmlElement | None) -> Iterator[Shown]:
    """Give what `time` elements say, to machines and to people; those behind the headline first."""
    seen = headline is None
    for element in root.iter("h1", "time"):
        seen = seen or element is headline
        if element.tag == "h1":
            continue
        marked = "pubdate" in element.attrib or "published" in (element.get("class") or "")
        for text in (element.get("datetime"), element.text_content()[:_LONGEST]):
            if text and _YEAR.search(text):
                yield Shown(text=text, doubt=_doubt(element, text) - 2 * marked + (not seen))


def _near_headline(headline: HtmlElement | None) -> Iterator[Shown]:
    """Give the texts of the elements that follow the headline."""
    for element in islice(following(headline), _NEAR) if headline is not None else ():
        if text := _dated(element):
            yield Shown(text=text, doubt=1 + _doubt(element, text))


def _named_so(root: HtmlElement) -> Iterator[Shown]:
    """Give the texts of elements whose class or id speaks of dates."""
    marked = root.xpath("//*[self::span or self::div or self::p or self::li or self::small or self::td][@class or @id]")
    for element in marked[:_MOST]:
        if _DATED.search(f"{element.get('class')} {element.get('id')}") and (text := _dated(element)):
            yield Shown(text=text, doubt=2 + _doubt(element, text))


def _anywhere(root: HtmlElement) -> Iterator[Shown]:
    """Give pieces of text that may hold a day and a clock time."""
    for piece in root.xpath(_ANYWHERE)[:_MOST]:
        if _YEAR.search(piece):
            yield Shown(text=" ".join(piece.split()), doubt=_FAR + _doubt(piece.getparent(), piece))


def _dated(element: HtmlElement) -> str | None:
    """Give the text of an element if it is short and names a year."""
    text = element.text_content()[:1000] if len(element) <= _SIMPLE else element.text or ""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST and _YEAR.search(text) else None


def _doubt(element: HtmlElement, text: str) -> int:
    """Count what speaks against a text: it tells more than a date, or of a later change, or lies elsewhere."""
    doubt = 2 * (len(text) > _DATELINE)
    doubt += 3 * bool(_CHANGED.search(text) or _CHANGED.search(element.get("class") or ""))
    for parent in (element, *element.iterancestors()):
        if parent.tag in {"aside", "footer", "nav"} or _ELSEWHERE.search(f"{parent.get('class')} {parent.get('id')}"):
            return doubt + _FAR
        if parent.tag in {"article", "main", "body"}:
            break
    return doubt
