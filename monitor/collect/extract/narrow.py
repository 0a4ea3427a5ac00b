"""The part of a page that holds its paragraphs: what is looked through for the article, not the menus around it."""

from __future__ import annotations

from collections import Counter
from copy import copy

from lxml import html as lxml_html
from lxml.html import HtmlElement

_SHARE = 0.95  # of the text of all paragraphs
_LEAST = 1000  # code points of paragraphs: with fewer, the text may stand in other elements


def narrowed(root: HtmlElement) -> HtmlElement:
    """Give a page with the smallest part of this one that holds nearly all paragraphs; the page itself in doubt."""
    boxes: Counter[HtmlElement] = Counter()
    for paragraph in root.iter("p"):
        boxes[paragraph.getparent()] += len(paragraph.text_content())
    sizes = boxes.copy()
    for box, size in boxes.items():
        for parent in box.iterancestors():
            sizes[parent] += size
    if sizes[root] < _LEAST:
        return root
    part = root
    while (inner := _heavy_child(part, sizes, _SHARE * sizes[root])) is not None:
        part = inner
    return root if part.tag in {"html", "body"} else _page_of(part)


def _heavy_child(part: HtmlElement, sizes: Counter[HtmlElement], least: float) -> HtmlElement | None:
    return next((child for child in part if sizes[child] >= least), None)


def _page_of(part: HtmlElement) -> HtmlElement:
    page = lxml_html.Element("html")
    body = lxml_html.Element("body")
    page.append(body)
    inner = copy(part)
    inner.tail = None
    body.append(inner)
    return page
