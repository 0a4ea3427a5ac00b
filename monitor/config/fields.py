"""The kinds of value that config.yaml knows, each with an error that says what would be right."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import GenericTranslator, SelectorError
from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator

from monitor.errors import PatternError
from monitor.language import split_words
from monitor.model import Network, When
from monitor.patterns import Pattern
from monitor.urls import check_fetch_url, is_address

T = TypeVar("T")
_DURATION = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_HEARTBEAT = re.compile(r"daily(?: +([01]?[0-9]|2[0-3]):([0-5][0-9]))?")
_SIZE = re.compile(r"(\d{1,6})\s*(KiB|MiB)")
_RATE = re.compile(r"(\d{1,5})/min")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_CONCEPT_NAME = re.compile(r"\w+(?:[.-]\w+)*")
_LONGEST_NAME = 64
_LONGEST_TERM = 10  # words
_BEGINNING = re.compile(r"(?<=\w\w)\*(?!\S)")  # prison*
_NO_TERM = re.compile(r"[\"“”„«»()|*@=]")
_SENDER = re.compile(r"(?:(?P<name>[^<>@\"]*?)\s*<(?P<inner>[^<>]+)>|(?P<bare>[^<>\s]+))")


def duration(value: object) -> timedelta:
    """Read `30s`, `5m`, `24h`, `7d`."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"{value!r} is no duration; write a number and s, m, h, d or w, such as 30s, 5m or 24h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def positive_duration(value: object) -> timedelta:
    """Read a duration above zero."""
    if not (read := duration(value)):
        raise ValueError("this must be more than 0s; write 1s or more")
    return read


def forever_or_duration(value: object) -> timedelta | None:
    """Read a duration, or `forever`."""
    return None if value is None or value == "forever" else positive_duration(value)


def never_or_duration(value: object) -> timedelta | None:
    """Read a duration, or `never`."""
    return None if value is None or value == "never" else positive_duration(value)


def heartbeat(value: object) -> time | None:
    """Read `off`, `daily` or `daily 07:30`: the local time of a mail a day."""
    if value is None or value is False or value == "off":
        return None
    match = _HEARTBEAT.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"{value!r} is no rhythm; write off, daily or daily 07:30")
    return time(int(match[1] or 8), int(match[2] or 0))


def size(value: object) -> int:
    """Read `10MiB` or `512KiB`, or a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"{value!r} is no size; write 10MiB or 512KiB")
    return int(match[1]) * (2**20 if match[2] == "MiB" else 2**10)


def rate(value: object) -> int:
    """Read `30/min`."""
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if not match or not int(match[1]):
        raise ValueError(f"{value!r} is no rate; write 30/min")
    return int(match[1])


def name(value: object) -> str:
    """Read a name that is stable and fits into a file name and a log line."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name; use letters, digits, - _ . only, 64 at most, such as jamnews-en")
    return value


def concept_name(value: object) -> str:
    """Read the name of a concept, as a query writes it after its @."""
    if not isinstance(value, str) or len(value) > _LONGEST_NAME or not _CONCEPT_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name of a concept; use letters, digits and _ - only, such as prisoners")
    return value


def text(value: object) -> str:
    """Read a text; a number that YAML sees must be quoted."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no text; write it in quotes")
    return value


def term(value: object) -> str:
    """Read a word or phrase of a concept."""
    if not isinstance(value, str) or not (words := split_words(value)) or len(words) > _LONGEST_TERM:
        raise ValueError(f"{value!r} is no word or phrase; write one in quotes, such as 'prisoner of war'")
    if wrong := _NO_TERM.search(_BEGINNING.sub("", value)):
        raise ValueError(f"{value!r} is a word or phrase of a concept; {wrong[0]} belongs in queries, remove it")
    return value


def language(value: object) -> str:
    """Read a language code."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError(f"{value!r} is no language code; write two letters, such as en, ru, hy, az or ka")
    return value


