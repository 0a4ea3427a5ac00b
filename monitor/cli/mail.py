"""`monitor mail test`: is the way out for mail right?"""

from __future__ import annotations

import asyncio
import sys

import click

from monitor.app import send_test
from monitor.cli.options import Place, placed
from monitor.log import make_log


@click.group()
def mail() -> None:
    """Try the way out for mail."""


@mail.command("test", epilog="\b\nExamples:\n  monitor mail test\n  monitor mail test --channel desk")
@placed
@click.option("--channel", metavar="NAME", help="This channel only.")
def test(place: Place, channel: str | None) -> None:
    """Send a test message to everyone now, and say what the server answered. Ends with 1 if one did not go."""
    config = place.load()
    log = make_log(sys.stderr, human=sys.stderr.isatty(), secrets=config.secrets)
    failed = False
    for recipient, ok, reply in asyncio.run(send_test(config, only=channel, log=log)):
        failed |= not ok
        click.echo(f"{'delivered' if ok else 'FAILED'}  {recipient}  {reply}")
    if failed:
        raise SystemExit(1)
