"""Queries that can be read, but never match, or nearly always: what is wrong with them, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from monitor.language import fold
from monitor.query.tree import And, AtLeast, Dated, Facet, Near, Node, Not, Or, Term, Within, Word

_ONE_VALUE = ("lang", "source", "outlet", "country")
_LOOKED_THROUGH = 150  # parts; in a longer query only the same part wanted and excluded is seen
Fault = tuple[Node, str]


def first_fault(node: Node) -> Fault | None:
    """Give the part of a query that makes it useless, and what is wrong with it; None where nothing is."""
    if not _asks(node):
        return node, (
            "the query says only what must not be there, or when, and would match nearly everything; "
            "add a word to look for"
        )
    return next(_never(node), None)


def facet_values(node: Node, name: str) -> frozenset[str] | None:
    """Give the values of a facet that a match may have; None where any will do."""
    if isinstance(node, Facet):
        return frozenset({node.value}) if node.name == name and not node.prefix else None
    if isinstance(node, And):
        known = [values for values in (facet_values(part, name) for part in node.parts) if values is not None]
        return frozenset.intersection(*known) if known else None
    if isinstance(node, Or):
        every = [facet_values(part, name) for part in node.parts]
        return None if None in every else frozenset().union(*(values for values in every if values is not None))
    return facet_values(node.part, name) if isinstance(node, Within) else None


def _asks(node: Node) -> bool:
    """Tell whether a query asks for something to be there."""
    if isinstance(node, Not | Dated):
        return False
    if isinstance(node, And):
        return any(map(_asks, node.parts))
    if isinstance(node, Or):
        return all(map(_asks, node.parts))
    return _asks(node.part) if isinstance(node, Within) else True


def _never(node: Node) -> Iterator[Fault]:
    """Give the parts that can never be true."""
    for part in _parts(node):
        yield from _never(part)
    if isinstance(node, And):
        yield from _contradictions(node)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, And | Or):
        return node.parts
    if isinstance(node, Near):
        return (node.left, node.right)
    return (node.part,) if isinstance(node, Not | Within | AtLeast) else ()


def _contradictions(node: And) -> Iterator[Fault]:
    for name in _ONE_VALUE:
        if facet_values(node, name) == frozenset():
            yield node, f"no article has two of {name}: at once, so this never matches; write {name}:(a OR b)"
    for part in node.parts:
        if isinstance(part, Not) and isinstance(part.part, Facet):
            values = facet_values(node, part.part.name)
            if values == frozenset({part.part.value}):
                yield part, "this is asked for and excluded, so the query never matches; remove one"
    since, until = _span(node)
    if since is not None and until is not None and since >= until:
        yield node, "after: is not before before:, so this never matches; write the earlier day behind after:"
    yield from _excluded(node)


def _excluded(node: And) -> Iterator[Fault]:
    """Give the exclusions of what is asked for beside them."""
    wanted = [part for part in _flat(node) if not isinstance(part, Not)]
    denied = [part for part in _flat(node) if isinstance(part, Not)]
    if not denied:
        return
    plain = set(map(_plain, wanted))
    deep = _size(node) <= _LOOKED_THROUGH
    for part in denied:
        excluded = _plain(part.part)
        parts = excluded.parts if isinstance(excluded, And) else (excluded,)
        if excluded in plain or (deep and all(any(_implies(one, part) for one in plain) for part in parts)):
            yield part, "what this excludes is asked for beside it, so the query never matches; remove one"


def _size(node: Node) -> int:
    return 1 + sum(map(_size, _parts(node)))


def _flat(node: And) -> Iterator[Node]:
    for part in node.parts:
        if isinstance(part, And):
            yield from _flat(part)
        else:
            yield part


def _implies(one: Node, other: Node) -> bool:
    """Tell whether an article that one is true of is one that the other is true of, as far as it is plain to see."""
    if one == other:
        return True
    if isinstance(other, Or | And):
        enough = any if isinstance(other, Or) else all
        if enough(_implies(one, part) for part in other.parts):
            return True
    if isinstance(one, Or):
        return all(_implies(part, other) for part in one.parts)
    if isinstance(one, Within) and isinstance(other, Within) and one.field == other.field:
        return _implies(one.part, other.part)
    if isinstance(one, AtLeast) and isinstance(other, AtLeast) and one.count >= other.count:
        return _implies(one.part, other.part)
    return isinstance(one, And | Near | Within | AtLeast) and any(_implies(part, other) for part in _parts(one))


def _plain(node: Node) -> Node:
    """Give a part without what does not count for what it finds: how a term is written, and where it is from."""
    if isinstance(node, Term):
        return Term(text="", words=tuple(replace(word, text=_spelling(word)) for word in node.words))
    if isinstance(node, And | Or):
        return replace(node, parts=tuple(map(_plain, node.parts)))
    if isinstance(node, Near):
        return replace(node, left=_plain(node.left), right=_plain(node.right))
    return replace(node, part=_plain(node.part)) if isinstance(node, Not | Within | AtLeast) else node


def _spelling(word: Word) -> str:
    return fold(word.text, word.lang or "")


def _span(node: Node) -> tuple[datetime | None, datetime | None]:
    """Give when a match was published, at the earliest and until."""
    if isinstance(node, Dated):
        return node.since, node.until
    if isinstance(node, And):
        spans = [_span(part) for part in node.parts]
        return (
            max((since for since, _ in spans if since), default=None),
            min((until for _, until in spans if until), default=None),
        )
    return _span(node.part) if isinstance(node, Within) else (None, None)
