"""From checked keys to the ways out that need a secret: the mail server, and who is to hear from us."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from monitor.config.fields import web_address
from monitor.config.nodes import Path as KeyPath
from monitor.config.schema import PingKeys, SmtpKeys
from monitor.config.secrets import SecretError, expand, from_environment, from_file
from monitor.model import Ping, RetryPlan, Secret, Smtp, SmtpSecurity


class WaysOutBuilder:
    """Builds them, noting problems and warnings on the way."""

    def __init__(self, *, file: Path, environ: Mapping[str, str]) -> None:
        """Take the file, which paths are relative to, and where secrets stand."""
        self._file = file
        self._environ = environ
        self.problems: list[tuple[KeyPath, str]] = []
        self.warnings: list[str] = []
        self.password_file: Path | None = None

    def ping(self, keys: PingKeys) -> Ping | None:
        """Give whom to call; what is wrong with a secret address is said without it."""
        try:
            address = expand(keys.url, self._environ)
        except SecretError as error:
            self._problem(("ping",), str(error))
            return None
        try:
            web_address(address)
        except ValueError:
            self._problem(("ping",), "this is no web address; write one such as https://hc-ping.com/… or ${PING_URL}")
            return None
        return Ping(address=Secret(address), every=keys.every, allow_private=keys.allow_private)

    def smtp(self, keys: SmtpKeys) -> Smtp:
        """Give the mail server."""
        if keys.security is SmtpSecurity.NONE and not _is_loopback(keys.host):
            self._problem(("smtp", "security"), "none is possible for 127.0.0.1 only; write starttls or tls")
        if keys.password and keys.password_file:
            self._problem(("smtp", "password_file"), "there is a password: already; keep one of them")
        return Smtp(
            host=keys.host,
            port=keys.port,
            security=keys.security,
            user=self._user(keys),
            password=self._password(keys),
            sender=keys.from_,
            rate=keys.rate,
            retry=RetryPlan(waits=keys.retry, give_up=keys.give_up),
            ca_file=str(self._file.parent / keys.ca_file) if keys.ca_file else None,
            connect=keys.connect,
            command=keys.command,
            data=keys.data,
            session=keys.session,
            per_connection=keys.per_connection,
        )

    def _user(self, keys: SmtpKeys) -> str | None:
        try:
            return expand(keys.user, self._environ) if keys.user else None
        except SecretError as error:
            self._problem(("smtp", "user"), str(error))
            return None

    def _password(self, keys: SmtpKeys) -> Secret | None:
        try:
            if keys.password_file:
                self.password_file = self._file.parent / keys.password_file
                value, warning = from_file(self.password_file)
                self.warnings += [warning] if warning else []
                return Secret(value)
            return Secret(from_environment(keys.password, self._environ)) if keys.password else None
        except SecretError as error:
            self._problem(("smtp", "password_file" if keys.password_file else "password"), str(error))
            return None

    def _problem(self, path: KeyPath, what: str) -> None:
        self.problems.append((path, what))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
