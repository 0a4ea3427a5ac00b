"""The one HTTP client: guarded, limited, honest (aiohttp's door, with the guard).

RFC 9110 (semantics), RFC 9111 (max-age). Redirects are followed here, one by one, so that each hop is checked.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from monitor.collect.guard import AddressGuard, BlockedAddress, GuardedResolver
from monitor.collect.slots import HostSlots
from monitor.errors import SourceError
from monitor.model import Limits, Network
from monitor.protocols import Clock, Log
from monitor.urls import check_fetch_url, host_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_HEADER_LINES = 100
_HEADER_BYTES = 64 * 1024
_FIELD_BYTES = 16 * 1024
_CHUNK = 64 * 1024
_DNS_SECONDS = 300


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


class HttpClient:
    """Fetches addresses. One session, and one pool of connections, for each distinct set of permissions."""

    def __init__(
        self, *, limits: Limits, user_agent: str, clock: Clock, log: Log, resolver: AbstractResolver | None = None
    ) -> None:
        """Take limits and an identity; `resolver` replaces the system's in tests."""
        self._limits = limits
        self._user_agent = user_agent
        self._log = log
        self._resolver = resolver
        self._slots = HostSlots(clock, limits.gap.total_seconds())
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
    ) -> Response:
        """Fetch an address, following redirects.

        Raises:
            SourceError: blocked_address, dns, connect, tls, timeout, too_large, bad_response, bad_address,
                redirect_loop.
        """
        session = self._session(tuple(allow_private), verify_tls=verify_tls)
        moved = True
        address = url
        for _ in range(most_redirects + 1):
            _check(address)
            async with self._slots.hold(host_of(address)):
                answer = await self._once(session, address, headers, most_bytes)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return _with_move(answer, moved=moved and address != url)
            moved = moved and answer.status in _PERMANENT
            address = urljoin(address, answer.headers["location"].decode("utf-8", "replace").strip())
        raise SourceError("redirect_loop", f"more than {most_redirects} redirects, the last to {address[:200]}")

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        if self._resolver:
            await self._resolver.close()

    async def _once(
        self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], most_bytes: int
    ) -> Response:
        """Make one request; every way it can fail becomes a SourceError."""
        try:
            async with asyncio.timeout(self._limits.request.total_seconds()):
                async with session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as answer:
                    raw = {name.decode("latin-1").lower(): value for name, value in answer.raw_headers}
                    _check_headers(answer.raw_headers)
                    body = b"" if answer.status in _REDIRECTS else await _read(answer, most_bytes)
                    return Response(url=url, status=answer.status, headers=raw, body=body)
        except TimeoutError as error:
            raise SourceError("timeout", f"no complete answer within {self._limits.request}") from error
        except (ssl.SSLError, aiohttp.ClientSSLError) as error:
            raise SourceError("tls", str(error)) from error
        except (aiohttp.ClientConnectorDNSError, aiohttp.ClientConnectorError) as error:
            raise _connection_failure(error) from error
        except BlockedAddress as error:
            raise SourceError("blocked_address", str(error)) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise SourceError("bad_response", f"{type(error).__name__}: {error}"[:300]) from error
        except OSError as error:
            raise SourceError("connect", str(error)) from error

    def _session(self, allowed: tuple[Network, ...], *, verify_tls: bool) -> aiohttp.ClientSession:
        key = (allowed, verify_tls)
        if key not in self._sessions:
            if allowed:
                self._log.info("private_networks_allowed", networks=[str(network) for network in allowed])
            self._sessions[key] = self._open_session(AddressGuard(allowed), verify_tls=verify_tls)
        return self._sessions[key]

    def _open_session(self, guard: AddressGuard, *, verify_tls: bool) -> aiohttp.ClientSession:
        inner = self._resolver or aiohttp.ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(inner, guard),
            socket_factory=guard.socket,
            ssl=verify_tls,
            limit=0,
            ttl_dns_cache=_DNS_SECONDS,
            keepalive_timeout=10,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate, br"},
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
        raise SourceError("bad_address", f"{url[:200]} {error}") from error


def _with_move(answer: Response, *, moved: bool) -> Response:
    return Response(
        url=answer.url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        moved_to=answer.url if moved else None,
    )


def _check_headers(raw: Sequence[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) for name, value in raw) > _HEADER_BYTES:
        raise SourceError("too_many_headers", f"more than {_HEADER_BYTES} bytes of headers")


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body up to a limit that counts what comes out of decompression."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_chunked(_CHUNK):
        size += len(part)
        if size > most:
            answer.close()
            raise SourceError("too_large", f"the body is larger than {most} bytes", status=answer.status)
        parts.append(part)
    return b"".join(parts)


def _connection_failure(error: aiohttp.ClientConnectorError) -> SourceError:
    """Tell a blocked address, a name that does not resolve and a dead connection apart."""
    cause: BaseException | None = error.os_error
    if isinstance(cause, BlockedAddress) or "is not a public address" in str(cause):
        return SourceError("blocked_address", str(cause))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return SourceError("dns", f"{error.host} does not resolve")
    if isinstance(cause, (ssl.SSLError, ssl.CertificateError)):
        return SourceError("tls", str(cause))
    return SourceError("connect", str(error))
