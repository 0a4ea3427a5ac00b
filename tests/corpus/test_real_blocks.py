"""Whether a paragraph belongs to its article: measured on real articles, by the words they share."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.blocks import fingerprints, sightings
from monitor.model import Site
from tests.factories import article, match


@pytest.mark.slow
@pytest.mark.corpus
def test_a_paragraph_is_told_from_one_of_another_article_by_its_words(corpus: Path) -> None:
    """Nine of ten of an article's own are on its topic, two of three of another's are off it; chance would be half."""
    bodies = [json.loads(path.read_text())["body"] for path in sorted((corpus / "pages" / "aeb").glob("*.gt.json"))]
    texts = ["\n\n".join(part for part in body.split("\n") if part.strip()) for body in bodies if len(body) > 1500]
    own = foreign = off_own = off_foreign = 0
    for number, text in enumerate(texts):
        parts = [part for part in text.split("\n\n") if 50 < len(part) < 350]
        for part in parts[1:4]:
            own += 1
            off_own += is_off(text, part)
            other = texts[(number + 7) % len(texts)]
            foreign += 1
            off_foreign += is_off(f"{other}\n\n{part}", part)
    assert own > 300
    assert off_own / own < 0.1
    assert off_foreign / foreign > 0.65


def is_off(text: str, part: str) -> bool:
    found = [match(form="x", field="text", start=text.index(part))]
    (seen,) = sightings(article(text=text, title="A"), found, fingerprints(text), Site()).values()
    return seen.off
