"""Word forms for tests, one for all tests of a process: loading what they need takes longer than most tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from monitor.language import Analyser, WordForms

CACHE = Path(__file__).parent.parent / ".cache" / "words"


def word_forms() -> WordForms:
    return WordForms(CACHE)


@cache
def stems() -> Analyser:
    return Analyser(WordForms(None))


@cache
def dictionaries() -> Analyser:
    return Analyser(WordForms(CACHE))
