"""Connections that end floods: bytes that never become an answer (a part of aiohttp's door).

aiohttp reads interim answers, chunk extensions and zeros before a chunk's size for as long as they come.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

_INTERIM = 20  # answers such as 103 Early Hints before the one that counts (RFC 9110, 15.2)
_ANNOUNCED = range(100, 200)
_SPARE = 1024 * 1024  # bytes for headers and the frames of chunks


def end_floods(connector: aiohttp.BaseConnector, most_bytes: int) -> None:
    """Let a connector's connections end where an answer takes many more bytes on the line than its body may have.

    aiohttp has no public place for this; the tests of hostile servers tell should the attribute go.
    """
    most = 2 * most_bytes + _SPARE
    connector._factory = partial(_Bounded, connector._loop, most)  # type: ignore[assignment] # noqa: SLF001 - see above


class _Bounded(ResponseHandler):
    """aiohttp's end of a connection, which counts."""

    def __init__(self, loop: Any, most: int) -> None:  # noqa: ANN401 - an event loop
        super().__init__(loop)
        self._most = most
        self._received = 0
        self._interim = 0

    def set_response_params(self, **params: Any) -> None:  # noqa: ANN401 - aiohttp's
        """Begin a request: what follows is its answer."""
        self._received = self._interim = 0
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the line."""
        self._received += len(data)
        if self._received > self._most or self._interim > _INTERIM:
            self._give_up()
        else:
            super().data_received(data)

    def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401 - a message with its body
        """Take the head of an answer."""
        self._interim += data[0].code in _ANNOUNCED
        super().feed_data(data, size)

    def _give_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()
