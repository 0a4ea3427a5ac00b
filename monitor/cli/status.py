"""`monitor status`: is all well, and if not, what to do."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, program, running, told_in
from monitor.cli.pastlines import not_closed, past_facts, past_lines
from monitor.cli.troubles import notice_lines, standstill
from monitor.cli.unwell import OUTAGE, gaps, needed, source_lines, unwell
from monitor.config import Config
from monitor.daemon.lock import running_pid
from monitor.disk import file_size, is_low, look_at, size
from monitor.errors import ConfigError, StoreError
from monitor.model import ChannelKind
from monitor.plausible import is_behind, is_possible
from monitor.polling.condition import NO_WAY_OUT
from monitor.polling.trouble import calls_for_somebody
from monitor.progress import CHECKS, LATE, pace, troubles
from monitor.store import FOLDER, ArchiveRows, Backups, is_there
from monitor.text import shorten_address

REFUSED = timedelta(days=1)
_NAMED = 5


@click.command(
    epilog="""\b
Examples:
  monitor status
  monitor status --json
  monitor status --prometheus --output /var/lib/prometheus/node-exporter/news-monitor.prom"""
)
@placed
@json_option
@click.option("--alive", is_flag=True, help="Say only whether the daemon runs: for health checks of containers.")
@click.option("--prometheus", is_flag=True, help="Figures for Prometheus; ends with 0 also where not all is well.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --prometheus: replace this file, as the node exporter's textfile collector wants it.",
)
def status(place: Place, *, as_json: bool, alive: bool, prometheus: bool, output: Path | None) -> None:
    """Say OK, or what is wrong and which command to run; then how sources and mail do. Works with the daemon down.

    Ends with status 0 if all is well, 1 if not. `--alive` needs no configuration that is right, only its data folder.
    """
    if (output is not None and not prometheus) or (as_json and prometheus):
        raise click.UsageError("--output is for --prometheus, which has a format of its own; leave the other out")
    if alive:
        pid = running_pid(place.data_folder())
        click.echo(running(pid))
        raise SystemExit(int(pid is None))
    config = _configuration(place)
    now = datetime.now(UTC)
    facts = gather(config, now)
    problems = judge(facts)
    if prometheus:
        _expose(facts, output, healthy=not problems)
        return
    if as_json:
        print_json([{"ok": not problems, "problems": problems, **facts}])
    else:
        told = [*(problems or ["OK"]), *lines(facts, now)]
        click.echo(told_in(config.timezone, "\n".join(told)))
    raise SystemExit(1 if problems else 0)


def _configuration(place: Place) -> Config:
    """Read it; where it is broken, the daemon that goes on without it is told too."""
    try:
        return place.load()
    except ConfigError as error:
        with suppress(StoreError):
            if pid := running_pid(place.data_folder()):
                goes_on = "goes on with the configuration that it has; mend the file before a restart"
                raise ConfigError((*error.problems, f"the daemon (pid {pid}) {goes_on}")) from error
        raise


def _expose(facts: dict[str, Any], output: Path | None, *, healthy: bool) -> None:
    from monitor.cli.metrics import exposition, write_exposition  # noqa: PLC0415 - keeps `status` quick

    if output is None:
        click.echo(exposition(facts, healthy=healthy), nl=False)
    else:
        write_exposition(facts, output, healthy=healthy)


def gather(config: Config, now: datetime) -> dict[str, Any]:
    """Give the facts, from the database and the machine."""
    pid = running_pid(config.data)
    disk = look_at(config.data)
    facts: dict[str, Any] = {
        "config": str(config.file),
        "database": str(config.database),
        "data": str(config.data),
        "running": pid is not None,
        "pid": pid,
        "maildir_only": all(channel.kind is ChannelKind.MAILDIR for channel in config.channels),
        "free": disk.free,
        "disk": {"total": disk.total, "free_files": disk.free_files, "low": is_low(disk)},
        **_last_backup(config),
        "sources": {},
        "unverified": [source.name for source in config.sources if not source.verify_tls],
        "exists": is_there(config.database),
        "clock": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "clock_possible": is_possible(now),
    }
    if not facts["exists"]:
        return facts
    archive = ArchiveRows(config.database)
    health, past = archive.health(), past_facts(archive, now)
    delivery, standing = archive.delivery(), archive.standing()
    found = troubles(standing, now=now, interval=pace(config.sources))
    newest, names = archive.newest(), [source.name for source in config.sources]
    for failed in delivery["failed"]:
        failed["recipient"] = shorten_address(failed["recipient"])
    return facts | {
        "checks": {name: name not in found for name in CHECKS},
        "last_good_at": standing.last_good_at,
        "health": health,
        "alerts": archive.alert_states(),
        "wal_bytes": file_size(config.database.with_name(config.database.name + "-wal")),
        "newest_at": f"{newest:%Y-%m-%dT%H:%M:%SZ}" if newest else None,
        "clock_behind": is_behind(now, newest),
        "to_look_after": [
            name for name, state in archive.states().items() if name in names and calls_for_somebody(state)
        ],
        "sources": dict(Counter(str(row["state"]) for row in health)),
        "missed": {
            source.name: missed
            for source in config.sources
            if (missed := archive.missed(source.name, source.selectors))
        },
        "unwell": unwell(health, _robots(config, archive)),
        "gaps": not_closed(gaps(health, now), past),
        "failing": {row["source"]: row["last_error"] for row in health if row["failures"]},
        "partly": {row["source"]: row["last_error"] for row in health if row["last_error"] and not row["failures"]},
        "paused": {host: f"{until:%Y-%m-%dT%H:%M:%SZ}" for host, until in archive.paused_hosts(now).items()},
        "pages": dict(Counter(str(row["state"]) for row in archive.unread(names))),
        "mail": delivery,
        "oldest_pending_seconds": _age(delivery["oldest_pending"], now),
        "notices": [notice for notice in archive.open_notices() if _is_current(notice, now)],
        "past": past,
        **archive.facts(),
    }


def _last_backup(config: Config) -> dict[str, Any]:
    """Give when the newest copy was made; the folder is its owner's alone, also where the database may be read."""
    folder = config.data / FOLDER
    try:
        return {"last_backup_at": Backups(config.database, folder).newest_at(), "backups_barred": None}
    except PermissionError:
        return {"last_backup_at": None, "backups_barred": str(folder)}


