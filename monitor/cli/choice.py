"""What commands that change config.yaml have in common: the asking, and what they say afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from monitor.cli.output import program

T = TypeVar("T")


def dry_run_option(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command `--dry-run`."""
    return click.option("--dry-run", is_flag=True, help="Show what would be added; change nothing.")(command)


def has_person() -> bool:
    """Tell whether somebody is there who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def say_next(config: object, names: tuple[str, ...] = ()) -> None:
    """Say what is to be done after config.yaml was changed."""
    told = f" --config {config}" if str(config) != "config.yaml" else ""
    if names:
        try_one = f"{program()} sources test {names[0]}{told}"
        click.echo(f"Try it:  {try_one}  or  {program()} collect {names[0]}{told}", err=True)
    click.echo("A daemon that runs takes it up on `systemctl reload news-monitor`, or `kill -HUP PID`.", err=True)
