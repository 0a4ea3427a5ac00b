"""The CPU time of an article's page, from the fetch to the search index, beside news-please on the same pages.

    make bench-pages
    MONITOR_CORPUS=... .venv/bin/python benchmarks/page_path.py [PAGES]

Ours: the real reading stage with its crawl child and extraction worker fetches, extracts, matches 1,000 rules, stores
and indexes; all three processes count. The articles were put into the store by the visit of a feed, which is told
apart; a page that never comes keeps the child from ending while the other works. Theirs, without a fetch:
`NewsPlease.from_html(html, url=u, fetch_images=False)` and an insert into SQLite.

Pages: `pages/aeb`, 181 saved news pages, each again under another address with other words in its paragraphs. The two
take turns, a block of pages each. Starting is everything up to the end of six pages, and not in the first figures.
Rules are three words joined by OR, one (drawn, seeded) from those that stand on one of the pages only, two invented.
news-please is no part of this project: `make bench-pages` installs it into an environment of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from string import ascii_lowercase

import psutil
from outlet import HEADLINES, Articles, outlet
from rig import count, hosts, use_word_lists

from monitor.app.compose import open_app
from monitor.config import Config, load
from monitor.eventloop import loop_factory
from monitor.log import make_log
from monitor.pipeline import Reading
from monitor.protocols import Log

RULES = 1000
PAGES = 362
BLOCK = 46
HERE = Path(__file__).parent
PEER = HERE.parent / ".cache" / "news-please" / "bin" / "python"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the three processes."""

    parent: float
    child: float
    worker: float

    def __sub__(self, before: Cost) -> Cost:
        """Give what came since."""
        return Cost(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))

    def __add__(self, other: Cost) -> Cost:
        """Give both together."""
        return Cost(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))

    @property
    def total(self) -> float:
        """All three."""
        return sum(astuple(self))

    def told(self, pages: int) -> str:
        """Give milliseconds a page."""
        parts = (1000 * seconds / pages for seconds in (self.total, *astuple(self)))
        return "{:.1f} ms (daemon {:.1f}, crawl child {:.1f}, extraction worker {:.1f})".format(*parts)


def main(corpus: Path, pages: int) -> None:
    """Print the figures."""
    names = hosts(3 + pages // BLOCK)
    with tempfile.TemporaryDirectory() as folder, outlet(corpus, names) as served, _peer(Path(folder)) as peer:
        config = _config(Path(folder), corpus, served.port, names, pages)
        with (Path(folder) / "log").open("w") as log, asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_run(config, make_log(log, human=False), peer, Articles(corpus)))


async def _run(config: Config, log: Log, peer: _Peer | None, articles: Articles) -> None:
    """Let the two take turns at the blocks of pages; the first is to start and to warm up."""
    ours = start = Cost(0, 0, 0)
    theirs = peer_start = feeds = 0.0
    numbers = 0
    held, first, *others = config.sources
    async with open_app(config, log=log) as app:
        await app.collecting.visit_all((held.name,))
        for source in (first, *others):
            block = _block(source.url)
            before = _cost()
            await app.collecting.visit_all((source.name,))
            visited = _cost()
            await _read(app.reading, len(block))
            read = _cost()
            pages = [(f"http://{n}.example.org/article", articles.page(n)) for n in block]
            cpu = await asyncio.to_thread(peer.work, pages) if peer else 0
            if source is first:
                start, peer_start = read - before, cpu
            else:
                ours, theirs = ours + (read - visited), theirs + cpu
                feeds, numbers = feeds + (visited - before).parent, numbers + len(block)
        await app.reading.stop()
        progress, matches = app.reading.progress, count(config.database, "select count(*) from matches")
    print(f"ours: {ours.told(numbers)} a page, {numbers} pages, {RULES} rules")
    print(f"ours: {progress.read} texts read; {matches} matches, {progress.alerts} alerts")
    print(f"ours: starting {start.told(1)}; a page with that: {(ours + start).told(numbers)}")
    print(f"ours: the pointers' own way into the store, in the daemon: {1000 * feeds / numbers:.1f} ms more")
    if peer is None:
        print("news-please is not there (`make bench-pages` installs it), so there is nothing to compare with")
        return
    print(f"news-please and an insert: {1000 * theirs / numbers:.1f} ms a page; {peer.found} texts found")
    print(f"news-please: starting {1000 * (peer.start + peer_start):.0f} ms")
    whole = (theirs + peer.start + peer_start) / (ours + start).total
    print(f"ratio: 1/{theirs / ours.total:.1f}; with both starts 1/{whole:.1f}")


