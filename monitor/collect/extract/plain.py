"""Texts compared by what stays the same however they are set."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Give only letters and digits, in one case."""
    return _OTHER.sub("", "".join(text.split())).casefold()  # blanks, which are most, go the quicker way
