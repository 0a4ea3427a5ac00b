"""The memory of all processes while 1,000 articles' pages are read, and whether it grows from crawl to crawl.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/crawl_memory.py [--quick] [--crawls N] [--articles N]

The real daemon with the shipped languages and rules, without the gap between requests. An outlet on loopback shows new
articles in two news sitemaps; the sitemap spider finds them and the article spider reads their pages (`pages/aeb`, 170
KB on average), while a feed is polled, so that every process that there ever is is there. One crawl is over when all
pages were read and the crawl child has ended; then the outlet shows the next articles.

Memory is the proportional set size of the daemon and all that is below it, summed, twice a second. Word lists are built
before, if they are missing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from outlet import Outlet, outlet
from rig import count, daemon, hosts, use_word_lists

from monitor.config import shipped_config

LIMIT = 400
EVERY = 0.5
PARTS = 2
PATIENCE = 1800
DONE = "select count(*) from articles where text_state in ('complete', 'failed') and text_attempts > 0"


@dataclass
class Reading:
    """The memory of each process at one moment, in MiB."""

    processes: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.processes.values())

    def told(self) -> str:
        """Give the sum and its parts, the largest first."""
        parts = sorted(self.processes.items(), key=lambda item: -item[1])
        return f"{self.total:.0f} MiB ({', '.join(f'{name} {mib:.0f}' for name, mib in parts)})"


def main(corpus: Path, crawls: int, articles: int) -> None:
    """Print the peak and the rest of each crawl, and how they change."""
    names = hosts(PARTS + 1)
    peaks, rests = [], []
    with tempfile.TemporaryDirectory() as folder, outlet(corpus, names) as served:
        file = _config(Path(folder), served.port, names)
        database = Path(folder) / "data" / "monitor.db"
        with daemon(file) as process:
            _wait_for_start(process, database)
            print(f"before the first crawl: {_measured(process).told()}", flush=True)
            for number in range(crawls):
                started = time.monotonic()
                peak, rest = _crawl(process, served, database, number * articles, articles)
                peaks.append(peak.total)
                rests.append(rest.total)
                print(f"crawl {number + 1} of {articles} pages, {time.monotonic() - started:.0f} s:", flush=True)
                print(f"  at most {peak.told()}\n  after it {rest.told()}", flush=True)
        failed = count(database, "select count(*) from articles where text_error is not null")
        alerts = count(database, "select count(*) from alerts")
    print(f"at most {max(peaks):.0f} MiB of {LIMIT}; {failed} pages failed, {alerts} alerts")
    if crawls > 2:
        print(
            f"slope from the second crawl on: peak {_slope(peaks[1:]):+.1f}, rest {_slope(rests[1:]):+.1f} MiB a crawl"
        )


def _crawl(process: psutil.Process, served: Outlet, database: Path, first: int, number: int) -> tuple[Reading, Reading]:
    """Show new articles and wait until their pages are read and the children gone; gives the peak and the rest."""
    peak, end = Reading(), time.monotonic() + PATIENCE
    served.show(first, first + number)
    while True:
        now = _measured(process)
        peak = max(peak, now, key=lambda one: one.total)
        done = count(database, DONE) >= first + number
        if done and not any(name.startswith("crawl") for name in now.processes):
            return peak, now
        if time.monotonic() > end:
            raise TimeoutError(f"{count(database, DONE)} of {first + number} pages read")
        time.sleep(EVERY)


def _measured(process: psutil.Process) -> Reading:
    """Measure every process; one that ends meanwhile counts nothing."""
    found: dict[str, float] = {}
    crawls, same = set[int](), Counter[str]()
    for one in [process, *process.children(recursive=True)]:
        try:
            name = _role(one, process, crawls)
            mib = one.memory_full_info().pss / 2**20
        except psutil.Error:
            continue
        same[name] += 1
        found[name if same[name] == 1 else f"{name} {same[name]}"] = mib
    return Reading(found)


def _role(one: psutil.Process, root: psutil.Process, crawls: set[int]) -> str:
    command = " ".join(one.cmdline())
    if one.pid == root.pid:
        return "daemon"
    if "resource_tracker" in command:
        return "tracker"
    if "crawl.child" in command:
        crawls.add(one.pid)
        return "crawl child"
    return "crawl's extraction worker" if one.ppid() in crawls else "parse worker"


def _wait_for_start(process: psutil.Process, database: Path) -> None:
    end = time.monotonic() + PATIENCE
    while count(database, "select count(*) from visits") <= PARTS:
        if not process.is_running() or time.monotonic() > end:
            raise TimeoutError("the daemon did not start")
        time.sleep(EVERY)
    while any(name.startswith("crawl") for name in _measured(process).processes):
        time.sleep(EVERY)


def _slope(values: list[float]) -> float:
    return statistics.linear_regression(range(len(values)), values).slope


def _config(folder: Path, port: int, names: list[str]) -> Path:
    """Take the shipped configuration, but for its sources and times."""
    text = shipped_config()
    text = text[: text.index("\nsources:")]
    common = "outlet: O, allow_private: [127.0.0.0/8], full_text: always, every: 15s"
    sources = "\n".join(
        f"  - {{name: map{n}, {common}, sitemap: 'http://{name}:{port}/sitemap/{n}-{PARTS}'}}"
        for n, name in enumerate(names[:PARTS])
    )
    # Its dates change, so that it is parsed each time and the parse workers stay.
    feed = (
        "  - {name: feed, outlet: O, allow_private: [127.0.0.0/8], full_text: never, every: 15s,"
        f" feed: 'http://{names[PARTS]}:{port}/feed/0-1'}}"
    )
    file = folder / "config.yaml"
    file.write_text(
        f"{text}\nlimits: {{gap: 0s, floor: 15s, spread: 1s}}\nsources:\n{sources}\n{feed}\n", encoding="utf-8"
    )
    use_word_lists(folder)
    return file


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two crawls of 100 articles")
    parser.add_argument("--crawls", type=int)
    parser.add_argument("--articles", type=int)
    given = parser.parse_args()
    main(
        Path(os.environ["MONITOR_CORPUS"]),
        given.crawls or (2 if given.quick else 10),
        given.articles or (100 if given.quick else 1000),
    )
