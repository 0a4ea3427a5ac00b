"""What an article must at least contain to match, as clauses: of each, one word must be there.

Necessary, not sufficient; the index over rules and the FTS5 expression start from it, and `evaluate` decides.
"""

from __future__ import annotations

from monitor.query.tree import And, AtLeast, Near, Node, Or, Term, Within, Word

Clause = frozenset[Word]
_MOST = 4  # clauses of one query that are worth knowing


def clauses(node: Node) -> tuple[Clause, ...]:
    """Give the clauses of a query, the most telling first; none where nothing is required."""
    return tuple(sorted(dict.fromkeys(_of(node)), key=_cost)[:_MOST])


def _of(node: Node) -> list[Clause]:
    if isinstance(node, Term):
        return [frozenset({word}) for word in node.words]
    if isinstance(node, And):
        return [clause for part in node.parts for clause in _of(part)]
    if isinstance(node, Near):
        return _of(node.left) + _of(node.right)
    if isinstance(node, Within | AtLeast):
        return _of(node.part)
    if isinstance(node, Or):
        # Whichever part is true, the first clause of one of them is, and the second of one of them.
        every = [sorted(_of(part), key=_cost)[:_MOST] for part in node.parts]
        return [frozenset().union(*row) for row in zip(*every, strict=False)]
    return []


def _cost(clause: Clause) -> tuple[int, int]:
    """Order by how often a clause is likely to be true: few alternatives first, then long ones."""
    return (sum(4 if word.prefix else 1 for word in clause), -min(len(word.text) for word in clause))
