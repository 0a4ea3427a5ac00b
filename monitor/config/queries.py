"""Queries of rules: whether they can be read, and which concepts they name."""

from __future__ import annotations

from monitor.language import Concepts, version_of
from monitor.query import Node, Parser, terms


class Queries:
    """Reads queries that may name concepts."""

    def __init__(self, concepts: Concepts) -> None:
        """Take the words of every concept that a query may name."""
        self._parser = Parser(concepts)
        self._digests = {name: version_of(name, words).digest for name, words in concepts.items()}

    def read(self, query: str) -> tuple[Node, tuple[tuple[str, str], ...]]:
        """Give a query's tree, and the concepts that it names, each with the fingerprint of its words.

        Raises:
            QueryError: the query cannot be read.
        """
        node = self._parser.parse(query)
        names = sorted({term.concept for term in terms(node) if term.concept})
        return node, tuple((name, self._digests[name]) for name in names)
