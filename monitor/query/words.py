"""From a term as it is written to its words."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.language import Sense, script_of, split_words
from monitor.query.tree import Word

_COMPOUND = re.compile(r"([^\W\d_]{2,})[-\u058a\u2010-\u2013]([^\W\d_]{2,})")
_ALPHABETS = frozenset({"armenian", "georgian", "cyrillic", "latin"})


def readings(text: str, *, sense: Sense, quoted: bool, lang: str | None) -> list[tuple[Word, ...]]:
    """Give the words of a term, side by side; a compound with a hyphen (cease-fire) also as one word.

    Inside a quotation `=` before a word asks for this form alone, and `*` behind one for what begins so.
    """
    words = [
        word
        for piece in (text.split() if quoted else [text])
        for word in _words(piece, sense=sense, quoted=quoted, lang=lang)
    ]
    if not words:
        return []
    found = [tuple(words) if len(words) == 1 else tuple(replace(word, loosely=True) for word in words)]
    if compound := _COMPOUND.fullmatch(text):
        found.append((Word(text=compound[1] + compound[2], sense=sense, lang=lang),))
    return found


def star_fault(text: str, *, quoted: bool) -> str | None:
    """Say what is wrong with the stars of a term."""
    for piece in text.split() if quoted else [text]:
        bare = piece.removesuffix("*")
        if "*" in bare:
            return "* may stand at the end of a word only, such as prison*"
        if bare == piece:
            continue
        beginning = split_words(bare)
        if not beginning:
            return "* needs the beginning of a word before it, such as prison*"
        if len(beginning[-1]) == 1 and script_of(beginning[-1]) in _ALPHABETS:
            return "one letter and * would match nearly everything; write more of the word, such as prison*"
    return None


def _words(piece: str, *, sense: Sense, quoted: bool, lang: str | None) -> list[Word]:
    if quoted and piece.startswith("="):
        piece, sense = piece[1:], Sense.EXACT
    prefix = piece.endswith("*")
    found = split_words(piece.removesuffix("*"))
    words = [Word(text=text, sense=sense, lang=lang) for text in found]
    if prefix and words:
        words[-1] = Word(text=found[-1], prefix=True, lang=lang)
    return words
