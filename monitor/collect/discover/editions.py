"""Language editions of a site: how outlets of the region write languages in their addresses."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Also countries that stand for their language: jam-news.net/am/ is in Armenian, /ge/ in Georgian.
_WRITTEN = {
    "en": ("en", "eng", "english"),
    "ru": ("ru", "rus", "russian"),
    "hy": ("hy", "am", "arm", "hye", "armenian"),
    "az": ("az", "aze", "azeri", "aze-az"),
    "ka": ("ka", "ge", "geo", "kat"),
    "tr": ("tr", "tur", "turkce"),
    "uk": ("ua", "ukr"),  # /uk/ is more often for readers in the United Kingdom
    "fa": ("fa", "fas"),
    "ar": ("ar", "ara"),
    "de": ("de", "deu"),
    "fr": ("fr", "fra"),
    "es": ("es", "esp"),
}
_LANGUAGE = {written: code for code, all_written in _WRITTEN.items() for written in all_written}
_CODE = re.compile(r"([a-z]{2,3})(?:[-_]\w{1,8})*", re.IGNORECASE)


def language_code(hreflang: str) -> str | None:
    """Give the language of `hy`, `en-US` or `ru_RU`; None for `x-default` and for what is none."""
    match = _CODE.fullmatch(hreflang.strip())
    return None if match is None else match[1].lower()  # x-default has one letter, and is no match


def edition_of(url: str, site: str) -> str | None:
    """Give the language whose edition's front page this address seems to be; None where it seems to be none.

    `site` is an address of the site. Editions stand in a folder (`/ru/`) or under a host (`en.apa.az`) of their own.
    """
    there, here = urlsplit(url), urlsplit(site)
    folder = there.path.strip("/").lower()
    if there.query or there.fragment:
        return None
    if _host(there.hostname) == _host(here.hostname):
        return _LANGUAGE.get(folder)
    label, _, rest = _host(there.hostname).partition(".")
    known = _host(here.hostname)
    if folder or rest not in {known, known.partition(".")[2]} or "." not in rest:
        return None
    return _LANGUAGE.get(label)


def _host(name: str | None) -> str:
    return (name or "").lower().removeprefix("www.")
