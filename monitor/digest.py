"""What goes together into one message: pure."""

from __future__ import annotations

from dataclasses import replace

from monitor.model import SUMMARIES, AlertKind, DueGroup

PILE = 200  # alerts of one recipient from which they are told as lists, and the most that one such list tells
SUMMARY = 1000  # the most that one summary of a first visit or a flood tells: as many entries as a feed may bring
MOST_OF_A_PAST = 5000  # articles that one back-filling may bring, and so tell


def most(group: DueGroup) -> int:
    """Give how many alerts one message may tell: a first visit, a flood (cases 18, 19) and a past are one message."""
    if group.kind is AlertKind.BACKFILL:
        return MOST_OF_A_PAST
    return SUMMARY if group.kind in SUMMARIES else PILE


def gather(groups: tuple[DueGroup, ...]) -> tuple[DueGroup, ...]:
    """Give the groups to form: a recipient with a pile of waiting alerts gets lists of all his groups (case 12)."""
    gathered: dict[tuple[str, str, AlertKind], DueGroup] = {}
    for group in groups:
        pile = group.waiting > PILE and group.kind not in SUMMARIES
        formed = replace(group, group="", kind=AlertKind.NEW) if pile else group
        gathered.setdefault((formed.recipient, formed.group, formed.kind), formed)
    return tuple(gathered.values())
