"""What goes together into one message: pure."""

from __future__ import annotations

from dataclasses import replace

from monitor.model import AlertKind, DueGroup

PILE = 200  # alerts of one recipient from which they are told as lists, and the most that one message tells


def gather(groups: tuple[DueGroup, ...]) -> tuple[DueGroup, ...]:
    """Give the groups to form: a recipient with a pile of waiting alerts gets lists of all his groups (case 12)."""
    gathered: dict[tuple[str, str, AlertKind], DueGroup] = {}
    for group in groups:
        formed = replace(group, group="", kind=AlertKind.NEW) if group.waiting > PILE else group
        gathered.setdefault((formed.recipient, formed.group, formed.kind), formed)
    return tuple(gathered.values())
