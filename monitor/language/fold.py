"""Folding: the spellings of one word form become one, for the scripts of the region.

Case (with the dotted and dotless i of Azerbaijani and Turkish, Georgian Mtavruli), compatibility forms, the marks that
Armenian sets inside words, invisible characters, ё and е, և and եվ, Turkish circumflexes, the kinds of apostrophe, and
letters of another script that look like those around them do not count.
Sources: Unicode 16, CaseFolding.txt and SpecialCasing.txt; UTS 39, confusables.txt, for the look-alikes.
"""

from __future__ import annotations

import re
import unicodedata

# Soft hyphen, zero-width characters, word joiner, variation selectors; Armenian apostrophe, emphasis, exclamation and
# question marks, which stand inside the word they belong to.
INVISIBLE = "\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\u202a-\u202e\u2066-\u2069"
ARMENIAN_MARKS = "\u055a-\u055c\u055e"
APOSTROPHES = "'\u2018\u2019\u02bc\u02b9\u0060\u00b4\uff07"
INSIDE_WORDS = INVISIBLE + ARMENIAN_MARKS  # what does not count inside words
_DROPPED = re.compile(f"[{INSIDE_WORDS}]")
_APOSTROPHES = re.compile(f"[{APOSTROPHES}]")
_TURKIC = str.maketrans({"I": "ı", "İ": "i"})
_OTHER = str.maketrans({"İ": "i"})
_TURKIC_LANGUAGES = frozenset({"az", "tr"})
_CIRCUMFLEXES = str.maketrans("âîû", "aiu")
KEY_APOSTROPHE = "\u2019"  # the one that search keys use: it needs no quoting in SQL
_LATIN = "aeopcyxkmtbhijsABEKMHOPCTXYIJS"
_CYRILLIC = "аеорсухкмтвніјѕАВЕКМНОРСТХУІЈЅ"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_ARMENIAN = str.maketrans("nuohgjOUSL", "ոսօհցյՕՍՏԼ")
_LATIN_LETTER = re.compile("[A-Za-z\u00c0-\u024fƏə]")
_CYRILLIC_LETTER = re.compile("[\u0400-\u052f]")
_ARMENIAN_LETTER = re.compile("[\u0531-\u0587]")
_ASCII = str.maketrans("əıöüşçğâîû", "eiouscgaiu")


def fold(word: str, lang: str) -> str:
    """Give the folded form of one word; two spellings of one form give the same text."""
    if word.isascii() and not (lang in _TURKIC_LANGUAGES and "I" in word):  # most words; all below does no more to them
        return word.lower().replace("'", KEY_APOSTROPHE).replace("`", KEY_APOSTROPHE)
    word = unicodedata.normalize("NFKC", _DROPPED.sub("", word))
    word = one_script(word)
    word = word.translate(_TURKIC if lang in _TURKIC_LANGUAGES else _OTHER).casefold()
    word = word.replace("i\u0307", "i").replace("եվ", "եւ").replace("ё", "е")
    if lang in _TURKIC_LANGUAGES:
        word = word.translate(_CIRCUMFLEXES)
    return _APOSTROPHES.sub(KEY_APOSTROPHE, word)


def one_script(word: str) -> str:
    """Give a word in one script where letters of another only look like those around them: вoйнa with Latin o and a."""
    latin, cyrillic = len(_LATIN_LETTER.findall(word)), len(_CYRILLIC_LETTER.findall(word))
    if latin and not cyrillic and len(_ARMENIAN_LETTER.findall(word)) > latin:
        turned = word.translate(_TO_ARMENIAN)
        return word if _LATIN_LETTER.search(turned) else turned
    if not latin or not cyrillic:
        return word
    ways = [(_TO_CYRILLIC, _LATIN_LETTER), (_TO_LATIN, _CYRILLIC_LETTER)]
    for table, foreign in ways if cyrillic >= latin else reversed(ways):
        turned = word.translate(table)
        if not foreign.search(turned):
            return turned
    return word


def to_ascii(form: str) -> str:
    """Give a folded Azerbaijani or Turkish form as it is typed without the letters of its alphabet."""
    return form.translate(_ASCII)
