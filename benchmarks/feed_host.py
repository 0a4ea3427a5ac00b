"""Real feeds on loopback, each on a host of its own, over plain HTTP or TLS, in a process of its own.

Whoever knows a feed's ETag is told 304. Each connection ends with its answer, as between two polls of a real host.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import multiprocessing.connection
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from outlet import HEADLINES
from rig import OneRequest, hosts

_SPAWN = multiprocessing.get_context("spawn")
_HOST = re.compile(rb"\r\nhost: ([0-9.]+)", re.IGNORECASE)
_KNOWN = re.compile(rb"\r\nif-none-match: ([^\r]+)\r\n", re.IGNORECASE)
_DATE = b"Last-Modified: Mon, 23 Nov 2026 10:00:00 GMT"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Served:
    """Where the feeds are: a first, small one to warm up with, then the real ones."""

    warm: str
    feeds: tuple[str, ...]


@dataclass(frozen=True)
class _Feed:
    kind: bytes
    body: bytes
    tag: bytes


def _answer(feeds: Mapping[bytes, _Feed], asked: bytes) -> bytes:
    host, known = _HOST.search(asked), _KNOWN.search(asked)
    assert host is not None
    feed = feeds[host[1]]
    head = b"ETag: %s\r\n%s\r\nConnection: close\r\n" % (feed.tag, _DATE)
    if known and known[1] == feed.tag:
        return b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % head
    size = b"Content-Type: %s\r\nContent-Length: %d\r\n" % (feed.kind, len(feed.body))
    return b"HTTP/1.1 200 OK\r\n%s%s\r\n%s" % (size, head, feed.body)


def real_feeds(corpus: Path) -> list[Path]:
    """Give the captured feeds."""
    return sorted(file for file in (corpus / "feeds" / "real").rglob("*") if file.is_file())


@contextmanager
def feed_hosts(corpus: Path, authority: Path | None = None) -> Iterator[Served]:
    """Serve; with `authority`, over TLS, and a certificate to trust is written there."""
    names = hosts(1 + len(real_feeds(corpus)))
    here, there = _SPAWN.Pipe()
    server = _SPAWN.Process(target=_serve, args=(corpus, names, authority, there), daemon=True)
    server.start()
    try:
        port = here.recv()
        scheme = "https" if authority else "http"
        warm, *feeds = (f"{scheme}://{name}:{port}/feed" for name in names)
        yield Served(warm, tuple(feeds))
    finally:
        server.kill()
        server.join()


def _serve(
    corpus: Path, names: Sequence[str], authority: Path | None, ready: multiprocessing.connection.Connection
) -> None:
    bodies = [_warm_up(), *(file.read_bytes() for file in real_feeds(corpus))]
    feeds = {
        name.encode(): _Feed(
            kind=b"application/feed+json" if body.lstrip()[:1] == b"{" else b"application/xml",
            body=body,
            tag=b'"%s"' % hashlib.sha256(body).hexdigest()[:16].encode(),
        )
        for name, body in zip(names, bodies, strict=True)
    }
    context = _context(names, authority) if authority else None

    def host() -> OneRequest:
        return OneRequest(partial(_answer, feeds))

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(host, names[0], 0, ssl=context, backlog=64)
        port = first.sockets[0].getsockname()[1]
        await loop.create_server(host, list(names[1:]), port, ssl=context, backlog=64)
        ready.send(port)
        await asyncio.sleep(10**9)

    asyncio.run(serve())


def _warm_up() -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://warm.example/{number}</link><description>{title}</description></item>"
        for number, title in enumerate(HEADLINES)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>W</title>{items}</channel></rss>'.encode()


def _context(names: Sequence[str], authority: Path) -> ssl.SSLContext:
    """Make a certificate for all hosts, signed by an authority that ends with this run."""
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "feeds")])
    ours = (
        _builder(issuer, issuer, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    theirs = (
        _builder(subject, issuer, server_key)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(name)) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    chain = authority.with_suffix(".server")
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(private + theirs.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    authority.write_bytes(ours.public_bytes(serialization.Encoding.PEM))
    return context


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
    )
