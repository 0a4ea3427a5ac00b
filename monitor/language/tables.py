"""Grammars as people write them: tables of endings (`grammar/*.toml`), read and expanded.

How an ending is written:

- a capital letter is a vowel or consonant that follows what stands before it; `[letters]` says which;
- `(y)` is there after a vowel and not after a consonant; `(I)` with a vowel letter is the other way round.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any
from zlib import crc32

from monitor.language.suffixes import Ending, Grammar, Slot, Variant

NOUN = "noun"
VERB = "verb"
_BUFFER = re.compile(r"\((.)\)")
_Letters = Mapping[str, Mapping[str, str]]


def load(name: str) -> Grammar:
    """Read a shipped grammar; raises ValueError where a table does not hold together."""
    text = files("monitor.language").joinpath("grammar", f"{name}.toml").read_text(encoding="utf-8")
    return read(tomllib.loads(text))


def table_sum() -> int:
    """Give a sum over all shipped grammars, which changes with any of them."""
    folder = files("monitor.language").joinpath("grammar")
    return crc32(b"".join(file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.name)))


def read(table: Mapping[str, Any]) -> Grammar:
    """Make a grammar of its table; raises ValueError where a slot names another that is not there."""
    numbers = {name: number for number, name in enumerate(table["slots"])}
    letters = {letter: _choices(choices) for letter, choices in table.get("letters", {}).items()}
    slots, endings, last = [], dict[str, list[Ending]](), 0
    for name, slot in table["slots"].items():
        after = set(slot["after"])
        if unknown := after - numbers.keys() - {NOUN, VERB}:
            raise ValueError(f"slot {name} stands after {', '.join(sorted(unknown))}, which is no slot")
        before = sum(1 << numbers[other] for other in after & numbers.keys())
        slots.append(Slot(before, NOUN in after, VERB in after))
        last |= slot.get("final", True) << numbers[name]
        for row in slot["endings"]:
            for surface, ending in _surfaces(row, numbers[name], letters, table["vowels"]):
                endings.setdefault(surface, []).append(ending)
    return Grammar(
        vowels=table["vowels"],
        slots=tuple(slots),
        endings={surface: tuple(dict.fromkeys(rows)) for surface, rows in endings.items()},
        lengths=tuple(sorted({len(surface) for surface in endings})),
        variants=tuple(_read_variants(table.get("variants", []))),
        wide=tuple(_read_variants(table.get("wide", []))),
        restored=tuple(_read_variants(table.get("restored", []))),
        plain=tuple(_read_variants(table.get("plurals", []))),
        inflected=table["inflected"],
        drops=dict(table.get("drops", {})),
        whole=frozenset(table.get("whole", [])),
        prefixes=tuple(table.get("prefixes", [])),
        spellings=tuple((re.compile(pattern), spelling) for pattern, spelling in table.get("spellings", [])),
        last=last,
    )


def _read_variants(rows: Iterable[Mapping[str, Any]]) -> Iterator[Variant]:
    for row in rows:
        stems = row["stems"]
        if words := row.get("words"):
            yield Variant(re.compile(f"(?:{'|'.join(map(re.escape, words))})"), tuple(stems))
        else:
            yield Variant(re.compile(row["form"]), tuple(stems))


def _choices(choices: Mapping[str, str]) -> dict[str, str]:
    """Turn `{a = "aıou"}` (written a after any of those) round: from the letter before to the letter written."""
    return {before: written for written, befores in choices.items() for before in befores}


def _surfaces(row: str | Mapping[str, Any], slot: int, letters: _Letters, vowels: str) -> Iterator[tuple[str, Ending]]:
    """Give an ending in all its shapes."""
    row = {"end": row} if isinstance(row, str) else row
    mark, left = row.get("mark", ""), row.get("left", "")
    lefts = tuple(left) if isinstance(left, list) else ()
    for after_vowel in (True, False):
        if left in ("C", "V") and (left == "V") is not after_vowel:
            continue
        template = _without_buffers(row["end"], vowels, letters, after_vowel=after_vowel)
        shapes: dict[str, set[str]] = {}
        for vowel in vowels:
            for surface in _written(template, vowel, letters, vowels):
                shapes.setdefault(surface, set()).add(vowel)
        for surface, befores in shapes.items():
            whatever = len(befores) == len(vowels)
            yield surface, Ending(slot, None if whatever else frozenset(befores), after_vowel, lefts, mark)


def _without_buffers(template: str, vowels: str, letters: _Letters, *, after_vowel: bool) -> str:
    """Decide the letters in brackets: vowels stand after consonants, and consonants after vowels."""

    def decided(match: re.Match[str]) -> str:
        letter = match[1]
        is_vowel = letter in vowels or bool(set(letters.get(letter, {}).values()) & set(vowels))
        return letter if is_vowel is not after_vowel else ""

    return _BUFFER.sub(decided, template)


def _written(template: str, vowel: str, letters: _Letters, vowels: str) -> Iterator[str]:
    """Spell a template after a stem with this last vowel; what follows consonants is given in each of its shapes."""
    shapes = [("", vowel)]
    for char in template:
        choices = letters.get(char)
        grown = []
        for written, last in shapes:
            if choices is None:
                options = {char}
            elif choices.keys() <= set(vowels):
                options = {choices[last]} if last in choices else set()
            else:
                options = set(choices.values())
            grown += [(written + option, option if option in vowels else last) for option in options]
        shapes = grown
    yield from (written for written, _ in shapes if written)
