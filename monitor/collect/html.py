"""HTML to plain text, inside the parse worker (lxml's door)."""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html

from monitor.text import clean_line, clean_text, unescape

_MARKUP = re.compile(r"<[a-zA-Z/!?]|&#?\w+;")
_FRAME = re.compile(r"</?iframe\b[^<>]*>", re.IGNORECASE)  # all that follows one that is not closed would be its text
_REFERENCE = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z]\w{1,31});", re.ASCII)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
# Not `object`: in one that is not closed stands the rest of the text.
_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "math", "head"})
_COMMENT, _COMMENT_END = re.compile(r"<!--[^>]*>?"), "-->"


def libxml2_version() -> tuple[int, ...]:
    """Give the version of the library that pages and feeds are read with."""
    return tuple(etree.LIBXML_VERSION)


def line_of(markup: str, limit: int) -> str:
    """Give markup as one line of text."""
    return clean_line(_text(markup).replace("\n", " "), limit)


def text_of(markup: str, limit: int) -> str:
    """Give markup as paragraphs."""
    return clean_text(_text(markup), limit)


def unescaped(text: str) -> str:
    """Give plain text with its references to characters resolved; HTML's that need no semicolon (`&not`) stay."""
    return _REFERENCE.sub(lambda match: unescape(match[0]), text)


def _text(markup: str) -> str:
    """Give the text of a fragment; what is no markup passes as it is."""
    markup = _closed(_FRAME.sub("", _CDATA.sub("", markup)))
    if not _MARKUP.search(markup):
        return markup
    if "<" not in markup:
        return unescape(markup)
    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):  # the last for a page without a body
        return unescape(re.sub(r"<[^>]*>", " ", markup))
    pieces: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else None
        if event == "start":
            silent += tag in _SILENT
            pieces.append("\n\n" if tag in _BLOCKS else "")
            pieces.append(element.text or "" if not silent else "")
        else:
            silent -= event == "end" and tag in _SILENT
            pieces.append("\n\n" if tag in _BLOCKS and tag != "br" else "")
            pieces.append(element.tail or "" if not silent else "")
    return _unwrapped("".join(pieces))


def _closed(markup: str) -> str:
    """Give markup without comments that are never closed: the rest of the text would be one."""
    if "<!--" not in markup:
        return markup
    end = markup.rfind(_COMMENT_END) + 1
    return markup[:end] + _COMMENT.sub("", markup[end:])


def _unwrapped(text: str) -> str:
    """Undo the line breaks of the source: in HTML a single line end is a blank."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)
