"""In which zone an outlet writes its times where it names none (babel's door, Unicode's CLDR)."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from monitor.urls import host_of

# Whose clock a country with several zones means: CLDR's primary zones, and where the press keeps the capital's time.
# America's, Australia's, Brazil's and Indonesia's mean their own; there is no telling.
_CAPITALS = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "KZ": "Asia/Almaty",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
_OTHER_NAMES = {"UK": "GB", "SU": "RU", "XN--P1AI": "RU", "XN--Y9A3AQ": "AM", "XN--NODE": "GE"}
# Domains of countries that anybody takes for their sound.
_FOR_ANYBODY = frozenset("AC AD AI AS BZ CC CD CO DJ EU FM GG IM IO LA LI LY ME MS NU SC SH SR ST TK TO TV WS".split())
# Languages that the outlets of many zones write in say nothing of the clock.
_WORLDWIDE = frozenset({"ar", "en", "es", "fr", "pt"})
_SUBTAGS = re.compile("[-_]")


def zone_at(country: str | None, url: str, language: str | None) -> ZoneInfo | None:
    """Give the zone of a source's country, of the country in the page's address, or where its language is spoken."""
    ending = host_of(url).rpartition(".")[2].upper()
    places = (country, None if ending in _FOR_ANYBODY else ending, _home_of(language))
    return next((zone for place in places if place and (zone := _zone_of_country(place.upper()))), None)


@cache
def _zone_of_country(code: str) -> ZoneInfo | None:
    """Give the zone of a country by its ISO code; None for one with several, and for what is no country."""
    code = _OTHER_NAMES.get(code, code)
    name = _CAPITALS.get(code)
    if name is None:
        names = [zone for zone, country in get_global("zone_territories").items() if country == code]
        name = names[0] if len(names) == 1 else None
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):  # a system with old tables, or none
        return None


def _home_of(language: str | None) -> str | None:
    """Give the country where a language is mostly written."""
    primary = _SUBTAGS.split((language or "").lower())[0]
    likely = None if primary in _WORLDWIDE else get_global("likely_subtags").get(primary)
    return likely.rpartition("_")[2] if likely else None
