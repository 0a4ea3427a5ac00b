"""The tree of a query; what the parser makes and evaluation, index and search read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from monitor.language import Sense
from monitor.query.expression import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a term.

    `prefix` asks for all words that begin like it, `loosely` is said of words of a phrase. `lang` is the language it is
    a word of; None tries it in the language of each text.
    """

    text: str
    sense: Sense = Sense.ALL
    prefix: bool = False
    loosely: bool = False
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that stand side by side; `text` is the term as written, `concept` the name of the one it came from."""

    text: str
    words: tuple[Word, ...]
    concept: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """A regular expression; `text` is it as written."""

    text: str
    expression: Expression = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Any of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Everything but the part."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The part, in one field alone: `title`, or `text`, which is summary and text."""

    field: str
    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A place of one part and a place of the other at most so many words apart, in either order and in one field."""

    left: Node
    right: Node
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """A part that stands at so many places."""

    part: Node
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A property of the article (`lang`, `source`, ...), compared folded; `prefix` compares its beginning alone."""

    name: str
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """When the article was published, from `since` until before `until`; None is open."""

    since: datetime | None = None
    until: datetime | None = None


Node = Term | Regex | And | Or | Not | Within | Near | AtLeast | Facet | Dated
"""Any part of a query."""


def has_places(node: Node) -> bool:
    """Tell whether a part stands at places that can be counted and measured: words, phrases, and either of such."""
    if isinstance(node, Or):
        return all(map(has_places, node.parts))
    return has_places(node.part) if isinstance(node, Within) else isinstance(node, Term | Regex | Near)


def terms(node: Node) -> Iterator[Term]:
    """Give the terms of a query, those that it excludes too."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from terms(part)
    elif isinstance(node, Near):
        yield from terms(node.left)
        yield from terms(node.right)
    elif isinstance(node, Not | Within | AtLeast):
        yield from terms(node.part)
