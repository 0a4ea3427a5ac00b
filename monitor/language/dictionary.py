"""Dictionaries of lemmas (simplemma's door): from a form to the word it belongs to, for the forms that are listed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path

from simplemma.strategies.default import DefaultStrategy
from simplemma.strategies.dictionaries import TrieDictionaryFactory

from monitor.folders import make_private
from monitor.language.fold import fold

AVAILABLE = frozenset({"en", "hy", "tr", "uk", "de", "fr", "es", "it", "pt", "nl", "pl"})


class Dictionary:
    """The dictionaries of some languages, kept on disk and read by need."""

    def __init__(self, cache: Path, languages: Collection[str]) -> None:
        """Keep dictionaries of these languages below `cache`.

        A dictionary is read in a moment, but built in seconds and 100 MiB: one article in another language must not
        do that to a daemon.
        """
        folder = _folder(cache)
        make_private(folder)
        factory = TrieDictionaryFactory(use_disk_cache=True, disk_cache_dir=str(folder))
        self._lists = factory
        self._lemmas = DefaultStrategy(dictionary_factory=factory)
        self.languages = AVAILABLE & set(languages)

    def lemma(self, form: str, lang: str) -> str | None:
        """Give the folded lemma of a folded form; None where it is not listed."""
        if lang not in self.languages:
            return None
        found = self._lemmas.get_lemma(form, lang)
        if not found and "եւ" in form:
            found = self._lemmas.get_lemma(form.replace("եւ", "և"), lang)
        return fold(found, lang) if found else None

    def has_as_word(self, form: str, lang: str) -> bool:
        """Tell whether a folded form is listed as a word of its own; the library's rules say that of unknown names."""
        return lang in self.languages and self._lists.get_dictionary(lang).get(form) == form


def missing_lists(cache: Path, languages: Iterable[str]) -> list[str]:
    """Give the languages whose dictionaries must be built first."""
    return [lang for lang in languages if lang in AVAILABLE and not (_folder(cache) / f"{lang}.dic").exists()]


def _folder(cache: Path) -> Path:
    """Give where the dictionaries of this release of the library are."""
    return cache / version("simplemma")
