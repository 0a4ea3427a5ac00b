"""Drafts as people's spiders yield them: what they surely meant is taken, what is unclear is named in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from monitor.collect.dates import Stamp, in_place, plausible, read
from monitor.collect.html import line_of, text_of
from monitor.collect.limits import AUTHOR, GUID, TEXT, TITLE
from monitor.model import Draft
from monitor.urls import web_url

_LONGEST_SHOWN = 60
_LANGUAGE = 16
_ADDRESS_HELP = "give one address as text, such as response.urljoin(link.attrib['href'])"
_WORDS_HELP = "give text, such as line(' '.join(link.css('::text').getall()))"
_MOMENT_HELP = "give a datetime or None, such as moment(...) from spiders.site"


@dataclass(frozen=True, slots=True)
class Mended:
    """A draft that can be kept, or None, and what of it was unclear: field by field, a sentence each."""

    draft: Draft | None
    unclear: dict[str, str]


class _Unclear(Exception):
    """A value whose meaning nobody can know; its text says what it is."""


def mended(
    draft: Draft, *, join: Callable[[str], str], now: datetime, place: Callable[[], tzinfo | None] = lambda: None
) -> Mended:
    """Give a draft with values of the right types; `join` makes a link of the page absolute.

    `place` gives the zone of the outlet: a time without a zone is on its clock.

    A draft without an address is None without a word: a row without a link is no article. What is unclear is left
    out; where it is the address, so is the draft.
    """
    unclear: dict[str, str] = {}

    def field(name: str, value: Any, how: Callable[[Any], Any], remedy: str) -> Any:  # noqa: ANN401 - it may be anything
        try:
            return how(value)
        except _Unclear as error:
            unclear[name] = f"{name} is {error}; {remedy}"
            return None

    def words(name: str, glue: str = " ") -> str:
        return field(name, getattr(draft, name), lambda value: _words(value, glue), _WORDS_HELP) or ""

    def when(name: str) -> datetime | None:
        told: datetime | None = field(name, getattr(draft, name), lambda value: _moment(value, place), _MOMENT_HELP)
        return plausible(told, now) if told else None

    url = field("url", draft.url, lambda value: _address(value, join), _ADDRESS_HELP)
    if url is None:
        return Mended(None, unclear)
    return Mended(
        Draft(
            url=url,
            guid=words("guid")[:GUID] or None,
            title=line_of(words("title"), TITLE),
            summary=text_of(words("summary", "\n\n"), TEXT),
            text=text_of(words("text", "\n\n"), TEXT) or None,
            author=line_of(words("author", ", "), AUTHOR) or None,
            published_at=when("published_at"),
            updated_at=when("updated_at"),
            language=words("language").strip().lower()[:_LANGUAGE] or None,
            canonical_url=web_url(words("canonical_url")),
            site=line_of(words("site"), TITLE) or None,
        ),
        unclear,
    )


def _words(value: object, glue: str) -> str:
    """Give text: as it is, of a number, of what a selector found, of a list of texts."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return glue.join(_several(value))


def _several(value: object) -> list[str]:
    """Give the texts that a selector found or a list holds."""
    found: Any = value.getall() if hasattr(value, "getall") else value
    several = isinstance(found, Iterable) and not isinstance(found, str | bytes | dict)
    texts = [text for text in found if text is not None] if several else [found]
    if not all(isinstance(text, str) for text in texts):
        raise _Unclear(_shown(value))
    return texts


def _address(value: object, join: Callable[[str], str]) -> str | None:
    """Give the address that a text, a selector's attribute or the link that a selector found names; None for none."""
    texts = [value] if isinstance(value, str) else [] if value is None else _hrefs(value)
    texts = [text for text in texts if text.strip()]
    if len(texts) > 1:
        raise _Unclear(f"{len(texts)} addresses, the first {texts[0][:_LONGEST_SHOWN]!r}")
    if not texts:
        return None
    try:
        url = web_url(join(texts[0].strip()))
    except ValueError:  # such as http://[
        url = None
    if url is None:
        raise _Unclear(f"{texts[0][:_LONGEST_SHOWN]!r}, which is no web address")
    return url


def _hrefs(value: object) -> list[str]:
    """Give the addresses in what a selector found: of elements, that of the link."""
    found = value if isinstance(value, Iterable) else [value]
    links = [getattr(one, "attrib", {}).get("href") for one in found]
    return [link for link in links if link] or _several(value)


def _moment(value: object, place: Callable[[], tzinfo | None]) -> datetime | None:
    """Give a time; one without a zone is on the clock of its place."""
    if isinstance(value, datetime):
        return in_place(Stamp(moment=value, minute=True), place)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    text = " ".join(_words(value, " ").split())
    if not text:
        return None
    stamp = read(text)
    if stamp is None:
        raise _Unclear(f"{_shown(value)}, which is no time that can be read")
    return in_place(stamp, place)


def _shown(value: object) -> str:
    text = f"{value!r}"
    return f"a {type(value).__name__}, {text[:_LONGEST_SHOWN]}{'…' if len(text) > _LONGEST_SHOWN else ''}"
