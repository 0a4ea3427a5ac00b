"""`monitor run` and `monitor collect`: the daemon, and one round of it by hand."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import click

from monitor.app import collect_once
from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.cli.statusline import StatusLine
from monitor.config import Config
from monitor.daemon.run import Surroundings, run_daemon
from monitor.errors import StoreError
from monitor.folders import keep_files_private
from monitor.lifeline import leave_no_core
from monitor.log import LogFile, make_log
from monitor.model import Visit, VisitOutcome
from monitor.protocols import Log


@click.command(
    epilog="""\b
Examples:
  monitor run
  monitor run --config /etc/news-monitor/config.yaml --data /var/lib/news-monitor"""
)
@placed
@click.option("--debug", is_flag=True, help="Say more in the log.")
@click.option("--log-format", type=click.Choice(["auto", "human", "json"]), default="auto", show_default=True)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Log to this file instead; it may be renamed or truncated (logrotate) at any time.",
)
def run(place: Place, *, debug: bool, log_format: str, log_file: Path | None) -> None:
    """Run the daemon in the foreground until SIGTERM or Ctrl-C.

    SIGHUP has it read the configuration anew: it is taken up as a whole, or the old one is kept and the log says why.
    Under systemd (Type=notify, WatchdogSec) it says when it is ready, and lives only while everything comes on.

    The log goes to stderr: for people on a terminal, JSON Lines otherwise.
    """
    leave_no_core()
    keep_files_private()
    config = place.load_with_spiders()
    terminal = sys.stderr.isatty()
    human = log_format == "human" or (log_format == "auto" and terminal and log_file is None)
    line = StatusLine(sys.stderr, live=terminal and (human or log_file is not None))
    stream = _log_file(log_file) if log_file else line

    def log_of(config: Config) -> Log:
        return make_log(stream, human=human, debug=debug, secrets=config.secrets)

    def load() -> Config:
        after = place.load_with_spiders()
        _warn(after, log_of(after))
        return after

    _warn(config, log_of(config))
    with line:
        show = line.show if line.live else None
        run_daemon(
            config, Surroundings(load=load, make_log=log_of, show=show, hung_up=lambda: terminal and _no_terminal())
        )


def _no_terminal() -> bool:
    """Tell whether the terminal that this process belongs to was closed."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return True
    return False


def _warn(config: Config, log: Log) -> None:
    for warning in config.warnings:
        log.warning("config", warning=warning)


@click.command(
    epilog="""\b
Examples:
  monitor collect                     every source, then matching and mail
  monitor collect jamnews-en civil-ge two sources
  monitor collect --no-send           leave the mails queued"""
)
@placed
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--no-send", is_flag=True, help="Leave the mails queued; `monitor run` or the next `collect` sends them.")
@json_option
def collect(place: Place, names: tuple[str, ...], *, no_send: bool, as_json: bool) -> None:
    """Visit sources once, due or not, match what is new and send what is due.

    Works beside the daemon. Ends with status 1 if a source could not be read.
    """
    leave_no_core()
    keep_files_private()
    config = place.load_with_spiders()
    terminal = sys.stderr.isatty()
    line = StatusLine(sys.stderr, live=terminal)
    log = make_log(line, human=terminal, secrets=config.secrets)
    with line:
        report = asyncio.run(collect_once(config, names=names, send=not no_send, log=log, show=line.show))
    rows = [_row(visit) for visit in sorted(report.visits, key=lambda visit: visit.source)]
    rows += [{"source": name, "outcome": "busy"} for name in report.busy]
    if as_json:
        print_json(rows)
    else:
        columns = ("source", "outcome", "entries", "new", "error")
        print_table(columns, [[row.get(column) for column in columns] for row in rows])
        news, mails = counted(report.articles, "new article"), counted(report.sent, "message")
        pages = f", {counted(report.pages, 'page')} read" if report.pages else ""
        click.echo(f"{news}{pages}, {counted(report.alerts, 'alert')}, {mails} delivered")
        if report.waits_until:
            waits = "alert waits" if report.waiting == 1 else "alerts wait"
            until = f"{report.waits_until:%Y-%m-%d %H:%M:%S} UTC"
            click.echo(f"{report.waiting} {waits} until {until} at most; `monitor run` or a later `collect` sends")
    if any(visit.outcome is VisitOutcome.FAILED for visit in report.visits):
        raise SystemExit(1)


def _log_file(path: Path) -> LogFile:
    try:
        return LogFile(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; name a file that you may write to with --log-file") from error


def _row(visit: Visit) -> dict[str, object]:
    return {
        "source": visit.source,
        "outcome": visit.outcome,
        "status": visit.status,
        "entries": visit.entries,
        "new": visit.new_articles,
        "revised": visit.revisions,
        "flood": visit.flood,
        "error": visit.error,
        "detail": visit.detail,
    }
