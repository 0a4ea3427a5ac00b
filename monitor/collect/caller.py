"""The dead-man's ping, by the one HTTP client."""

from __future__ import annotations

from monitor.collect.http import HttpClient
from monitor.errors import SourceError
from monitor.model import Ping

_ANSWER_BYTES = 64 * 1024
_REDIRECTS = 3
_OK = range(200, 300)


class PingCaller:
    """`protocols.Caller` for the address of `ping:`."""

    def __init__(self, ping: Ping, client: HttpClient) -> None:
        """Take the address; private ones are refused unless the configuration allows them."""
        self._ping = ping
        self._client = client

    async def call(self) -> None:
        """Ask the address, and take any answer of success for one."""
        answer = await self._client.fetch(
            self._ping.address.value,
            headers={},
            allow_private=self._ping.allow_private,
            most_bytes=_ANSWER_BYTES,
            most_redirects=_REDIRECTS,
            cut=True,
        )
        if answer.status not in _OK:
            raise SourceError(f"http_{answer.status}", status=answer.status)
