"""The SMTP dialogue step by step up to the message itself, which is not sent (a part of aiosmtplib's door).

As `SmtpNotifier` would go; it says of each step what the server answered, and ends at the first that fails.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

import aiosmtplib

from monitor.errors import CredentialsError
from monitor.model import Smtp, SmtpSecurity
from monitor.notify.server import QUIT_SECONDS, context_of, envelope, is_rooted_in, redaction_of

T = TypeVar("T")


class Stage(StrEnum):
    """A step of the dialogue, in order."""

    NAME = "name"
    CONNECTION = "connection"
    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    CERTIFICATE = "certificate"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one step: the server's words, or the error."""

    stage: Stage
    ok: bool
    told: str


class _Failed(Exception):
    """A step failed, and none follows."""


class Dialogue:
    """One conversation with the mail server of the configuration."""

    def __init__(self, smtp: Smtp, *, tls: ssl.SSLContext | None = None) -> None:
        """Take the server; `tls` replaces the system's certificates."""
        self._smtp = smtp
        self._tls = tls
        self._clean = redaction_of(smtp)
        self._steps: list[Step] = []

    async def hold(self, recipient: str) -> tuple[Step, ...]:
        """Go as far as RCPT for this address, take it back (RSET) and say goodbye; gives the steps that were taken."""
        self._steps = []
        client: aiosmtplib.SMTP | None = None
        try:
            tls = context_of(self._smtp, self._tls)
            client = self._client(await self._connected(), tls)
            await self._greeted(client)
            await self._protected(client)
            await self._known(client)
            await self._step(Stage.MAIL, _with_address(client.mail, self._smtp.sender))
            await self._step(Stage.RCPT, _with_address(client.rcpt, recipient))
        except CredentialsError as error:
            self._steps.append(Step(stage=Stage.CERTIFICATE, ok=False, told=str(error)))
        except _Failed:
            pass
        finally:
            if client is not None:
                await _leave(client)
        return tuple(self._steps)

    def _client(self, there: socket.socket, tls: ssl.SSLContext | None) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._smtp.host,
            sock=there,
            use_tls=self._smtp.security is SmtpSecurity.TLS,
            start_tls=False,
            tls_context=tls,
            timeout=None,
        )

    async def _connected(self) -> socket.socket:
        """Find the name, then connect to any of its addresses."""
        host, port = self._smtp.host, self._smtp.port
        found = await self._step(Stage.NAME, asyncio.to_thread(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM))
        addresses = [str(entry[4][0]) for entry in found]
        self._told(Stage.NAME, ", ".join(dict.fromkeys(addresses)))
        seconds = self._smtp.connect.total_seconds()
        dial = asyncio.to_thread(socket.create_connection, (host, port), seconds)
        there = await self._step(Stage.CONNECTION, dial, limit=self._smtp.connect * (len(addresses) + 1))
        self._told(Stage.CONNECTION, f"{there.getpeername()[0]} port {port}")
        there.setblocking(False)  # noqa: FBT003 - as socket has it
        return there

    async def _greeted(self, client: aiosmtplib.SMTP) -> None:
        stage = Stage.CERTIFICATE if self._smtp.security is SmtpSecurity.TLS else Stage.GREETING
        await self._step(stage, client.connect(), where=_greeting_or_certificate)
        await self._step(Stage.EHLO, client.ehlo())

    async def _protected(self, client: aiosmtplib.SMTP) -> None:
        if self._smtp.security is not SmtpSecurity.STARTTLS:
            return
        if not client.supports_extension("starttls"):
            self._steps.append(Step(stage=Stage.STARTTLS, ok=False, told="the server offers no STARTTLS"))
            raise _Failed
        await self._step(Stage.STARTTLS, client.starttls(), where=_starttls_or_certificate)
        await self._step(Stage.EHLO, client.ehlo())

    async def _known(self, client: aiosmtplib.SMTP) -> None:
        if self._smtp.user and self._smtp.password:
            login = client.login(self._smtp.user, self._smtp.password.value)
            await self._step(Stage.AUTH, login, limit=self._smtp.command * 2)

    async def _step(
        self,
        stage: Stage,
        answer: Awaitable[T],
        *,
        limit: timedelta | None = None,
        where: Callable[[Stage, BaseException], Stage] = lambda stage, _: stage,
    ) -> T:
        """Wait for a step at most so long; `where` tells from an error which step it really was."""
        seconds = (limit or self._smtp.command).total_seconds()
        try:
            async with asyncio.timeout(seconds):
                came = await answer
        except (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError) as error:
            told = f"no answer within {seconds:g} s" if isinstance(error, TimeoutError) else _words(error)
            self._steps.append(Step(stage=where(stage, error), ok=False, told=self._clean(told)))
            raise _Failed from error
        self._steps.append(Step(stage=stage, ok=True, told=self._clean(_reply(came))))
        return came

    def _told(self, stage: Stage, told: str) -> None:
        """Say of the last step what its answer does not say itself."""
        self._steps[-1] = Step(stage=stage, ok=True, told=told)


async def _with_address(command: Callable[[str], Awaitable[T]], address: str) -> T:
    """Name an address to the server as the sending of a mail does; one that cannot be named fails here."""
    return await command(envelope(address))


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Take back what was begun and say goodbye, if the server still listens."""
    try:
        async with asyncio.timeout(QUIT_SECONDS):
            if client.is_connected:
                await client.rset()
                await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()


def _greeting_or_certificate(stage: Stage, error: BaseException) -> Stage:
    answered = isinstance(error, (aiosmtplib.SMTPConnectResponseError, TimeoutError))
    return Stage.GREETING if answered and not is_rooted_in(error, ssl.SSLError) else stage


def _starttls_or_certificate(stage: Stage, error: BaseException) -> Stage:
    return Stage.CERTIFICATE if is_rooted_in(error, ssl.SSLError) else stage


def _words(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}".replace("\n", " ")
    return str(error).replace("\n", " ") or type(error).__name__


def _reply(came: object) -> str:
    """Give the server's words, shortened to a line; "" where it is no reply."""
    if isinstance(came, aiosmtplib.SMTPResponse):
        return f"{came.code} {came.message.partition(chr(10))[0]}"
    return ""
