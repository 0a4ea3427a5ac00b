"""A TCP proxy on loopback with the toxics that toxiproxy knows: what a network does to two honest programs.

Each works on what the server sends, where it costs the client most; `down` and `latency` on the connection itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Self

TOXICS = ("latency", "down", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data")
_PIECE = 4096


class Proxy:
    """`async with Proxy(port, "latency") as proxy` stands before a server; `proxy.port` is where clients go.

    `after` is how many bytes of the server's words come through before `timeout`, `reset_peer` and `limit_data` act.
    `await proxy.heal()` makes an honest line of it, on the same port.
    """

    def __init__(self, port: int, toxic: str, *, after: int = 0, delay: float = 0.1) -> None:
        assert toxic in TOXICS
        self.toxic = toxic
        self.port = 0
        self.connections = 0
        self._upstream = port
        self._after = after
        self._delay = delay
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        if self.toxic == "down":
            await self._close()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def heal(self) -> None:
        await self._close()
        self.toxic = ""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._join(reader, writer)
        writer.close()
        self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry both directions until the server has ended, or the toxic has."""
        there, back = await asyncio.open_connection("127.0.0.1", self._upstream)
        up = asyncio.create_task(_carry(reader, back.write, back.drain))
        try:
            await self._poison(there, writer)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            back.close()

    async def _poison(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what the server says, as the toxic has it."""
        passed = 0
        while piece := await there.read(_PIECE):
            match self.toxic:
                case "latency":
                    await asyncio.sleep(self._delay)
                    writer.write(piece)
                case "bandwidth":  # 1 KB/s
                    for at in range(0, len(piece), 100):
                        writer.write(piece[at : at + 100])
                        await writer.drain()
                        await asyncio.sleep(0.1)
                case "slicer":
                    for at in range(len(piece)):
                        writer.write(piece[at : at + 1])
                        await writer.drain()
                        await asyncio.sleep(0)
                case "timeout" | "reset_peer" | "limit_data":
                    writer.write(piece[: max(0, self._after - passed)])
                case _:
                    writer.write(piece)
            await writer.drain()
            passed += len(piece)
            if passed > self._after and self.toxic in {"timeout", "reset_peer", "limit_data"}:
                break
        await self._end(writer)

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        """End the connection, as the toxic has it."""
        match self.toxic:
            case "timeout":  # nothing more comes, and nobody hangs up
                await asyncio.sleep(3600)
            case "slow_close":
                await asyncio.sleep(self._delay)
            case "reset_peer":
                line: socket.socket = writer.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()


async def _carry(
    reader: asyncio.StreamReader, write: Callable[[bytes], None], drain: Callable[[], Awaitable[None]]
) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(_PIECE):
            write(piece)
            await drain()
