"""`monitor doctor`: looks everything over, says of each thing whether it is right, and what helps where it is not."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

import click

from monitor.app import Doctor
from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, running
from monitor.config import Config
from monitor.daemon.lock import running_pid
from monitor.errors import ConfigError, MonitorError, StoreError
from monitor.log import make_log
from monitor.model import Check, Verdict, fine, noted, wrong
from monitor.redact import Redaction

_SHOWN = {Verdict.OK: ("OK   ", "green"), Verdict.NOTE: ("note ", "yellow"), Verdict.WRONG: ("WRONG", "red")}


@click.command(
    epilog="""\b
Examples:
  monitor doctor                 everything; asks each source once, sends no mail
  monitor doctor --offline       the machine and the files alone
  monitor doctor --fix           make the data folder its owner's alone, then look
  sudo -u news-monitor monitor doctor --config /etc/news-monitor/config.yaml"""
)
@placed
@click.option("--offline", is_flag=True, help="Leave out what goes out: names, the mail server, sources.")
@click.option("--fix", is_flag=True, help="Take from others what they may do with files of the data folder.")
@json_option
def doctor(place: Place, *, offline: bool, fix: bool, as_json: bool) -> None:
    """Check versions, permissions, disk, database, clock, names, the mail server step by step, and each source once.

    Works with the daemon running or not, without a database, and with a configuration that is wrong: then as far as it
    can. Sends no mail and stores nothing. Ends with status 1 if something is wrong; a note is no reason to get up.
    """
    report = _Report(as_json=as_json)
    config = _configuration(place, report)
    log = make_log(sys.stderr, human=sys.stderr.isatty(), secrets=config.secrets if config else ())
    data = config.data if config else place.data_folder()
    looks = Doctor(data=data, log=log, tell=report.tell)
    if fix:
        changed = looks.mend()
        report.tell(fine("fix", f"{changed} files and folders are their owner's alone now"))
    looks.machine()
    report.tell(_daemon(data))
    if config is not None:
        looks.files(config)
        if not offline:
            _outside(looks, config, report)
    looks.end()
    raise SystemExit(report.end())


def _daemon(data: Path) -> Check:
    """Say whether it runs; that it does not is no fault of the machine."""
    try:
        pid = running_pid(data)
    except StoreError as error:
        told, _, remedy = str(error).partition("; ")
        return wrong("daemon", told, remedy)
    return noted("daemon", running(pid), "monitor run") if pid is None else fine("daemon", running(pid))


def _outside(looks: Doctor, config: Config, report: _Report) -> None:
    try:
        asyncio.run(looks.outside(config))
    except MonitorError as error:
        report.tell(wrong("ways out", str(error), "mend what is wrong above, then run monitor doctor again"))


def _configuration(place: Place, report: _Report) -> Config | None:
    """Read it, with the spiders that it names; None where it cannot be used: each of its problems is a check."""
    try:
        config = place.load_with_spiders()
    except ConfigError as error:
        for problem in error.problems:
            what, _, remedy = problem.partition("; ")
            report.tell(wrong("configuration", what, f"{remedy or 'mend it'}; then: monitor check"))
        return None
    report.hide(config)
    told = f"{counted(len(config.sources), 'source')}, {counted(len(config.rules), 'rule')}"
    report.tell(fine("configuration", told))
    return config


class _Report:
    """Prints checks as they come, and counts what is wrong."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._clean = Redaction(())
        self._wrong = self._notes = 0

    def hide(self, config: Config) -> None:
        """Let no secret of this configuration through: servers repeat what they are told."""
        self._clean = Redaction(config.secrets)

    def tell(self, check: Check) -> None:
        """Print one check in a line of its own."""
        self._wrong += check.verdict is Verdict.WRONG
        self._notes += check.verdict is Verdict.NOTE
        if self._as_json:
            print_json([{name: self._clean(str(value)) for name, value in asdict(check).items()}])
            return
        word, colour = _SHOWN[check.verdict]
        remedy = f"; {check.remedy}" if check.remedy else ""
        line = " ".join(self._clean(f"{check.name}: {check.told}{remedy}").split())
        click.echo(f"{click.style(word, fg=colour)}  {line}")

    def end(self) -> int:
        """Print the sum; gives the exit status."""
        if not self._as_json:
            click.echo(f"{self._wrong} wrong, {counted(self._notes, 'note')}" if self._wrong else "nothing is wrong")
        return 1 if self._wrong else 0
