"""From the words that stand in an article to the queries that they may make true.

Each query is filed under the words of one of its clauses, the one that the fewest are filed under already, and is
passed over where no word of a second clause is there. So a word that everybody asks for (ceasefire) costs nothing in
queries that ask for something rarer as well.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from itertools import product

from monitor.query.lexicon import Lexicon
from monitor.query.need import clauses
from monitor.query.tree import Node

_ANY = 0  # the number of no word: where there is no second clause
_SECOND = 32
_QUERY = (1 << _SECOND) - 1
_PAIRS = 16  # under which a query is filed at most, if with a second clause


class Index:
    """Numbers of queries by the words that they need."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take what gives words numbers."""
        self._lexicon = lexicon
        self._filed: dict[int, array[int]] = {}  # by the first word: the second above, the query below _SECOND
        self._always = array("I")

    def add(self, number: int, node: Node) -> None:
        """File a query."""
        found = sorted(({self._lexicon.add(word) for word in clause} for clause in clauses(node)), key=self._weight)
        if not found:
            self._always.append(number)
            return
        first, second = found[0], found[1] if len(found) > 1 else {_ANY}
        if len(first) * len(second) > _PAIRS:
            second = {_ANY}
        for word, other in product(first, second):
            self._filed.setdefault(word, array("Q")).append(other << _SECOND | number)

    def candidates(self, words: Collection[int]) -> list[int]:
        """Give the numbers of the queries that may be true where these words stand, in order."""
        there = {_ANY, *words}
        first = map(self._filed.__getitem__, there & self._filed.keys())
        found = {entry & _QUERY for filed in first for entry in filed if entry >> _SECOND in there}
        return sorted(found.union(self._always))

    def _weight(self, clause: Collection[int]) -> int:
        return sum(len(self._filed[word]) for word in clause if word in self._filed) + len(clause)
