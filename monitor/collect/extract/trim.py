"""Takes lines out of an extracted text that are no part of the article: headline, dateline, teasers, invitations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from monitor.collect.dates import read
from monitor.collect.extract.phrases import ENDING, INVITATION, TEASER
from monitor.collect.extract.plain import plain

_HEAD = 4  # lines among which the headline may stand
_LONGEST_ABOVE = 100  # code points of a line above the headline: a section's name, a date
_LONGEST_DATELINE = 60
_LONGEST_TEASER = 200
_LONGEST_INVITATION = 400
_TAIL = 8  # lines at the end that are looked at
_ADDRESS = re.compile(r"\W*(?:https?://|www\.)\S+\W*")


def without_heading(lines: Sequence[str], title: str) -> list[str]:
    """Drop the headline, what little stands above it, and lines below that only tell the date."""
    kept = [bare for line in lines if (bare := line.removeprefix("- ").strip(" |"))]
    wanted = plain(title)
    for number, line in enumerate(kept[:_HEAD]):
        if wanted and plain(line) == wanted:
            above = [one for one in kept[:number] if len(one) > _LONGEST_ABOVE]
            kept = above + kept[number + 1 :]
            break
    while kept and _is_dateline(kept[0]):
        kept = kept[1:]
    return kept


def _is_dateline(line: str) -> bool:
    """Tell whether a line tells a date and is no sentence."""
    return len(line) <= _LONGEST_DATELINE and line[-1] not in ".!?։:" and read(line) is not None


def without_extras(lines: Sequence[str]) -> list[str]:
    """Drop teasers of other articles and, near the end, what is said after an article."""
    kept = [line for line in lines if not _is_teaser(line)]
    start = max(1, len(kept) - _TAIL)
    tail = list(takewhile(lambda line: not _begins(ENDING, line), kept[start:]))
    return kept[:start] + [line for line in tail if not _begins(INVITATION, line)]


def _begins(phrase: re.Pattern[str], line: str) -> bool:
    return len(line) <= _LONGEST_INVITATION and phrase.match(line) is not None


def _is_teaser(line: str) -> bool:
    return len(line) <= _LONGEST_TEASER and bool(TEASER.match(line) or _ADDRESS.fullmatch(line))
