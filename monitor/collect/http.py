"""The one HTTP client: guarded, limited, honest (aiohttp's door, with the guard).

RFC 9110 (semantics), RFC 9111 (max-age). Redirects are followed here, one by one, so that each hop is checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from monitor.collect.failures import failure
from monitor.collect.floods import end_floods
from monitor.collect.guard import AddressGuard, CachedResolver, GuardedResolver
from monitor.collect.slots import Turns
from monitor.collect.unpack import ACCEPTED, unpacker
from monitor.errors import SourceError
from monitor.model import Limits, Network
from monitor.protocols import Clock
from monitor.text import reason
from monitor.urls import check_fetch_url, host_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_HEADER_LINES = 100
_HEADER_BYTES = 64 * 1024
_FIELD_BYTES = 16 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: header names in lower case, values byte for byte; the body decompressed.

    `moved_to` is set where every hop on the way was a permanent redirect.
    """

    url: str
    status: int
    headers: Mapping[str, bytes]
    body: bytes
    moved_to: str | None = None

    def text(self, header: str) -> str | None:
        """Give a header as text; None where it is absent."""
        value = self.headers.get(header)
        return value.decode("latin-1") if value is not None else None


async def _no_gap(_: str) -> float:
    return 0.0


def _say_nothing() -> None:
    pass


