"""`monitor sources import` and `export`: lists of subscriptions, as feed readers write them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from monitor.cli.choice import dry_run_option, has_person, say_next
from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.config import add_sources
from monitor.errors import SourceError
from monitor.model import Limits, SourceKind

if TYPE_CHECKING:
    from monitor.app import Import

_MOST_LINES = 40  # of what is said about single addresses


@click.command(
    "import",
    short_help="Add the feeds of an OPML file to config.yaml.",
    epilog="""\b
Examples:
  monitor sources import subscriptions.opml              shows what is in it, and asks
  monitor sources import subscriptions.opml --dry-run
  monitor sources import subscriptions.opml --yes --disabled
  curl -s https://reader.example/export | monitor sources import - --yes""",
)
@placed
@click.argument("file", metavar="FILE.opml", type=click.File("rb"))
@click.option("--yes", is_flag=True, help="Add them without asking.")
@click.option("--disabled", is_flag=True, help="Add them with `enabled: false`.")
@dry_run_option
@json_option
def import_(place: Place, file: BinaryIO, *, yes: bool, disabled: bool, dry_run: bool, as_json: bool) -> None:
    """Add the feeds of an OPML file to config.yaml; - is standard input.

    Files that are not well-formed are read, too. Folders become notes. Feeds that are configured already, and addresses
    that are private or none, are said and left out.
    """
    from monitor.app import plan_import, read_list  # noqa: PLC0415 - keeps `--help` quick

    config = place.load()
    plan = plan_import(config, read_list(_read(file)), enabled=not disabled)
    _show(plan, as_json=as_json)
    asked = f"Add {counted(len(plan.new), 'source')} to {place.config}?"
    if plan.new and not dry_run and (yes or (_may_ask(file) and click.confirm(asked, err=True))):
        add_sources(place.config, [source.entry for source in plan.new], environ=os.environ)
        click.echo(f"{counted(len(plan.new), 'source')} added to {place.config}", err=True)
        say_next(place.config, (plan.new[0].name,))
    elif plan.new:
        click.echo("nothing was added; --yes adds them", err=True)
    if not plan.new and not plan.twice:
        raise SystemExit(1)


def _may_ask(file: BinaryIO) -> bool:
    return file is not sys.stdin.buffer and has_person()


def _read(file: BinaryIO) -> bytes:
    most = Limits().feed_bytes
    body = file.read(most + 1)
    if len(body) > most:
        raise SourceError("too_large", f"the file has more than {most} bytes; split it")
    return body


def _show(plan: Import, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {"name": source.name, "outlet": source.outlet, "url": source.url, "note": source.note}
            for source in plan.new
        )
    else:
        rows = [(source.name, source.outlet, source.url, source.note or None) for source in plan.new]
        print_table(("name", "outlet", "address", "note"), rows)
    _say([f"{url} is configured already, as {name}" for url, name in plan.twice])
    _say([f"{url[:200]!r} is refused: it {why}" for url, why in plan.refused])
    _say([f"{url} is another list; import it, too" for url in plan.lists])
    _say([f"{url} has no feed in this list; try: monitor sources add {url}" for url in plan.sites])
    facts = ((len(plan.new), "new"), (len(plan.twice), "configured already"), (len(plan.refused), "refused"))
    click.echo(", ".join(f"{number} {what}" for number, what in facts), err=True)


def _say(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_LINES]:
        click.echo(line, err=True)
    if len(lines) > _MOST_LINES:
        click.echo(f"... and {len(lines) - _MOST_LINES} more like these", err=True)


@click.command(
    short_help="Write the feeds into an OPML file.",
    epilog="\b\nExamples:\n  monitor sources export feeds.opml\n  monitor sources export - > feeds.opml",
)
@placed
@click.argument("file", metavar="FILE.opml", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--all", "everything", is_flag=True, help="Disabled sources, too.")
def export(place: Place, file: str, *, everything: bool) -> None:
    """Write the feeds into an OPML file that other readers import; - is standard output. Nothing is overwritten."""
    from monitor.render.opml import opml  # noqa: PLC0415 - keeps `--help` quick

    config = place.load()
    chosen = (*config.sources, *(config.resting if everything else ()))
    feeds = [source for source in chosen if source.kind is SourceKind.FEED]
    text = opml(feeds, now=datetime.now(UTC))
    if file == "-":
        click.echo(text, nl=False)
    else:
        _write(Path(file), text)
    left = len(chosen) - len(feeds)
    told = f"; {counted(left, 'source')} without a feed left out" if left else ""
    click.echo(f"{counted(len(feeds), 'feed')} written{told}", err=True)


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}; name another file") from error
