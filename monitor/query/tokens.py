"""A query's characters as tokens: words, quotations, operators; with their places, for the caret."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.errors import QueryError

_OPENING = '"“”„«'
_CLOSING = '"“”»'
_FIELD = re.compile(r"([A-Za-z_]+):(?!//)")
_BARE = re.compile(rf"[^\s()|{{}}{_OPENING}{_CLOSING}]+")
_COUNT = re.compile(r"\{(\d{1,3})\}")
_CONCEPT = re.compile(r"@(\w+(?:[.-]\w+)*)")
_NEAR = re.compile(r"NEAR(?:/(.*))?", re.DOTALL)
_FARTHEST = 100
_USUAL = 10
_DASHES = "-\u2212\u2013\u2014"  # what editors make of a hyphen excludes as well
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_QUOTED_CONCEPT = re.compile(r"['\u2018\u2019\u201a`]+@\w")
_TWO_AND_END = 2  # a phrase has two words, and there is a token for the end
_SMALL = {"or": "OR for either", "and": "AND, or nothing", "not": "NOT, or - before the word", "near": "NEAR/10"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query and its offset in code points; `number` is the distance of NEAR, or how often."""

    kind: str  # ( ) AND OR NOT NEAR count field term concept regex end
    text: str
    at: int
    exact: bool = False
    quoted: bool = False
    number: int = 0


def tokens(query: str) -> list[Token]:
    """Give the tokens of a query, and one for its end.

    Raises:
        QueryError: a quotation or expression has no end, or an operator is written wrongly.
    """
    found: list[Token] = []
    at = 0
    if control := _CONTROL.search(query):
        raise QueryError(
            "there is a control character here; in YAML's double quotes \\b is one: put the query in single quotes",
            query=query,
            position=control.start(),
        )
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        token, at = _token(query, at)
        found.append(token)
    return [*found, Token("end", "", len(query))]


def hints(query: str, *, in_double_quotes: bool = False) -> tuple[str, ...]:
    """Give what was perhaps meant otherwise, in a query that can be read: a small `or` is a word like any other.

    `in_double_quotes` says that it stood so in a file: they are the file's, and a phrase needs others.
    """
    found = tokens(query)
    inner = zip(found, found[1:], found[2:], strict=False)
    small = tuple(
        f"{token.text!r} at character {token.at + 1} is looked for as a word; if it joins, write {_SMALL[token.text]}"
        for before, token, after in inner
        if token.kind == "term" and not token.quoted and not token.exact and token.text in _SMALL
        and before.kind in {"term", "concept", ")", "count", "regex"} and after.kind not in {"end", ")"}
    )  # fmt: skip # a table
    words = tuple(
        f"{token.text!r} in quotes is looked for as a word; for the concept leave the quotes out"
        for token in found
        if token.quoted and token.text.startswith("@")
    )
    plain = all(token.kind == "term" and not token.quoted and not token.exact for token in found[:-1])
    if in_double_quotes and plain and len(found) > _TWO_AND_END:
        words += (f"YAML takes the double quotes, and the words may stand anywhere; for a phrase write '\"{query}\"'",)
    return small + words


def _token(query: str, at: int) -> tuple[Token, int]:
    """Read one token; gives it and where the next begins."""
    char = query[at]
    if char in _SIGNS:
        return Token(_SIGNS[char], char, at), at + 1
    if char in _DASHES and _begins(query, at):
        return _minus(query, at)
    if read := _READERS.get(char):
        return read(query, at)
    exact = char == "="
    start = at + exact
    if start < len(query) and query[start] in _OPENING:
        return _quotation(query, at, start, exact=exact)
    if not exact and (field := _FIELD.match(query, at)):
        return Token("field", field[1].lower(), at), field.end()
    return _bare(query, at, start, exact=exact)


