"""Real article pages, judged by the measure of the benchmark they come from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.collect.extract import extract_page
from monitor.model import Draft, Selectors
from tests.corpus.shingles import RealPage, real_pages, score

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

NOW = datetime(2019, 11, 21, tzinfo=UTC)  # the newest were saved the day before; some show days without a year


@pytest.fixture(scope="module")
def drafts(corpus: Path) -> list[tuple[RealPage, Draft]]:
    """Every page of the benchmark with what we make of it; none is refused."""
    pages = list(real_pages(corpus / "pages" / "aeb"))
    assert len(pages) > 100
    return [(page, extract_page(page.body, url=page.url, content_type="text/html", selectors=Selectors(), now=NOW)) for page in pages]  # fmt: skip # a table


def test_the_text_of_real_pages_is_found_and_little_else(drafts: list[tuple[RealPage, Draft]]) -> None:
    figures = score((page.text, draft.text or "") for page, draft in drafts)
    assert figures.f1 >= 0.965, figures


def test_real_pages_have_a_title_and_a_moment_within_their_years(drafts: list[tuple[RealPage, Draft]]) -> None:
    assert [page.name for page, draft in drafts if not draft.title] == []
    moments = [draft.published_at for _, draft in drafts if draft.published_at]
    assert len(moments) >= 0.99 * len(drafts)
    assert {moment.year for moment in moments} <= set(range(2010, 2020))


def test_the_title_stands_nowhere_in_the_text_as_a_paragraph(drafts: list[tuple[RealPage, Draft]]) -> None:
    repeated = [page.name for page, draft in drafts if draft.title in (draft.text or "").split("\n\n")]
    assert len(repeated) <= 0.02 * len(drafts), repeated
