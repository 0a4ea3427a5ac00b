"""Moments that a page shows to its readers, those of the article before those of other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from monitor.collect.extract.following import following
from monitor.collect.extract.plain import plain

_DATED = re.compile(r"date|time|publi|posted|byline|meta|stamp|info|detail|credit", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"related|recommend|sidebar|comment|footer|popular|trending|most-?read|latest|(?<!elementor-)widget|promo|teaser"
    r"|card|ticker|breaking|masthead|top-?bar|clock|weather|site-?header|disqus|timeline"
    r"|live-?(?:blog|entry|entries|post|update|item|event)",  # entries of a page that grows
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updat|modif|edited|обновл|измен|թարմաց|yenil|განახლ|güncel|aktuali|mise à jour|actualiz|atualiz", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d{2}")
# What a short text tells a moment by where it names no year: a clock, a short date, a day's number with a word.
_AGO = re.compile(r"(?<!\w)(?:ago|назад|առաջ|əvvəl|qabaq|önce|evvel|წინ)(?!\w)", re.IGNORECASE)
_HINT = re.compile(rf"\d[:.]\d{{2}}|\d{{1,2}}\.?\s+[^\W\d_]{{3}}|[^\W\d_]{{3}}\.?\s+\d|{_AGO.pattern}", re.IGNORECASE)
_NEAR = 80  # elements behind the headline
_LONGEST = 160  # code points of a text that may tell a date
_DATELINE = 60  # code points of one that tells little else
_SIMPLE = 8  # children of an element that is a text, not a part of the page
_MOST = 5000
_BEST = 60
_FAR = 4
_MUCH = 8
_LONGEST_HEADLINE = 300
_PIECES = 40  # of the texts in an element
_HEADLINE = 30  # code points of a link that is rather a headline than a section or a name
_NAMED = "//*[self::span or self::div or self::p or self::li or self::small or self::td][@class or @id]"
_KEPT = (
    '//abbr[@title][contains(@class, "publ") or contains(@class, "date") or contains(@class, "time")]'
    " | //*[@data-date or @data-datetime or @data-time or @data-timestamp or @data-utime or @data-published]"
)
_KEEPS = re.compile(r"^\d{10}(?:\d{3})?$|(?:19|20)\d{2}.*\d:\d{2}")
_LENGTH = re.compile(r"duration|video|player|length|audio|read", re.IGNORECASE)
_ANYWHERE = "//body//text()[string-length(.) < 160 and contains(., ':') and contains(., '20')]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text that may hold a moment, and what speaks against it; `marked` where the page calls it a date or time."""

    text: str
    doubt: int
    marked: bool = False

    @property
    def likely(self) -> bool:
        """Tell whether it is the article's rather than another's."""
        return self.doubt < _FAR

    @property
    def possible(self) -> bool:
        """Tell whether it is good for the minute of a day that is known otherwise."""
        return self.doubt < _MUCH


def shown_moments(root: HtmlElement, title: str) -> list[Shown]:
    """Give texts that may hold the moment of publication, the likeliest first."""
    found = _Search(root, _headline(root, title)).all()
    return sorted((shown for shown in found if shown.possible), key=lambda shown: shown.doubt)[:_BEST]


def _headline(root: HtmlElement, title: str) -> HtmlElement | None:
    """Give the headline that is the article's, else the first that says anything: some are logos."""
    told = [(h1, words) for h1 in root.iter("h1") if (words := plain(h1.text_content()[:_LONGEST_HEADLINE]))]
    wanted = plain(title)
    return next((h1 for h1, words in told if wanted.startswith(words)), told[0][0] if told else None)


