"""How answers are printed: tables for people, JSON Lines for programs (rich's door, with the status line)."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.text import minute

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SHORT = 26
_UNKNOWN_WIDTH = 80
_WIDE = 1000


def print_json(rows: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object a line; times as `2026-11-23T14:00:00Z`."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False, default=_plain))


def print_hints(query: str) -> None:
    """Say on stderr what was perhaps meant otherwise in a query; raises QueryError where it cannot be read."""
    from monitor.query import hints  # noqa: PLC0415 - only where there is a query

    for hint in hints(query):
        click.echo(f"monitor: {hint}", err=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, exact: bool = False) -> None:
    """Print a table as wide as the terminal; a value is never read as markup.

    Moments are shown to the minute, unless `exact` asks for values as they are. Only long columns are folded.
    """
    cells = [[_cell(value, exact=exact) for value in row] for row in rows]
    table = Table(header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        widest = max((len(row[number]) for row in cells), default=0)
        table.add_column(column, overflow="fold", no_wrap=widest <= _SHORT)
    for row in cells:
        table.add_row(*map(Text, row))
    console = Console()
    # Into a pipe or a file nothing needs folding, unless $COLUMNS asks for it.
    wide = not console.is_terminal and console.width == _UNKNOWN_WIDTH
    (Console(width=_WIDE) if wide else console).print(table)


def told_in(zone: tzinfo, text: str) -> str:
    """Give a text with its moments (`2026-11-23T14:00:00Z`) as mails tell them: in their zone, to the minute."""
    return _MOMENT.sub(lambda found: minute(datetime.fromisoformat(found[0]), zone), text)


def running(pid: int | None) -> str:
    """Say whether the daemon runs; 0 stands for a pid that cannot be read."""
    if pid is None:
        return "not running"
    return f"running, pid {pid or 'unknown'}"


def counted(number: int, what: str) -> str:
    """Give `1 article`, `2 articles`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def program() -> str:
    """Give the word that runs this program as it was run now, so that a command we tell can be copied."""
    called = Path(sys.argv[0])
    found = shutil.which("monitor")
    if called.name != "monitor" or (found and Path(found).resolve() == called.resolve()):
        return "monitor"
    return os.path.relpath(called)


def _cell(value: object, *, exact: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        value = _plain(value)
    text = str(value)
    return text[:16].replace("T", " ") if not exact and _MOMENT.fullmatch(text) else text
