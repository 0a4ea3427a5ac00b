"""From bytes to a tree that is safe to work on, or the reason why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from monitor.collect.came import FILES, what_came
from monitor.collect.charset import decode
from monitor.errors import SourceError
from monitor.text import clean_line

_OTHER_TYPES = re.compile(
    r"\s*(?:image|audio|video|font)/|\s*application/(?:pdf|zip|json|octet-stream|rss|atom|ms)", re.IGNORECASE
)
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|main|article|section|div|p|h1|table|span|a)\b", re.IGNORECASE
)
# Possessive: a run of comments would otherwise be tried in every grouping.
_OTHER_ROOT = re.compile(
    r"\s*+(?:<\?[^>]*+>\s*+|<!(?>--.*?-->)\s*+)*+<(?:rss|feed|urlset|sitemapindex|rdf:RDF|svg)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(r"""\s*(?:\{\s*["}]|\[\s*[{\["\]])""")
# Control characters, of which text has none: packed bytes that nobody says are packed hold them, and `<a` somewhere.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.02
_SAMPLE = 20_000  # characters
# An element with thousands of attributes takes libxml2 time that grows with their square.
_LONG_TAG = re.compile(r"<(?!script|style)[a-zA-Z][\w:-]*\s[^<]{20000,}", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s[\w:-]+=(?:"[^"]*"|'[^']*'|[^\s"'>]+)""")
_MOST_ATTRIBUTES = 2000
# What XML has no place for: lxml refuses it as soon as a text that holds it is set again.
_UNFIT = bytes({*range(32)} - {9, 10, 13})
_NO_CHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")
_DEEPEST = 250
_LONGEST_GUESSED = 1_000_000  # characters
_LARGEST = 20_000  # elements; real pages have 500 to 10,000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """A page as a tree; `tame` is false where it is so deep or large that only a plain walk over it is safe."""

    root: lxml_html.HtmlElement
    markup: str
    tame: bool

    @property
    def guessable(self) -> bool:
        """Tell whether a search of the whole page by many patterns ends in good time."""
        return self.tame and len(self.markup) <= _LONGEST_GUESSED


def parse_page(body: bytes, content_type: str | None) -> ParsedPage:
    """Parse a page; nothing outside the bytes is read, and no entity of its own is expanded.

    Raises:
        SourceError: not_a_page.
    """
    markup = _markup(body, content_type)
    fit = _NO_CHARACTERS.sub(b"", _LONG_TAG.sub(_shortened, markup).encode("utf-8", "replace").translate(None, _UNFIT))
    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True, no_network=True
    )
    # lxml.html would choose a class for each element by its name; none of the others is asked for anything here.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement))
    try:
        root = lxml_html.document_fromstring(fit, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError("not_a_page", f"no HTML can be read: {clean_line(str(error), 80)}") from error
    return ParsedPage(root=root, markup=markup, tame=_tame(root))


def _markup(body: bytes, content_type: str | None) -> str:
    """Give the text of what is a page."""
    if not body.strip():
        raise SourceError("not_a_page", "empty")
    if (came := what_came(body)) in FILES:
        raise SourceError("not_a_page", f"the answer is {came} ({content_type or 'no Content-Type'})")
    text = decode(body, content_type)
    if len(_CONTROLS.findall(text[:_SAMPLE])) > _MOST_CONTROLS * min(len(text), _SAMPLE):
        raise SourceError("not_a_page", f"the answer is no text ({content_type or 'no Content-Type'})")
    other = _JSON.match(text) or _OTHER_ROOT.match(text)
    if other or not _MARKUP.search(text):
        raise SourceError("not_a_page", f"the answer is no HTML: {clean_line(text[:200], 80)!r}")
    if _OTHER_TYPES.match(content_type or "") and not _MARKUP.match(text.lstrip("\ufeff \t\r\n")[:200]):
        raise SourceError("not_a_page", f"the answer is {content_type}")
    return text


def _shortened(match: re.Match[str]) -> str:
    stripped, number = _ATTRIBUTE.subn("", match[0])
    return stripped if number > _MOST_ATTRIBUTES else match[0]


def _tame(root: lxml_html.HtmlElement) -> bool:
    return not root.xpath(f"boolean({'/*' * _DEEPEST})") and float(root.xpath("count(//*)")) <= _LARGEST
