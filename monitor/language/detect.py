"""The language of a text: by script, alphabet, common words, and only then by statistics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection

from monitor.language import turkic
from monitor.language.statistics import Statistics

UNKNOWN = "und"
_SAMPLE = 2000  # code points that are looked at
SCRIPTS = {
    "armenian": re.compile("[\u0531-\u058f\ufb13-\ufb17]"),
    "georgian": re.compile("[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2d]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
    # Scripts whose languages are not told apart here; a text in one of them is in none of those expected.
    "other": re.compile(
        "[\u0370-\u03ff\u0590-\u074f\u0900-\u0dff\u0e00-\u0fff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    ),
}
# The language a word is taken to be in when its script does not fit the language of its text.
SCRIPT_LANGUAGE = {"armenian": "hy", "georgian": "ka", "cyrillic": "ru", "latin": "en"}
LANGUAGE_SCRIPT = {
    "hy": "armenian", "ka": "georgian", "ru": "cyrillic", "uk": "cyrillic", "be": "cyrillic", "bg": "cyrillic",
    "ab": "cyrillic", "os": "cyrillic", "sr": "cyrillic", "mk": "cyrillic", "kk": "cyrillic", "ky": "cyrillic",
    "fa": "arabic", "ar": "arabic", "he": "hebrew", "el": "greek", "zh": "han", "ja": "han", "ko": "hangul",
}  # fmt: skip # a table
UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_BELARUSIAN = re.compile("[ўЎ]")
COMMON_WORDS = {
    "en": frozenset("the of and to in is for on with that by at from has was says after over as are".split()),
    "tr": frozenset("ve bir bu için ile olarak daha çok gibi kadar olan sonra dedi".split()),
    "az": frozenset("və bir bu üçün ilə olaraq daha çox kimi qədər olan sonra dedi edilib ki".split()),
}
_WORDS = re.compile(r"[^\W\d_]+")
_MOSTLY = 0.15  # of the words of a text: common words make a quarter of an English one, and "in" stands in German, too
_HARDLY = 0.02
_MANY = 60  # words
_SHORT = 12  # letters below which statistics are a guess
ByStatistics = Callable[[str, Collection[str]], str]


def script_of(text: str) -> str | None:
    """Give the script of most letters; None where no letter is of a script we tell apart."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        return "latin" if SCRIPTS["latin"].search(sample) else None
    most, best, left = 0, None, len(sample)
    for name, pattern in SCRIPTS.items():
        count = len(pattern.findall(sample))
        if count > most:
            most, best = count, name
        left -= count
        if left <= most:
            break  # none of the others can have more
    return best


def script_for(lang: str) -> str:
    """Give the script that a language is written in; Latin unless it is known otherwise."""
    return LANGUAGE_SCRIPT.get(lang, "latin")


class Detector:
    """Finds the language of a text among those expected; loads statistics only when nothing else decides."""

    def __init__(self, expected: Collection[str], statistics: ByStatistics | None = None) -> None:
        """Take the languages expected and, for tests, other statistics."""
        self._latin = sorted({lang for lang in expected if script_for(lang) == "latin"} | {"en"})
        self._statistics = statistics or Statistics(None)

    def __call__(self, text: str, hint: str | None = None) -> str:
        """Give an ISO 639-1 code, or `und`. A hint that contradicts the script is ignored."""
        script = script_of(text)
        hint = hint.lower().split("-")[0].split("_")[0] if hint else None
        if script is None or script == "other":
            fits = script is None or script_for(hint or "") not in SCRIPTS
            return hint if hint and fits else UNKNOWN
        if script == "cyrillic":
            return _cyrillic(text[:_SAMPLE], hint)
        if script != "latin":
            return SCRIPT_LANGUAGE[script]
        return self._latin_language(text[:_SAMPLE], hint if hint and script_for(hint) == "latin" else None)

    def _latin_language(self, text: str, hint: str | None) -> str:
        if turkic.is_full_of_schwas(text):
            return "az"
        words = Counter(map(str.lower, _WORDS.findall(text)))
        scores = {
            lang: sum(words[word] for word in common) for lang, common in COMMON_WORDS.items() if lang in self._latin
        }
        best = max(scores, key=lambda lang: (scores[lang], lang == hint))
        total = sum(words.values())
        if hint and hint not in self._latin and scores[best] < _MOSTLY * total:
            return hint  # not expected, but page or feed name it; its common words are not known here
        # What Azerbaijani and Turkish share tells them from English, and not from each other.
        others = sum(score for lang, score in scores.items() if lang != best and not {lang, best} <= turkic.LANGUAGES)
        decided = scores[best] >= max(2, 2 * others)
        either = best in turkic.LANGUAGES if decided else "tr" in self._latin and turkic.has_letters(text)
        if either or decided:
            return self._turkic_language(text, hint) if either else best
        if hint and (scores.get(hint, 0) == scores[best] or sum(map(len, words)) < _SHORT):
            return hint
        foreign = total >= _MANY and scores[best] < _HARDLY * total  # or a list of names
        # Of a foreign text, statistics of the languages expected would say anything.
        return (hint or UNKNOWN) if foreign else self._by_statistics(text, hint)

    def _by_statistics(self, text: str, hint: str | None) -> str:
        found = self._statistics(text, self._latin)
        return self._turkic_language(text, hint) if found in turkic.LANGUAGES else found

    def _turkic_language(self, text: str, hint: str | None) -> str:
        expected = [lang for lang in self._latin if lang in turkic.LANGUAGES]
        return turkic.which(text, hint) if len(expected) > 1 else expected[0]


def _cyrillic(text: str, hint: str | None) -> str:
    if hint and script_for(hint) == "cyrillic":
        return hint
    if _BELARUSIAN.search(text):
        return "be"
    return "uk" if UKRAINIAN.search(text) else "ru"
