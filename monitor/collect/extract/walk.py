"""A plain walk over a tree: every block of text, for pages and parts that need no judgement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from monitor.text import unescape

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr li main nav ol p pre section summary table td th tr ul".split()
)
_SILENT = frozenset(
    "script style template noscript iframe object svg math head title button select textarea nav footer".split()
)
_SWITCH = re.compile(r"<(/?)(?:script|style|title)\b[^<>]*>?", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})\b[^<>]*>?", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>?|<!\[CDATA\[|\]\]>")


def paragraphs_of(element: HtmlElement) -> list[str]:
    """Give the blocks of text within an element, in order."""
    pieces = "".join(_pieces(element)).split("\n\n")
    return [line for piece in pieces if (line := " ".join(piece.split()))]


def _pieces(element: HtmlElement) -> Iterator[str]:
    """Give pieces of text, with blank lines at the edges of blocks; without recursion, however deep the tree is."""
    silent = 0
    for event, node in etree.iterwalk(element, events=("start", "end")):
        block = node.tag in _BLOCKS
        if event == "start":
            silent += node.tag in _SILENT and node is not element
            text = node.text
        else:
            silent -= node.tag in _SILENT and node is not element
            text = node.tail if node is not element else None
        if block:
            yield "\n\n"
        if text and not silent:
            yield text.replace("\n", " ")  # a blank line in the source parts nothing


def paragraphs_of_markup(markup: str) -> list[str]:
    """Give the text of markup that no parser reads to its end: tags are cut out as they stand."""
    pieces, loud = [], True
    position = 0
    for match in _SWITCH.finditer(markup):
        if loud:
            pieces.append(markup[position : match.start()])
        loud, position = bool(match[1]), match.end()
    pieces += [markup[position:]] if loud else []
    text = _TAG.sub("", _BLOCK_TAG.sub("\0", "".join(pieces)))
    return [line for block in text.split("\0") if (line := " ".join(unescape(block).split()))]
