"""The words that queries ask for, by the keys that find them: one look at an article finds the places of all.

A word has a number. An entry is that number and the number of a language, in one integer: the key finds the word in
paragraphs where words are looked at in that language (an even number; the odd one after it is for figures). Languages
that are not treated in a way of their own share one for each script: a source that names odd ones costs nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from monitor.language import TREATED, UNKNOWN, Analyser, language_of_word, script_for, script_of
from monitor.query.asked import asked_keys, looked_in
from monitor.query.document import Document
from monitor.query.tree import Term, Word

_LANGUAGES = 1024


class _Looked(NamedTuple):
    """A language that words are looked at in; a `shared` one stands for all of its script."""

    lang: str
    shared: bool


Places = dict[int, list[int]]
"""Where each word stands, by its number; a place may be there twice."""
_Entries = int | tuple[int, ...]
_View = dict[str, tuple[int, ...]]


class Lexicon:
    """Words by number from 1, and their keys in the languages that articles came in."""

    def __init__(self, analyser: Analyser) -> None:
        """Take what gives keys."""
        self._analyser = analyser
        self._numbers: dict[Word, int] = {}
        self.numbers: dict[int, int] = {}
        """The numbers of word objects that were added, by identity: their hash takes longer than all that is asked."""
        self.single: dict[int, int] = {}
        """The numbers of the words of terms of one word, by the identity of the term."""
        self._kept: list[Word] = []  # so that no identity is given out again
        self._views: dict[frozenset[int], _View] = {}
        self._languages: dict[_Looked, int] = {}
        self._shared: dict[str, str] = {}  # a language of each script that stands for those without keys of their own
        self._own: set[str] = {*TREATED, UNKNOWN}  # languages with keys of their own
        self._keys: dict[str, _Entries] = {}
        self._prefixes: dict[str, _Entries] = {}
        self._lengths: set[int] = set()
        self._beginnings: set[str] = set()  # of all prefixes, as long as the shortest; empty until it is asked for

    def __len__(self) -> int:
        """Count the words, which is the highest number."""
        return len(self._numbers)

    def add_term(self, term: Term) -> None:
        """Take a term that will be asked about: the object itself, which the asker keeps."""
        numbers = [self.add(word) for word in term.words]
        if len(numbers) == 1:
            self.single[id(term)] = numbers[0]

    def add(self, word: Word) -> int:
        """Give a word's number."""
        number = self.numbers.get(id(word)) or self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self._numbers) + 1
            if word.lang is not None:
                self._own.add(word.lang)
            for looked, index in self._languages.items():
                self._enter(word, number, looked, index)
            self._views.clear()
        if id(word) not in self.numbers:
            self.numbers[id(word)] = number
            self._kept.append(word)
        return number

    def find(self, document: Document) -> Places:
        """Give the places of all words in an article."""
        indexes = {lang: self._indexes(lang) for lang in document.languages}
        everywhere = frozenset.intersection(*indexes.values())
        somewhere = frozenset().union(*indexes.values()) - everywhere
        view = self._views.setdefault(everywhere, {})
        at, found = document.places, Places()
        for key in at.keys() & self._keys.keys():
            numbers = view.get(key)
            for number in self._seen(key, everywhere, view) if numbers is None else numbers:
                found[number] = found[number] + at[key] if number in found else at[key]
        begun = self._begun(document)
        for form, prefix in begun:
            for number in view.get(prefix) or self._seen(prefix, everywhere, view):
                found[number] = found.get(number, []) + at[form]
        if somewhere:
            asked = [(key, key) for key in at.keys() & self._keys.keys()] + begun
            self._find_in_some(
                document, asked, {lang: found_in & somewhere for lang, found_in in indexes.items()}, found
            )
        return found

    def _find_in_some(
        self, document: Document, asked: list[tuple[str, str]], indexes: dict[str, frozenset[int]], found: Places
    ) -> None:
        """Add the places of words that are looked for in some of the paragraphs alone."""
        wanted = frozenset().union(*indexes.values())
        for key, name in asked:
            for entry in self._entries(name):
                number, index = divmod(entry, _LANGUAGES)
                if index in wanted:
                    there = [at for at in document.places[key] if index in indexes[document.language(at)]]
                    if there:
                        found[number] = found.get(number, []) + there

    def _seen(self, name: str, looked_in: frozenset[int], view: _View) -> tuple[int, ...]:
        """Give the words that a key finds in some languages, and remember them: an article is read far more often."""
        found = [entry // _LANGUAGES for entry in self._entries(name) if entry % _LANGUAGES in looked_in]
        view[name] = tuple(dict.fromkeys(found))
        return view[name]

    def _entries(self, name: str) -> tuple[int, ...]:
        """Give the entries of a key, or of a prefix, which is named with a star."""
        entries = self._prefixes[name[:-1]] if name.endswith("*") else self._keys[name]
        return (entries,) if isinstance(entries, int) else entries

    def _begun(self, document: Document) -> list[tuple[str, str]]:
        """Give the exact keys of an article that a prefix asks for, with the prefix and `*`."""
        found: list[tuple[str, str]] = []
        if not self._lengths:
            return found
        shortest = min(self._lengths)
        self._beginnings = self._beginnings or {prefix[:shortest] for prefix in self._prefixes}
        for form in document.forms:
            if form[:shortest] not in self._beginnings:
                continue
            begun = (form[:length] for length in self._lengths)
            found += [(form, f"{prefix}*") for prefix in begun if prefix in self._prefixes]
        return found

    def _indexes(self, lang: str) -> frozenset[int]:
        """Give the numbers of the languages that words of a paragraph are looked at in."""
        shared = lang not in self._own
        own = self._covered(_Looked(self._shared.setdefault(script_for(lang), lang) if shared else lang, shared))
        others = [self._covered(_Looked(other, shared=False)) for other in looked_in(lang) - {lang}]
        return frozenset({own, own + 1, *others})

    def _covered(self, looked: _Looked) -> int:
        index = self._languages.get(looked)
        if index is None:
            index = self._languages[looked] = 2 * len(self._languages)
            for word, number in self._numbers.items():
                self._enter(word, number, looked, index)
        return index

    def _enter(self, word: Word, number: int, looked: _Looked, index: int) -> None:
        """Enter a word under its keys in a language, if it is looked at in that at all."""
        lang = looked.lang
        if word.lang is None:
            if language_of_word(word.text, lang) != lang:
                return
            if script_of(word.text) != script_for(lang):
                index += 1  # figures: looked at in the language of their paragraph alone
        elif looked.shared or lang not in {word.lang, UNKNOWN}:
            return
        table = self._prefixes if word.prefix else self._keys
        entry = number * _LANGUAGES + index
        for key in asked_keys(word, lang, self._analyser):
            before = table.get(key)
            table[key] = entry if before is None else (*((before,) if isinstance(before, int) else before), entry)
            if word.prefix:
                self._lengths.add(len(key))
                self._beginnings.clear()
