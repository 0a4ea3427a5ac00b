"""What another configuration changes, for the log of a reload: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from monitor.config.values import Config

_NAMED = 10
_SETTINGS = (
    "contact",
    "languages",
    "timezone",
    "operator",
    "heartbeat",
    "ping",
    "smtp",
    "alerts",
    "limits",
    "retention",
    "glossary",
)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def changes(before: Config, after: Config) -> dict[str, str]:
    """Give what was added, removed and changed, by kind: names, ten of a kind at most; nothing of what stays."""
    told: dict[str, str] = {}
    for kind, old, new in (
        ("sources", before.sources, after.sources),
        ("rules", before.rules, after.rules),
        ("channels", before.channels, after.channels),
    ):
        told |= _of(kind, old, new)
    settings = [name for name in _SETTINGS if getattr(before, name) != getattr(after, name)]
    return told | ({"settings_changed": _few(settings)} if settings else {})


def _of(kind: str, before: Sequence[_Named], after: Sequence[_Named]) -> dict[str, str]:
    old, new = {item.name: item for item in before}, {item.name: item for item in after}
    found = {
        f"{kind}_added": [name for name in new if name not in old],
        f"{kind}_removed": [name for name in old if name not in new],
        f"{kind}_changed": [name for name in new if name in old and old[name] != new[name]],
    }
    return {told: _few(names) for told, names in found.items() if names}


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
