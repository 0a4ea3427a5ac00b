"""Which version of the parser reads feeds: what another has read is read once more, validators or not."""

from __future__ import annotations

from importlib.metadata import version

_OURS = 2  # raise it when feeds are read differently: titles, texts, dates, identities


def parser_version() -> str:
    """Give the version of our part and of the library's."""
    return f"{_OURS}/{version('feedparser')}"
