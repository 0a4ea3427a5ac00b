"""What changed between two versions of an article: passages first, then words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from monitor.model import Version
from monitor.text import paragraphs

FIELDS = ("title", "summary", "text")
_WORD = re.compile(r"\S+\s*")
_ALIKE = 0.3  # of the words of two passages: below it, one was taken out and the other put in


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a passage that is in both versions (`same`), or in one of them (`removed`, `added`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A passage of a field (title, summary, text) that is not the same in both versions, in its parts."""

    field: str
    parts: tuple[Stretch, ...]

    def words(self, kind: str) -> int:
        """Count the words that were `added` or `removed`."""
        return sum(len(part.text.split()) for part in self.parts if part.kind == kind)


def changes(before: Version, after: Version) -> tuple[Change, ...]:
    """Give what changed from one version to another, in reading order; what only moved was removed and added."""
    return tuple(
        Change(field, parts)
        for field in FIELDS
        for parts in _passages(paragraphs(getattr(before, field)), paragraphs(getattr(after, field)))
    )


def _passages(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Stretch, ...]]:
    for what, start, end, there, until in SequenceMatcher(None, before, after).get_opcodes():
        if what != "equal":
            for old, new in zip_longest(before[start:end], after[there:until]):
                yield from _passage(old, new)


def _passage(old: str | None, new: str | None) -> Iterator[tuple[Stretch, ...]]:
    """Give one passage with its words compared, or two of which one took the place of the other."""
    if old is not None and new is not None:
        before, after = _WORD.findall(old), _WORD.findall(new)
        words = SequenceMatcher(None, [word.strip() for word in before], [word.strip() for word in after])
        if words.ratio() >= _ALIKE:
            yield tuple(_words(before, after, words))
            return
    if old is not None:
        yield (Stretch("removed", old),)
    if new is not None:
        yield (Stretch("added", new),)


def _words(before: Sequence[str], after: Sequence[str], compared: SequenceMatcher[str]) -> Iterator[Stretch]:
    for what, start, end, there, until in compared.get_opcodes():
        if what == "equal":
            yield Stretch("same", "".join(after[there:until]))
            continue
        if end > start:
            yield Stretch("removed", "".join(before[start:end]))
        if until > there:
            yield Stretch("added", "".join(after[there:until]))
