"""From the words that stand in an article to the queries that they may make true.

Each query is filed under the words of one of its clauses, the one that the fewest are filed under already, and is
passed over where no word of a second clause is there. So a word that everybody asks for (ceasefire) costs nothing in
queries that ask for something rarer as well.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from itertools import compress, product

from monitor.query.lexicon import Lexicon
from monitor.query.need import clauses
from monitor.query.tree import Node

_ANY = 0  # the number of no word: where there is no second clause
_BYTES = 8
_FEW = 64 * _BYTES
_PAIRS = 16  # under which a query is filed at most, if with a second clause


class Index:
    """Numbers of queries by the words that they need."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take what gives words numbers."""
        self._lexicon = lexicon
        # By the number of the first word: second word and query, by turns; as bytes, until they are many. An
        # article has hundreds of words, and fetching what stands under each from memory is most of what rules cost it.
        self._filed: list[bytes | bytearray] = []
        self._always = array("I")

    def add(self, number: int, node: Node) -> None:
        """File a query whose words the lexicon has."""
        self._filed += [b""] * (len(self._lexicon) + 1 - len(self._filed))
        found = sorted(({self._lexicon.add(word) for word in clause} for clause in clauses(node)), key=self._weight)
        if not found:
            self._always.append(number)
            return
        first, second = found[0], found[1] if len(found) > 1 else {_ANY}
        if len(first) * len(second) > _PAIRS:
            second = {_ANY}
        for word, other in product(first, second):
            self._file(word, array("I", (other, number)).tobytes())

    def _file(self, word: int, entry: bytes) -> None:
        filed = self._filed[word]
        if isinstance(filed, bytearray):
            filed += entry
        elif len(filed) < _FEW:
            self._filed[word] = filed + entry
        else:
            self._filed[word] = bytearray(filed + entry)

    def candidates(self, words: Collection[int]) -> list[int]:
        """Give the numbers of the queries that may be true where these words stand, in order."""
        there = {_ANY, *words}
        filed = array("I", b"".join(map(self._filed.__getitem__, words)))
        found = compress(filed[1::2], map(there.__contains__, filed[::2]))
        return sorted({*found, *self._always})

    def _weight(self, clause: Collection[int]) -> int:
        return sum(len(self._filed[word]) // _BYTES for word in clause) + len(clause)
