"""What helps where the SMTP dialogue stops: a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.model import Check, Smtp, fine, wrong

_REMEDIES: Mapping[str, str] = {
    "name": "is smtp.host written right? resolvectl query {host}",
    "connection": "is smtp.port right (587 for starttls, 465 for tls), does a firewall block it? nc -v {host} {port}",
    "greeting": "smtp.security: tls is for port 465, starttls for 587; else this machine is refused: ask the provider",
    "EHLO": "the server refuses this machine: ask the provider",
    "STARTTLS": "write smtp.security: tls and smtp.port: 465, or another server; without protection nothing is sent",
    "certificate": "is smtp.host the name in the certificate, is the clock right? your own server: smtp.ca_file",
    "AUTH": "set smtp.user and the password anew; most want an app password, made in the account's security settings",
    "MAIL": "smtp.from must be an address that this account may send from",
    "RCPT": "is the address in channels: right, may this account send to it?",
}


def mail_steps(smtp: Smtp, steps: Sequence[tuple[str, bool, str]]) -> tuple[Check, ...]:
    """Give a check for each step (its name, whether it worked, the server's words)."""
    return tuple(_check(smtp, *step) for step in steps)


def _check(smtp: Smtp, name: str, ok: bool, told: str) -> Check:  # noqa: FBT001 - a row of a table
    title = f"mail: {name}"
    if ok:
        return fine(title, told or "done")
    return wrong(title, told, _REMEDIES[name].format(host=smtp.host, port=smtp.port))
