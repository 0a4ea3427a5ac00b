"""A scripted web server on loopback: answers by path, in order; keeps every request's raw bytes."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Answer:
    """A whole answer as bytes; `drip` sends one byte each so many seconds, `hang` never ends.

    `more` gives what follows, in pieces, for as long as somebody takes them.
    """

    raw: bytes
    drip: float = 0.0
    hang: bool = False
    etag: str = ""  # asked with it, the answer is 304
    more: Callable[[], Iterable[bytes]] | None = None


@dataclass(frozen=True)
class Exchange:
    """A request and its answer: when the one had come and when the other was about to go (monotonic seconds)."""

    path: str
    host: str
    came: float
    went: float


def ok(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> Answer:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Answer(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body, etag=headers.get("ETag", ""))


class WebRig:
    """`async with WebRig() as web`; `web.serve("/feed", answer, ...)` (the last answer repeats).

    One that serves nothing is a canary: `connections` tells whether anybody came.
    """

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._host = host
        self._tls = tls
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        self.requests: list[bytes] = []
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self.port = port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, self.port, limit=1 << 20, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def serve(self, path: str, *answers: Answer) -> str:
        self._answers[path] = list(answers)
        return self.url(path)

    def url(self, path: str) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{self.place}{path}"

    @property
    def place(self) -> str:
        """The host with its port."""
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.split(b" ")[1].decode() for request in self.requests]

    def header(self, name: str, request: int = -1) -> str | None:
        for line in self.requests[request].decode("latin-1").split("\r\n"):
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            came = time.monotonic()
            self.requests.append(request)
            path = request.split(b" ")[1].decode()
            answers = self._answers.get(path) or [ok(status="404 Not Found")]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer.etag and f"\r\nIf-None-Match: {answer.etag}\r\n".encode() in request:
                answer = ok(status="304 Not Modified", ETag=answer.etag)
            host = self.header("Host", self.requests.index(request)) or ""
            self.exchanges.append(Exchange(path, host, came, time.monotonic()))
            await self._send(reader, writer, answer)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        if answer.drip:
            for byte in answer.raw:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(answer.drip)
        writer.write(answer.raw)
        await writer.drain()
        for piece in answer.more() if answer.more else ():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # a socket that takes everything must not keep the others from their turn
        if answer.hang:
            await reader.read()  # until the other side has had enough
