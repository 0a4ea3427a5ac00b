"""A query as an FTS5 expression over stored keys, for search: it finds every match, and some more.

Syntax: https://sqlite.org/fts5.html, section 3. The keys of an article are stored without order or number, so phrases,
NEAR and counts ask for their words alone; exclusions, facets and regular expressions ask for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from monitor.language import SEARCHED, Analyser
from monitor.query.asked import asked_keys
from monitor.query.need import clauses
from monitor.query.tree import And, AtLeast, Near, Node, Or, Term, Within, Word

_COLUMNS = {"title": "title", "text": "body"}
_DEEPEST = 15  # brackets; SQLite's parser has room for a hundred symbols


def to_fts(node: Node, analyser: Analyser, languages: Collection[str] = SEARCHED) -> str | None:
    """Give an expression that finds every match in these languages; None where every article is a candidate."""
    return _Writer(analyser, {*languages, *_languages_of(node)}).of(node, 0)


class _Writer:
    def __init__(self, analyser: Analyser, languages: Collection[str]) -> None:
        self._analyser = analyser
        self._languages = sorted(languages)

    def of(self, node: Node, depth: int) -> str | None:
        written: str | None = None
        if depth > _DEEPEST:
            written = _joined(" AND ", [self._any_key(clause) for clause in clauses(node)])
        elif isinstance(node, Term):
            written = _joined(" AND ", [self._any_key([word]) for word in node.words])
        elif isinstance(node, Within):
            inner = self.of(node.part, depth + 1)
            written = f"{_COLUMNS[node.field]} : ({inner})" if inner else None
        elif isinstance(node, AtLeast):
            written = self.of(node.part, depth)
        elif isinstance(node, And | Near):
            parts = node.parts if isinstance(node, And) else (node.left, node.right)
            written = _joined(" AND ", [self.of(part, depth + 1) for part in parts])
        elif isinstance(node, Or):
            found = [self.of(part, depth + 1) for part in node.parts]
            written = None if None in found else _joined(" OR ", found)
        return written

    def _any_key(self, words: Iterable[Word]) -> str:
        found: dict[str, None] = {}
        for word in words:
            for lang in self._languages:
                keys = asked_keys(word, lang, self._analyser)
                found.update(dict.fromkeys(f'"{key}" *' if word.prefix else f'"{key}"' for key in keys))
        return _joined(" OR ", sorted(found)) or ""


def _joined(operator: str, parts: Iterable[str | None]) -> str | None:
    """Join what there is; what joins several parts stands in brackets."""
    found = list(dict.fromkeys(part for part in parts if part))
    return found[0] if len(found) == 1 else f"({operator.join(found)})" if found else None


def _languages_of(node: Node) -> set[str]:
    if isinstance(node, Term):
        return {word.lang for word in node.words if word.lang}
    if isinstance(node, And | Or):
        return {lang for part in node.parts for lang in _languages_of(part)}
    if isinstance(node, Near):
        return _languages_of(node.left) | _languages_of(node.right)
    return _languages_of(node.part) if isinstance(node, Within | AtLeast) else set()
