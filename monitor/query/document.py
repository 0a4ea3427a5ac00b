"""An article as queries look at it: its words by key, its fields, its facets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from monitor.language import EXACT, Words
from monitor.model import MatchedWord
from monitor.query.expression import Readable

TITLE, SUMMARY, TEXT = "title", "summary", "text"
NAMED = {TITLE: frozenset({TITLE}), TEXT: frozenset({SUMMARY, TEXT})}
"""The fields that a query's `title:` and `text:` mean."""


@dataclass(frozen=True)
class Document:
    """An article's analysed fields and its facets; made once, asked by every query.

    A place is a number: words are counted through all fields, with one number left out between two fields, so that the
    last word of one and the first of the next are never neighbours. `facets` are folded; `at` is when it was published;
    `whole` says that its only field is title and text in one.
    """

    lang: str
    fields: Mapping[str, tuple[str, Words]]
    facets: Mapping[str, frozenset[str]]
    at: datetime | None = None
    whole: bool = False

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each key stands, in no order."""
        by_word: dict[tuple[str, ...], list[int]] = {}
        for (_, words), start in zip(self.fields.values(), self._starts, strict=True):
            for number, keys in enumerate(words.keys, start):
                if keys in by_word:
                    by_word[keys].append(number)
                else:
                    by_word[keys] = [number]
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
    def compounds(self) -> dict[int, int]:
        """The last place of each compound (cease-fire), by its first."""
        return {
            start + number: start + joined.last
            for (_, words), start in zip(self.fields.values(), self._starts, strict=True)
            for number, joined in words.joined.items()
        }

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of its paragraphs."""
        return tuple({lang: None for _, words in self.fields.values() for _, lang in words.runs} or {self.lang: None})

    @cached_property
    def readable(self) -> dict[str, Readable]:
        """The fields as regular expressions look at them."""
        return {name: Readable(text) for name, (text, _) in self.fields.items()}

    @cached_property
    def _names(self) -> list[str]:
        return list(self.fields)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for _, words in self.fields.values():
            starts.append(at)
            at += len(words.keys) + 1
        return starts

    def number_of_field(self, place: int) -> int:
        """Give which field a place is in, counted from 0."""
        return bisect_right(self._starts, place) - 1

    def is_within(self, place: int, names: frozenset[str]) -> bool:
        """Tell whether a place is in one of these fields."""
        return self.whole or self.field_of(place) in names

    def field_of(self, place: int) -> str:
        """Give the name of the field that a place is in."""
        return self._names[self.number_of_field(place)]

    def language(self, place: int) -> str:
        """Give the language of the paragraph that a place is in."""
        words, number = self._word(place)
        return words.language(number)

    def own_and_joined(self, place: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the keys of the word at a place, and those of the compound that it begins."""
        words, number = self._word(place)
        keys, joined = words.keys[number], words.joined[number].keys if number in words.joined else ()
        return keys[: len(keys) - len(joined)], joined

    def _word(self, place: int) -> tuple[Words, int]:
        field = self.number_of_field(place)
        return self.fields[self._names[field]][1], place - self._starts[field]

    def words(self, first: int, last: int, term: str, concept: str | None) -> list[MatchedWord]:
        """Give the words from one place to another."""
        field = self.number_of_field(first)
        name, start = self._names[field], self._starts[field]
        text, words = self.fields[name]
        found = []
        for number in range(first - start, last + 1 - start):
            begin, end = words.starts[number], words.ends[number]
            found.append(
                MatchedWord(field=name, start=begin, end=end, form=text[begin:end], term=term, concept=concept)
            )
        return found

    def stretch(self, name: str, start: int, end: int) -> tuple[int, int]:
        """Give the first and last place that a stretch of a field touches; between words, that of the word before."""
        _, words = self.fields[name]
        base = self._starts[self._names.index(name)]
        first = bisect_right(words.ends, start)
        last = bisect_right(words.starts, end - 1) - 1
        return base + min(first, max(last, 0)), base + max(last, 0)
