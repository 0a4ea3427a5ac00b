"""What the benchmarks share: a web server in a process of its own, the real daemon, and what it costs."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

FEED = (
    b'<rss version="2.0"><channel><title>T</title><item><title>An article</title>'
    b"<link>https://one.example/1</link><guid>1</guid></item></channel></rss>"
)
_WORDS = Path(__file__).parent.parent / ".cache" / "words"
_FIRST = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' % (len(FEED), FEED)
_AGAIN = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'


class OneRequest(asyncio.Protocol):
    """Answers one request and closes: a feed's host is not asked twice within a minute."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        """Take what gives the whole answer to a request's bytes; None lets it hang."""
        self._answer = answer
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the request is complete."""
        self._asked += data
        if b"\r\n\r\n" in self._asked and (answer := self._answer(self._asked)) is not None:
            self._transport.write(answer)
            self._transport.close()


def _conditional() -> OneRequest:
    """Answer 304 to whoever knows the ETag."""
    return OneRequest(lambda asked: _AGAIN if b"if-none-match" in asked.lower() else _FIRST)


def hosts(number: int) -> list[str]:
    """Give so many addresses of the loopback network."""
    return [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(number)]


def _serve(names: Sequence[str], ready: multiprocessing.connection.Connection) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(_conditional, names[0], 0, backlog=1024)
        port = first.sockets[0].getsockname()[1]
        if len(names) > 1:
            await loop.create_server(_conditional, list(names[1:]), port, backlog=64)
        ready.send(port)
        await asyncio.sleep(10**9)

    asyncio.run(serve())


@contextmanager
def outlets(names: Sequence[str]) -> Iterator[int]:
    """Serve one small feed at all these addresses; gives the port."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(names, there), daemon=True)
    server.start()
    try:
        yield here.recv()
    finally:
        server.kill()
        server.join()


@contextmanager
def daemon(config: Path) -> Iterator[psutil.Process]:
    """Run the real daemon."""
    with (config.parent / "log").open("ab") as log:
        command = [sys.executable, "-m", "monitor", "run", "--config", str(config)]
        process = subprocess.Popen(command, stderr=log, env=os.environ | {"PYTHONWARNINGS": "ignore"})
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def use_word_lists(folder: Path) -> None:
    """Let an installation in a folder use the word lists that are kept here: built once, not in each run."""
    words = folder / "data" / "cache" / "words"
    words.parent.mkdir(parents=True, mode=0o700)
    _WORDS.mkdir(parents=True, exist_ok=True)
    words.symlink_to(_WORDS)


def cpu_seconds(process: psutil.Process) -> float:
    """Give the CPU time of a process and all its children, the ended ones included."""
    times = process.cpu_times()
    living = (child.cpu_times() for child in process.children(recursive=True))
    return sum((times.user, times.system, times.children_user, times.children_system)) + sum(
        child.user + child.system for child in living
    )


def pss_mib(process: psutil.Process) -> float:
    """Give the proportional set size of a process and all its children."""
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_full_info().pss for one in family) / 2**20


def count(database: Path, sql: str) -> int:
    """Ask the database for a number."""
    if not database.exists():
        return 0
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def wait_for(database: Path, sql: str, number: int, limit: float = 300) -> None:
    """Wait until a count is reached."""
    end = time.monotonic() + limit
    while count(database, sql) < number:
        if time.monotonic() > end:
            raise TimeoutError(f"{sql}: {count(database, sql)} of {number}")
        time.sleep(0.5)
