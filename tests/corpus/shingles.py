"""How much of a text was found, and how much else: the measure of the article-extraction-benchmark.

Texts are taken apart into overlapping runs of four words, counted with their repetitions; precision and recall are
averaged over pages, F1 is made of the averages (github.com/scrapinghub/article-extraction-benchmark, README).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

_WORD = re.compile(r"\w+")
_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RealPage:
    """A saved page and the text of its article as a person sees it."""

    name: str
    url: str
    body: bytes
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Figures from 0 to 1, averaged over pages."""

    f1: float
    precision: float
    recall: float


def real_pages(folder: Path) -> Iterator[RealPage]:
    """Give the pages of a folder with their texts."""
    for path in sorted(folder.glob("*.html.gz")):
        truth = json.loads(path.with_suffix(".gt.json").read_text(encoding="utf-8"))
        yield RealPage(
            name=path.name, url=truth["url"], body=gzip.decompress(path.read_bytes()), text=truth["body"] or ""
        )


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """Score pairs of the expected and the found text."""
    counts = [_overlap(expected, found) for expected, found in pairs]
    # A page where nothing was found counts against recall, not against precision.
    precision = mean(both / found for both, _, found in counts if found)
    recall = mean(both / expected for both, expected, _ in counts if expected)
    return Score(f1=2 * precision * recall / (precision + recall), precision=precision, recall=recall)


def _overlap(expected: str, found: str) -> tuple[int, int, int]:
    wanted, got = _shingles(expected), _shingles(found)
    return (wanted & got).total(), wanted.total(), got.total()


def _shingles(text: str) -> Counter[Sequence[str]]:
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - _LENGTH + 1)) if words else range(0)
    return Counter(tuple(words[start : start + _LENGTH]) for start in starts)
