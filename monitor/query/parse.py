"""From a query as a person writes it to its tree; errors say where and what would be right."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from monitor.errors import QueryError
from monitor.language import Sense, split_words
from monitor.query.tree import And, Facet, InTitle, Node, Not, Or, Term, Word

FACETS = ("lang", "source", "outlet")
FIELDS = ("title", *FACETS)
_OPENING = '"“”„«'
_CLOSING = '"“”»'
_FIELD = re.compile(r"([A-Za-z_]+):(?!/)")
_BARE = re.compile(rf"[^\s()|{_OPENING}{_CLOSING}]+")
_DEEPEST = 50
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # ( ) | AND OR NOT field term end
    text: str
    at: int
    exact: bool = False
    quoted: bool = False


def parse(query: str) -> Node:
    """Give the tree of a query.

    Raises:
        QueryError: with the offset of the place in code points.
    """
    if len(query) > _LONGEST:
        raise QueryError(f"the query is longer than {_LONGEST} characters; make several rules of it", query=query)
    parser = _Parser(query, _tokens(query))
    node = parser.whole()
    if not _asks(node):
        raise QueryError(
            "the query says only what must not be there, and would match nearly everything; add a word to look for",
            query=query,
        )
    return node


def caret(error: QueryError) -> str:
    """Give an error as lines: the query, a caret under the place, and what would be right."""
    if not error.query:
        return str(error)
    line = re.sub(r"\s", " ", error.query)
    return f"{line}\n{' ' * min(error.position, len(line))}^ {error}"


def _tokens(query: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        token, at = _token(query, at, after_blank=at == 0 or query[at - 1] in " \t\r\n(|:")
        tokens.append(token)
    return [*tokens, _Token("end", "", len(query))]


def _token(query: str, at: int, *, after_blank: bool) -> tuple[_Token, int]:
    """Read one token; gives it and where the next begins."""
    char = query[at]
    if char in "()|":
        return _Token("OR" if char == "|" else char, char, at), at + 1
    if char == "-" and after_blank:
        return _Token("NOT", "-", at), at + 1
    exact = char == "="
    start = at + exact
    if start < len(query) and query[start] in _OPENING:
        end = next((i for i in range(start + 1, len(query)) if query[i] in _CLOSING), None)
        if end is None:
            raise QueryError("this quotation has no end; add a closing quotation mark", query=query, position=start)
        return _Token("term", query[start + 1 : end], at, exact=exact, quoted=True), end + 1
    if not exact and (field := _FIELD.match(query, at)):
        return _Token("field", field[1].lower(), at), field.end()
    bare = _BARE.match(query, start)
    if bare is None:
        raise QueryError("a word is missing here", query=query, position=at)
    if not exact and bare.group() in {"AND", "OR", "NOT"}:
        return _Token(bare.group(), bare.group(), at), bare.end()
    return _Token("term", bare.group(), at, exact=exact), bare.end()


class _Parser:
    """Recursive descent: OR binds least, then AND (a blank), then NOT."""

    def __init__(self, query: str, tokens: list[_Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise self._error("the query is empty; write a word to look for")
        node = self._any()
        if self._peek().kind == ")":
            raise self._error("this bracket closes nothing; remove it or add an opening one")
        return node

    def _any(self) -> Node:
        parts = [self._all()]
        while self._peek().kind == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(parts=tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._peek().kind not in {"end", ")", "OR"}:
            if self._peek().kind == "AND":
                self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(parts=tuple(parts))

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} levels of brackets; make several rules of it")
        try:
            return self._operand()
        finally:
            self._depth -= 1

    def _operand(self) -> Node:
        token = self._take()
        if token.kind == "NOT":
            return Not(part=self._one())
        if token.kind == "(":
            return self._bracket(token)
        if token.kind == "field":
            return self._field(token)
        if token.kind == "term":
            return self._term(token)
        wanted = "a word is missing at the end" if token.kind == "end" else f"a word is missing before {token.text!r}"
        raise self._error(f"{wanted}; write one, or remove the operator", token)

    def _bracket(self, opening: _Token) -> Node:
        node = self._any()
        if self._take().kind != ")":
            raise self._error("this bracket is never closed; add a closing one", opening)
        return node

    def _field(self, token: _Token) -> Node:
        if token.text not in FIELDS:
            raise self._error(
                f"there is no field {token.text!r}, only {', '.join(FIELDS)}; quote the word if the colon is meant",
                token,
            )
        if token.text == "title":
            return InTitle(part=self._one())
        value = self._take()
        if value.kind != "term":
            raise self._error(f"{token.text}: needs a value, such as {token.text}:x", token)
        return Facet(name=token.text, value=value.text)

    def _term(self, token: _Token) -> Term:
        pieces = token.text.split() if token.quoted else [token.text]
        words = [word for piece in pieces for word in self._words(piece, token)]
        if not words:
            raise self._error("there is no word in this term", token)
        if len(words) > 1:
            words = [replace(word, loosely=True) for word in words]
        return Term(text=("=" if token.exact else "") + token.text, words=tuple(words))

    def _words(self, piece: str, token: _Token) -> list[Word]:
        exact = token.exact or (token.quoted and piece.startswith("="))
        bare = piece.removeprefix("=") if token.quoted else piece
        prefix = bare.endswith("*")
        if "*" in bare.removesuffix("*"):
            raise self._error("* may stand at the end of a word only, such as prison*", token)
        found = split_words(bare.removesuffix("*"))
        if prefix and not found:
            raise self._error("* needs the beginning of a word before it, such as prison*", token)
        return [
            Word(
                text=text,
                sense=Sense.EXACT if exact and not (prefix and last) else Sense.ALL,
                prefix=prefix and last,
            )
            for last, text in ((i == len(found) - 1, text) for i, text in enumerate(found))
        ]

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _error(self, message: str, token: _Token | None = None) -> QueryError:
        return QueryError(message, query=self._query, position=(token or self._peek()).at)


def _asks(node: Node) -> bool:
    """Tell whether a query asks for something to be there."""
    if isinstance(node, Not):
        return False
    if isinstance(node, And):
        return any(map(_asks, node.parts))
    if isinstance(node, Or):
        return all(map(_asks, node.parts))
    return _asks(node.part) if isinstance(node, InTitle) else True
