"""Concepts: one idea as its words in several languages; a rule names it as `@name`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.language.senses import Sense


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptTerm:
    """A word or phrase of a concept; `lang` is the language it is a word of, None tries it in each text's own."""

    text: str
    lang: str | None = None
    sense: Sense = Sense.ALL


Concepts = Mapping[str, tuple[ConceptTerm, ...]]