def address(value: object) -> str:
    """Read one e-mail address (RFC 5321, without quoted local parts)."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no e-mail address; write one such as anna@example.org")  # noqa: TRY004 - pydantic wants ValueError
    try:
        found = validate_email(
            value, check_deliverability=False, allow_quoted_local=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise ValueError(f"{value!r} is no e-mail address ({error}); write one such as anna@example.org") from error
    if found.normalized.lower() != value.lower() and value.isascii():
        raise ValueError(f"{value!r} is no plain e-mail address; write {found.normalized}")
    return value


def sender(value: object) -> str:
    """Read `Name <address>` or an address."""
    match = _SENDER.fullmatch(value) if isinstance(value, str) and value.isprintable() else None
    if not match:
        raise ValueError(f"{value!r} is no sender; write News monitor <monitor@example.org>")
    address(match["inner"] or match["bare"])
    return str(value)


def web_address(value: object) -> str:
    """Read an address that may be fetched."""
    try:
        check_fetch_url(text(value))
    except ValueError as error:
        raise ValueError(f"{str(value)[:200]!r} {error}; write an address such as https://example.org/feed/") from error
    return str(value)


def network(value: object) -> Network:
    """Read `10.1.2.0/24`."""
    try:
        return ipaddress.ip_network(text(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is no network ({error}); write one such as 10.1.2.0/24") from error


def zone(value: object) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write one such as Asia/Tbilisi, Asia/Baku or UTC") from error


def pattern(value: object) -> str:
    """Read a regular expression for addresses."""
    try:
        Pattern(text(value))
    except PatternError as error:
        told = f"{error} (at character {error.position + 1} of the expression)"
        raise ValueError(f"{value!r} is no regular expression: {told}") from error
    return str(value)


def selector(value: object) -> str:
    """Read a CSS selector."""
    try:
        GenericTranslator().css_to_xpath(text(value))
    except SelectorError as error:
        raise ValueError(f"{value!r} is no CSS selector ({error}); write one such as h2 a or .article-body") from error
    return str(value)


def when(value: object) -> When:
    """Read what a rule wants to hear about."""
    kinds = [kind.value for kind in When]
    if value in kinds:
        return When(value)
    near = difflib.get_close_matches(str(value), kinds, 1)
    raise ValueError(
        f"{value!r} is not possible here; " + (f"did you mean {near[0]}?" if near else "write new or update")
    )


def whens(value: object) -> tuple[When, ...]:
    """Read at least one of them."""
    found = several(when)(value)
    if not found:
        raise ValueError("a rule that wants nothing is never told; write [new], [update] or [new, update]")
    return found


def host(value: object) -> str:
    """Read the name or address of a server."""
    read = text(value)
    if any(mark.isspace() or not mark.isprintable() or mark in "/@[]" for mark in read) or (
        ":" in read and not is_address(read)
    ):
        raise ValueError(
            f"{value!r} is no host; write its name alone, such as smtp.example.org (port: has a key of its own)"
        )
    try:
        read.encode("idna")
    except UnicodeError as error:
        raise ValueError(f"{value!r} is no host ({error}); write one such as smtp.example.org") from error
    return read


def several(one: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """Read a list of something; a single one may stand without brackets."""

    def read(value: object) -> tuple[T, ...]:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(one(item) for item in items)

    return read


Duration = Annotated[timedelta, BeforeValidator(duration)]
PositiveDuration = Annotated[timedelta, BeforeValidator(positive_duration)]
NeverOr = Annotated[timedelta | None, BeforeValidator(never_or_duration)]
Kept = Annotated[timedelta | None, BeforeValidator(forever_or_duration)]
Durations = Annotated[tuple[timedelta, ...], BeforeValidator(several(positive_duration))]
Heartbeat = Annotated[time | None, BeforeValidator(heartbeat)]
Size = Annotated[int, BeforeValidator(size)]
Rate = Annotated[int, BeforeValidator(rate)]
Name = Annotated[str, BeforeValidator(name)]
Names = Annotated[tuple[str, ...], BeforeValidator(several(name))]
ConceptName = Annotated[str, BeforeValidator(concept_name)]
ConceptNames = Annotated[tuple[str, ...], BeforeValidator(several(concept_name))]
TermText = Annotated[str, BeforeValidator(term)]
Text = Annotated[str, BeforeValidator(text)]
Host = Annotated[str, BeforeValidator(host)]
Texts = Annotated[tuple[str, ...], BeforeValidator(several(text))]
Language = Annotated[str, BeforeValidator(language)]
Languages = Annotated[tuple[str, ...], BeforeValidator(several(language))]
Addresses = Annotated[tuple[str, ...], BeforeValidator(several(address))]
Sender = Annotated[str, BeforeValidator(sender)]
Links = Annotated[str, BeforeValidator(pattern)]
Selector = Annotated[str, BeforeValidator(selector)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
Starts = Annotated[tuple[str, ...], BeforeValidator(several(web_address))]
Networks = Annotated[tuple[Network, ...], BeforeValidator(several(network))]
Whens = Annotated[tuple[When, ...], BeforeValidator(whens)]
Zone = Annotated[ZoneInfo, BeforeValidator(zone)]
