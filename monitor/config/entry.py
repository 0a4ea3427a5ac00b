"""Sources and other items as lines of YAML, as a person would write them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

Entry = Mapping[str, object]
# What no reader of YAML takes for anything but text, between brackets too.
_PLAIN = re.compile(r"[^\W\d_](?:[\w .()/+-]*[\w.)])?")
_TAKEN = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})  # YAML 1.1 takes these for no text


def line_of(entry: Entry) -> str:
    """Give a source as `{name: jamnews-en, outlet: JAMnews, feed: "https://..."}`; what is empty is left out."""
    told = [f"{key}: {scalar(value)}" for key, value in entry.items() if value not in (None, "", ())]
    return "{" + ", ".join(told) + "}"


def scalar(value: object) -> str:
    """Give a value as it stands between brackets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(scalar, value)) + "]"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _TAKEN:
        return text
    return json.dumps(text, ensure_ascii=False)
