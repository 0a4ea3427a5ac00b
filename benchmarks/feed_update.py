"""What reading feeds takes of CPU time, beside lemon24/reader on the same feeds.

    make bench-feeds
    MONITOR_CORPUS=... .venv/bin/python benchmarks/feed_update.py [ROUNDS]

`feeds/real`, each feed on a host of its own on loopback: a first pass on a fresh database, then passes of which every
answer is a 304. Ours is the daemon's collecting stage (`monitor_peer.py`: all of it but pages, which are not fetched),
theirs `update_feeds()` and `update_search()` with the search enabled (`reader_peer.py`). The two take turns, each in a
process of its own that has read one small feed before; all its children count. What starting takes is told apart.
reader is no part of this project: `make bench-feeds` installs it into an environment of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from feed_host import Served, feed_hosts

HERE = Path(__file__).parent
PEER = HERE.parent / ".cache" / "reader" / "bin" / "python"
ROUNDS = 3
PASSES = 5
FIRST, AGAIN = 1 / 4, 1 / 20


@dataclass(frozen=True)
class Figures:
    """Milliseconds of CPU time a feed and an entry, and how many could be read; starting in seconds."""

    start: float
    first: float
    again: float
    entry: float
    feeds: int
    entries: int


def main(corpus: Path, rounds: int) -> None:
    """Print the table."""
    if not PEER.exists():
        print("reader is not there (`make bench-feeds` installs it), so there is nothing to compare with")
        return
    with feed_hosts(corpus) as served:
        ours, theirs = _in_turn(served, rounds, {})
    _print("plain HTTP", ours, theirs, goals=True)
    with tempfile.TemporaryDirectory() as folder:
        authority = Path(folder) / "ca.pem"
        trust = {"SSL_CERT_FILE": str(authority)}
        with feed_hosts(corpus, authority) as served:
            ours, theirs = _in_turn(served, 1, trust)
    _print("TLS, a handshake for each request", ours, theirs, goals=False)


def _in_turn(served: Served, rounds: int, environ: dict[str, str]) -> tuple[Figures, Figures]:
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_run([sys.executable, str(HERE / "monitor_peer.py")], served, environ))
        theirs.append(_run([str(PEER), str(HERE / "reader_peer.py")], served, environ))
    return _middle(ours, served), _middle(theirs, served)


def _run(command: list[str], served: Served, environ: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "peer.db"
        job = {"database": str(database), "warm": served.warm, "feeds": served.feeds, "again": PASSES}
        answer = subprocess.run(
            command, input=json.dumps(job), capture_output=True, text=True, check=False, env=os.environ | environ
        )
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    return json.loads(answer.stdout)


def _middle(runs: list[dict[str, Any]], served: Served) -> Figures:
    """Give the median of the runs, and of all their passes."""
    feed = 1000 / len(served.feeds)
    return Figures(
        start=median(run["start"] for run in runs),
        first=feed * median(run["first"] for run in runs),
        again=feed * median(seconds for run in runs for seconds in run["again"]),
        entry=1000 * median(run["first"] for run in runs) / max(1, runs[0]["entries"]),
        feeds=runs[0]["feeds"],
        entries=runs[0]["entries"],
    )


def _print(way: str, ours: Figures, theirs: Figures, *, goals: bool) -> None:
    print(f"feed updates, {way}, CPU in all processes:")
    for what, mine, other, goal in (
        ("a feed, first pass", ours.first, theirs.first, FIRST),
        ("a feed, answered 304", ours.again, theirs.again, AGAIN),
    ):
        asked = f"; asked for 1/{1 / goal:.0f}: {'met' if mine <= goal * other else 'NOT met'}" if goals else ""
        print(f"  {what}: {mine:.2f} ms, reader {other:.2f} ms, ratio 1/{other / mine:.1f}{asked}")
    mine, other = ours.entry, theirs.entry
    print(f"  an entry, first pass: {mine:.2f} ms of {ours.entries} in {ours.feeds} feeds,", end=" ")
    print(f"reader {other:.2f} ms of {theirs.entries} in {theirs.feeds}, ratio 1/{other / mine:.1f}")
    print(f"  not counted, starting: {ours.start:.1f} s (word lists, rules, workers), reader {theirs.start:.1f} s")


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]), int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
