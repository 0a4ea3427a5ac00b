"""The language of one paragraph of an article: quotations and boxed texts are often in another one.

Asked for every paragraph, so that the usual answer, *as the rest*, must cost nearly nothing. In doubt it is that.
"""

from __future__ import annotations

import re

from monitor.language import turkic
from monitor.language.detect import COMMON_WORDS, SCRIPT_LANGUAGE, SCRIPTS, UKRAINIAN, script_for, script_of

_SHORT = 30  # code points; a heading or a name says nothing of its own
_GLANCE = 80  # code points that are looked at first
_ENOUGH = 20  # letters among them that settle the script
_SAMPLE = 600
_MOSTLY = 0.12  # of the words of a paragraph are common ones of its language
_RUSSIAN = re.compile("[ыэъёЫЭЪЁ]")
_WORDS = re.compile(r"[^\W\d_]+")
_OWN = {lang: re.compile(rf"\b(?:{'|'.join(sorted(words))})\b", re.IGNORECASE) for lang, words in COMMON_WORDS.items()}


def paragraph_language(text: str, lang: str) -> str:
    """Give the language of a paragraph of an article in `lang`; ISO 639-1."""
    if len(text) < _SHORT:
        return lang
    script = script_for(lang)
    own = SCRIPTS.get(script)
    if own is None or len(own.findall(text[:_GLANCE])) < _ENOUGH:
        found = script_of(text[:_SAMPLE])
        if found is None or found not in SCRIPT_LANGUAGE:
            return lang
        if found != script:
            return _latin(text, SCRIPT_LANGUAGE[found]) if found == "latin" else _cyrillic(text, SCRIPT_LANGUAGE[found])
    if script == "latin":
        return _latin(text, lang)
    return _cyrillic(text, lang) if script == "cyrillic" else lang


def _latin(text: str, lang: str) -> str:
    if turkic.is_full_of_schwas(text):
        return "az"
    if lang not in turkic.LANGUAGES and turkic.is_full_of_letters(text):
        return turkic.which(text, None)
    if lang != "az" and lang in _OWN and _OWN[lang].search(text, 0, _SAMPLE):
        return lang
    words = [word.lower() for word in _WORDS.findall(text[:_SAMPLE])]
    scores = {other: sum(word in common for word in words) for other, common in COMMON_WORDS.items()}
    best = max(scores, key=lambda other: (scores[other], other == lang))
    if scores[best] < max(2, _MOSTLY * len(words), 2 * scores.get(lang, 0) * (best != lang)):
        either = (
            turkic.has_letters(text) if lang == "az" else lang == "en" and turkic.is_azerbaijani_typed_plainly(text)
        )
        return turkic.which(text, lang) if either else lang
    return turkic.which(text, lang) if best in turkic.LANGUAGES else best


def _cyrillic(text: str, lang: str) -> str:
    if lang == "ru":
        return "uk" if len(UKRAINIAN.findall(text[:_SAMPLE])) > 1 else lang
    if lang == "uk":
        return "ru" if _RUSSIAN.search(text[:_SAMPLE]) and not UKRAINIAN.search(text[:_SAMPLE]) else lang
    return lang
