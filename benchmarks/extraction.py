"""How well the text of article pages is found, and at what cost, beside bare trafilatura in one run.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/extraction.py

Pages: `pages/aeb`, 181 saved news pages of the article-extraction-benchmark, judged by its own measure. Ours counts
everything that makes a draft of a page: charset, title, author, date, language, addresses and text; bare trafilatura
is asked for the text alone. CPU is the median of three rounds over all pages, after a warm-up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psutil
from trafilatura import extract

from monitor.collect.extract import extract_page
from monitor.errors import SourceError
from monitor.model import Selectors
from tests.corpus.shingles import RealPage, real_pages, score

ROUNDS = 3
Way = Callable[[RealPage], str]


def main(corpus: Path) -> None:
    """Print F1, precision, recall and CPU of every way."""
    pages = list(real_pages(corpus / "pages" / "aeb"))
    process = psutil.Process()
    before = process.memory_info().rss
    ways: dict[str, Way] = {
        "ours": _ours,
        "trafilatura": _bare(),
        "trafilatura fast": _bare(fast=True),
        "trafilatura precision": _bare(favor_precision=True),
    }
    for name, way in ways.items():
        found = [way(page) for page in pages]
        figures = score((page.text, text) for page, text in zip(pages, found, strict=True))
        print(
            f"{name:22} F1 {figures.f1:.4f}  precision {figures.precision:.4f}  recall {figures.recall:.4f}"
            f"  {_milliseconds(way, pages):5.1f} ms a page"
        )
        if way is _ours:
            print(f"{'':22} {(process.memory_info().rss - before) / 2**20:.0f} MiB more than before the first page")


def _ours(page: RealPage) -> str:
    try:
        draft = extract_page(
            page.body, url=page.url, content_type="text/html", selectors=Selectors(), now=datetime.now(UTC)
        )
    except SourceError:
        return ""
    return draft.text or ""


def _bare(**options: bool) -> Way:
    return lambda page: extract(page.body, url=page.url, include_comments=False, **options) or ""


def _milliseconds(way: Way, pages: Sequence[RealPage]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for page in pages:
            way(page)
        rounds.append((time.process_time() - started) / len(pages) * 1000)
    return median(rounds)


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]))
