"""From text to words: where each starts and ends, and the keys it is known by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.language.fold import APOSTROPHES, ARMENIAN_MARKS, INVISIBLE
from monitor.language.forms import EXACT, WordForms

_INSIDE = f"{INVISIBLE}{ARMENIAN_MARKS}\u0300-\u036f"
# Letters, digits and what stands inside words; an apostrophe or ampersand between letters joins (don't, AT&T); plus
# and hash signs belong to what they follow (C++, C#). A hyphen parts words: "cease-fire" is a phrase of two.
WORD = re.compile(rf"\w[\w{_INSIDE}]*(?:[{APOSTROPHES}&]\w[\w{_INSIDE}]*)*(?:\+{{1,2}}|#)?")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text as columns: offsets in code points, end exclusive, and each word's keys."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    keys: tuple[tuple[str, ...], ...]


class Analyser:
    """Finds the words of texts and their keys; the same for rules, articles and search."""

    def __init__(self, forms: WordForms) -> None:
        """Take the word forms."""
        self._forms = forms

    def analyse(self, text: str, lang: str) -> Words:
        """Give the words of a text in a language."""
        keys = self._forms.keys
        found = list(WORD.finditer(text))
        # Lists first: a generator costs a call for each word.
        return Words(
            tuple([match.start() for match in found]),
            tuple([match.end() for match in found]),
            tuple([keys(match[0], lang) for match in found]),
        )

    def word_keys(self, word: str, lang: str, *, exact: bool = False) -> tuple[str, ...]:
        """Give the keys that a word of a query asks for: its form as it stands, or those of all its forms."""
        keys = self._forms.keys(word, lang)
        return keys[:1] if exact else keys[1:]

    def prefix_key(self, prefix: str, lang: str) -> str:
        """Give what the keys of words with this beginning begin with."""
        return EXACT + self._forms.keys(prefix, lang)[0].removeprefix(EXACT)


def split_words(text: str) -> list[str]:
    """Give the words of a text as they are written."""
    return [match.group() for match in WORD.finditer(text)]