def _robots(config: Config, archive: ArchiveRows) -> dict[str, datetime]:
    """Give from when on each source's robots.txt is too old to be used, where it was read at all."""
    from monitor.collect.robots import FRESH, host_key  # noqa: PLC0415 - keeps `--help` quick

    read_at, moved = archive.robots_read_at(), archive.moved()
    hosts = {source.name: host_key(moved.get(source.name, source.url)) for source in config.sources}
    return {name: read_at[host] + FRESH for name, host in hosts.items() if host in read_at}


def judge(facts: dict[str, Any]) -> list[str]:
    """Give what is wrong, each with the command that helps."""
    if not facts["clock_possible"]:
        return [f"the machine's clock says {facts['clock']}, which cannot be: nothing is done until it is set"]
    if not facts["exists"]:
        return [f"nothing was collected yet; {_command('run', facts)}"]
    problems = []
    if facts["clock_behind"]:
        knows = f"but the database knows of {facts['newest_at']}: one of the two is wrong"
        problems.append(f"clock: it is {facts['clock']}, {knows}; {_command('doctor', facts)}")
    if not facts["running"]:
        problems.append(f"the daemon is not running; {_command('run', facts)}")
    failing = facts["failing"]
    causes = {notice["cause"] for notice in facts["notices"]}
    if OUTAGE in causes or (failing and len(failing) == sum(facts["sources"].values())):
        out = all(str(error).partition(":")[0] in NO_WAY_OUT for error in failing.values())
        told = "reached; is the network up?" if out else "read; each says why below."
        problems.append(f"no source can be {told} {_command('collect', facts)}")
    elif names := sorted({*needed(facts["notices"]), *facts["to_look_after"]}):
        few = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        problems.append(f"{counted(len(names), 'source')} to look after: {few}; what helps is said below")
    problems += standstill(facts, _command("doctor", facts))
    problems += notice_lines(facts["notices"], lambda words: _command(words, facts))
    if (facts["oldest_pending_seconds"] or 0) > LATE.total_seconds():
        problems.append(f"messages wait for more than an hour; {_command('mail test', facts)}")
    if facts["disk"]["low"]:
        left = f"{size(facts['free'])}, room for {facts['disk']['free_files']} files"
        problems.append(
            f"the disk is nearly full ({left}); make room for {facts['database']}, see: df -h {facts['data']}"
        )
    return problems


def _command(words: str, facts: dict[str, Any]) -> str:
    return f"run: {program()} {words} --config {facts['config']}"


def lines(facts: dict[str, Any], now: datetime) -> list[str]:
    """Give the rest in plain lines; moments as `2026-11-23T14:00:00Z`, which are told to people in their zone."""
    if not facts["exists"]:
        return [f"free disk: {size(facts['free'])}"]
    mail = facts["mail"]
    told = [
        f"daemon: {running(facts['pid'])}",
        *source_lines(facts, now),
    ]
    told += [
        f"  selectors: {name}: {', '.join(names)} found nothing on the newest pages;"
        f" {_command(f'sources test {name}', facts)}"
        for name, names in facts["missed"].items()
    ]
    told += [f"  read in part: {name}: {error}" for name, error in facts["partly"].items()]
    told += [f"  left alone until {until}, as it asked: {host}" for host, until in facts["paused"].items()]
    if facts["unverified"]:
        told.append(f"  any certificate is accepted (verify_tls: false): {', '.join(facts['unverified'])}")
    if pages := facts["pages"]:
        counts = (
            f"{pages.get('wanted', 0)} to be read, {pages.get('failed', 0)} failed, {pages.get('outdated', 0)} outdated"
        )
        told.append(f"pages: {counts}; {_command('sources unread', facts)}")
    told += past_lines(facts["past"], _command("backfill SOURCE --since TIME", facts))
    told += [
        f"mails: {mail['pending']} pending, {mail['waiting']} alerts waiting; oldest {mail['oldest_pending'] or '–'}",
        f"last mail sent: {mail['last_sent'] or 'none yet'}",
    ]
    told += [f"  failed: {row['recipient']}: {row['reply']}" for row in mail["failed"]]
    told += [
        f"database: {facts['database']}, {size(facts['size'])}, {facts['articles']} articles",
        f"SQLite {facts['sqlite']}, {facts['mode']}",
        f"free disk: {size(facts['free'])}",
    ]
    if facts["backups_barred"]:
        told.append(f"last backup: unknown, {facts['backups_barred']} may not be read by this user")
    if facts["maildir_only"]:
        told.append("note: alerts go into a maildir only; set up smtp: in the configuration to get them by mail")
    return told


def _is_current(notice: dict[str, Any], now: datetime) -> bool:
    """Tell whether a notice still calls for somebody: what is done with does so for a day, then it is only listed."""
    over = notice["cause"].startswith(("message:", "backfill:"))
    return not over or (_age(notice["at"], now) or 0) < REFUSED.total_seconds()


def _age(text: object, now: datetime) -> float | None:
    return (now - datetime.fromisoformat(str(text))).total_seconds() if text else None
