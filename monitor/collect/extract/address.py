"""The address, language and site that a page names for itself, as far as they can be true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from monitor.text import clean_line
from monitor.urls import web_url

_CODE = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_][\w-]*)?\s*$")
_NONE = frozenset({"und", "mul", "zxx", "xx", "mis"})
_SITE = 200


def canonical_of(stated: Sequence[str], url: str) -> str | None:
    """Give the first usable address; a bare home page is none, unless the page itself is one."""
    home = _is_home(url)
    for raw in stated:
        found = absolute(raw, url)
        if found and (home or not _is_home(found)):
            return found
    return None


def absolute(raw: str, url: str) -> str | None:
    """Give a stated address as an absolute one that is safe, or None."""
    try:
        return web_url(raw, url)
    except ValueError:  # `//[x` cannot be joined to anything
        return None


def language_of(stated: Sequence[str]) -> str | None:
    """Give a language code of two or three letters."""
    codes = (match[1].lower() for raw in stated if (match := _CODE.match(raw)))
    return next((code for code in codes if code not in _NONE), None)


def site_of(stated: Sequence[str]) -> str | None:
    """Give the publication's name in one line."""
    return next((name for raw in stated if (name := clean_line(raw, _SITE)) and "://" not in name), None)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query
