"""The words of a concept as they are kept with the versions of rules that name it, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from monitor.language.concepts import ConceptTerm
from monitor.language.senses import Sense
from monitor.model import ConceptVersion, ConceptWord

_DIGITS = 16  # of the fingerprint: it tells the versions of one concept apart


def version_of(name: str, terms: Iterable[ConceptTerm]) -> ConceptVersion:
    """Give a concept's words in an order of their own, and the fingerprint by which rules name them."""
    words = sorted({(term.text, term.lang or "", term.sense.value) for term in terms})
    digest = hashlib.sha256(json.dumps(words).encode()).hexdigest()[:_DIGITS]
    kept = tuple(ConceptWord(text=text, lang=lang or None, sense=sense) for text, lang, sense in words)
    return ConceptVersion(name=name, digest=digest, words=kept)


def terms_in(version: ConceptVersion) -> tuple[ConceptTerm, ...]:
    """Give the terms of a concept as it once was."""
    return tuple(ConceptTerm(text=word.text, lang=word.lang, sense=Sense(word.sense)) for word in version.words)
