"""Takes out of a tree what is no article before its text is looked for: teasers inside the text above all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from lxml import etree
from lxml.html import HtmlElement

_NO_TEXT = ("script", "style", "noscript", "svg", "template", "iframe", "object", "video", "audio", "canvas", "select")
# Parts of a page that are never its article; trafilatura drops them, too, but after it has looked through them.
_FURNITURE = "head link meta nav footer aside figure picture img source map button label input textarea".split()
_WORDY = ("nav", "footer", "aside", "figure", "button", "label")
_MOST_FURNITURE = 0.8  # of a page's text: more is an article inside an element that was never closed
_LABEL = 40  # code points before the link of a teaser: `Read also:`
_SHARE = 0.9  # of a text that is links: a bullet or an arrow may stand beside
_SET_OFF = " []()«»“”\xa0"
_MOST_TEASERS = 0.4  # of a page's text


def prune(root: HtmlElement) -> None:
    """Take teasers and what holds no text out of a tree, in place."""
    etree.strip_elements(root, *_NO_TEXT, with_tail=False)
    _drop_furniture(root)
    _free_layout_tables(root)
    teasers = list(_link_paragraphs(root))
    if _size(teasers) <= _MOST_TEASERS * _size(root.iter("p")):  # else a page consists of them: they are its news
        _drop(teasers)
    _drop(list(_link_lists(root)))


def _drop_furniture(root: HtmlElement) -> None:
    """Take out what stands around articles, unless nearly the whole page is in it."""
    for table in root.iter("table"):
        for figure in table.iterancestors("figure"):
            figure.tag = "div"
    most = _MOST_FURNITURE * len(root.text_content())
    # Summed up no further than needed: elements may lie in each other, hundreds deep.
    if all(size <= most for size in accumulate(len(part.text_content()) for part in root.iter(*_WORDY))):
        etree.strip_elements(root, *_FURNITURE, with_tail=False)


def _drop(elements: Iterable[HtmlElement]) -> None:
    for element in elements:
        if element.getparent() is not None:
            element.drop_tree()


def _size(elements: Iterable[HtmlElement]) -> int:
    return sum(len(element.text_content()) for element in elements)


def _free_layout_tables(root: HtmlElement) -> None:
    """Make plain blocks of tables that hold the page's layout: cells with paragraphs or headlines in them."""
    for table in list(root.iter("table")):
        if len(table.xpath("(.//td//p | .//td//h1 | .//td//table)[position() <= 2]")) > 1:
            for part in (table, *table.iter("tbody", "tr", "td", "th")):
                part.tag = "div"


def _link_paragraphs(root: HtmlElement) -> Iterator[HtmlElement]:
    """Give paragraphs that are links and nothing else, or a label that ends in a colon and one link."""
    for paragraph in root.iter("p"):
        links = [text for link in paragraph.iter("a") if (text := link.text_content().strip())]
        if not links:
            continue
        text = paragraph.text_content().strip()
        label, colon, rest = text.partition(":")
        title = rest.strip(_SET_OFF)
        labelled = (
            colon and len(label) <= _LABEL and title.endswith(links[-1]) and len(links[-1]) >= _SHARE * len(title)
        )
        if labelled or sum(map(len, links)) >= _SHARE * len(text):
            yield paragraph


def _link_lists(root: HtmlElement) -> Iterator[HtmlElement]:
    """Give lists whose every item is one link."""
    for element in root.iter("ul", "ol"):
        items = [item for item in element if item.tag == "li"]
        if items and all(_is_link(item) for item in items):
            yield element


def _is_link(item: HtmlElement) -> bool:
    linked = sum(len(link.text_content().strip()) for link in item.iter("a"))
    return linked > 0 and linked >= _SHARE * len(item.text_content().strip())
