"""Stems of words in languages that build forms by endings.

A grammar (read by `tables`) lists *slots*: endings that exclude each other, and what may stand to their left. A word is
peeled from its right end, along every way that the slots allow; whatever is left over at a point where a stem may stand
is a candidate stem. No dictionary is asked, so new names and borrowed words work like old ones.

A stem that changes before some endings is looked for by its *variants*: `[[variants]]` leads from a dictionary form to
the stems that articles are indexed by. A *mark* on an ending keeps apart what only looks like such a stem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from monitor.language.fold import to_ascii

VERB_MARK = "_v"
_SHORTEST = 2
_SURE = 4  # letters of a stem that is hardly there by chance
_LONGEST = 60  # letters; what is longer is no word, and peeling it would take long


@dataclass(frozen=True, slots=True)
class Ending:
    """One ending as it stands, and what must stand to its left."""

    slot: int
    vowels: frozenset[str] | None  # the last vowel before it; None where any will do
    after_vowel: bool | None  # whether the letter before it is a vowel; None where either will do
    lefts: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Endings that exclude each other, and what they stand on."""

    before: int  # bits of the slots that may stand to its left
    on_noun: bool
    on_verb: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """Words of a pattern, and the stems that stand for them."""

    pattern: re.Pattern[str]
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The endings of one language."""

    vowels: str
    slots: tuple[Slot, ...]
    endings: Mapping[str, tuple[Ending, ...]]
    lengths: tuple[int, ...]
    variants: tuple[Variant, ...]
    wide: tuple[Variant, ...]
    restored: tuple[Variant, ...]
    plain: tuple[Variant, ...]
    drops: Mapping[str, str]
    inflected: int
    whole: frozenset[str]
    prefixes: tuple[str, ...]
    spellings: tuple[tuple[re.Pattern[str], str], ...]
    last: int  # bits of the slots that may end a word

    def spell(self, form: str) -> str:
        """Give a folded form in the one spelling that the table is written in."""
        for pattern, spelling in self.spellings:
            form = pattern.sub(spelling, form)
        return form

    def stems(self, form: str) -> tuple[str, ...]:
        """Give every stem that a form in an article may be built on, itself first."""
        form = self.spell(form)
        found = {form: None}
        if form not in self.whole and len(form) <= _LONGEST:
            seen: set[tuple[str, int]] = set()
            found.update(dict.fromkeys(self._peel(form, self.last, seen)))
            for prefix in self.prefixes:
                if form.startswith(prefix) and len(form) > len(prefix) + _SHORTEST:
                    inner = self._peel(form[len(prefix) :], self.last, set())
                    found.update(dict.fromkeys(stem for stem in inner if stem.endswith(VERB_MARK)))
        return tuple(found)

    def asked(self, word: str, *, loosely: bool = False, wide: bool = False) -> tuple[str, ...]:
        """Give the stems that a word of a query asks for; the word is taken to be a dictionary form.

        A plural is taken for its singular, and a form with a long ending for what it is built on. `loosely` takes any
        form for that, which is safe where other words stand beside it; `wide` takes a participle or verbal noun for its
        verb, too.
        """
        word = self.spell(word)
        bases = [word, *(stem for variant in self.plain if word not in self.whole and (stem := _first(variant, word)))]
        peeled = [stem for stem in self.stems(word) if stem != word and self._is_base(stem, word, loosely=loosely)]
        peeled += [whole for stem in peeled for variant in self.restored if (whole := _first(variant, stem))]
        bases += peeled
        variants = (*self.variants, *self.wide) if wide else self.variants
        return tuple(dict.fromkeys(stem for base in bases for stem in self._variants(base, variants)))

    def _is_base(self, stem: str, word: str, *, loosely: bool) -> bool:
        """Tell whether a word of a query may be meant as a form of this stem."""
        if stem.endswith(VERB_MARK):
            return False
        sure = len(stem) >= _SURE and len(word) - len(stem) >= self.inflected
        return sure or (loosely and len(stem) > _SHORTEST)

    def _variants(self, word: str, variants: Iterable[Variant]) -> Iterator[str]:
        yield word
        if dropped := self.drops.get(word):
            yield dropped
        for variant in variants:
            if match := variant.pattern.fullmatch(word):
                yield from (match.expand(stem) for stem in variant.stems)

    def _peel(self, form: str, allowed: int, seen: set[tuple[str, int]]) -> Iterator[str]:
        """Give the stems below a form whose rightmost ending is in one of the slots allowed."""
        if (form, allowed) in seen:
            return
        seen.add((form, allowed))
        for length in self.lengths:
            if length > len(form) - _SHORTEST:
                continue
            left = form[:-length]
            for ending in self.endings.get(form[-length:], ()):
                if allowed >> ending.slot & 1 and self._fits(ending, left):
                    slot = self.slots[ending.slot]
                    if slot.on_noun:
                        yield left + ending.mark
                    if slot.on_verb:
                        yield left + ending.mark + VERB_MARK
                    yield from self._peel(left, slot.before, seen)

    def _fits(self, ending: Ending, left: str) -> bool:
        if ending.lefts and not left.endswith(ending.lefts):
            return False
        if ending.after_vowel is not None and (left[-1] in self.vowels) is not ending.after_vowel:
            return False
        if ending.vowels is None:
            return True
        return next((char for char in reversed(left) if char in self.vowels), "") in ending.vowels


def in_ascii(grammar: Grammar) -> Grammar:
    """Give a grammar for words typed without the letters of their alphabet, where no vowel harmony can be seen."""
    endings: dict[str, dict[Ending, None]] = {}
    for surface, rows in grammar.endings.items():
        typed = endings.setdefault(to_ascii(surface), {})
        for row in rows:
            lefts = tuple(map(to_ascii, row.lefts))
            typed[replace(row, vowels=None, lefts=lefts)] = None
    return replace(
        grammar,
        vowels=to_ascii(grammar.vowels),
        endings={surface: tuple(rows) for surface, rows in endings.items()},
        whole=frozenset(map(to_ascii, grammar.whole)),
    )


def _first(variant: Variant, word: str) -> str | None:
    match = variant.pattern.fullmatch(word)
    return match.expand(variant.stems[0]) if match else None
