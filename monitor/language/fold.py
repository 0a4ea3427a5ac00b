"""Folding: the spellings of one word form become one, for the scripts of the region.

Case (with the dotted and dotless i of Azerbaijani and Turkish, Georgian Mtavruli), compatibility forms, the marks that
Armenian sets inside words, invisible characters, ё and е, և and եվ, and the kinds of apostrophe do not count.
Source for case: Unicode 16, CaseFolding.txt and SpecialCasing.txt.
"""

from __future__ import annotations

import re
import unicodedata

# Soft hyphen, zero-width characters, word joiner, variation selectors; Armenian apostrophe, emphasis, exclamation and
# question marks, which stand inside the word they belong to.
INVISIBLE = "\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\u202a-\u202e\u2066-\u2069"
ARMENIAN_MARKS = "\u055a-\u055c\u055e"
APOSTROPHES = "'\u2018\u2019\u02bc\u02b9\u0060\u00b4\uff07"
_DROPPED = re.compile(f"[{INVISIBLE}{ARMENIAN_MARKS}]")
_APOSTROPHES = re.compile(f"[{APOSTROPHES}]")
_TURKIC = str.maketrans({"I": "ı", "İ": "i"})
_OTHER = str.maketrans({"İ": "i"})
_TURKIC_LANGUAGES = frozenset({"az", "tr"})
KEY_APOSTROPHE = "\u2019"  # the one that search keys use: it needs no quoting in SQL


def fold(word: str, lang: str) -> str:
    """Give the folded form of one word; two spellings of one form give the same text."""
    word = unicodedata.normalize("NFKC", _DROPPED.sub("", word))
    word = word.translate(_TURKIC if lang in _TURKIC_LANGUAGES else _OTHER).casefold()
    word = word.replace("i\u0307", "i").replace("եվ", "եւ").replace("ё", "е")
    return _APOSTROPHES.sub(KEY_APOSTROPHE, word)
