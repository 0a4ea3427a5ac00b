"""Mail bytes, made and checked here (RFC 5322, 2045–2047, 2919, 3834).

Header values are encoded by hand: the standard library decodes and refolds what it is given, so that a title such as
`=?utf-8?q?a=0d=0aBcc:_x@y.z?=` becomes a header of its own on some Python versions.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from monitor.text import clean_line

SUBJECT = 180  # code points
_WORD_BYTES = 45  # of UTF-8 in one encoded word of at most 75 characters
_LINE = 76
_LONGEST_LINE = 998
_PLAIN = re.compile(r"[\x20-\x7e]*")
_FOREIGN_SHARE = 6
_LINE_ENDS = re.compile("\r\n|[\r\n]")
_QUOTING = re.compile(r"[\\\"]")
HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version", "Content-Type",
)  # fmt: skip # a table
_PRINTED_HEADERS = frozenset(name.lower() for name in HEADERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says; `html` may be empty."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    list_id: str
    date: datetime


class UnsafeMailError(ValueError):
    """Final bytes that must not be sent."""


def build(letter: Letter) -> bytes:
    """Give a letter as bytes: 7-bit, CRLF, text part first; the same letter gives the same bytes."""
    boundary = "=_" + hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]
    parts = [_part("plain", letter.text)] + ([_part("html", letter.html)] if letter.html else [])
    headers = {
        "From": _address(letter.sender),
        "To": _address(letter.recipient),
        "Subject": encode_header(clean_line(letter.subject, SUBJECT), len("Subject: ")),
        "Date": format_datetime(letter.date),
        "Message-ID": letter.message_id,
        "List-Id": letter.list_id,
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"{head}\r\n{body}--{boundary}--\r\n".encode("ascii")


def check_final(raw: bytes, recipient: str) -> None:
    """Check bytes just before they are sent.

    Raises:
        UnsafeMailError: a header that is not one of ours, a foreign recipient, a bare line end, a long or 8-bit line.
    """
    if raw.replace(b"\r\n", b"").count(b"\n") or raw.replace(b"\r\n", b"").count(b"\r"):
        raise UnsafeMailError("the mail contains a bare CR or LF")
    if not raw.isascii() or any(len(line) > _LONGEST_LINE for line in raw.split(b"\r\n")):
        raise UnsafeMailError("the mail contains an 8-bit character or a line of more than 998")
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    lines = [line for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    names = [line.partition(":")[0].lower() for line in lines]
    if sorted(names) != sorted(_PRINTED_HEADERS):
        raise UnsafeMailError(f"the mail's headers are {', '.join(names)}")
    to = next(line for line in lines if line.lower().startswith("to:"))
    if to.partition(":")[2].strip() != _address(recipient):
        raise UnsafeMailError("the mail is addressed to somebody else")


def encode_header(text: str, used: int) -> str:
    """Give a header value, folded: printable ASCII at its blanks, all else as encoded words (RFC 2047)."""
    if _PLAIN.fullmatch(text) and "=?" not in text:
        lines = textwrap.wrap("x" * used + text, _LINE - 1, break_long_words=False, break_on_hyphens=False)
        if " ".join(lines) == "x" * used + text and max(map(len, lines), default=0) < _LINE:
            return "\r\n ".join(lines)[used:]
    words: list[bytes] = [b""]
    for char in text:
        encoded = char.encode("utf-8", "replace")
        if len(words[-1]) + len(encoded) > _WORD_BYTES:
            words.append(b"")
        words[-1] += encoded
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode('ascii')}?=" for word in words)


def message_id(sender: str, *parts: object) -> str:
    """Give a Message-ID of at most 60 characters that depends on these parts alone."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:24]
    domain = domain_of(sender)
    return f"<{digest}@{domain if 0 < len(domain) <= 32 else 'news-monitor.invalid'}>"  # noqa: PLR2004 - 24 + 32 + 3 < 60


def domain_of(address: str) -> str:
    """Give the domain of an address, IDNA-encoded where it is not ASCII."""
    domain = parseaddr(address)[1].rpartition("@")[2]
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def _address(text: str) -> str:
    """Give an address header: the name encoded, the domain in ASCII."""
    name, address = parseaddr(text)
    if not address or "@" not in address:
        return f"<{re.sub(r'[^A-Za-z0-9._-]', '-', text)}@maildir.invalid>"
    # A local part in other letters is refused at the envelope; here it must only do no harm.
    local = address.rpartition("@")[0].encode("ascii", "replace").decode("ascii")
    address = f"{local}@{domain_of(address)}"
    if not name:
        return address
    quoted = name.isascii() and re.search(r"[^A-Za-z0-9 ]", name)
    printed = f'"{_QUOTING.sub("", name)}"' if quoted else encode_header(name, len("From: "))
    return f"{printed} <{address}>"


def _part(kind: str, text: str) -> str:
    """Give a body part: quoted-printable where most of it is ASCII, base64 otherwise."""
    lines = _LINE_ENDS.split(text)
    data = "\r\n".join(lines).encode("utf-8", "replace")
    foreign = sum(byte >= 0x80 for byte in data)  # noqa: PLR2004 - the first byte that is no ASCII
    if foreign * _FOREIGN_SHARE < len(data):
        encoding = "quoted-printable"
        printed = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n").decode("ascii")
    else:
        encoding = "base64"
        printed = base64.encodebytes(data).replace(b"\n", b"\r\n").decode("ascii")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return f"{head}\r\n{printed.rstrip()}\r\n"
