"""What every conversation with the mail server of the configuration shares."""

from __future__ import annotations

import ssl
from email.utils import parseaddr

from monitor.errors import CredentialsError
from monitor.model import Smtp, SmtpSecurity
from monitor.redact import Redaction
from monitor.render import domain_of

QUIT_SECONDS = 5.0


def context_of(smtp: Smtp, tls: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """Give what TLS is done with: `tls`, else the certificates of the system or of `ca_file`; None where there is none.

    Raises:
        CredentialsError: `ca_file` cannot be read, or has no certificate in it.
    """
    if smtp.security is SmtpSecurity.NONE:
        return None
    try:
        return tls or ssl.create_default_context(cafile=smtp.ca_file)
    except OSError as error:  # ssl's errors are of its kind
        why = error.strerror or error
        raise CredentialsError(f"no certificates can be read from {smtp.ca_file} (smtp.ca_file): {why}") from error


def redaction_of(smtp: Smtp) -> Redaction:
    """Give what takes the password out of a reply: one that repeats it must not bring it into a mail or `status`."""
    password = smtp.password.value if smtp.password else ""
    return Redaction((password, f"\0{smtp.user}\0{password}") if password else ())


def envelope(address: str) -> str:
    """Give the bare address with an ASCII domain (RFC 5321, 5890).

    Raises:
        UnicodeError: the local part needs SMTPUTF8 (RFC 6531), which few servers have.
    """
    bare = parseaddr(address)[1]
    local = bare.rpartition("@")[0]
    if not local.isascii():
        raise UnicodeError(f"the address {local[:1]}…@ needs SMTPUTF8, which is not used here; give one in ASCII")
    return f"{local}@{domain_of(bare)}"


def is_rooted_in(error: BaseException, kind: type[BaseException]) -> bool:
    """Tell whether an error of this kind is at the root of another."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
