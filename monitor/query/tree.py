"""The tree of a query; what the parser makes and evaluation, index and search read."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.language import Sense


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
