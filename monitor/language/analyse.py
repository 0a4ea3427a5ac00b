"""From text to words: where each starts and ends, and the keys it is known by."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from monitor.language.fold import APOSTROPHES, INSIDE_WORDS, fold
from monitor.language.forms import EXACT, LONGEST_WORD, TYPED_IN_ASCII, WordForms, language_of_word
from monitor.language.paragraphs import paragraph_language
from monitor.language.senses import Sense

_INSIDE = f"{INSIDE_WORDS}\u0300-\u036f"
# Letters, digits and what stands inside words; an apostrophe or ampersand between letters joins (don't, AT&T); plus
# and hash signs belong to what they follow (C++, C#). A hyphen parts words: "cease-fire" is a phrase of two.
WORD = re.compile(rf"\w[\w{_INSIDE}]*(?:[{APOSTROPHES}&]\w[\w{_INSIDE}]*)*(?:\+{{1,2}}|#)?")
# The hyphen first: what a pattern begins with is searched for fast.
_HYPHEN = re.compile(r"[-\u058a\u2010\u2011\u2012\u2013](?<=[^\W\d_].)(?=[^\W\d_])")
# What makes a decade of a year, 1990-ական, is spelled like ական, a mine.
_OF_A_DECADE = "ական"
_DECADE = re.compile(rf"[-\u058a\u2010\u2011](?<=\d.)(?={_OF_A_DECADE})")
_OWN_LETTERS = re.compile("[əğıöüşçƏĞİÖÜŞÇ]")
_Runs = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A compound that a hyphen parts (cease-fire): its first word is known by the keys of the whole as well."""

    last: int
    """The number of its last word."""
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text as columns: offsets in code points, end exclusive, and each word's keys.

    `runs` are the languages, each with the number of the first word that it holds for. `joined` are the compounds, by
    the number of their first word, whose keys hold theirs.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    keys: tuple[tuple[str, ...], ...]
    runs: _Runs = ()
    joined: Mapping[int, Joined] = field(default_factory=dict)

    def language(self, number: int) -> str:
        """Give the language that a word's paragraph is in."""
        return _language(self.runs, number)


class Analyser:
    """Finds the words of texts and their keys; the same for rules, articles and search."""

    def __init__(self, forms: WordForms, paragraph: Callable[[str, str], str] = paragraph_language) -> None:
        """Take the word forms, and what gives a paragraph's language from its text and the article's language."""
        self._forms = forms
        self._paragraph = paragraph

    @property
    def version(self) -> str:
        """What keys depend on; keys made under another version find other words."""
        return self._forms.version

    def analyse(self, text: str, lang: str) -> Words:
        """Give the words of a text in a language; a paragraph in another one is analysed in that."""
        # Lists: a generator costs a call for each word.
        places = [match.span() for match in WORD.finditer(text)]
        starts = tuple([start for start, _ in places])
        words = [text[start:end] for start, end in places]
        if max(map(len, words), default=0) > LONGEST_WORD:
            words = [word[:LONGEST_WORD] for word in words]
        runs = tuple(self._runs(text, lang, starts))
        keys: list[tuple[str, ...]] = []
        ends = [first for first, _ in runs[1:]] + [len(words)]
        for (first, run), end in zip(runs, ends, strict=True):
            of = self._keys_in(text[starts[first] : places[end - 1][1]] if end > first else "", run)
            keys += [of(word, run) for word in words[first:end]]
        for match in _DECADE.finditer(text) if _OF_A_DECADE in text else ():
            number = bisect_left(starts, match.end())
            keys[number] = keys[number][:1]
        joined = dict(self._compounds(text, starts, words, runs))
        for number, compound in joined.items():
            keys[number] += compound.keys
        return Words(starts, tuple([end for _, end in places]), tuple(keys), runs, joined)

    def _runs(self, text: str, lang: str, starts: tuple[int, ...]) -> Iterator[tuple[int, str]]:
        """Give the languages of the paragraphs, neighbours of one language together."""
        at, last = 0, None
        for paragraph in text.split("\n"):
            run = self._paragraph(paragraph, lang)
            if run != last:
                first = bisect_left(starts, at)
                yield first, run
                last = run
            at += len(paragraph) + 1

    def _keys_in(self, text: str, lang: str) -> Callable[[str, str], tuple[str, ...]]:
        typed = lang in TYPED_IN_ASCII and not _OWN_LETTERS.search(text)
        return self._forms.ascii_keys if typed else self._forms.keys

    def _compounds(
        self, text: str, starts: tuple[int, ...], words: list[str], runs: _Runs
    ) -> Iterator[tuple[int, Joined]]:
        """Give the compounds of two words; what more than one hyphen parts is a list or a name."""
        taken = -1
        for match in _HYPHEN.finditer(text):
            second = bisect_left(starts, match.end())
            if second >= len(words) or starts[second] != match.end() or second - 1 == taken:
                continue
            taken = second
            whole = words[second - 1] + words[second]
            keys = self._forms.keys(whole[:LONGEST_WORD], _language(runs, second))
            yield second - 1, Joined(second, keys)

    def word_keys(self, word: str, lang: str, sense: Sense = Sense.ALL, *, loosely: bool = False) -> tuple[str, ...]:
        """Give the keys that a word of a query asks for; one of them must be among those of an article's word."""
        return self._forms.asked(word, lang, sense, loosely=loosely)

    def prefix_key(self, prefix: str, lang: str) -> str:
        """Give what the keys of words with this beginning begin with."""
        return EXACT + fold(prefix, language_of_word(prefix, lang))


def _language(runs: _Runs, number: int) -> str:
    return runs[bisect_right(runs, number, key=itemgetter(0)) - 1][1]


def split_words(text: str) -> list[str]:
    """Give the words of a text as they are written."""
    return [match.group() for match in WORD.finditer(text)]
