"""Word forms: the keys that all forms of one word share, by the best means that there is for each language.

Russian by its dictionary (`russian`); Armenian, Azerbaijani, Georgian and Turkish by tables of endings (`suffixes`)
and a dictionary where there is one; English and others by stems and dictionary. The keys of an article's word name
everything it may be a form of; a query's word, which is taken for a dictionary form, asks for little. So a rule for
`mina` (mine) finds `minaların`, and none of the forms of `min` (thousand).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import snowballstemmer

from monitor.language import turkic
from monitor.language.detect import LANGUAGE_SCRIPT, SCRIPT_LANGUAGE, UNKNOWN, script_for, script_of
from monitor.language.dictionary import AVAILABLE, Dictionary
from monitor.language.fold import KEY_APOSTROPHE, fold, to_ascii
from monitor.language.russian import Russian
from monitor.language.senses import Sense
from monitor.language.suffixes import Grammar, in_ascii
from monitor.language.tables import load, table_sum

EXACT = "="  # marks the key of a form as it stands
STEM = "~"  # marks the key of a stem; a lemma stands bare
UNSURE = "~"  # ends the key of a stem whose form the dictionary has as a word of its own
ASCII = "#"  # marks the key of a stem typed without the language's own letters
EXPECTED = ("en", "ru", "hy", "az", "ka", "tr")
GRAMMARS = frozenset({"az", "hy", "ka", "tr"})
TYPED_IN_ASCII = turkic.LANGUAGES
_ALGORITHMS = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "uk": "russian",
}
_CACHED_WORDS = 40_000  # 16 MiB; with 20,000 a day of English and Russian news is analysed anew from word to word
_CACHED_ASKED = 5_000  # of queries
_WAY = 4  # raised when this package makes other keys of the same words
TREATED = frozenset({*EXPECTED, *_ALGORITHMS, *AVAILABLE})
"""The languages whose words have keys of their own; those of all others are as in any other of their script."""
_UNTREATED = {script: lang for lang, script in LANGUAGE_SCRIPT.items() if lang not in TREATED}
SEARCHED = TREATED | {UNKNOWN, *_UNTREATED.values()}
"""Languages whose keys of a word are all that it has in any language."""
LONGEST_WORD = 100  # code points; nobody looks for a longer word, and a cache must not hold it
_PARTED = 6  # letters after an apostrophe that may be an ending


class WordForms:
    """Keys of words, by language. One object a process; its caches are its own."""

    def __init__(self, cache: Path | None, languages: Collection[str] = EXPECTED) -> None:
        """Keep dictionaries of these languages below `cache`; without it, and for other languages, there are none."""
        self._stemmers: dict[str, Callable[[str], str]] = {}
        self._grammars: dict[str, Grammar] = {}
        self._russian = Russian()
        self._dictionary = Dictionary(cache, languages) if cache is not None else None
        # The wrapped function itself: it is called for every word of every article.
        self.keys = lru_cache(_CACHED_WORDS)(self._keys)
        self._cached_typed_keys = lru_cache(_CACHED_ASKED)(self._typed_keys)
        self._cached_asked = lru_cache(_CACHED_ASKED)(self._asked_word)

    @property
    def version(self) -> str:
        """What keys depend on: our own way, the libraries, the tables, and which dictionaries are used."""
        tables = f"{table_sum():08x}"
        dictionaries = ",".join(sorted(self._dictionary.languages)) if self._dictionary else ""
        packages = [version(name) for name in ("simplemma", "pymorphy3-dicts-ru", "snowballstemmer")]
        return " ".join([str(_WAY), tables, *packages, dictionaries])

    def warm(self, lang: str) -> None:
        """Load what a language needs now, building it if this is the first time (some seconds)."""
        self._asked("x", lang)

    def asked(self, word: str, lang: str, sense: Sense = Sense.ALL, *, loosely: bool = False) -> tuple[str, ...]:
        """Give the keys of which a word of an article must have one, to be found by this word of a query.

        `loosely` takes a form for all that it may be a form of; for words of phrases, where others stand beside it.
        """
        return self._cached_asked(word[:LONGEST_WORD], lang, sense, loosely=loosely)

    def _keys(self, word: str, lang: str) -> tuple[str, ...]:
        """Give a word's keys: first its form as it stands, then what it may be a form of.

        A word in another script than its text's is looked at in that script's own language.
        """
        lang = language_of_word(word, lang)
        form = fold(word, lang)
        keys = [EXACT + form]
        if lang == "ru":
            keys += self._russian.keys(form)
        elif lang in GRAMMARS:
            stems = [stem for base in _bases(form) for stem in self._grammar(lang).stems(base)]
            keys += [*self._of_stems(stems, form, lang), *self._lemmas(form, lang)]
        else:
            # A stem only of words that no dictionary has: it is that of prison for prisoner, too.
            keys += [
                key for base in _bases(form) for key in self._lemmas(base, lang) or [STEM + self._stem(base, lang)]
            ]
        return tuple(dict.fromkeys(keys))

    def ascii_keys(self, word: str, lang: str) -> tuple[str, ...]:
        """Give the keys of a word in a text typed without the language's own letters: `esirlerin` for əsirlərin."""
        keys = self.keys(word, lang)
        if lang not in TYPED_IN_ASCII or not word.isascii():
            return keys
        return keys + self._cached_typed_keys(word, lang)

    def _typed_keys(self, word: str, lang: str) -> tuple[str, ...]:
        form = fold(word, "en")
        return tuple(_typed(self._of_stems(self._grammar(lang, typed=True).stems(form), form, lang)))

    def _of_stems(self, stems: Iterable[str], form: str, lang: str) -> list[str]:
        """Give the keys of a form's stems; a word of its own (askeri, military) is no sure form of another (asker)."""
        own = self._dictionary is not None and self._dictionary.has_as_word(form, lang)
        return [STEM + stem + (UNSURE if own and stem != form else "") for stem in stems]

    def _asked_word(self, word: str, lang: str, sense: Sense, *, loosely: bool) -> tuple[str, ...]:
        lang = language_of_word(word, lang)
        form = fold(word, lang)
        return (EXACT + form,) if sense is Sense.EXACT else self._asked(form, lang, sense, loosely=loosely)

    def _asked(self, form: str, lang: str, sense: Sense = Sense.ALL, *, loosely: bool = False) -> tuple[str, ...]:
        wide = sense is Sense.ALL
        if lang == "ru":
            return self._russian.asked(form, sense)
        lemmas = self._lemmas(form, lang)
        if lang in GRAMMARS:
            stems = self._grammar(lang).asked(form, loosely=loosely, wide=wide)
            keys = [STEM + stem for stem in stems]
            listed = self._dictionary is not None and lang in self._dictionary.languages
            keys += [key + UNSURE for key in keys] if wide and listed else []
            keys += _typed(keys) if lang in TYPED_IN_ASCII else []
            keys += [form] if wide else []
        elif wide or not lemmas:  # of a word that no dictionary has, the stem is all there is
            keys = [STEM + self._stem(form, lang), *lemmas, form]
        else:
            keys = lemmas if form in lemmas else [EXACT + form]
        return tuple(dict.fromkeys(keys))

    def _grammar(self, lang: str, *, typed: bool = False) -> Grammar:
        name = f"{lang}{ASCII}" if typed else lang
        if name not in self._grammars:
            self._grammars[name] = in_ascii(self._grammar(lang)) if typed else load(lang)
        return self._grammars[name]

    def _stem(self, form: str, lang: str) -> str:
        if lang not in _ALGORITHMS:
            return form
        if lang not in self._stemmers:
            stemmer = snowballstemmer.stemmer(_ALGORITHMS[lang])
            stemmer.maxCacheSize = 0  # pystemmer's own cache; ours holds the keys already
            self._stemmers[lang] = stemmer.stemWord
        return fold(self._stemmers[lang](form), lang)

    def _lemmas(self, form: str, lang: str) -> list[str]:
        lemma = self._dictionary.lemma(form, lang) if self._dictionary else None
        return [lemma] if lemma else []


def _bases(form: str) -> list[str]:
    """Give a form, and without the ending that an apostrophe parts from a name: Artsakh's, Savaşı'nda."""
    name, apostrophe, ending = form.rpartition(KEY_APOSTROPHE)
    return [form, name, name + ending] if apostrophe and len(name) > 1 and len(ending) <= _PARTED else [form]


def _typed(keys: Iterable[str]) -> list[str]:
    return [ASCII + to_ascii(key.removeprefix(STEM)) for key in keys]


def language_of_word(word: str, lang: str) -> str:
    """Give the language a word is looked at in: its text's, unless it is in another script."""
    if word.isascii() and word.isalpha() and script_for(lang) == "latin":  # most words of most articles
        return lang
    script = script_of(word)
    if script is None or script == script_for(lang):
        return lang
    return SCRIPT_LANGUAGE.get(script, lang)


def script_languages(lang: str) -> frozenset[str]:
    """Give the languages that words of other scripts are looked at in, in texts in this one."""
    return frozenset(other for script, other in SCRIPT_LANGUAGE.items() if script != script_for(lang))
