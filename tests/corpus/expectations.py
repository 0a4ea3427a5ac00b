"""Cases of other parsers' test suites (feedparser, yarr): what each expects, asked of our result instead of theirs.

A case says in the comment at its beginning what must be true of the mapping that feedparser makes of it. Here the same
expression is asked of a mapping made of our `ParsedFeed`: as far as it speaks of what a draft has.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from monitor.collect.charset import decode
from monitor.model import Draft, ParsedFeed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME = "http://127.0.0.1:8097/"
_COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
_MAIL = re.compile(r"\(?[\w.+-]+@[\w.-]+\)?")
_LINE = re.compile(r"^\s*(Expect|Header|Description):\s*(.*)$", re.MULTILINE)
_GO = re.compile(r"^@ (.+)$", re.MULTILINE)
_GO_DATE = re.compile(r"time\.Date\(([\d, ]+), 0, time\.UTC\)")
_GO_ALONE = re.compile(r"time\.Now|FixedZone|GUID")  # yarr makes an id of the address where there is none
_GO_NAMES = {"URL": "link", "Title": "title", "Content": "content_html", "Date": "published_parsed"}
_TAG = re.compile(
    r"<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)\s*>|<[a-zA-Z/!?][^>]*>?", re.DOTALL | re.IGNORECASE
)
# What a draft has, by the path on which feedparser has it.
_ENTRY = {
    "title": ("title", "title_detail.value"),
    "link": ("link",),
    "id": ("id", "guid"),
    "published": ("published", "published_parsed", "created", "created_parsed", "issued", "issued_parsed"),
    "updated": ("updated", "updated_parsed", "modified", "modified_parsed"),
    "author": ("author", "author_detail.name", "authors.name"),
    "language": ("language", "title_detail.language", "content.language", "summary_detail.language"),
    "words": ("content_html", "summary", "description", "summary_detail.value", "content.value"),
}
_FEED = {"title": ("title", "title_detail.value"), "language": ("language",)}
FIELDS: Mapping[str, str] = {
    **{f"entries.{path}": field for field, paths in _ENTRY.items() for path in paths},
    **{f"feed.{path}": field for field, paths in _FEED.items() for path in paths},
    "encoding": "encoding",
    "entries": "count",
}


class Verdict(StrEnum):
    """What comes of a case."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ELSEWHERE = "elsewhere"  # it is about what no draft has


class Parse(Protocol):
    """What is asked: the program's own parser."""

    def __call__(self, body: bytes, url: str, content_type: str | None, now: datetime) -> ParsedFeed:
        """Parse a feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file: its bytes, the headers that it would come with, and what is expected."""

    name: str
    body: bytes
    headers: Mapping[str, str]
    expect: str

    @property
    def url(self) -> str:
        """Where the feed would come from."""
        return urljoin(HOME, self.headers.get("content-location", ""))


def cases_in(folder: Path) -> Iterator[Case]:
    """Give the cases of a folder that say what they expect."""
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        comment = _COMMENT.search(body.replace(b"\0", b""))
        text = decode(comment[1], None) if comment else ""
        lines = [(kind, value.strip()) for kind, value in _LINE.findall(text)]
        headers = [value.partition(":") for kind, value in lines if kind == "Header"]
        told = [value for kind, value in lines if kind == "Expect"][:1] or [_from_go(text)]
        if told[0]:
            folded = {name.lower(): value.strip() for name, _, value in headers}
            yield Case(name=path.name, body=body, headers=folded, expect=told[0])


def _from_go(text: str) -> str:
    """Give what a case of yarr expects (`@ feed.Items[0].URL == "…"`, a line each) as one expression like the others."""
    claims = [line for line in _GO.findall(text) if not _GO_ALONE.search(line)]
    expression = " and ".join(claims).replace("feed.Items", "entries")
    expression = _GO_DATE.sub(lambda match: f"({match[1]})", expression)
    for theirs, ours in _GO_NAMES.items():
        expression = expression.replace(f".{theirs} ", f"['{ours}'] ")
    return expression


def judge(case: Case, parse: Parse) -> tuple[Verdict, frozenset[str]]:
    """Tell whether our result is as expected, and which fields the case is about."""
    claims = [claim for claim in _claims(ast.parse(case.expect, mode="eval").body) if _paths(claim)]
    fields = frozenset(FIELDS.get(path, "") for claim in claims for path in _paths(claim))
    ours = [claim for claim in claims if all(path in FIELDS for path in _paths(claim))]
    if not ours:
        return Verdict.ELSEWHERE, frozenset()
    names = _mapping(case, parse)
    try:
        agrees = all(eval(compile(ast.Expression(claim), case.name, "eval"), {}, names) for claim in ours)
    except (LookupError, AttributeError, TypeError):
        agrees = False
    return Verdict.AGREES if agrees else Verdict.DIFFERS, fields - {""}


