"""`monitor demo`: the whole job on embedded outlets and a mail server."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from monitor.cli.options import json_option
from monitor.cli.output import print_json, print_table, program
from monitor.demo.run import run_demo
from monitor.demo.verdict import Verdict


@click.command(epilog="\b\nExamples:\n  monitor demo\n  monitor demo --dir /tmp/demo --json")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-data"), show_default=True
)
@click.option("--config", metavar="FILE", help="Taken by every command; the demo writes its own DIR/config.yaml.")
@click.option("--data", metavar="DIR", help="Taken by every command; the demo keeps its data in --dir.")
@json_option
def demo(folder: Path, config: str | None, data: str | None, *, as_json: bool) -> None:
    """Show the whole job: twelve outlets in five languages, the real daemon, a kill -9, a real mail server.

    Ends by itself in under a minute; with status 1 if anything was lost, doubled or sent for nothing.
    """
    del config, data
    verdict = asyncio.run(run_demo(folder, tell=lambda text: click.echo(text, err=True)))
    if as_json:
        print_json([asdict(verdict)])
    else:
        _show(verdict, folder)
    raise SystemExit(1 if verdict.faults else 0)


def _show(verdict: Verdict, folder: Path) -> None:
    rows: list[tuple[str, object]] = [
        ("outlets", f"{verdict.outlets}, one without a feed, one with a news sitemap, one behind a bot wall, one slow"),
        ("polls", f"{verdict.polls}, of which {verdict.unchanged} found nothing new"),
        ("articles", verdict.articles),
        ("full texts", f"{verdict.pages} read from the articles' pages, {verdict.retried} of them refused at first"),
        ("alerts", f"{verdict.alerts}, for two recipients"),
        ("mails", f"{verdict.mails}, and {verdict.repeated} repeated after the kill, byte for byte"),
    ]
    rows += [("without a feed", text) for text in verdict.feedless]
    rows += [("ignored", text) for text in verdict.ignored]
    rows += [("not readable", text) for text in verdict.unreadable]
    rows += [("FAULT", text) for text in verdict.faults] or [("result", "nothing lost, nothing doubled")]
    print_table(("demo", ""), rows)
    config, database = folder / "config.yaml", folder / "monitor.db"
    click.echo()
    click.echo(f"The database: {database}")
    click.echo(f"The mails, as the server received them: {folder / 'mail'}/*.eml")
    click.echo("Try next:")
    for command in ("search 'prisoners of war OR ceasefire'", "rules test prisoners", "alerts", "explain 1", "status"):
        click.echo(f"  {program()} {command} --config {config}")
