"""What an article must at least contain to match: for the index over rules, and as an FTS5 expression for search.

Both are necessary conditions; `evaluate` decides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from monitor.language import Analyser
from monitor.query.tree import And, InTitle, Node, Or, Term, Word


@dataclass(frozen=True, slots=True)
class Required:
    """A match contains one of these keys, or a word whose exact key begins with one of these prefixes."""

    keys: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()

    def __or__(self, other: Required) -> Required:
        """Give what a match of either contains."""
        return Required(self.keys | other.keys, self.prefixes | other.prefixes)

    @property
    def cost(self) -> tuple[int, int]:
        """Order by how often it is likely to fire: few alternatives first, then long ones."""
        every = self.keys | self.prefixes
        return (len(self.prefixes) * 4 + len(self.keys), -min(map(len, every), default=0))


def required(node: Node, analyser: Analyser, lang: str) -> Required | None:
    """Give the cheapest thing that every match in this language contains; None where there is no such thing."""
    if isinstance(node, Term):
        return min((_word(word, analyser, lang) for word in node.words), key=lambda found: found.cost)
    if isinstance(node, InTitle):
        return required(node.part, analyser, lang)
    if isinstance(node, And):
        found = [part for part in (required(part, analyser, lang) for part in node.parts) if part is not None]
        return min(found, key=lambda part: part.cost, default=None)
    if isinstance(node, Or):
        return _either([required(part, analyser, lang) for part in node.parts])
    return None


def _either(parts: list[Required | None]) -> Required | None:
    together = Required()
    for part in parts:
        if part is None:
            return None
        together |= part
    return together


def _word(word: Word, analyser: Analyser, lang: str) -> Required:
    if word.prefix:
        return Required(prefixes=frozenset({analyser.prefix_key(word.text, lang)}))
    return Required(keys=frozenset(analyser.word_keys(word.text, lang, word.sense, loosely=word.loosely)))


def to_fts(node: Node, analyser: Analyser, languages: Collection[str]) -> str | None:
    """Give an FTS5 expression over stored keys that finds every match in these languages, and some more.

    None where nothing is required: then every article is a candidate. Syntax: https://sqlite.org/fts5.html, section 3.
    """
    if isinstance(node, Term):
        return " AND ".join(_any_key(word, analyser, languages) for word in node.words)
    if isinstance(node, InTitle):
        inner = to_fts(node.part, analyser, languages)
        return f"title : ({inner})" if inner else None
    if isinstance(node, And):
        parts = [part for part in (to_fts(part, analyser, languages) for part in node.parts) if part]
        return " AND ".join(f"({part})" for part in parts) or None
    if isinstance(node, Or):
        found = [to_fts(part, analyser, languages) for part in node.parts]
        return None if None in found else " OR ".join(f"({part})" for part in found)
    return None


def _any_key(word: Word, analyser: Analyser, languages: Collection[str]) -> str:
    together = Required()
    for lang in sorted(languages):
        together |= _word(word, analyser, lang)
    keys = [f'"{key}"' for key in sorted(together.keys)] + [f'"{prefix}" *' for prefix in sorted(together.prefixes)]
    return f"({' OR '.join(keys)})"
