"""Answers that are small on the line and 1 GiB when they are unpacked, or that never end."""

from __future__ import annotations

import functools
import gzip
import itertools
import zlib
from collections.abc import Iterator

import brotli

from tests.rigs.web import Answer

GIB = 1 << 30
_PIECE = 1 << 24


def _packed(bits: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, bits)
    piece = bytes(_PIECE)
    return b"".join([*(packer.compress(piece) for _ in range(GIB // _PIECE)), packer.flush()])


def _brotli() -> bytes:
    packer = brotli.Compressor(quality=1)
    piece = bytes(_PIECE)
    return b"".join([*(packer.process(piece) for _ in range(GIB // _PIECE)), packer.finish()])


def packed_as(coding: str, body: bytes) -> bytes:
    """A body in a content coding."""
    match coding:
        case "gzip":
            return gzip.compress(body, mtime=0)
        case "deflate":
            return zlib.compress(body)
        case "br":
            return brotli.compress(body)
    raise ValueError(coding)


@functools.cache
def bomb(coding: str) -> bytes:
    """A GiB of NUL bytes in a content coding."""
    match coding:
        case "gzip":
            return _packed(31)
        case "gzip, gzip":
            return gzip.compress(bomb("gzip"), mtime=0)
        case "deflate":
            return _packed(15)
        case "br":
            return _brotli()
    raise ValueError(coding)


def coded(coding: str, kind: str = "text/html") -> Answer:
    """A bomb as an answer."""
    body = bomb(coding)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n"
    return Answer(f"{head}Connection: close\r\n\r\n".encode() + body)


def endless(head: str, piece: bytes = b"<p>more and more</p>" * 3000) -> Answer:
    """A body that never ends, after this head."""
    return Answer(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode(), more=lambda: itertools.repeat(piece))


def endless_chunks(extension: bytes = b"", *, size: int = 4000) -> Answer:
    """Chunks without end, each with an extension."""
    piece = b"%x%b\r\n%b\r\n" % (size, extension, b"x" * size)
    return endless("Transfer-Encoding: chunked\r\n", piece)


def flood(line: bytes, times: int, last: bytes = b"") -> Answer:
    """The same bytes again and again, then an end."""

    def pieces() -> Iterator[bytes]:
        for _ in range(times // 100):
            yield line * 100
        yield last

    return Answer(b"", more=pieces)
