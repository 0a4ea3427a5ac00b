"""What comes after an element in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement


def following(element: HtmlElement, *tags: str) -> Iterator[HtmlElement]:
    """Give the elements that begin after an element has ended, with these names if any are given; one by one.

    XPath's axis of this name finds all of a page's before the first is looked at.
    """
    while element is not None:
        for sibling in element.itersiblings():
            yield from sibling.iter(*tags)
        element = element.getparent()
