"""Bars and marked sentences in plain text, for any terminal and for pipes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import click

_LONGEST_BAR = 40
_LONGEST_LABEL = 30
_MOST_BARS = 31
_MOST_NAMES = 15
_MOST_SENTENCES = 2
_WEEK = 7


def bars(head: str, counts: Mapping[str, int]) -> Iterator[str]:
    """Give a line for each count, with a bar as long as it is big; the heading first."""
    if not counts:
        return
    labels = {name: name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…" for name in counts}
    wide = max(len(head), *map(len, labels.values()))
    digits = max(len(str(number)) for number in counts.values())
    room = max(1, min(_LONGEST_BAR, shutil.get_terminal_size().columns - wide - digits - 4))
    most = max(*counts.values(), 1)
    yield click.style(head, bold=True)
    for name, number in counts.items():
        bar = click.style("█" * max(1, round(number * room / most)), fg="cyan") if number else ""
        yield f"{labels[name]:<{wide}}  {number:>{digits}}  {bar}".rstrip()


def fewer(counts: Mapping[str, int], most: int = _MOST_NAMES) -> dict[str, int]:
    """Give the biggest counts, and the rest as one."""
    names = list(counts)
    shown = {name: counts[name] for name in names[:most]}
    rest = names[most:]
    return shown | ({f"{len(rest)} others": sum(counts[name] for name in rest)} if rest else {})


def by_time(days: Mapping[str, int], first: date, last: date) -> tuple[str, dict[str, int]]:
    """Give what the bars stand for and their counts: days, or weeks or months where days would be too many.

    Times without anything have a bar, too, of no length.
    """
    span = (last - first).days + 1
    every = [first + timedelta(days=number) for number in range(span)]
    kind = "day" if span <= _MOST_BARS else "week of" if span <= _MOST_BARS * _WEEK else "month"
    counts: dict[str, int] = {}
    for day in every:
        name = _period(day, kind)
        counts[name] = counts.get(name, 0) + days.get(day.isoformat(), 0)
    return f"{kind} (UTC)", counts


def _period(day: date, kind: str) -> str:
    if kind == "month":
        return f"{day:%Y-%m}"
    return (day - timedelta(days=day.weekday()) if kind == "week of" else day).isoformat()


def marked(text: str, places: Sequence[Sequence[int]]) -> str:
    """Give a sentence with these places marked: bold on a terminal, in brackets elsewhere."""
    parts, at = [], 0
    for start, end in places:
        parts += [text[at:start], _mark(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def folded(text: str, indent: str) -> str:
    """Give a text indented: folded at blanks on a terminal, in one line elsewhere."""
    if not sys.stdout.isatty():
        return indent + text
    return click.wrap_text(text, shutil.get_terminal_size().columns, indent, indent)


def _mark(word: str) -> str:
    return click.style(word, bold=True, underline=True) if sys.stdout.isatty() else f"[{word}]"


def samples(found: Sequence[Mapping[str, Any]], sign: str = "") -> Iterator[str]:
    """Give each sample as a line of facts, its title and the sentences that matched."""
    for item in found:
        at = f"{item['first_seen_at']:%Y-%m-%d %H:%M}"
        yield click.style(f"{sign}{at}  {item['source']}  {item['language']}  article {item['id']}", dim=True)
        sentences = {part["field"]: part for part in item["sentences"]}
        title = sentences.pop("title", {"text": item["title"], "marked": ()})
        yield folded(marked(title["text"], title["marked"]), "  ")
        rest = [part for part in item["sentences"] if part["field"] != "title"]
        yield from (folded(marked(part["text"], part["marked"]), "    ") for part in rest[:_MOST_SENTENCES])
