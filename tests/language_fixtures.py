"""Word forms for tests: stems at once; dictionaries, which take seconds to build, kept between runs."""

from __future__ import annotations

from pathlib import Path

from monitor.language import Analyser, WordForms

CACHE = Path(__file__).parent.parent / ".cache" / "words"


def word_forms() -> WordForms:
    return WordForms(CACHE)


def stems() -> Analyser:
    return Analyser(WordForms(None))


def dictionaries() -> Analyser:
    return Analyser(WordForms(CACHE))
