"""Languages that a rule names: no article is in one that nobody expects, and a rule for it would never match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# Countries and longer codes that are written for languages of the region.
_OFTEN_MEANT = {
    "en": ("eng", "gb", "uk", "us"),
    "ru": ("rus",),
    "hy": ("am", "arm", "hye"),
    "az": ("aze", "azj"),
    "ka": ("ge", "geo", "kat"),
    "tr": ("tur",),
}


def unexpected(languages: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Give what is wrong with languages that are not among those expected, and which one was perhaps meant."""
    expected = dict.fromkeys(known)
    for language in languages:
        if language in expected:
            continue
        meant = next((code for code, others in _OFTEN_MEANT.items() if language in others and code in expected), None)
        there = f"there are {', '.join(expected)}; add it to languages: at the top"
        yield f"no article is expected in {language!r}; " + (f"did you mean {meant}?" if meant else there)
