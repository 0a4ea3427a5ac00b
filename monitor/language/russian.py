"""Russian word forms by the OpenCorpora dictionary (pymorphy3's door).

A. Korobov, "Morphological Analyzer and Generator for Russian and Ukrainian Languages" (2015). Words that the dictionary
does not have are taken apart by what similar words do.
"""

from __future__ import annotations

from functools import cached_property

import pymorphy3
from pymorphy3.analyzer import Parse

from monitor.language.fold import fold
from monitor.language.senses import Sense
from monitor.language.suffixes import VERB_MARK

_VERBAL = frozenset({"VERB", "INFN", "GRND", "PRTF", "PRTS"})
_GUESSES = 3  # readings of a word that the dictionary does not have
_LONGEST = 60  # letters
_CASE, _NUMBER, _GENDER = "nomn", "sing", "masc"


class Russian:
    """Keys of Russian words: every lemma that a form may belong to."""

    def keys(self, form: str) -> tuple[str, ...]:
        """Give the lemmas of a folded form in an article; verbs are marked.

        A participle belongs to its verb, and is an adjective of its own as well; its short form is the verb's alone.
        """
        found: dict[str, None] = {}
        for parse in self._readings(form):
            if parse.tag.POS in _VERBAL:
                found[_folded(parse.normal_form) + VERB_MARK] = None
                if parse.tag.POS == "PRTF":
                    found[self._adjective(parse)] = None
            else:
                found[_folded(parse.normal_form)] = None
        return tuple(found) or (form,)

    def asked(self, form: str, sense: Sense) -> tuple[str, ...]:
        """Give the lemmas that a word of a query asks for: its own where it is one, else those it may belong to."""
        keys = self.keys(form)
        own = [key for key in keys if key.removesuffix(VERB_MARK) == form]
        wanted = own or list(keys)
        if sense is Sense.ALL:
            # A participle as a dictionary form asks for its verb, too.
            wanted += [key for key in keys if key.endswith(VERB_MARK) and self._is_participle(form)]
        else:
            wanted = [key for key in wanted if not key.endswith(VERB_MARK)] or wanted
        return tuple(dict.fromkeys(wanted))

    def _is_participle(self, form: str) -> bool:
        return any(parse.tag.POS == "PRTF" for parse in self._readings(form))

    def _adjective(self, parse: Parse) -> str:
        full = parse.inflect({_CASE, _NUMBER, _GENDER})
        return _folded(full.word if full else parse.word)

    def _readings(self, form: str) -> list[Parse]:
        if len(form) > _LONGEST:
            return []
        try:
            parses = self._analyzer.parse(form)
        except ValueError:  # it asks for the name of each character, and Python knows none for some letters
            return []
        known = [parse for parse in parses if parse.is_known]
        return known or parses[:_GUESSES]

    @cached_property
    def _analyzer(self) -> pymorphy3.MorphAnalyzer:
        """Load the dictionary when the first Russian word comes; without its frequencies (4 MiB)."""
        return pymorphy3.MorphAnalyzer(lang="ru", probability_estimator_cls=None)


def _folded(word: str) -> str:
    return fold(word, "ru")
