"""Concepts: one idea as its words in several languages; a rule names it as `@name`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.language.senses import Sense


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptTerm:
    """A word or phrase of a concept; `lang` is the language it is a word of, None tries it in each text's own."""

    text: str
    lang: str | None = None
    sense: Sense = Sense.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A concept with all that is told of it: where it comes from, what it takes in, and its words."""

    name: str
    origin: str
    """The shipped pack or the file that it stands in."""
    note: str | None
    include: tuple[str, ...]
    own: tuple[ConceptTerm, ...]
    terms: tuple[ConceptTerm, ...]
    """Its own, then those of the concepts that it includes; each once."""


Concepts = Mapping[str, tuple[ConceptTerm, ...]]


def terms_of(glossary: Iterable[Concept]) -> Concepts:
    """Give the words of concepts by their names."""
    return {concept.name: concept.terms for concept in glossary}
