"""The names of months in the language of a page (babel's door; it holds the tables of Unicode's CLDR)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale, UnknownLocaleError

from monitor.collect.dates import MONTHS


@cache
def months_of(language: str | None) -> Mapping[str, int]:
    """Give the months' numbers under their names in lower case, long and short, in English and the given language."""
    if language is None:
        return MONTHS
    try:
        tables = Locale.parse(language).months
    except (UnknownLocaleError, ValueError, TypeError):
        return MONTHS
    named = {
        name.strip(".").lower(): number
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in tables[context][width].items()
    }
    whole = {**MONTHS, **{name: number for name, number in named.items() if name.isalpha()}}
    # KASIM in lower case is kasim: only Turkic eyes see a dotless letter there.
    return {**{name.replace("ı", "i"): number for name, number in whole.items()}, **whole}
