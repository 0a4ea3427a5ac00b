"""Stand-ins for what is wrong, so that one mistake does not hide the next: all problems are told at once."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from monitor.config.nodes import Path as KeyPath

_ADDRESS = "nobody@example.org"
_URL = "https://example.org/"
# What must be there for anything else to be checked; every other key is simply left out.
_STAND_INS: dict[str, object] = {
    "channels": {},
    "type": "maildir",
    "host": "127.0.0.1",
    "from": _ADDRESS,
    "outlet": "x",
    "query": "x",
    "term": "x",
    "feed": _URL,
    "listing": _URL,
    "sitemap": _URL,
    "spider": "x",
}


def repaired(value: dict[str, object], wrong: Iterable[KeyPath]) -> dict[str, object]:
    """Give the values with everything wrong left out, or a stand-in where something must be."""
    mended = copy.deepcopy(value)
    for path in wrong:
        _mend(mended, path)
    return mended


def _mend(value: Any, path: KeyPath) -> None:  # noqa: ANN401 - any YAML value
    for number, part in enumerate(path[:-1]):
        try:
            inner = value[part]
        except (KeyError, IndexError, TypeError):
            return
        if not isinstance(inner, dict | list):  # text where a mapping or a list should be: the whole of it goes
            path = path[: number + 1]
            break
        value = inner
    last = path[-1]
    if isinstance(last, int):
        value[last] = {}
    elif last == "name":
        value["name"] = f"unnamed-{path[-2]}"
    elif last == "to":
        value["to"] = [_ADDRESS] if path[0] == "channels" else []
    elif last in _STAND_INS:
        value[last] = copy.deepcopy(_STAND_INS[last])
    else:
        value.pop(last, None)