def _claims(node: ast.expr) -> Iterator[ast.expr]:
    """Give the parts of a conjunction."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _claims(value)
    else:
        yield node


def _paths(node: ast.expr) -> list[str]:
    """Give what an expression looks at, such as `entries.title`; indices do not count, nor does whether it is well-formed."""
    found = [path for part in ast.walk(node) if (path := _path(part))]
    longest = [path for path in found if not any(other.startswith(f"{path}.") for other in found)]
    return [path for path in longest if path not in {"bozo", "len", "locals", "feed"}]


def _path(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _path(node.value)
        return f"{before}.{node.attr}" if before else None
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        before = _path(node.value)
        name = node.slice.value
        return before if isinstance(name, int) else f"{before}.{name}" if before else None
    return None


class _Words(str):
    """A text of ours: it agrees with the same words in markup, which we do not keep."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and (
            str.__eq__(self, other) or _plain(self) in {_plain(other), _plain(html.unescape(other))}
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class _Moment:
    """A time of ours: it agrees with a struct_time in UTC, and with a text that says the same."""

    def __init__(self, moment: datetime | None) -> None:
        self._moment = moment

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            told = parsedate_to_datetime(other) if other[:1].isalpha() else datetime.fromisoformat(other)
            other = told.utctimetuple()
        return self._moment is not None and isinstance(other, tuple) and self._moment.timetuple()[:6] == other[:6]

    def __hash__(self) -> int:
        return hash(self._moment)


class _Names(str):
    """Authors of ours: they agree with their names and addresses, of which we keep the names where there are any."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str(self) in {other, _MAIL.sub("", other).strip(" ()")}

    __hash__ = str.__hash__


class _Address(str):
    """An address of ours: it agrees with one whose host has capitals, which do not count (RFC 3986, section 6.2.2.1)."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        parts = urlsplit(str(other))
        return str(self) == parts._replace(netloc=parts.netloc.lower()).geturl()

    __hash__ = str.__hash__


class _Entry(dict[str, Any]):
    """A mapping whose members are attributes too, as feedparser's are."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class _Encoding:
    """How the bytes were read: it agrees with the name of an encoding that gives the same text."""

    def __init__(self, body: bytes, text: str) -> None:
        self._body = body
        self._text = text

    def __eq__(self, other: object) -> bool:
        try:
            return isinstance(other, str) and self._body.decode(other, "replace").lstrip("\ufeff") == self._text
        except LookupError:
            return False

    def __hash__(self) -> int:
        return hash(self._text)


def _plain(markup: str) -> str:
    """Give the characters of the words in markup: blanks and what no reader sees are left out."""
    return "".join(html.unescape(_TAG.sub("", markup)).split())


def _mapping(case: Case, parse: Parse) -> Mapping[str, Any]:
    content_type = case.headers.get("content-type")
    feed = parse(case.body, case.url, content_type, NOW)
    return {
        "bozo": False,
        "feed": {
            "title": _Words(feed.title),
            "title_detail": {"value": _Words(feed.title)},
            "language": feed.language,
        },
        "entries": [_entry(draft) for draft in feed.drafts],
        "encoding": _Encoding(case.body, decode(case.body, content_type)),
    }


def _entry(draft: Draft) -> Mapping[str, Any]:
    summary, text = _Words(draft.summary), _Words(draft.text or "")
    published, updated = _Moment(draft.published_at), _Moment(draft.updated_at)
    author, language = draft.author or "", draft.language
    told = {
        "title": _Words(draft.title),
        "content_html": text or summary,
        "title_detail": {"value": _Words(draft.title), "language": language},
        "link": _Address(draft.url or ""),
        "id": draft.guid,
        "guid": draft.guid,
        "summary": summary or text,
        "description": summary or text,
        "summary_detail": {"value": summary or text, "language": language},
        "content": [{"value": text or summary, "language": language}],
        "author": _Names(author),
        "author_detail": {"name": author},
        "authors": [{"name": name} for name in author.split(", ")],
        "language": language,
    }
    told |= dict.fromkeys(_ENTRY["published"], published) | dict.fromkeys(_ENTRY["updated"], updated)
    return _Entry(told)
