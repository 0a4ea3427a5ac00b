"""The CPU time of parsing a feed to drafts: the program's way, and feedparser for every feed, in turns.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/feed_parsing.py

`feeds/real`; the least of five rounds each, as the machine is shared. It tells, too, how many feeds are read straight.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from feed_host import real_feeds

from monitor.collect import parse
from monitor.collect.charset import decode
from monitor.collect.feedelements import NO_BASE
from monitor.collect.rawfeed import prepared
from monitor.collect.wellformed import read_wellformed

ROUNDS = 5


def main(corpus: Path) -> None:
    """Print the figures."""
    bodies = [file.read_bytes() for file in real_feeds(corpus)]
    straight = sum(read_wellformed(prepared(decode(body, None)), NO_BASE) is not None for body in bodies)
    ways = {"ours": read_wellformed, "feedparser for all": lambda *_: None}
    least = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            parse.read_wellformed = way  # type: ignore[assignment] # what is compared
            least[name] = min(least[name], _cost(bodies))
    mine, theirs = least.values()
    print(
        f"parsing: {mine:.1f} ms a feed, {straight} of {len(bodies)} read straight; feedparser for all {theirs:.1f} ms"
    )
    print(f"parsing: ratio 1/{theirs / mine:.1f}")


def _cost(bodies: list[bytes]) -> float:
    now, started = datetime.now(UTC), time.process_time()
    for body in bodies:
        parse.parse_feed(body, "https://one.example/feed", None, now)
    return 1000 * (time.process_time() - started) / len(bodies)


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]))
