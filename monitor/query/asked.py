"""In which paragraphs a word of a query is looked for, and by which keys.

A word without a language is tried in each paragraph's own. One with a language is looked for in paragraphs in that, in
those of unknown language, and where words in its script are taken for that language: a Russian one in an Armenian text.
"""

from __future__ import annotations

from monitor.language import UNKNOWN, Analyser, script_languages
from monitor.query.tree import Word


def looked_in(lang: str) -> frozenset[str]:
    """Give the languages that words of a paragraph in some language may be looked at in: its own, or their script's."""
    return script_languages(lang) | {lang}


def asked_keys(word: Word, lang: str, analyser: Analyser) -> tuple[str, ...]:
    """Give the keys that a word asks for in a paragraph; for a prefix, what an exact key begins with. Empty: none."""
    if word.lang is not None and lang != UNKNOWN and word.lang not in looked_in(lang):
        return ()
    lang = word.lang or lang
    if word.prefix:
        return (analyser.prefix_key(word.text, lang),)
    return analyser.word_keys(word.text, lang, word.sense, loosely=word.loosely)
