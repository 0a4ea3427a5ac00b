"""`monitor backfill`: the past of a source, read back."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.options import Moment, Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table, program
from monitor.cli.statusline import StatusLine
from monitor.digest import MOST_OF_A_PAST
from monitor.log import make_log
from monitor.model import Backfill, BackfillState, Step, StepState

if TYPE_CHECKING:
    from monitor.app import ReadBack

_INTERRUPTED = 130  # as shells have it for Ctrl-C


@click.command(
    epilog="""\b
Examples:
  monitor backfill jamnews-en --since 2026-11-01
  monitor backfill jamnews-en --since 30d --until 7d
  monitor backfill jamnews-en --since 2026-11-01 --dry-run   how far back can it be read?"""
)
@placed
@click.argument("source")
@click.option("--since", type=Moment(), required=True, help="From when on: 2026-11-01, 30d.")
@click.option("--until", type=Moment(), help="Until when; without it, until the source's last good visit.")
@click.option(
    "--most",
    type=click.IntRange(1, MOST_OF_A_PAST),
    default=1000,
    show_default=True,
    metavar="N",
    help="The most new articles; asked again, it takes the next ones.",
)
@click.option("--no-mail", is_flag=True, help="Store and match, but tell nobody.")
@click.option("--dry-run", is_flag=True, help="Count what would come; store nothing.")
@json_option
def backfill(
    place: Place,
    source: str,
    since: datetime,
    until: datetime | None,
    most: int,
    *,
    no_mail: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Store what a source published before: from its paged feed, the site's sitemaps, its listing or date archives.

    What is known already is not stored again. Matches are mailed as one summary, once the articles' pages are read.
    Interrupted, it goes on where it was when it is asked for again. Works beside the daemon. Ends with status 1 if the
    beginning could not be reached.
    """
    from monitor.app import Wish, read_back, try_reading_back  # noqa: PLC0415 - visits take more than listings

    config = place.load_with_spiders()
    terminal = sys.stderr.isatty()
    line = StatusLine(sys.stderr, live=terminal)
    log = make_log(line, human=terminal, secrets=config.secrets)
    wish = Wish(source=source, since=since, until=until, most=most, mails=not no_mail)
    work = try_reading_back if dry_run else read_back
    try:
        with line:
            told = asyncio.run(work(config, wish, log=log, show=line.show))
    except KeyboardInterrupt:
        again = f"{program()} backfill {source} --since {since:%Y-%m-%dT%H:%M:%SZ} --config {config.file}"
        click.echo("monitor: stopped" + ("" if dry_run else f"; to go on where it was, run: {again}"), err=True)
        raise SystemExit(_INTERRUPTED) from None
    if as_json:
        print_json([_facts(told)])
    else:
        if dry_run:
            print_table(_COLUMNS, [_row(step) for step in told.steps if step.state is not StepState.SKIPPED])
        click.echo("\n".join(lines(told, dry_run=dry_run)))
    if not told.backfill.reached:
        raise SystemExit(1)


def lines(told: ReadBack, *, dry_run: bool = False) -> list[str]:
    """Give what came of it in plain lines."""
    found = told.backfill
    new = "would be new" if dry_run else "new"
    answer = [
        f"{found.source}, {_moment(found.since)} to {_moment(found.until)}: {_how_far(found)}",
        f"{counted(found.requests, 'request')}, {found.found} entries of that time, {found.new} {new}",
        *(f"  {remark}" for remark in found.remarks),
    ]
    if told.pages_left:
        left = counted(told.pages_left, "page")
        answer.append(f"  {left} could not be read yet; they are tried again by the daemon, or by `collect`")
    if not dry_run:
        answer.append(f"{counted(told.sent, 'message')} delivered")
    return answer


def _how_far(found: Backfill) -> str:
    if found.state is BackfillState.OPEN and found.due_at is not None:
        return f"a server asked to wait; it goes on by itself at {_moment(found.due_at)} while the daemon runs"
    return "read back to its beginning" if found.reached else "its beginning was not reached"


def _facts(told: ReadBack) -> dict[str, object]:
    found = told.backfill
    return {
        "id": found.id or None,
        "source": found.source,
        "since": found.since,
        "until": found.until,
        "state": found.state,
        "reached": found.reached,
        "requests": found.requests,
        "found": found.found,
        "new": found.new,
        "remarks": list(found.remarks),
        "pages_left": told.pages_left,
        "delivered": told.sent,
        "steps": [dict(zip(_COLUMNS, _row(step), strict=True)) for step in told.steps],
    }


_COLUMNS = ("way", "url", "state", "older", "within", "undated", "oldest", "error")


def _row(step: Step) -> tuple[object, ...]:
    look = step.look
    if look is None:
        return (step.way, step.url, step.state, None, None, None, None, step.error)
    oldest = look.oldest.strftime("%Y-%m-%dT%H:%M:%SZ") if look.oldest else None
    return (step.way, step.url, step.state, look.older, look.within, look.undated, oldest, step.error)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
