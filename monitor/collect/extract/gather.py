"""Puts back what belongs to an article and was missed: parts of a divided body, the standfirst, a body told in data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from monitor.collect.extract.following import following
from monitor.collect.extract.plain import plain

_ELSEWHERE = frozenset({"aside", "footer", "nav", "header"})
_CAPTIONS = frozenset({"figure", "figcaption", "img", "aside", "footer", "nav"})
_LEAST_PART = 150  # code points
_NEAR = 4  # steps up to a common parent
_STANDFIRST = range(40, 700)  # code points
_SIMPLE = 3  # children of an element that is a text
_STANDFIRST_NEAR = 40  # elements behind the headline
_PICTURED = re.compile(r"caption|credit|photo|image|media|figure", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|intro|standfirst|summary|dek|deck|sub-?title|sub-?head(?:line)?|chapo|chapeau|sapo|anons"
    r"|ingress|bajada|entradilla|sommario|catenaccio|occhiello|perex|preamble)(?:[_-]+text)?(?:$|\s)",
    re.IGNORECASE,
)
_BLOCKS = ("p", "h2", "h3", "div", "span")
_LEAST_BODY = 400
_SHORT = 0.6
_AGREEING = 0.7
Kind = tuple[str, str | None]


def with_missed_parts(root: HtmlElement, lines: Sequence[str]) -> list[str]:
    """Add the paragraphs of boxes that are of one kind with those the text came from, and lie beside them."""
    boxes = _boxes(root)
    if not boxes:
        return list(lines)
    known = {plain(line) for line in lines}
    used = {box for box, inside in boxes.items() if any(plain(one.text_content()) in known for one in inside)}
    beside: dict[Kind, set[HtmlElement]] = {}
    for box in used:
        beside.setdefault(_kind(box), set()).update(_parents(box))
    missed = [
        inside
        for box, inside in boxes.items()
        if box not in used and any(parent in beside.get(_kind(box), ()) for parent in _parents(box))
    ]
    added = {one for inside in missed if _size(inside) >= _LEAST_PART for one in inside}
    return _in_order(root, lines, added) if added else list(lines)


def _boxes(root: HtmlElement) -> dict[HtmlElement, list[HtmlElement]]:
    """Give the boxes that have others of their kind on the page, each with its paragraphs."""
    boxes: dict[HtmlElement, list[HtmlElement]] = {}
    for paragraph in root.iter("p"):
        if (box := paragraph.getparent()) is not None and box.get("class"):
            boxes.setdefault(box, []).append(paragraph)
    number = Counter(map(_kind, boxes))
    return {box: inside for box, inside in boxes.items() if number[_kind(box)] > 1}


def _kind(box: HtmlElement) -> Kind:
    return box.tag, box.get("class")


def _parents(box: HtmlElement) -> Iterator[HtmlElement]:
    """Give what a box shares with the other parts of its body: the next parents, within one article."""
    for parent in islice(box.iterancestors(), _NEAR):
        if parent.tag in _ELSEWHERE or parent.tag in {"body", "html"}:
            return
        yield parent
        if parent.tag == "article":
            return


def _size(elements: Sequence[HtmlElement]) -> int:
    return sum(len(element.text_content()) for element in elements)


def _in_order(root: HtmlElement, lines: Sequence[str], missed: set[HtmlElement]) -> list[str]:
    """Put the missed paragraphs in where they stand on the page."""
    places = {plain(line): number for number, line in reversed(list(enumerate(lines)))}
    added: dict[int, list[str]] = {}
    last = -1
    for paragraph in root.iter("p"):
        text = " ".join(paragraph.text_content().split())
        if paragraph in missed:
            added.setdefault(last, []).append(text)
        else:
            last = max(last, places.get(plain(text), -1))
    result = added.get(-1, [])
    for number, line in enumerate(lines):
        result += [line, *added.get(number, [])]
    return [line for line in result if line]


def with_standfirst(root: HtmlElement, lines: Sequence[str], descriptions: Sequence[str]) -> list[str]:
    """Put the standfirst first if it is missing: a text near the headline that the page names or marks as such."""
    headline = next(root.iter("h1"), None)
    if headline is None:
        return list(lines)
    described = {plain(text) for text in descriptions if len(text) in _STANDFIRST}
    for element in islice(following(headline, *_BLOCKS), _STANDFIRST_NEAR):
        if len(element) > _SIMPLE:
            continue
        text = " ".join(element.text_content().split())
        if len(text) not in _STANDFIRST or not (_MARKED.search(element.get("class") or "") or plain(text) in described):
            continue
        if _is_caption(element):
            continue
        return list(lines) if plain(text) in plain(" ".join(lines[:6])) else [text, *lines]
    return list(lines)


def _is_caption(element: HtmlElement) -> bool:
    """Tell whether a text belongs to a picture, or to another article that it links to."""
    if any(parent.tag in _CAPTIONS for parent in element.iterancestors()):
        return True
    return any(one.tag in _CAPTIONS or _PICTURED.search(one.get("class") or "") for one in element.iter())


def with_stated_body(lines: Sequence[str], body: Sequence[str]) -> list[str]:
    """Take the body that the page states in data where it is much longer than what was found, and says the same.

    Taken blindly it makes texts worse: outlets put summaries, whole rows of articles or other languages there.
    """
    stated = plain("".join(body))
    if len(stated) < _LEAST_BODY:
        return list(lines)
    found = [plain(line) for line in lines]
    size = sum(map(len, found))
    if size > _SHORT * len(stated):
        return list(lines)
    agreeing = sum(len(line) for line in found if line in stated)
    return list(body) if agreeing >= _AGREEING * size else list(lines)
