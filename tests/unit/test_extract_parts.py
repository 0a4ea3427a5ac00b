"""What of a page is looked through for its article, and what is dropped before."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from monitor.collect.extract.narrow import narrowed
from monitor.collect.extract.prune import prune
from tests.unit.test_extract import BODY, FIRST, SECOND, THIRD, page, read_page

LONG = "".join(f"<p>{FIRST} {number}</p>" for number in range(8))


def test_the_part_with_the_paragraphs_is_what_is_looked_through() -> None:
    """Menus and boxes beside it are not."""
    root = lxml_html.document_fromstring(
        page(f"<div id=menu><a>News</a></div><main><div id=text>{LONG}</div><div>Tags</div></main>")
    )
    part = narrowed(root)
    assert [element.tag for element in part.iter()][:3] == ["html", "body", "div"]
    assert "News" not in part.text_content()
    assert "Tags" not in part.text_content()
    assert part.text_content().count(FIRST) == 8
    assert "News" in root.text_content()  # the page itself is as it was


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<div>{LONG}</div><div>{LONG}</div>", id="two halves"),
        pytest.param(f"<div><p>{FIRST}</p></div><div>{SECOND}<br>{THIRD}</div>", id="few paragraphs"),
        pytest.param(f"<div>{SECOND}</div>", id="none"),
    ],
)
def test_a_page_whose_text_is_in_several_parts_is_looked_through_whole(body: str) -> None:
    """No part of it holds nearly all paragraphs, or they hold too little to tell."""
    root = lxml_html.document_fromstring(page(body))
    assert narrowed(root) is root


@pytest.mark.parametrize("tag", ["nav", "footer", "aside", "figure", "label", "button"])
def test_an_article_in_an_element_that_was_never_closed_is_found(tag: str) -> None:
    """What is dropped from other pages is all that such a page has."""
    assert SECOND in (read_page(page(f"<{tag}><a href=/>Home</a><h1>Return</h1><div>{BODY * 2}</div>")).text or "")


def test_furniture_is_dropped_and_the_text_behind_it_stays() -> None:
    """Above all what stands behind a picture in a paragraph."""
    root = lxml_html.document_fromstring(page(f"<nav>Menu</nav><p><img src=a>{FIRST}</p><footer>Imprint</footer>tail"))
    prune(root)
    assert [element.tag for element in root.iter()] == ["html", "body", "p"]
    assert root.text_content() == f"{FIRST}tail"


def test_a_table_that_a_figure_holds_stays() -> None:
    """So do blog systems write tables."""
    root = lxml_html.document_fromstring(page(f"{BODY}<figure><table><tr><td>Released<td>32</table></figure>"))
    prune(root)
    assert "Released" in root.text_content()
