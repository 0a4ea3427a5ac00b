"""`monitor status`: is all well, and if not, what to do."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, program
from monitor.cli.pastlines import not_closed, past_facts, past_lines
from monitor.cli.unwell import NEEDS, OUTAGE, gaps, needed, source_lines, unwell
from monitor.config import Config
from monitor.daemon.lock import running_pid
from monitor.model import ChannelKind
from monitor.plausible import is_possible
from monitor.polling.condition import NO_WAY_OUT
from monitor.store import ArchiveRows
from monitor.text import shorten_address

LATE = timedelta(hours=1)
REFUSED = timedelta(days=1)
_NAMED = 5
_DATABASE = {"backup": "db backup", "database": "db verify", "wal": "db verify"}  # causes of notices, what helps
LITTLE_SPACE = 200 * 2**20


@click.command(epilog="\b\nExamples:\n  monitor status\n  monitor status --json")
@placed
@json_option
@click.option("--alive", is_flag=True, help="Say only whether the daemon runs: for health checks of containers.")
def status(place: Place, *, as_json: bool, alive: bool) -> None:
    """Say OK, or what is wrong and which command to run; then how sources and mail do. Works with the daemon down.

    Ends with status 0 if all is well, 1 if not.
    """
    config = place.load()
    if alive:
        pid = running_pid(config.data)
        click.echo("not running" if pid is None else f"running, pid {pid}")
        raise SystemExit(int(pid is None))
    now = datetime.now(UTC)
    facts = gather(config, now)
    problems = judge(facts)
    if as_json:
        print_json([{"ok": not problems, "problems": problems, **facts}])
    else:
        click.echo("OK" if not problems else "\n".join(problems))
        click.echo("\n".join(lines(facts, now)))
    raise SystemExit(1 if problems else 0)


def gather(config: Config, now: datetime) -> dict[str, Any]:
    """Give the facts, from the database and the machine."""
    pid = running_pid(config.data) if config.data.exists() else None
    facts: dict[str, Any] = {
        "config": str(config.file),
        "database": str(config.database),
        "running": pid is not None,
        "pid": pid,
        "maildir_only": all(channel.kind is ChannelKind.MAILDIR for channel in config.channels),
        "free": shutil.disk_usage(config.data if config.data.exists() else config.data.anchor).free,
        "sources": {},
        "unverified": [source.name for source in config.sources if not source.verify_tls],
        "exists": config.database.exists(),
        "clock": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "clock_possible": is_possible(now),
    }
    if not config.database.exists():
        return facts
    archive = ArchiveRows(config.database)
    health, past = archive.health(), past_facts(archive, now)
    delivery = archive.delivery()
    names = [source.name for source in config.sources]
    for failed in delivery["failed"]:
        failed["recipient"] = shorten_address(failed["recipient"])
    return facts | {
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
    if not facts["running"]:
        problems.append(f"the daemon is not running; {_command('run', facts)}")
    failing = facts["failing"]
    causes = {notice["cause"] for notice in facts["notices"]}
    if OUTAGE in causes or (failing and len(failing) == sum(facts["sources"].values())):
        out = all(str(error).partition(":")[0] in NO_WAY_OUT for error in failing.values())
        told = "reached; is the network up?" if out else "read; each says why below."
        problems.append(f"no source can be {told} {_command('collect', facts)}")
    elif names := needed(facts["notices"]):
        few = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        problems.append(f"{counted(len(names), 'source')} to look after: {few}; what helps is said below")
    problems += [
        f"mail: {notice['text'].splitlines()[0]}; {_command('mail test', facts)}"
        for notice in facts["notices"]
        if not notice["cause"].startswith((*NEEDS, OUTAGE)) and notice["cause"] not in _DATABASE
    ]
    problems += [
        f"database: {notice['text'].splitlines()[0]}; {_command(_DATABASE[notice['cause']], facts)}"
        for notice in facts["notices"]
        if notice["cause"] in _DATABASE
    ]
    if (facts["oldest_pending_seconds"] or 0) > LATE.total_seconds():
        problems.append(f"messages wait for more than an hour; {_command('mail test', facts)}")
    if facts["free"] < LITTLE_SPACE:
        problems.append(f"the disk is nearly full ({_size(facts['free'])} free); make room for {facts['database']}")
    return problems


def _command(words: str, facts: dict[str, Any]) -> str:
    return f"run: {program()} {words} --config {facts['config']}"


def lines(facts: dict[str, Any], now: datetime) -> list[str]:
    """Give the rest in plain lines."""
    if not facts["exists"]:
        return [f"free disk: {_size(facts['free'])}"]
    mail = facts["mail"]
    told = [
        f"daemon: {'running, pid ' + str(facts['pid']) if facts['running'] else 'not running'}",
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
        f"database: {facts['database']}, {_size(facts['size'])}, {facts['articles']} articles",
        f"SQLite {facts['sqlite']}, {facts['mode']}",
        f"free disk: {_size(facts['free'])}",
    ]
    if facts["maildir_only"]:
        told.append("note: alerts go into a maildir only; set up smtp: in the configuration to get them by mail")
    return told


def _is_current(notice: dict[str, Any], now: datetime) -> bool:
    """Tell whether a notice still calls for somebody: what is done with does so for a day, then it is only listed."""
    over = notice["cause"].startswith(("message:", "backfill:"))
    return not over or (_age(notice["at"], now) or 0) < REFUSED.total_seconds()


def _age(text: object, now: datetime) -> float | None:
    return (now - datetime.fromisoformat(str(text))).total_seconds() if text else None


def _size(number: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:  # noqa: PLR2004 - the step between units
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"
