"""Word forms: the keys that all forms of one word share (simplemma's and Snowball's door).

Snowball: M. F. Porter, "Snowball: A language for stemming algorithms" (2001). simplemma: dictionary of lemmas.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import snowballstemmer
from simplemma.strategies.default import DefaultStrategy
from simplemma.strategies.dictionaries import TrieDictionaryFactory

from monitor.folders import make_private
from monitor.language.detect import SCRIPT_LANGUAGE, script_for, script_of
from monitor.language.fold import fold

EXACT = "="  # marks the key of a form as it stands
STEM = "~"  # marks the key of a stem; a lemma stands bare
# Azerbaijani has no stemmer of its own yet; the Turkish one cuts most of its endings.
_ALGORITHMS = {
    "az": "turkish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hy": "armenian",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
    "tr": "turkish",
    "uk": "russian",
}
_LEMMAS = frozenset({"en", "ru", "hy", "ka", "tr", "uk", "de", "fr", "es", "it", "pt", "nl", "pl"})
_TURKISH_SPELLING = str.maketrans("əqx", "ekh")
EXPECTED = ("en", "ru", "hy", "az", "ka", "tr")
_CACHED_WORDS = 50_000


class WordForms:
    """Keys of words, by language. One object a process; its caches are its own."""

    def __init__(self, cache: Path | None, languages: Collection[str] = EXPECTED) -> None:
        """Keep dictionaries of these languages below `cache`; without it, and for others, stems alone are used.

        A dictionary is read in a moment, but built in seconds and 100 MiB: one article in another language must not
        do that to a daemon.
        """
        self._dictionaries = _LEMMAS & set(languages)
        self._stemmers: dict[str, Callable[[str], str]] = {}
        self._lemmas = None
        if cache is not None:
            folder = _folder(cache)
            make_private(folder)
            factory = TrieDictionaryFactory(use_disk_cache=True, disk_cache_dir=str(folder))
            self._lemmas = DefaultStrategy(dictionary_factory=factory)
        self.keys = lru_cache(_CACHED_WORDS)(self._keys)

    def warm(self, lang: str) -> None:
        """Load a language's dictionary now, building it if this is the first time (some seconds)."""
        self._lemma("x", lang)

    def _keys(self, word: str, lang: str) -> tuple[str, ...]:
        """Give a word's keys: first its form as it stands, then its stem and its lemma.

        A word in another script than its text's is looked at in that script's own language.
        """
        lang = language_of_word(word, lang)
        form = fold(word, lang)
        keys = [EXACT + form]
        if stem := self._stem(form, lang):
            keys.append(STEM + stem)
        if lemma := self._lemma(form, lang):
            keys.append(fold(lemma, lang))
        if len(keys) == 1:
            keys.append(form)
        return tuple(dict.fromkeys(keys))

    def _stem(self, form: str, lang: str) -> str | None:
        if lang not in _ALGORITHMS:
            return None
        if lang not in self._stemmers:
            stemmer = snowballstemmer.stemmer(_ALGORITHMS[lang])
            stemmer.maxCacheSize = 0  # pystemmer's own cache; ours holds the keys already
            self._stemmers[lang] = stemmer.stemWord
        return fold(self._stemmers[lang](_spelled_for_stemmer(form, lang)), lang)

    def _lemma(self, form: str, lang: str) -> str | None:
        if self._lemmas is None or lang not in self._dictionaries:
            return None
        return self._lemmas.get_lemma(form, lang) or self._lemmas.get_lemma(form.replace("եւ", "և"), lang)


def _spelled_for_stemmer(form: str, lang: str) -> str:
    """Respell a folded form as the language's algorithm expects it."""
    if lang == "hy":
        return form.replace("եւ", "և")
    # The Turkish algorithm checks vowel harmony, and knows neither ə nor q.
    return form.translate(_TURKISH_SPELLING) if lang == "az" else form


def missing_lists(cache: Path, languages: Iterable[str]) -> list[str]:
    """Give the languages whose word lists must be built first."""
    return [lang for lang in languages if lang in _LEMMAS and not (_folder(cache) / f"{lang}.dic").exists()]


def _folder(cache: Path) -> Path:
    """Give where the lists of this release of the dictionaries are."""
    return cache / version("simplemma")


def language_of_word(word: str, lang: str) -> str:
    """Give the language a word is looked at in: its text's, unless it is in another script."""
    script = script_of(word)
    if script is None or script == script_for(lang):
        return lang
    return SCRIPT_LANGUAGE.get(script, lang)
