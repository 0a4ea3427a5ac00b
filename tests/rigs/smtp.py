"""A scripted SMTP server: replies by verb, drops and hangs, STARTTLS with its own certificate; keeps what it got."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP = "DROP"
HANG = "HANG"
LATE = "LATE "  # before a reply: it comes after two seconds


@dataclass
class Received:
    sender: str
    recipient: str
    raw: bytes


@dataclass
class Sink:
    """`async with Sink() as sink`; `sink.say("RCPT", "450 wait")` answers the next RCPT so."""

    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    password: str = "secret"
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    received: list[Received] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)  # addresses, in MAIL and RCPT
    connections: int = 0
    port: int = 0

    def say(self, verb: str, *replies: str) -> None:
        self.replies[verb] += replies

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._session, "127.0.0.1", 0, limit=1 << 22)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        envelope = Received("", "", b"")
        if not await self._answer(writer, "GREETING", "220 sink ready"):
            return
        while line := await reader.readline():
            words = line.decode("utf-8", "replace").strip().split(" ")
            verb = words[0].upper()
            self.verbs.append(verb)
            if verb == "EHLO":
                lines = ["sink", *self.extensions]
                told = "\r\n".join(f"250{'-' if n < len(lines) - 1 else ' '}{text}" for n, text in enumerate(lines))
                alive = await self._answer(writer, verb, told)
            elif verb == "STARTTLS":
                alive = await self._starttls(writer)
            elif verb == "AUTH":
                alive = await self._auth(reader, writer, words)
            elif verb == "DATA":
                alive = await self._data(reader, writer, envelope)
                envelope = Received("", "", b"")
            else:
                if verb in {"MAIL", "RCPT"}:
                    address = line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]
                    self.named.append(address)
                    envelope = Received(
                        address if verb == "MAIL" else envelope.sender, address if verb == "RCPT" else "", b""
                    )
                alive = await self._answer(writer, verb, "221 bye" if verb == "QUIT" else "250 ok")
            if not alive or verb == "QUIT":
                return

    async def _starttls(self, writer: asyncio.StreamWriter) -> bool:
        scripted = bool(self.replies["STARTTLS"])
        alive = await self._answer(writer, "STARTTLS", "220 go on")
        if alive and not scripted:
            assert self.tls is not None
            await writer.start_tls(self.tls)
        return alive

    async def _auth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: list[str]) -> bool:
        given = words[2] if len(words) > 2 else ""
        if words[1].upper() == "LOGIN":
            if not given:
                writer.write(b"334 VXNlcm5hbWU6\r\n")
                await reader.readline()
            writer.write(b"334 UGFzc3dvcmQ6\r\n")
            given = (await reader.readline()).decode().strip()
        right = base64.b64decode(given).endswith(self.password.encode())
        return await self._answer(writer, "AUTH", "235 welcome" if right else "535 5.7.8 wrong password")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, envelope: Received) -> bool:
        scripted = bool(self.replies["DATA"])
        alive = await self._answer(writer, "DATA", "354 go on")
        if scripted or not alive:
            return alive
        raw = await reader.readuntil(b"\r\n.\r\n")
        envelope.raw = raw[:-3].replace(b"\r\n..", b"\r\n.")
        reply = self.replies["DOT"][0] if self.replies["DOT"] else "250 kept"
        if reply.startswith(("250", LATE)) or reply in {DROP, HANG}:
            self.received.append(envelope)
        return await self._answer(writer, "DOT", "250 kept")

    async def _answer(self, writer: asyncio.StreamWriter, verb: str, usual: str) -> bool:
        reply = self.replies[verb].pop(0) if self.replies[verb] else usual
        if reply == DROP:
            return False
        if reply == HANG:
            await asyncio.sleep(3600)
        if reply.startswith(LATE):
            await asyncio.sleep(2)
            reply = reply.removeprefix(LATE)
        writer.write(reply.encode() + b"\r\n")
        await writer.drain()
        return not reply.startswith("421")


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Give a server context with a certificate of its own, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    alternative = x509.IPAddress(ipaddress.ip_address(name))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca, both = folder / "ca.pem", folder / "server.pem"
    ca.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, ca
