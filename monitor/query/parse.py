"""From a query as a person writes it to its tree; errors say where and what would be right."""

from __future__ import annotations

import difflib

from monitor.errors import PatternError, QueryError
from monitor.language import Concepts, Sense
from monitor.query.check import first_fault
from monitor.query.expression import Expression
from monitor.query.facets import DATES, FACETS, SAMPLES, read_dated, read_facet
from monitor.query.tokens import Token, tokens
from monitor.query.tree import And, AtLeast, Near, Node, Not, Or, Regex, Term, Within, has_places
from monitor.query.words import readings, star_fault

FIELDS = ("title", "text", *FACETS, *DATES)
_DEEPEST = 50
_LONGEST = 10_000
_NEAR_IN_A_ROW = 4
_NAMED = 9
_SHOWN = 120  # characters of a query beside a caret
_KINDS = {"lang": "the code of a language", "country": "the code of a country"}
_COUNTED = "words, phrases, concepts and brackets of OR"


def parse(query: str, concepts: Concepts | None = None) -> Node:
    """Give the tree of a query.

    Raises:
        QueryError: with the offset of the place in code points.
    """
    return Parser(concepts).parse(query)


def caret(error: QueryError) -> str:
    """Give an error as lines: the query, or what stands around the place, a caret, and what would be right."""
    if not error.query:
        return str(error)
    line = "".join(char if char.isprintable() else " " for char in error.query)
    at = min(error.position, len(line))
    start = max(0, at - _SHOWN // 2) if len(line) > _SHOWN else 0
    return f"{line[start : start + _SHOWN]}\n{' ' * (at - start)}^ {error}"


class Parser:
    """Parses queries that may name concepts. Equal terms of all its queries are one object: rules share them."""

    def __init__(self, concepts: Concepts | None = None) -> None:
        """Take what `@name` may stand for."""
        self._given = concepts or {}
        self._concepts: dict[str, Node] = {}
        self._terms: dict[Term, Term] = {}

    def parse(self, query: str) -> Node:
        """Give the tree of a query.

        Raises:
            QueryError: with the offset of the place in code points.
        """
        if len(query) > _LONGEST:
            raise QueryError(
                f"the query is longer than {_LONGEST} characters; make several rules of it, or a concept",
                query=query,
                position=_LONGEST,
            )
        return _Reading(query, self).whole()

    def concept(self, name: str) -> Node | None:
        """Give a concept as the terms of which any will do; None where there is none of that name."""
        if name not in self._concepts and name in self._given:
            terms = [
                self.term(term.text, sense=term.sense, quoted=True, lang=term.lang, concept=name)
                for term in self._given[name]
            ]
            found = dict.fromkeys(part for part in terms if part is not None)
            if found:
                self._concepts[name] = next(iter(found)) if len(found) == 1 else Or(parts=tuple(found))
        return self._concepts.get(name)

    def near_name(self, name: str) -> str:
        """Say which concept was perhaps meant."""
        if near := difflib.get_close_matches(name, self._given, 1):
            return f"did you mean @{near[0]}?"
        names = ", ".join(f"@{known}" for known in sorted(self._given)[:_NAMED])
        return f"there are {names}" if names else "none is known here"

    def term(self, text: str, *, sense: Sense, quoted: bool, lang: str | None, concept: str | None) -> Node | None:
        """Give a term, or its readings; None where there is no word in it. There is one object for equal terms."""
        shown = f"={text}" if sense is Sense.EXACT and concept is None else text
        terms = [
            Term(text=shown, words=words, concept=concept)
            for words in readings(text, sense=sense, quoted=quoted, lang=lang)
        ]
        found = tuple(self._terms.setdefault(term, term) for term in terms)
        return Or(parts=found) if len(found) > 1 else next(iter(found), None)


class _Reading:
    """Recursive descent: OR binds least, then AND (a blank), NOT, NEAR, and what stands behind a word."""

    def __init__(self, query: str, parser: Parser) -> None:
        self._query = query
        self._parser = parser
        self._tokens = tokens(query)
        self._next = 0
        self._depth = 0
        self._facet: str | None = None
        self._field: str | None = None
        self._at: dict[int, tuple[Node, int]] = {}  # where each part stands; the part is kept, and its identity with it

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise self._error("the query is empty; write a word to look for")
        node = self._any()
        if self._peek().kind == ")":
            raise self._error("this bracket closes nothing; remove it or add an opening one")
        if fault := first_fault(node):
            part, what = fault
            at = self._at.get(id(part), (part, 0))[1]
            raise QueryError(what, query=self._query, position=at)
        return node

    def _any(self) -> Node:
        at = self._peek().at
        parts = [self._all()]
        while self._peek().kind == "OR":
            self._take()
            parts.append(self._all())
        parts = list(dict.fromkeys(parts))
        return parts[0] if len(parts) == 1 else self._placed(Or(parts=tuple(parts)), at)

    def _all(self) -> Node:
        at = self._peek().at
        parts = [self._one()]
        while self._peek().kind not in {"end", ")", "OR"}:
            if self._peek().kind == "AND":
                self._take()
            parts.append(self._one())
        parts = list(dict.fromkeys(parts))
        return parts[0] if len(parts) == 1 else self._placed(And(parts=tuple(parts)), at)

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} levels of brackets; make several rules of it")
        try:
            at = self._peek().at
            if self._peek().kind != "NOT":
                return self._near()
            self._take()
            part = self._one()
            return part.part if isinstance(part, Not) else self._placed(Not(part=part), at)
        finally:
            self._depth -= 1

    def _near(self) -> Node:
        first = self._peek()
        node, joined = self._counted(), 0
        while self._peek().kind == "NEAR":
            operator = self._take()
            joined += 1
            if joined > _NEAR_IN_A_ROW:
                raise self._error(
                    f"at most {_NEAR_IN_A_ROW} NEAR may follow each other; use brackets and AND", operator
                )
            after = self._peek()
            right = self._counted()
            for part, token in ((node, first), (right, after)):
                if not has_places(part) or _nears(part) >= _NEAR_IN_A_ROW:
                    raise self._error(f"NEAR stands between {_COUNTED}", token)
            node = self._placed(Near(left=node, right=right, distance=operator.number), first.at)
        return node

    def _counted(self) -> Node:
        first = self._peek()
        node = self._operand()
        while self._peek().kind == "count":
            token = self._take()
            if not has_places(node):
                raise self._error(f"{token.text} counts {_COUNTED}", first)
            node = self._placed(AtLeast(part=node, count=token.number), first.at) if token.number > 1 else node
        return node

    def _operand(self) -> Node:
        token = self._take()
        if token.kind == "(":
            return self._bracket(token)
        if self._facet and token.kind in {"field", "concept", "regex"}:
            raise self._error(f"{self._facet}: takes names, such as {self._facet}:(a OR b)", token)
        if token.kind == "term":
            return self._facet_value(self._facet, token) if self._facet else self._term(token)
        if token.kind in {"field", "concept", "regex"}:
            read = {"field": self._named, "concept": self._concept, "regex": self._regex}[token.kind]
            return self._placed(read(token), token.at)
        wanted = "a word is missing at the end" if token.kind == "end" else f"a word is missing before {token.text!r}"
        raise self._error(f"{wanted}; write one, or remove the operator", token)

    def _bracket(self, opening: Token) -> Node:
        node = self._any()
        if self._take().kind != ")":
            raise self._error("this bracket is never closed; add a closing one", opening)
        return node

    def _named(self, token: Token) -> Node:
        """Read what a field is asked for."""
        if token.text not in FIELDS:
            near = difflib.get_close_matches(token.text, FIELDS, 1, 0.5)
            hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(FIELDS)}."
            raise self._error(f"there is no field {token.text!r}; {hint} Quote the word if the colon is meant", token)
        if self._peek().kind not in {"term", "(", "concept", "regex", "field"}:
            sample = f"{token.text}:{SAMPLES[token.text]}"
            raise self._error(f"{token.text}: needs a value, such as {sample}", token)
        if token.text in DATES:
            return self._dated(token)
        name, before = ("_facet", self._facet) if token.text in FACETS else ("_field", self._field)
        if name == "_field" and before not in {None, token.text}:
            raise self._error(f"{token.text}: inside {before}: can never be true; write one of them", token)
        setattr(self, name, token.text)
        try:
            part = self._deeper()
        finally:
            setattr(self, name, before)
        return part if token.text in FACETS else Within(field=token.text, part=part)

    def _deeper(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} levels of brackets; make several rules of it")
        try:
            return self._counted() if self._facet is None else self._operand()
        finally:
            self._depth -= 1

    def _facet_value(self, name: str, token: Token) -> Node:
        facet = read_facet(name, token.text, quoted=token.quoted)
        if facet is None:
            kind = _KINDS.get(name, "a name")
            raise self._error(f"{name}: needs {kind}, such as {name}:{SAMPLES[name]}", token)
        return self._placed(facet, token.at)

    def _dated(self, field: Token) -> Node:
        value = self._take()
        dated = read_dated(field.text, value.text) if value.kind == "term" else None
        if dated is None:
            raise self._error(f"{field.text}: needs a day, such as {field.text}:{SAMPLES[field.text]}", value)
        return dated

    def _concept(self, token: Token) -> Node:
        node = self._parser.concept(token.text)
        if node is None:
            raise self._error(f"there is no concept @{token.text}; {self._parser.near_name(token.text)}", token)
        return node

    def _regex(self, token: Token) -> Regex:
        try:
            return Regex(text=f"/{token.text}/", expression=Expression(token.text))
        except PatternError as error:
            raise QueryError(
                f"in this regular expression: {error}", query=self._query, position=token.at + 1 + error.position
            ) from error

    def _term(self, token: Token) -> Node:
        if fault := star_fault(token.text, quoted=token.quoted):
            raise self._error(fault, token)
        sense = Sense.EXACT if token.exact else Sense.ALL
        term = self._parser.term(token.text, sense=sense, quoted=token.quoted, lang=None, concept=None)
        if term is None:
            raise self._error("there is no word in this term", token)
        return self._placed(term, token.at)

    def _placed(self, node: Node, at: int) -> Node:
        self._at[id(node)] = (node, at)
        return node

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _error(self, message: str, token: Token | None = None) -> QueryError:
        return QueryError(message, query=self._query, position=(token or self._peek()).at)


def _nears(node: Node) -> int:
    """Give how many NEAR stand in each other."""
    if isinstance(node, Near):
        return 1 + max(_nears(node.left), _nears(node.right))
    if isinstance(node, Or):
        return max(map(_nears, node.parts))
    return _nears(node.part) if isinstance(node, Within) else 0