def _begins(query: str, at: int) -> bool:
    """Tell whether a word may begin here."""
    return at == 0 or query[at - 1].isspace() or query[at - 1] in "(|:"


def _minus(query: str, at: int) -> tuple[Token, int]:
    if at + 1 == len(query) or query[at + 1].isspace():
        raise QueryError(
            f"{query[at]} excludes the word right behind it, such as -film; leave the blank out, or the sign",
            query=query,
            position=at,
        )
    return Token("NOT", query[at], at), at + 1


def _concept(query: str, at: int) -> tuple[Token, int]:
    name = _CONCEPT.match(query, at)
    if name is None:
        raise QueryError(
            "@ needs the name of a concept, such as @prisoners; or quote the word", query=query, position=at
        )
    return Token("concept", name[1], at), name.end()


def _quotation(query: str, at: int, start: int, *, exact: bool) -> tuple[Token, int]:
    end = next((i for i in range(start + 1, len(query)) if query[i] in _CLOSING), None)
    if end is None:
        raise QueryError("this quotation has no end; add a closing quotation mark", query=query, position=start)
    return Token("term", query[start + 1 : end], at, exact=exact, quoted=True), end + 1


def _bare(query: str, at: int, start: int, *, exact: bool) -> tuple[Token, int]:
    bare = _BARE.match(query, start)
    if bare is None:
        raise QueryError("a word is missing here", query=query, position=at)
    text = bare.group()
    if exact:
        return Token("term", text, at, exact=True), bare.end()
    if text in {"AND", "OR", "NOT"}:
        return Token(text, text, at), bare.end()
    if _QUOTED_CONCEPT.match(text):
        raise QueryError(
            "in these quotes @ gives no concept; write straight ones round the whole query: '@prisoners'",
            query=query,
            position=at,
        )
    if text in {"&", "&&"}:
        raise QueryError(f"{text} joins nothing here; write AND, or nothing", query=query, position=at)
    if near := _NEAR.fullmatch(text):
        return _near(query, at, text, near[1]), bare.end()
    if re.fullmatch(r"(?i:near)/\d+|AROUND", text):
        raise QueryError("to find words near each other write NEAR/10 between them", query=query, position=at)
    return Token("term", text, at), bare.end()


def _near(query: str, at: int, text: str, distance: str | None) -> Token:
    if distance is None:
        return Token("NEAR", text, at, number=_USUAL)
    number = int(distance) if re.fullmatch(r"[0-9]{1,3}", distance) else 0
    if not 1 <= number <= _FARTHEST:
        raise QueryError(
            f"NEAR/ needs a number of words from 1 to {_FARTHEST}, such as NEAR/10", query=query, position=at + 5
        )
    return Token("NEAR", text, at, number=number)


def _count(query: str, at: int) -> tuple[Token, int]:
    count = _COUNT.match(query, at)
    if count is None or int(count[1]) == 0:
        raise QueryError(
            "write x{2} for at least twice, without blanks; leave the bracket out if it belongs to the text",
            query=query,
            position=at,
        )
    if _begins(query, at):
        raise QueryError("{2} stands right behind what is counted, such as truce{2}", query=query, position=at)
    return Token("count", count[0], at, number=int(count[1])), count.end()


def _regex(query: str, at: int) -> tuple[Token, int]:
    """Read up to the next slash that is neither escaped nor in square brackets."""
    end, inside = at + 1, False
    while end < len(query) and (inside or query[end] != "/"):
        if query[end] == "\\":
            end += 1
        elif query[end] in "[]":
            inside = query[end] == "["
        end += 1
    if end >= len(query):
        raise QueryError(
            "this regular expression has no end; add a / or, if a word was meant, leave the first out",
            query=query,
            position=at,
        )
    return Token("regex", query[at + 1 : end], at), end + 1


_SIGNS = {"(": "(", ")": ")", "|": "OR"}
_READERS = {"{": _count, "}": _count, "/": _regex, "@": _concept}
