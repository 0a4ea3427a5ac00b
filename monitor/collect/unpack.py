"""Bodies as they were before they were packed for the way (RFC 9110, 8.4.1; zlib's and brotli's door).

aiohttp would unpack them, too, but takes the beginning of a gzip or Brotli stream for a whole one: half of a feed would
pass for all of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

from monitor.errors import SourceError

ACCEPTED = "gzip, deflate, br"
_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b"
_GZIP_BITS, _ZLIB_BITS, _RAW_BITS = 31, 15, -15
_METHOD, _DEFLATE = 0x0F, 8  # RFC 1950, 2.2: what the first byte of a zlib stream says


class Unpacker(Protocol):
    """Takes a body as it comes."""

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Give what these bytes hold, in pieces of 64 KiB or a little more.

        Raises:
            SourceError: bad_response; they are not what they should be.
        """

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            SourceError: bad_response; something is missing.
        """


def unpacker(coding: str) -> Unpacker:
    """Give what undoes a content coding.

    Raises:
        SourceError: bad_response; nobody asked for such a coding.
    """
    match coding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Zlib()
        case "br":
            return _Brotli()
    raise SourceError("bad_response", f"the body is packed as {coding[:80]!r}, which was not asked for")


class _Plain:
    def feed(self, packed: bytes) -> Iterator[bytes]:
        yield packed

    def finish(self) -> None:
        """Do nothing: the client knows how long the body is."""


class _Zlib:
    """Gzip, also in several members (RFC 1952, 2.2), and deflate, with a header or without, as servers send it."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._head = b""
        self._padded = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        rest = self._head + packed
        self._head = b""
        while rest and not self._padded:
            if self._stream is None or self._stream.eof:
                if len(rest) < len(_GZIP):
                    self._head = rest
                    return
                if self._stream is not None and not rest.startswith(_GZIP):
                    self._padded = True
                    return
                self._stream = zlib.decompressobj(_bits(rest))
            yield from self._pieces(self._stream, rest)
            rest = self._stream.unused_data

    @staticmethod
    def _pieces(stream: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
        try:
            while piece := stream.decompress(packed, _PIECE):
                yield piece
                packed = stream.unconsumed_tail
        except zlib.error as error:
            raise SourceError("bad_response", f"the body cannot be unpacked: {error}") from error

    def finish(self) -> None:
        complete = self._stream is None or self._stream.eof
        if not complete or (self._head and (self._stream is None or _GZIP.startswith(self._head))):
            raise _cut_short()


def _bits(packed: bytes) -> int:
    if packed.startswith(_GZIP):
        return _GZIP_BITS
    return _ZLIB_BITS if packed[0] & _METHOD == _DEFLATE and int.from_bytes(packed[:2], "big") % 31 == 0 else _RAW_BITS


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        self._begun = True
        try:
            while not self._stream.is_finished():
                piece = self._stream.process(packed, output_buffer_limit=_PIECE)
                packed = b""
                if piece:
                    yield piece
                elif self._stream.can_accept_more_data():
                    return
        except brotli.error as error:
            raise SourceError("bad_response", f"the body cannot be unpacked: {error}") from error

    def finish(self) -> None:
        if self._begun and not self._stream.is_finished():
            raise _cut_short()


def _cut_short() -> SourceError:
    return SourceError("bad_response", "the packed body is cut short")
