"""Places of parts of a query in an article, and which of them are near each other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import NamedTuple

from monitor.model import MatchedWord

Span = tuple[int, int]
"""The first and the last of some words, counted through the article."""


class Hit(NamedTuple):
    """A place of a part: from its first to its last word, the stretches it consists of, and what to show of it."""

    first: int
    last: int
    spans: tuple[Span, ...]
    words: tuple[MatchedWord, ...]

    def overlaps(self, other: Hit) -> bool:
        """Tell whether two places share a word; what stands between the words of a NEAR is not shared."""
        return any(a <= last and first <= b for a, b in self.spans for first, last in other.spans)


def near(left: list[Hit], right: list[Hit], distance: int, field_of: Callable[[int], int]) -> list[Hit]:
    """Give the pairs, each with its nearest on either side, of which the later begins so many words on at most.

    The places come and go by their first word. Neighbours are one word from each other.
    """
    found: dict[tuple[Span, ...], Hit] = {}
    for ones, others in ((left, right), (right, left)):
        reach = distance + max((hit.last - hit.first for hit in others), default=0)
        firsts = [hit.first for hit in others]
        for one in ones:
            for other in _nearest(one, others, firsts, distance, reach):
                if field_of(one.first) == field_of(other.first):
                    spans = tuple(sorted(one.spans + other.spans))
                    found[spans] = Hit(spans[0][0], max(one.last, other.last), spans, one.words + other.words)
    return [found[spans] for spans in sorted(found)]


def _nearest(one: Hit, others: list[Hit], firsts: list[int], distance: int, reach: int) -> Iterator[Hit]:
    """Give the nearest place on either side that is near enough and another."""
    at = bisect_left(firsts, one.first)
    for number in range(at, len(others)):
        if others[number].first - one.last > distance:
            break
        if not one.overlaps(others[number]):
            yield others[number]
            break
    for number in range(at - 1, -1, -1):
        if one.first - others[number].first > reach:
            break
        if one.first - others[number].last <= distance and not one.overlaps(others[number]):
            yield others[number]
            break