async def _read(reading: Reading, pages: int) -> None:
    """Wake the stage as the daemon does, until it has gone through so many pages more."""
    wanted = reading.progress.read + pages
    while reading.progress.read < wanted:
        if reading.progress.failed:
            raise RuntimeError("a page could not be read, or the child ended")
        await reading.tick()
        await asyncio.sleep(0.2)


def _cost() -> Cost:
    """Give the CPU time so far of this process, the crawl child, and all that is below it."""
    crawl = next((one for one in psutil.Process().children() if "crawl.child" in " ".join(one.cmdline())), None)
    if crawl is None:
        return Cost(time.process_time(), 0, 0)
    times = crawl.cpu_times()
    below = [one.cpu_times() for one in crawl.children(recursive=True)]
    ended = times.children_user + times.children_system
    return Cost(
        parent=time.process_time(),
        child=times.user + times.system,
        worker=ended + sum(one.user + one.system + one.children_user + one.children_system for one in below),
    )


class _Peer:
    """news-please in its process."""

    def __init__(self, process: subprocess.Popen[str], start: float) -> None:
        self._process = process
        self.start = start
        self.found = 0

    def work(self, pages: Sequence[tuple[str, bytes]]) -> float:
        """Have pages extracted and inserted; gives the CPU seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([(url, html.decode("utf-8", "replace")) for url, html in pages]) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout is not None
        seconds, found = json.loads(self._process.stdout.readline())
        self.found += found
        return seconds


@contextmanager
def _peer(folder: Path) -> Iterator[_Peer | None]:
    """Start news-please, where it is installed and can be imported."""
    if not PEER.exists():
        yield None
        return
    command = [str(PEER), str(HERE / "newsplease_peer.py"), str(folder / "peer.db")]
    with (folder / "peer.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        if said := process.stdout.readline():
            yield _Peer(process, json.loads(said)[0])
        else:
            process.wait()
            yield None
    finally:
        process.kill()
        process.communicate()


def _config(folder: Path, corpus: Path, port: int, names: Sequence[str], pages: int) -> Config:
    """Configure a feed for the page that never comes, and one for each block, each at an address of its own."""
    edges = [*range(len(HEADLINES), pages + len(HEADLINES), BLOCK), pages + len(HEADLINES)]
    blocks = [(0, len(HEADLINES)), *itertools.pairwise(edges)]
    paths = ["held/0", *(f"feed/{first}-{last}" for first, last in blocks)]
    sources = "\n".join(
        f"  - {{name: s{n}, outlet: O, allow_private: [127.0.0.0/8], full_text: always, first_visit: alert,"
        f" feed: 'http://{name}:{port}/{path}'}}"
        for n, (name, path) in enumerate(zip(names, paths, strict=False))
    )
    rules = "\n".join(f"  - {{name: r{n}, to: [desk], query: '{query}'}}" for n, query in enumerate(_rules(corpus)))
    file = folder / "config.yaml"
    file.write_text(
        "contact: b@example.org\nchannels: {desk: {type: maildir}}\n"
        "limits: {gap: 0s, crawl: 24h, request: 2h, first_byte: 2h}\n"
        f"rules:\n{rules}\nsources:\n{sources}\n",
        encoding="utf-8",
    )
    use_word_lists(folder)
    return load(file, environ={})


def _block(url: str) -> range:
    first, last = map(int, url.rpartition("/")[2].split("-"))
    return range(first, last)


def _rules(corpus: Path) -> list[str]:
    files = sorted((corpus / "pages" / "aeb").glob("*.gt.json"))
    texts = [json.loads(file.read_text(encoding="utf-8"))["body"] or "" for file in files]
    pages_with = Counter(word for text in texts for word in set(re.findall(r"[^\W\d_]{3,}", text.lower())))
    chance = random.Random(1)
    rare = chance.sample(sorted(word for word, pages in pages_with.items() if pages == 1), RULES)
    return [" OR ".join((word, *("".join(chance.choices(ascii_lowercase, k=9)) for _ in range(2)))) for word in rare]


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]), int(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
