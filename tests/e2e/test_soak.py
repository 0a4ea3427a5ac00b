"""A month of visits in one process: nothing grows but the database, nothing is lost (case 118).

`make soak` makes 100,000 visits; SOAK=N and SOAK_SEED=N choose how many and which.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.rigs.longrun import MIB, LongRun, long_run, slope
from tests.rigs.soak import Sample
from tests.rigs.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

FETCHES = int(os.environ.get("SOAK", "2000"))
SEED = int(os.environ.get("SOAK_SEED", "20261128"))
OUTLETS = 100
HOURS = 0.72  # between two rounds: 100,000 visits are 30 days
WARM = 5000  # visits until what is loaded once is loaded, and what is kept for speed is full
ENOUGH = 20_000  # visits after which a slope can be told from noise


def test_case_118_a_month_of_visits_takes_no_more_memory_files_threads_or_time(tmp_path: Path, words: Path) -> None:
    """Real client, workers, store and mails, one answer in twenty a fault; 30 days are skipped through (case 118)."""
    assert words.is_dir()
    began = time.monotonic()
    with long_run(tmp_path, seed=SEED, outlets=OUTLETS, every=f"{int(HOURS * 60 / 1.2)}m") as run:
        while run.servers.outlets.asked < FETCHES:
            run.round(HOURS)
        samples = list(run.samples)
        found = run.finish()
    show(run, samples, found, time.monotonic() - began)
    assert found.problems == (), f"seed {SEED}"
    half = len(samples) // 2
    for name in ("files", "threads", "children"):
        counts = [getattr(sample, name) for sample in samples]
        assert max(counts[half:]) <= max(counts[:half]) + 1, (name, counts)
    if FETCHES >= ENOUGH:
        assert growth(samples) < 5
        assert 0.85 < foretold(samples) < 1.15
        assert lasted(samples[-len(samples) // 4 :]) / lasted(samples[len(samples) // 20 : len(samples) // 4]) < 1.5


def growth(samples: Sequence[Sample]) -> float:
    """Give the MiB that 10,000 visits leave behind, by a line through what was taken after the start."""
    late = [sample for sample in samples if sample.visits > min(WARM, samples[-1].visits / 2)]
    return slope([(sample.visits, sample.rss / MIB) for sample in late]) * 10_000


def foretold(samples: Sequence[Sample]) -> float:
    """Give the size of the database at the end, as a share of what its growth in the first half let expect."""
    half, last = samples[len(samples) // 2], samples[-1]
    first = samples[len(samples) // 10]
    rate = (half.database - first.database) / (half.visits - first.visits)
    return last.database / (half.database + rate * (last.visits - half.visits))


def lasted(samples: Sequence[Sample]) -> float:
    """Give the 99th percentile of the time of a round."""
    return statistics.quantiles([sample.seconds for sample in samples], n=100)[98]


def show(run: LongRun, samples: Sequence[Sample], found: Verdict, seconds: float) -> None:
    web, last = run.servers.outlets, samples[-1]
    quarter = max(2, len(samples) // 4)
    rows = {
        "visits": last.visits,
        "faults of outlets": web.faults,
        "articles": web.number,
        "mails": found.mails,
        "faults of the mail server": run.servers.mail.faults,
        "lost": found.lost,
        "memory": f"{last.rss / MIB:.0f} MiB at the end, {growth(samples):+.2f} MiB each 10,000 visits",
        "files, threads, children": f"{last.files}, {last.threads}, {last.children}",
        "database": f"{last.database / MIB:.1f} MiB, {foretold(samples):.2f} of what was foretold half-way",
        "a round, 99th percentile": f"{lasted(samples[:quarter]):.2f} s in the first quarter, {lasted(samples[-quarter:]):.2f} s in the last",
        "a round, median": f"{statistics.median(s.seconds for s in samples[:quarter]):.2f} s in the first quarter,"
        f" {statistics.median(s.seconds for s in samples[-quarter:]):.2f} s in the last",
        "seconds": f"{seconds:.0f}",
        "seed": SEED,
    }
    sys.stdout.write("\n" + "".join(f"{name:30}{value}\n" for name, value in rows.items()))