class HttpClient:
    """Fetches addresses. One session, and one pool of connections, for each distinct set of permissions."""

    def __init__(
        self,
        *,
        limits: Limits,
        user_agent: str,
        turns: Turns,
        clock: Clock,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Take limits, an identity and who hands out turns; `resolver` replaces the system's in tests."""
        self._limits = limits
        self._user_agent = user_agent
        self._clock = clock
        self._inner = resolver
        self._resolver: CachedResolver | None = None
        self._turns = turns
        self._sessions: dict[tuple[tuple[Network, ...], bool], aiohttp.ClientSession] = {}

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        allow_private: Sequence[Network] = (),
        verify_tls: bool = True,
        most_bytes: int,
        most_redirects: int = 5,
        cut: bool = False,
        before: Callable[[str], Awaitable[float]] = _no_gap,
        still: Callable[[str], Awaitable[object]] = _no_gap,
        begin: Callable[[], None] = _say_nothing,
    ) -> Response:
        """Fetch an address, following redirects.

        `before` is asked about every address on the way as it is found: it gives the gap in seconds that its host
        wants, or raises. `still` is asked when its turn has come, and raises where the host is to be left alone since;
        it must fetch nothing, as it would wait for the turn that this request holds.
        `begin` is told of every request that is about to be made.
        With `cut`, a body that is too large is cut off instead of refused.

        Raises:
            SourceError: blocked_address, dns, connect, tls, timeout, too_large, bad_response, bad_address,
                redirect_loop, redirect_downgrade.
        """
        session = self._session(tuple(allow_private), verify_tls=verify_tls)
        moved = True
        address = url
        for _ in range(most_redirects + 1):
            _check(address)
            gap = await before(address)
            async with self._turns.hold(await self._place(address), gap=gap):
                await still(address)  # while this request waited, another may have been told to stay away
                begin()
                answer = await self._once(session, address, headers, most_bytes, cut=cut)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return replace(answer, moved_to=answer.url if moved and address != url else None)
            moved = moved and answer.status in _PERMANENT
            address = _next(address, answer.headers["location"])
        raise SourceError("redirect_loop", f"more than {most_redirects} redirects, the last to {reason(address[:200])}")

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        if self._resolver:
            await self._resolver.close()

    async def _place(self, url: str) -> str:
        """Give what takes one request at a time: a server's address, with its port where that is not the usual one."""
        port = urlsplit(url).port
        server = await self._addresses().place(host_of(url))
        return server if port in {None, 80, 443} else f"{server} {port}"

    def _addresses(self) -> CachedResolver:
        """Give the resolver; made late, because aiohttp wants a running loop for it."""
        if self._resolver is None:
            self._resolver = CachedResolver(self._inner or aiohttp.ThreadedResolver(), self._clock)
        return self._resolver

    async def _once(
        self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], most_bytes: int, *, cut: bool
    ) -> Response:
        """Make one request; every way it can fail becomes a SourceError."""
        try:
            async with asyncio.timeout(self._limits.request.total_seconds()):
                async with session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as answer:
                    raw = {name.decode("latin-1").lower(): value for name, value in answer.raw_headers}
                    _check_headers(answer.raw_headers)
                    body = b"" if answer.status in _REDIRECTS else await _read(answer, most_bytes, cut=cut)
                    return Response(url=url, status=answer.status, headers=raw, body=body)
        except TimeoutError as error:
            raise SourceError("timeout", self._overrun(error)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise failure(error) from error

    def _overrun(self, error: TimeoutError) -> str:
        """Tell which of the three limits it was."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return f"no connection within {self._limits.connect.total_seconds():g} s"
        if isinstance(error, aiohttp.SocketTimeoutError):
            return f"the server was silent for {self._limits.first_byte.total_seconds():g} s"
        return f"no complete answer within {self._limits.request.total_seconds():g} s"

    def _session(self, allowed: tuple[Network, ...], *, verify_tls: bool) -> aiohttp.ClientSession:
        key = (allowed, verify_tls)
        if key not in self._sessions:
            self._sessions[key] = self._open_session(AddressGuard(allowed), verify_tls=verify_tls)
        return self._sessions[key]

    def _open_session(self, guard: AddressGuard, *, verify_tls: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._addresses(), guard),
            socket_factory=guard.socket,
            ssl=verify_tls,
            limit=0,
            use_dns_cache=False,  # our own remembers for all sessions
            keepalive_timeout=10,
        )
        end_floods(connector, max(self._limits.feed_bytes, self._limits.page_bytes))
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPTED},
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._limits.connect.total_seconds(),
                sock_read=self._limits.first_byte.total_seconds(),
            ),
            max_line_size=_FIELD_BYTES,
            max_field_size=_FIELD_BYTES,
            max_headers=_HEADER_LINES,
        )


def _check(url: str) -> None:
    try:
        check_fetch_url(url)
    except ValueError as error:
        raise SourceError("bad_address", f"{reason(url[:200])} {error}") from error


def _next(address: str, location: bytes) -> str:
    """Give the next address of a redirect; from an encrypted connection none leads to an open one (case 62)."""
    try:
        there = urljoin(address, location.decode("utf-8", "replace").strip())
    except ValueError as error:  # such as http://[
        raise SourceError("bad_address", f"{host_of(address)} sends us to {location[:200]!r}") from error
    if urlsplit(address).scheme == "https" and urlsplit(there).scheme == "http":
        told = (
            f"{host_of(address)} sends us from https to http; if you trust that, write {reason(there[:200])} yourself"
        )
        raise SourceError("redirect_downgrade", told)
    return there


def _check_headers(raw: Sequence[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) for name, value in raw) > _HEADER_BYTES:
        raise SourceError("too_many_headers", f"more than {_HEADER_BYTES} bytes of headers")


async def _read(answer: aiohttp.ClientResponse, most: int, *, cut: bool) -> bytes:
    """Read a body and unpack it; neither as it comes nor as it is meant may it be larger than `most`."""
    unpack = unpacker(answer.headers.get("Content-Encoding", ""))
    parts: list[bytes] = []
    size = packed = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        packed += len(chunk)
        for part in unpack.feed(chunk):
            size += len(part)
            parts.append(part)
            if size > most:
                break
        if max(size, packed) > most:
            answer.close()
            if cut:
                return b"".join(parts)[:most]
            raise SourceError("too_large", f"the body is larger than {most} bytes", status=answer.status)
    unpack.finish()
    return b"".join(parts)
