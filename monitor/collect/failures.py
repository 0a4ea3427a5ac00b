"""What a request that failed is called, with what a person can do (a part of aiohttp's door)."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Mapping

import aiohttp

from monitor.collect.guard import BlockedAddress
from monitor.errors import SourceError

_NO_CONNECTION: Mapping[int, str] = {
    errno.ECONNREFUSED: "{} refuses connections",
    errno.ETIMEDOUT: "{} does not answer: timed out",
    errno.ECONNRESET: "{} ended the connection",
    errno.ENETUNREACH: "there is no way to {}: network unreachable",
    errno.EHOSTUNREACH: "there is no way to {}: host unreachable",
}


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
    return _of_line(error)


def _of_line(error: Exception) -> SourceError:
    """Tell a server that is not reached from one that says what no server should."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return SourceError("connect", _of_connection(error.os_error, f"{error.host}:{error.port}"))
    if not isinstance(error, aiohttp.ClientError | ValueError):
        return SourceError("connect", str(error))
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return SourceError("bad_response", "the server ended the connection before its answer was complete")
    return SourceError("bad_response", f"{type(error).__name__}: {error}"[:300])


def _of_connection(error: OSError, place: str) -> str:
    """Say why there is no connection; of several addresses that failed differently there is no number."""
    if told := _NO_CONNECTION.get(error.errno or 0):
        return told.format(place)
    why = f": {os.strerror(error.errno).lower()}" if error.errno else ""
    return f"could not connect to {place}{why}"


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
