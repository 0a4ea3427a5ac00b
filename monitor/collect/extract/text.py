"""The text of an article out of its page's tree (trafilatura's door)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor

from monitor.collect.extract.claims import Claims
from monitor.collect.extract.gather import with_missed_parts, with_standfirst, with_stated_body
from monitor.collect.extract.narrow import narrowed
from monitor.collect.extract.page import ParsedPage
from monitor.collect.extract.prune import prune
from monitor.collect.extract.trim import without_extras, without_heading
from monitor.collect.extract.walk import paragraphs_of, paragraphs_of_markup
from monitor.collect.html import text_of
from monitor.collect.limits import TEXT
from monitor.text import paragraphs

_USABLE = 25  # code points: less is a button
_SENTENCE_ENDS = (".", "!", "?", "։", "»", "”")
_LEAST = 200  # code points: shorter than nearly any article
_MANY_LINES = 60
_MENU_LINE = 25  # code points of a line that is rather a menu's


def lines_of_page(page: ParsedPage, *, title: str, claims: Claims) -> list[str]:
    """Give the paragraphs of the article; none where none are found. Prunes the page's tree."""
    lines = _article(page.root, title, claims) if page.tame else []
    lines = with_stated_body(lines, paragraphs(text_of(claims.body, TEXT)) if claims.body else [])
    return without_extras(lines or without_heading(_walked(page), title))


def as_text(lines: Sequence[str], *, flash: bool) -> str:
    """Put paragraphs together, parted by blank lines; too few words are none, unless a flash is one sentence."""
    text = "\n\n".join(lines)
    sentence = flash and text.endswith(_SENTENCE_ENDS) and not text.endswith("..")
    buttons = len(text) < _LEAST and all(len(line) < _USABLE for line in lines)
    return text if sentence or not buttons else ""


def _article(root: HtmlElement, title: str, claims: Claims) -> list[str]:
    prune(root)
    lines = _by_trafilatura(narrowed(root))
    if _suspicious(lines):
        lines = _by_trafilatura(root, recall=True) or lines
    lines = with_missed_parts(root, without_heading(lines, title))
    return with_standfirst(root, lines, claims.summary)


def _walked(page: ParsedPage) -> list[str]:
    """Take every block of what is marked as the article or, where no better reading is safe, of the whole page."""
    for name in ("article", "main", "body")[: 2 if page.tame else 3]:
        found = [line for element in page.root.iter(name) for line in paragraphs_of(element)]
        if sum(map(len, found)) >= _LEAST:
            return found
    return [] if page.tame else paragraphs_of_markup(page.markup)


def _suspicious(lines: Sequence[str]) -> bool:
    """Tell whether a text is too little, or rather all the menus of a page."""
    if sum(map(len, lines)) < _LEAST:
        return True
    return len(lines) > _MANY_LINES and sorted(map(len, lines))[len(lines) // 2] < _MENU_LINE


def _by_trafilatura(root: HtmlElement, *, recall: bool = False) -> list[str]:
    document = bare_extraction(root, options=_options(recall=recall))
    text = document.text if isinstance(document, Document) else None
    return [line for line in (text or "").split("\n") if line.strip()]


@cache
def _options(*, recall: bool) -> Extractor:
    # Not the slower modes: they compare with jusText, whose word lists take 32 MiB, and on news pages find no more.
    return Extractor(output_format="python", fast=True, comments=False, recall=recall)
