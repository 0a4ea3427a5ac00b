"""What a person's own CSS selectors find on a page (cssselect's door)."""

from __future__ import annotations

from functools import cache

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from monitor.collect.extract.walk import paragraphs_of
from monitor.errors import SourceError
from monitor.model import Selectors


def selected_line(root: HtmlElement, selector: str) -> str | None:
    """Give the first element found as one line; None where nothing is.

    Raises:
        SourceError: bad_selector.
    """
    found = _found(root, selector)
    return " ".join(found[0].text_content().split()) if found else None


def selected_text(root: HtmlElement, selector: str) -> str | None:
    """Give the paragraphs of all elements found; None where there are none.

    Raises:
        SourceError: bad_selector.
    """
    found = _found(root, selector)
    outermost = [one for one in found if not any(parent in found for parent in one.iterancestors())]
    return "\n\n".join(line for element in outermost for line in paragraphs_of(element)) or None


def selected_date(root: HtmlElement, selector: str) -> str | None:
    """Give what an element says of a moment: in an attribute for machines, else in its text.

    Raises:
        SourceError: bad_selector.
    """
    found = _found(root, selector)
    if not found:
        return None
    return found[0].get("datetime") or found[0].get("content") or " ".join(found[0].text_content().split())


def unmatched_of(root: HtmlElement, selectors: Selectors) -> tuple[str, ...]:
    """Name the selectors for article pages that find nothing to read.

    Raises:
        SourceError: bad_selector.
    """
    asked = {
        "title": (selectors.title, selected_line),
        "text": (selectors.text, selected_text),
        "date": (selectors.date, selected_date),
    }
    return tuple(name for name, (selector, read) in asked.items() if selector and not read(root, selector))


def _found(root: HtmlElement, selector: str) -> list[HtmlElement]:
    found = _compiled(selector)(root)
    return [element for element in found if isinstance(element, HtmlElement)] if isinstance(found, list) else []


@cache
def _compiled(selector: str) -> CSSSelector:
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise SourceError("bad_selector", f"{selector!r}: {error}") from error
