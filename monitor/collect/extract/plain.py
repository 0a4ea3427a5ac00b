"""Texts compared by what stays the same however they are set."""

from __future__ import annotations


def plain(text: str) -> str:
    """Give only letters and digits, in one case."""
    return "".join(filter(str.isalnum, text)).casefold()
