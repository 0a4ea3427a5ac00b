"""How answers are printed: tables for people, JSON Lines for programs (rich's door, with the status line)."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_json(rows: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object a line; times as `2026-11-23T14:00:00Z`."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Print a table as wide as the terminal; a value is never read as markup."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console().print(table)


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


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
