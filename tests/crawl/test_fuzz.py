"""Mutated input without end: nothing raises, nothing takes long, nothing stays in memory (case 33).

`make fuzz` reads 500,000 feeds; FUZZ=N and FUZZ_SEED=N choose how many of which.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.collect.pool import WorkerPool
from tests.rigs.fuzz import KINDS, Report, run_batch

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

FEEDS = int(os.environ.get("FUZZ", "20000"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
SHARE = {"feed": 1.0, "page": 0.05, "listing": 0.1, "sitemap": 0.2}  # how many of each, for each feed
BATCH = 250
LONGEST = 5.0  # seconds of CPU, as `limits.parse`
GROWTH = 2.0  # MiB that may stay of the thousand tasks of a worker's life
ENOUGH = 4000  # inputs after which that can be told from the noise of an allocator


async def fuzz(kind: str, count: int, real: tuple[str, ...] = ()) -> Report:
    """Read so many in one worker, as the daemon's are; a batch that hangs names its seeds."""
    pool = WorkerPool(limit=timedelta(seconds=600), clock=SystemClock(), workers=1)
    report = Report()
    try:
        for first in range(SEED, SEED + count, BATCH):
            report += await pool.run(run_batch, kind, first, min(BATCH, SEED + count - first), real)
    finally:
        pool.close()
    return report


def judge(kind: str, report: Report) -> None:
    """Print the figures, and hold them to what is asked."""
    seconds, seed = report.slowest
    slope = report.slope(BATCH)
    sys.stdout.write(
        f"\nfuzz {kind}: {report.done} read from seed {SEED}, {len(report.raised)} raised, slowest {seconds:.2f} s (seed {seed}),"
        f" {slope:+.1f} MiB/100,000\n"
    )
    assert report.raised == ()
    assert seconds < LONGEST, f"seed {seed}"
    assert report.understood > report.done * 0.4  # else it is noise that is read, which no parser goes far into
    # libxml2 keeps every name that it has ever read; a worker of the daemon is replaced after 1,000 tasks.
    assert report.done < ENOUGH or slope / 100 < GROWTH


@pytest.mark.parametrize("kind", KINDS)
async def test_case_33_no_mutated_input_raises_takes_long_or_stays_in_memory(kind: str) -> None:
    """Seeded; feeds, pages, listings and sitemaps of our own, mutated as bytes, tokens and structure (case 33)."""
    judge(kind, await fuzz(kind, max(BATCH, int(FEEDS * SHARE[kind]))))


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "folder"), [("feed", "feeds/real"), ("page", "pages"), ("sitemap", "sitemaps")])
async def test_case_33_no_mutated_real_input_raises_or_takes_long(kind: str, folder: str, corpus: Path) -> None:
    """Of real feeds, pages and sitemaps, in memory alone (case 33)."""
    files = [
        path
        for path in sorted((corpus / folder).rglob("*"))
        if path.is_file() and path.suffix not in {".tsv", ".md", ".json"}
    ]
    chosen = tuple(str(path) for path in files[:: max(1, len(files) // 60)])
    judge(f"real {kind}", await fuzz(kind, max(BATCH, FEEDS // 80), chosen))
