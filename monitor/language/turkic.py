"""Azerbaijani and Turkish: whether a text is in one of them, and which of the two."""

from __future__ import annotations

import re

LANGUAGES = frozenset({"az", "tr"})
_SCHWA = re.compile("[əƏ]")
_LETTERS = re.compile("[əğışƏĞİŞ]")
# Turkish has no q and no x, and ends no word in b.
_AZERBAIJANI = re.compile(r"\b(?:\w*[qx]\w*|\w{2,}[ıiuü]b)\b", re.IGNORECASE)
_TURKISH = re.compile(r"\b(?:için|icin|çok|gibi|kadar|etti|değil|degil|olduğu|oldugu|\w+[ıiuü]yor\w*)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_SELDOM = 40  # code points to one ə: it is every tenth letter of Azerbaijani, and elsewhere stands in a name
_RARE = 70  # the same where it is one of the two for sure
_OFTEN = 25  # code points to one letter of theirs: no name makes them so many
_SEVERAL = 3  # words that Turkish cannot have, of a text that may yet be in a third language
_TYPED = 6  # words to one of them
_LONG = 80  # code points
_TOLD = 20  # words to one that the other language cannot have


def is_full_of_schwas(text: str) -> bool:
    """Tell whether a text has as many ə as only Azerbaijani has."""
    return not text.isascii() and len(_SCHWA.findall(text)) * _SELDOM > len(text)


def has_letters(text: str) -> bool:
    """Tell whether there is a letter that is hardly in any other language."""
    return _LETTERS.search(text) is not None


def is_full_of_letters(text: str) -> bool:
    """Tell whether a text has as many of those letters as only these two have."""
    return not text.isascii() and len(_LETTERS.findall(text)) * _OFTEN > len(text)


def is_azerbaijani_typed_plainly(text: str) -> bool:
    """Tell whether a text without common words of another language has as many q, x and final b as Azerbaijani."""
    found = _AZERBAIJANI.findall(text)
    has_verbs = any(word[-1] in "bB" for word in found)  # an ending of theirs; q and x are in names as well
    return has_verbs and len(found) >= _SEVERAL and len(found) * _TYPED > len(_WORD.findall(text))


def which(text: str, usual: str | None) -> str:
    """Tell Azerbaijani from Turkish, for a text in one of them; in doubt it is the usual one, or Turkish."""
    if len(_SCHWA.findall(text)) * _RARE > len(text):
        return "az"
    azerbaijani, turkish = len(_AZERBAIJANI.findall(text)), len(_TURKISH.findall(text))
    if usual == "az":
        # A long text that is typed with letters of its own, and with no ə among them.
        turkish += has_letters(text) and len(text) > _LONG
        return "tr" if turkish > azerbaijani else "az"
    turkish += usual == "tr"
    return "az" if azerbaijani > turkish and azerbaijani * _TOLD > len(_WORD.findall(text)) else "tr"
