"""lemon24/reader at the same work, run by `feed_update.py` with the interpreter of reader's own environment.

Stdin is a JSON object: `database`, `warm` (an address), `feeds` (addresses), `again` (how many passes after the first).
Stdout is one: CPU seconds of `start` (imports, a database, a small feed), `first`, and a list for `again`; how many
feeds could be read and how many entries they had.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """Update the feeds, and the search index behind each pass."""
    job = json.load(sys.stdin)
    if authority := os.environ.get("SSL_CERT_FILE"):
        import certifi  # noqa: PLC0415 - what this takes is measured

        certifi.where = lambda: authority  # requests asks it alone when it is used as reader uses it
    from reader import make_reader  # noqa: PLC0415 - its time is measured

    reader = make_reader(job["database"])
    reader.enable_search()

    def update() -> float:
        before = time.process_time()
        reader.update_feeds(scheduled=False)  # by default a feed is left alone for an hour
        reader.update_search()
        return time.process_time() - before

    reader.add_feed(job["warm"])
    update()
    start = time.process_time()
    for url in job["feeds"]:
        reader.add_feed(url)
    first = update()
    again = [update() for _ in range(job["again"])]
    read = [feed for feed in reader.get_feeds() if feed.last_exception is None]
    answer = {
        "start": start,
        "first": first,
        "again": again,
        "feeds": len(read) - 1,
        "entries": sum(reader.get_entry_counts(feed=feed).total or 0 for feed in read if feed.url != job["warm"]),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
