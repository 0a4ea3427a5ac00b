"""Concepts: those of the shipped packs, which are always known, and a person's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from monitor.config.nodes import Path as KeyPath
from monitor.config.nodes import read
from monitor.config.schema import ConceptKeys
from monitor.language import Concept, ConceptTerm

ANY = "any"
_KEYS = ("note", "include", "forms", "extend")


def packs() -> tuple[str, ...]:
    """Give the names of the shipped packs."""
    folder = resources.files("monitor.language").joinpath("packs")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def shipped_glossary() -> tuple[Concept, ...]:
    """Give the concepts of the shipped packs."""
    return Glossary({}, {}).concepts()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A concept as it stands in a file; `base` is the shipped one that it extends."""

    origin: str
    keys: ConceptKeys
    base: _Entry | None = None

    @property
    def include(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.keys.include, *(self.base.include if self.base else ()))))

    @property
    def own(self) -> tuple[ConceptTerm, ...]:
        return (*(self.base.own if self.base else ()), *_terms(self.keys))

    @property
    def note(self) -> str | None:
        return self.keys.note or (self.base.note if self.base else None)


class Glossary:
    """Every concept that a rule may name; a person's replaces the shipped one of its name, or extends it."""

    def __init__(self, own: Mapping[str, ConceptKeys], origins: Mapping[str, str]) -> None:
        """Take a person's concepts, and the name of the file each stands in."""
        self._own = own
        self._entries = dict(_shipped())
        self.replaced = [name for name, keys in own.items() if name in self._entries and keys.extend is None]
        for name, keys in own.items():
            base = self._entries.get(name) if keys.extend else None
            self._entries[name] = _Entry(origins.get(name, ""), keys, base)

    def concepts(self) -> tuple[Concept, ...]:
        """Give the concepts with all their words, a person's own first."""
        names = [*self._own, *(name for name in self._entries if name not in self._own)]
        return tuple(self._concept(name, self._entries[name]) for name in names)

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """Give what is wrong with a person's concepts."""
        for name, keys in self._own.items():
            path: KeyPath = ("concepts", name)
            for lang in keys.words:
                if lang != ANY and not _is_language(lang):
                    near = difflib.get_close_matches(lang, (*_KEYS, ANY), 1)
                    hint = f"did you mean {near[0]}?" if near else "write a language code such as en or ru, or any"
                    yield (*path, lang), f"{lang!r} is no language; {hint}"
            for included in keys.include:
                if included not in self._entries:
                    yield (*path, "include"), f"there is no concept {included!r}; {self.nearest(included)}"
            if keys.extend and name not in _shipped():
                yield (*path, "extend"), f"there is no shipped concept {name!r} to extend; {self.nearest(name)}"
            if ring := self._ring(name, ()):
                yield (*path, "include"), f"{' includes '.join(ring)}; take one of them out"
            elif not self._concept(name, self._entries[name]).terms:
                yield path, "this concept has no words; write some, such as en: [prisoner, inmate]"

    def nearest(self, name: str) -> str:
        """Give the known name that a mistyped one is nearest to, or all there are."""
        near = difflib.get_close_matches(name, [known for known in self._entries if known != name], 1)
        return f"did you mean {near[0]}?" if near else "`monitor concepts list` shows all there are"

    def _concept(self, name: str, entry: _Entry) -> Concept:
        terms = tuple(dict.fromkeys(self._all_terms(name, set())))
        return Concept(
            name=name, origin=entry.origin, note=entry.note, include=entry.include, own=entry.own, terms=terms
        )

    def _all_terms(self, name: str, seen: set[str]) -> Iterator[ConceptTerm]:
        if name in seen or name not in self._entries:
            return
        seen.add(name)
        yield from self._entries[name].own
        for included in self._entries[name].include:
            yield from self._all_terms(included, seen)

    def _ring(self, name: str, way: tuple[str, ...]) -> tuple[str, ...]:
        """Give the way from a concept back to itself; nothing where there is none."""
        if name in way:
            return (*way, name) if name == way[0] else ()
        entry = self._entries.get(name)
        rings = (self._ring(included, (*way, name)) for included in (entry.include if entry else ()))
        return next((ring for ring in rings if ring), ())


def _terms(keys: ConceptKeys) -> Iterator[ConceptTerm]:
    for lang, terms in keys.words.items():
        for term in terms:
            yield ConceptTerm(text=term.term, lang=None if lang == ANY else lang, sense=term.forms or keys.forms)


@cache
def _shipped() -> Mapping[str, _Entry]:
    """Read the shipped packs, which takes 0.1 s, once."""
    found = {}
    for pack in packs():
        data = resources.files("monitor.language").joinpath("packs", f"{pack}.yaml").read_bytes()
        for name, keys in read(data).value["concepts"].items():
            found[name] = _Entry(pack, ConceptKeys.model_validate(keys))
    return found


def _is_language(lang: str) -> bool:
    return lang.isascii() and lang.isalpha() and lang.islower() and len(lang) in (2, 3)
