"""Delivery by SMTP, one command at a time, each under a hard time-out (aiosmtplib's door; RFC 5321, 3207, 4954)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import aiosmtplib

from monitor.errors import (
    CredentialsError,
    PermanentRefusal,
    TemporaryRefusal,
    TransportError,
    UnknownOutcome,
)
from monitor.model import Message, Smtp, SmtpSecurity
from monitor.notify.server import QUIT_SECONDS, context_of, envelope, is_rooted_in, redaction_of
from monitor.protocols import Clock, Failpoint
from monitor.pulse import Pulse
from monitor.render import UnsafeMailError, check_final

T = TypeVar("T")
_PERMANENT = 500
_CLOSING = 421
SENDING = "send:smtp"  # the part of the program whose pulse this is: the sending by this transport
_AUTH_REFUSED = frozenset({530, 534, 535, 538})


class SmtpNotifier:
    """`protocols.Notifier` over one SMTP connection, kept for some messages."""

    def __init__(
        self, smtp: Smtp, *, clock: Clock, failpoint: Failpoint, pulse: Pulse, tls: ssl.SSLContext | None = None
    ) -> None:
        """Take the server; `pulse` hears how long each step may take, `tls` replaces the system's certificates."""
        self._smtp = smtp
        self._clock = clock
        self._pulse = pulse
        self._failpoint = failpoint
        self._tls = tls
        self._told = redaction_of(smtp)
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0
        self._since = 0.0

    async def open(self) -> None:
        """Connect, protect and log in, unless a connection is there that may take another message."""
        if self._client is not None and self._client.is_connected and not self._worn_out():
            return
        await self.close()
        client = aiosmtplib.SMTP(
            hostname=self._smtp.host,
            port=self._smtp.port,
            use_tls=self._smtp.security is SmtpSecurity.TLS,
            start_tls=False,
            tls_context=context_of(self._smtp, self._tls),
            timeout=None,
        )
        try:
            await self._greet(client)
        except BaseException:
            client.close()
            raise
        self._client, self._used, self._since = client, 0, self._clock.monotonic()

    async def send(self, message: Message) -> str:
        """Hand one message over."""
        assert self._client is not None
        client = self._client
        self._used += 1
        try:
            check_final(message.raw, message.recipient)
            sender, recipient = envelope(self._smtp.sender), envelope(message.recipient)
        except (UnsafeMailError, UnicodeError) as error:
            raise PermanentRefusal(f"not sent: {error}") from error
        await self._command(client.mail(sender), "MAIL")
        self._failpoint("after_mail")
        await self._command(client.rcpt(recipient), "RCPT")
        self._failpoint("after_rcpt")
        reply = await self._data(client, message.raw)
        self._failpoint("after_250")
        return reply

    async def close(self) -> None:
        """Say goodbye; what the server answers changes nothing that was settled."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                await client.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            pass
        finally:
            client.close()

    def _worn_out(self) -> bool:
        """Tell whether this connection has done its share (messages, or most of its time)."""
        return (
            self._used >= self._smtp.per_connection
            or self._clock.monotonic() - self._since > self._smtp.session.total_seconds() / 2
        )

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        """Take every step up to the first MAIL; what fails is the transport's failure, no message's."""
        try:
            await self._within(client.connect(), self._smtp.connect)
            await self._within(client.ehlo(), self._smtp.command)
            if self._smtp.security is SmtpSecurity.STARTTLS:
                if not client.supports_extension("starttls"):
                    raise TransportError("the server offers no STARTTLS; neither password nor mail was sent")
                await self._within(client.starttls(), self._smtp.command)
                await self._within(client.ehlo(), self._smtp.command)
            if self._smtp.user and self._smtp.password:
                await self._within(client.login(self._smtp.user, self._smtp.password.value), self._smtp.command * 2)
        except aiosmtplib.SMTPAuthenticationError as error:
            told = self._told(f"the server refuses user or password: {error.code} {error.message}")
            raise (CredentialsError if error.code in _AUTH_REFUSED else TransportError)(told) from error
        except TimeoutError as error:
            raise TransportError(f"{self._smtp.host}:{self._smtp.port} did not answer in time") from error
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:  # the last: a name that cannot be one
            if is_rooted_in(error, ssl.SSLCertVerificationError):
                raise CredentialsError(f"the server's certificate is refused: {error}") from error
            raise TransportError(self._told(f"{self._smtp.host}:{self._smtp.port}: {error}")) from error

    async def _command(self, answer: Awaitable[T], step: str) -> T:
        """Wait for a command before DATA: refused for this message, or the connection is lost."""
        try:
            return await self._within(answer, self._smtp.command)
        except aiosmtplib.SMTPResponseException as error:
            if error.code == _CLOSING or error.code < 0:
                await self._drop()
                raise TransportError(self._told(f"the server ended the session at {step}: {error.message}")) from error
            await self._reset()
            raise self._refusal(error.code, error.message) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            await self._reset()
            raise self._refusal(error.recipients[0].code, error.recipients[0].message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self._drop()
            raise TransportError(self._told(f"the connection was lost at {step}: {error}")) from error

    async def _data(self, client: aiosmtplib.SMTP, raw: bytes) -> str:
        """Send the bytes; from here on a lost connection leaves the outcome unknown."""
        try:
            answer = await self._within(client.data(raw), self._smtp.data)
        except aiosmtplib.SMTPResponseException as error:
            if error.code < 0:
                await self._drop()
                raise UnknownOutcome(self._told(f"the server sent no reply: {error.message}")) from error
            if error.code == _CLOSING:
                await self._drop()
            else:
                await self._reset()
            raise self._refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self._drop()
            raise UnknownOutcome(self._told(f"cut off after DATA: {error or type(error).__name__}")) from error
        return self._told(f"{answer.code} {answer.message}")

    def _refusal(self, code: int, message: str) -> TemporaryRefusal | PermanentRefusal:
        kind = PermanentRefusal if code >= _PERMANENT else TemporaryRefusal
        return kind(self._told(f"{code} {message}"))

    async def _reset(self) -> None:
        """Make the connection ready for another message, or drop it."""
        if self._client is None:
            return
        try:
            await self._within(self._client.rset(), self._smtp.command)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            await self._drop()

    async def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _within(self, answer: Awaitable[T], limit: timedelta) -> T:
        """Wait at most so long in total: a server that drips must not hold us."""
        self._pulse.promise(SENDING, limit)
        try:
            async with asyncio.timeout(limit.total_seconds()):
                return await answer
        finally:
            self._pulse.promise(SENDING)