class _Search:
    """A search of one page, around its headline."""

    def __init__(self, root: HtmlElement, headline: HtmlElement | None) -> None:
        self._root = root
        self._headline = headline
        self._around = set(headline.iterancestors()) if headline is not None else set()
        self._near = tuple(islice(following(headline), _NEAR)) if headline is not None else ()

    def all(self) -> Iterator[Shown]:
        yield from self._time_elements()
        yield from self._attributes()
        yield from self._near_headline()
        yield from self._named_so()
        yield from self._anywhere()

    def _time_elements(self) -> Iterator[Shown]:
        """Give what `time` elements say, to machines and to people; those behind the headline first."""
        seen, near = self._headline is None, set(self._near)
        for element in self._root.iter("h1", "time"):
            seen = seen or element is self._headline
            if element.tag == "h1":
                continue
            marked = "pubdate" in element.attrib or "published" in (element.get("class") or "")
            away = 2 * (self._headline is not None and element not in near) if seen else 1
            for text in (element.get("datetime"), _text(element)):
                if text and _tells(text):
                    yield self._shown(element, text, away - 2 * marked, marked=True)

    def _attributes(self) -> Iterator[Shown]:
        """Give what other elements keep for scripts, or show when they are pointed at."""
        for element in self._root.xpath(_KEPT)[:_MOST]:
            for name, text in element.attrib.items():
                if (name.startswith("data-") or name == "title") and len(text) <= _DATELINE and _KEEPS.search(text):
                    yield self._shown(element, text, 0 if element in self._near else 2)

    def _near_headline(self) -> Iterator[Shown]:
        """Give the texts of the elements that follow the headline."""
        for element in self._near:
            if text := _dated(element):
                yield self._shown(element, text, 1)

    def _named_so(self) -> Iterator[Shown]:
        """Give the texts of elements whose class or id speaks of dates."""
        for element in self._root.xpath(_NAMED)[:_MOST]:
            if _DATED.search(f"{element.get('class')} {element.get('id')}") and (text := _dated(element)):
                yield self._shown(element, text, 2, marked=not _LENGTH.search(f"{element.get('class')}"))

    def _anywhere(self) -> Iterator[Shown]:
        """Give pieces of text that may hold a day and a clock time."""
        for piece in self._root.xpath(_ANYWHERE)[:_MOST]:
            parent = piece.getparent()
            if parent.tag not in {"script", "style"} and _YEAR.search(piece):
                yield self._shown(parent, " ".join(piece.split()), _FAR)

    def _shown(self, element: HtmlElement, text: str, doubt: int, *, marked: bool = False) -> Shown:
        """Count what speaks against a text: it tells more than a date, or of a later change, or lies elsewhere."""
        change = _CHANGED.search(text)
        if change and _YEAR.search(text[: change.start()]):
            text, change = text[: change.start()], None
        doubt += 2 * (len(text) > _DATELINE) + (not _YEAR.search(text)) + bool(_AGO.search(text))
        doubt += 3 * bool(change or _CHANGED.search(element.get("class") or ""))
        doubt += 3 * _of_a_teaser(element)
        return Shown(text=text, doubt=doubt + self._elsewhere(element), marked=marked)

    def _elsewhere(self, element: HtmlElement) -> int:
        """Judge by what an element is in, as far as the headline is not in it, too."""
        for parent in (element, *element.iterancestors()):
            if parent in self._around or parent.tag in {"body", "html"}:
                break
            named = f"{parent.get('class')} {parent.get('id')}"
            if parent.tag in {"aside", "footer", "nav"} or _ELSEWHERE.search(named):
                return _MUCH
            if parent.tag in {"article", "main"}:
                break
        return 0


def _dated(element: HtmlElement) -> str | None:
    """Give the text of an element if it is short and may tell a moment."""
    text = _text(element) if len(element) <= _SIMPLE else " ".join((element.text or "").split())
    return text if len(text) <= _LONGEST and _tells(text) else None


def _text(element: HtmlElement) -> str:
    """Give the text of an element; a day and a clock in elements of their own are parted."""
    if len(element) == 0:
        return " ".join((element.text or "").split())
    return " ".join(" ".join(islice(element.itertext(), _PIECES)).split())


def _tells(text: str) -> bool:
    return bool(_YEAR.search(text) or (len(text) <= _DATELINE and _HINT.search(text)))


def _of_a_teaser(element: HtmlElement) -> bool:
    """Tell whether a text stands in or beside the linked headline of another article."""
    box = element
    for _ in range(3):
        if box is None or box.tag in {"body", "article", "main"} or len(box) > _SIMPLE:
            return False
        if any(len(_text(link)) >= _HEADLINE for link in box.iter("a")):
            return next(box.iter("h1"), None) is None
        box = box.getparent()
    return False
