"""The CPU time of a poll that is answered 304, in all our processes, the store included.

    .venv/bin/python benchmarks/poll_304.py [SECONDS]

The real daemon polls 1,000 hosts on loopback, each over a new connection. Beside it, the same number of conditional
requests by bare aiohttp on the same event loop, to the same server, one after the other as many at a time.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import uvloop
from rig import count, cpu_seconds, daemon, hosts, outlets, wait_for

HOSTS = 1000
SLOTS = 8
VISITS = "select count(*) from visits where outcome = 'not_modified'"


def main(seconds: float) -> None:
    """Print the figures."""
    names = hosts(HOSTS)
    with tempfile.TemporaryDirectory() as folder, outlets(names) as port:
        config = Path(folder) / "config.yaml"
        sources = "\n".join(
            f"  - {{name: s{n}, outlet: O, every: 3s, allow_private: [127.0.0.0/8], feed: 'http://{host}:{port}/'}}"
            for n, host in enumerate(names)
        )
        config.write_text(
            "contact: b@example.org\nlanguages: [en]\nchannels: {desk: {type: maildir}}\n"
            f"limits: {{floor: 3s, spread: 3s, total: {SLOTS}}}\nsources:\n{sources}\n",
            encoding="utf-8",
        )
        database = Path(folder) / "data" / "monitor.db"
        with daemon(config) as process:
            wait_for(database, VISITS, HOSTS)
            before, cpu = count(database, VISITS), cpu_seconds(process)
            time.sleep(seconds)
            polls, cpu = count(database, VISITS) - before, cpu_seconds(process) - cpu
        bare = uvloop.run(_bare(names, port))
    ours = 1000 * cpu / polls
    print(f"304 poll: {ours:.2f} ms of CPU each, {polls} polls in {seconds:.0f} s, store included")
    print(f"bare aiohttp: {bare:.2f} ms each; ratio {ours / bare:.1f}")


async def _bare(names: list[str], port: int) -> float:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        slots = asyncio.Semaphore(SLOTS)

        async def ask(host: str) -> None:
            async with slots, session.get(f"http://{host}:{port}/", headers={"If-None-Match": '"1"'}) as answer:
                await answer.read()

        started = time.process_time()
        for _ in range(5):
            await asyncio.gather(*map(ask, names))
        return 1000 * (time.process_time() - started) / (5 * len(names))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
