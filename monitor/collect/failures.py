"""What a request that failed is called, with what a person can do (a part of aiohttp's door)."""

from __future__ import annotations

import ssl

import aiohttp

from monitor.collect.guard import BlockedAddress
from monitor.errors import SourceError


def failure(error: Exception) -> SourceError:
    """Give our word for what aiohttp, TLS, the resolver or a socket raised; time-outs are told by who set the limit."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, BlockedAddress) or "is not a public address" in str(cause):
        return SourceError("blocked_address", str(cause))
    if isinstance(error, aiohttp.InvalidURL):
        return SourceError("bad_address", str(error)[:300])
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return SourceError("dns", f"{error.host} does not resolve")
    if (refused := _of_tls(error)) is not None:
        return SourceError("tls", _told(refused))
    if isinstance(error, aiohttp.ClientConnectorError) or not isinstance(error, aiohttp.ClientError | ValueError):
        return SourceError("connect", str(error))
    return SourceError("bad_response", f"{type(error).__name__}: {error}"[:300])


def _of_tls(error: BaseException | None) -> ssl.SSLError | None:
    """Give the TLS error at the root of another, if there is one; aiohttp's own are SSLErrors in name only."""
    while error is not None:
        error = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__
    return None


def _told(error: ssl.SSLError) -> str:
    """Say what is wrong with a certificate or a handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the server's certificate is not accepted: {error.verify_message}; the outlet must mend it, or"
            " `verify_tls: false` would accept any for this source"
        )
    return f"no encrypted connection: {error.reason or error}"
