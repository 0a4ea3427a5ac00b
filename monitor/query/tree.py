"""The tree of a query; what the parser makes and evaluation, index and search read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a term. `exact` asks for this form alone, `prefix` for all words that begin like it."""

    text: str
    exact: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that stand side by side; `text` is the term as written."""

    text: str
    words: tuple[Word, ...]


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
class InTitle:
    """The part, in the title alone."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A property of the article: `lang`, `source` or `outlet`, compared without case."""

    name: str
    value: str


Node = Term | And | Or | Not | InTitle | Facet
