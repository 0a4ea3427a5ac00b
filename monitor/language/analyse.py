"""From text to words: where each starts and ends, and the keys it is known by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.language.fold import APOSTROPHES, ARMENIAN_MARKS, INVISIBLE, fold
from monitor.language.forms import EXACT, TYPED_IN_ASCII, WordForms, language_of_word
from monitor.language.senses import Sense

_INSIDE = f"{INVISIBLE}{ARMENIAN_MARKS}\u0300-\u036f"
# Letters, digits and what stands inside words; an apostrophe or ampersand between letters joins (don't, AT&T); plus
# and hash signs belong to what they follow (C++, C#). A hyphen parts words: "cease-fire" is a phrase of two.
WORD = re.compile(rf"\w[\w{_INSIDE}]*(?:[{APOSTROPHES}&]\w[\w{_INSIDE}]*)*(?:\+{{1,2}}|#)?")
_OWN_LETTERS = re.compile("[əğıöüşçƏĞİÖÜŞÇ]")


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
        typed = lang in TYPED_IN_ASCII and not _OWN_LETTERS.search(text)
        keys = self._forms.ascii_keys if typed else self._forms.keys
        found = list(WORD.finditer(text))
        # Lists first: a generator costs a call for each word.
        return Words(
            tuple([match.start() for match in found]),
            tuple([match.end() for match in found]),
            tuple([keys(match[0], lang) for match in found]),
        )

    def word_keys(self, word: str, lang: str, sense: Sense = Sense.ALL, *, loosely: bool = False) -> tuple[str, ...]:
        """Give the keys that a word of a query asks for; one of them must be among those of an article's word."""
        return self._forms.asked(word, lang, sense, loosely=loosely)

    def prefix_key(self, prefix: str, lang: str) -> str:
        """Give what the keys of words with this beginning begin with."""
        return EXACT + fold(prefix, language_of_word(prefix, lang))


def split_words(text: str) -> list[str]:
    """Give the words of a text as they are written."""
    return [match.group() for match in WORD.finditer(text)]
