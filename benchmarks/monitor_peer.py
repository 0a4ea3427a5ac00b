"""The monitor at the work of `reader_peer.py`, with the same job on stdin and the same answer on stdout.

All of the daemon's collecting: fetch, parse in a worker, normalise, language, words, the shipped rules, store, both
search indexes. CPU time is that of this process and of its workers. Articles' pages are not fetched
(`full_text: never`), and no mail is sent: the other side does neither.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import psutil
from rig import count, cpu_seconds, use_word_lists

from monitor.app.compose import App, open_app
from monitor.config import Config, load
from monitor.eventloop import loop_factory
from monitor.log import make_log
from monitor.model import FullText, Source

_SHIPPED = Path(__file__).parent.parent / "config.yaml"
_LOOPBACK = (ip_network("127.0.0.0/8"),)


def main() -> None:
    """Visit the feeds."""
    job = json.load(sys.stdin)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        print(json.dumps(runner.run(_run(job))))


async def _run(job: dict[str, Any]) -> dict[str, Any]:
    config = _config(Path(job["database"]).parent, [job["warm"], *job["feeds"]])
    warm, *names = (source.name for source in config.sources)
    with Path(job["database"]).with_suffix(".log").open("w") as log:
        async with open_app(config, log=make_log(log, human=False)) as app:
            await _warm_up(app, warm, job["warm"])
            start = cpu_seconds(psutil.Process())
            first = await _pass(app, names)
            told = "select {} from visits where source <> 'f0' and outcome = 'read'"
            feeds, entries = (count(config.database, told.format(what)) for what in ("count(*)", "sum(entries)"))
            again = [await _pass(app, names) for _ in range(job["again"])]
            unchanged = count(config.database, "select count(*) from visits where outcome = 'not_modified'")
    if unchanged != len(again) * len(names):
        raise RuntimeError(f"{unchanged} answers of 304")
    return {"start": start, "first": first, "again": again, "feeds": feeds, "entries": entries}


async def _warm_up(app: App, name: str, url: str) -> None:
    """Have everything loaded, in both workers, too."""
    await app.collecting.visit_all((name,))
    body = b'<rss version="2.0"><channel><item><title>W</title></item></channel></rss>'
    await asyncio.gather(*(app.parser.parse(body, url=url, content_type=None) for _ in range(20)))


async def _pass(app: App, names: Sequence[str]) -> float:
    before = cpu_seconds(psutil.Process())
    await app.collecting.visit_all(names)
    return cpu_seconds(psutil.Process()) - before


def _config(folder: Path, feeds: Sequence[str]) -> Config:
    """Give the shipped configuration with these feeds for its sources."""
    use_word_lists(folder)
    sources = tuple(
        Source(name=f"f{n}", outlet="O", url=url, full_text=FullText.NEVER, allow_private=_LOOPBACK)
        for n, url in enumerate(feeds)
    )
    return replace(load(_SHIPPED, environ=dict(os.environ)), data=folder / "data", sources=sources)


if __name__ == "__main__":
    main()
