"""Whether an article matches a query, and by which words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from monitor.language import EXACT, Analyser, Words
from monitor.model import MatchedWord
from monitor.query.tree import And, Facet, InTitle, Node, Not, Or, Term, Word

TITLE = "title"


@dataclass(frozen=True)
class Document:
    """An article's analysed fields and its facets; made once, asked by every query.

    A place is a number: words are counted through all fields, with one number left out between two fields, so that the
    last word of one and the first of the next are never neighbours.
    """

    lang: str
    fields: Mapping[str, tuple[str, Words]]
    facets: Mapping[str, frozenset[str]]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each key stands, in no order."""
        by_word: dict[tuple[str, ...], list[int]] = {}
        for name, (_, words) in self.fields.items():
            for number, keys in enumerate(words.keys, self._starts[name]):
                by_word.setdefault(keys, []).append(number)
        found: dict[str, list[int]] = {}
        for keys, numbers in by_word.items():
            for key in keys:
                found[key] = found[key] + numbers if key in found else numbers
        return found

    @cached_property
    def forms(self) -> list[str]:
        """The exact keys, for prefixes."""
        return [key for key in self.places if key.startswith(EXACT)]

    @cached_property
    def _starts(self) -> dict[str, int]:
        starts, at = {}, 0
        for name, (_, words) in self.fields.items():
            starts[name] = at
            at += len(words.keys) + 1
        return starts

    def field_of(self, place: int) -> str:
        """Give the field that a place is in."""
        return max((start, name) for name, start in self._starts.items() if start <= place)[1]

    def word(self, place: int, term: str) -> MatchedWord:
        """Give the word at a place."""
        name = self.field_of(place)
        text, words = self.fields[name]
        number = place - self._starts[name]
        start, end = words.starts[number], words.ends[number]
        return MatchedWord(field=name, start=start, end=end, form=text[start:end], term=term)


def evaluate(node: Node, document: Document, analyser: Analyser) -> tuple[MatchedWord, ...] | None:
    """Give the words that make the article match, in reading order; None where it does not match."""
    found = _Evaluation(document, analyser).of(node, titles_only=False)
    if found is None:
        return None
    order = {name: number for number, name in enumerate(document.fields)}
    unique = {(word.field, word.start, word.term): word for word in found}
    return tuple(sorted(unique.values(), key=lambda word: (order[word.field], word.start)))


class _Evaluation:
    """One query on one article."""

    def __init__(self, document: Document, analyser: Analyser) -> None:
        self._document = document
        self._analyser = analyser

    def of(self, node: Node, *, titles_only: bool) -> list[MatchedWord] | None:
        """Give the words of a part; an empty list is a match without words."""
        if isinstance(node, Term):
            return self._term(node, titles_only=titles_only)
        if isinstance(node, And):
            return self._all(node, titles_only=titles_only)
        if isinstance(node, Or):
            found = [self.of(part, titles_only=titles_only) for part in node.parts]
            matched = [words for words in found if words is not None]
            return [word for words in matched for word in words] if matched else None
        if isinstance(node, Not):
            return None if self.of(node.part, titles_only=titles_only) is not None else []
        if isinstance(node, InTitle):
            return self.of(node.part, titles_only=True)
        return self._facet(node)

    def _all(self, node: And, *, titles_only: bool) -> list[MatchedWord] | None:
        words: list[MatchedWord] = []
        for part in node.parts:
            found = self.of(part, titles_only=titles_only)
            if found is None:
                return None
            words += found
        return words

    def _facet(self, node: Facet) -> list[MatchedWord] | None:
        values = self._document.facets.get(node.name, frozenset())
        return [] if node.value.casefold() in values else None

    def _term(self, term: Term, *, titles_only: bool) -> list[MatchedWord] | None:
        first, *rest = term.words
        following = [self._places(word) for word in rest]
        found: list[MatchedWord] = []
        for place in self._places(first):
            if titles_only and self._document.field_of(place) != TITLE:
                continue
            if all(place + step in allowed for step, allowed in enumerate(following, 1)):
                found += [self._document.word(place + step, term.text) for step in range(len(term.words))]
        return found or None

    def _places(self, word: Word) -> set[int]:
        keys: Iterator[str] | tuple[str, ...]
        if word.prefix:
            prefix = self._analyser.prefix_key(word.text, self._document.lang)
            keys = (form for form in self._document.forms if form.startswith(prefix))
        else:
            keys = self._analyser.word_keys(word.text, self._document.lang, word.sense, loosely=word.loosely)
        return {place for key in keys for place in self._document.places.get(key, ())}
