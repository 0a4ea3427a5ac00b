"""`monitor db`: copies of the database, its checks, its way back, and forgetting people."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json
from monitor.config import Config
from monitor.daemon.lock import hold_lock, running_pid
from monitor.errors import AnotherInstance, StoreError
from monitor.model import Finding, FindingState
from monitor.store import (
    FOLDER,
    BackupFacts,
    Backups,
    all_copies,
    copy_database,
    forget,
    has_traces,
    is_there,
    lacking,
    look_at_backup,
    restore,
    rewrite,
    upgrade,
    verify,
)

_DAMAGED = 65


@click.group()
def db() -> None:
    """The database: copy, check, restore, bring up to date, forget a person."""


@db.command(
    "backup",
    epilog="""\b
Examples:
  monitor db backup
  monitor db backup --to /mnt/copies --keep 30
  monitor db backup --to before-the-move.db""",
)
@placed
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FOLDER|FILE",
    help="Where to; instead of backups/ of the data folder.",
)
@click.option(
    "--keep",
    type=click.IntRange(1, 10000),
    metavar="N",
    help="How many copies this folder keeps; else what the configuration says.",
)
def backup(place: Place, target: Path | None, keep: int | None) -> None:
    """Copy the database while the daemon writes, check the copy, and say where it is.

    A folder gets a file named by the time in UTC. Of too many copies go first those older than backup.every times keep,
    then earlier ones of the same day, then the oldest. A file is never overwritten.
    """
    config = place.load()
    if target is not None and not target.is_dir() and target.suffix:
        copied = copy_database(config.database, target)
    else:
        folder = target or config.data / FOLDER
        plan = replace(config.backup, keep=keep or config.backup.keep)
        copied = Backups(config.database, folder).make(now=datetime.now(UTC), plan=plan)
    click.echo(f"{copied.path}: {counted(copied.articles, 'article')}, {copied.size} bytes, checked")
    for path in copied.dropped:
        click.echo(f"dropped {path}")


@db.command(
    "verify",
    epilog="""\b
Examples:
  monitor db verify
  monitor db verify data/backups/monitor-20261124T120000Z.db
  monitor db verify --deep --json""",
)
@placed
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--deep", is_flag=True, help="Compare the search index with every word, too; the daemon waits meanwhile.")
@json_option
def verify_(place: Place, file: Path | None, *, deep: bool, as_json: bool) -> None:
    """Check the database, or a copy of it: one line for each check, with what helps. Changes nothing.

    Ends with 1 if something is wrong, with 65 if the file is damaged.
    """
    config = place.load()
    rules = [rule.name for rule in config.rules]
    findings = verify(file or config.database, now=datetime.now(UTC), rules=rules, deep=deep)
    if as_json:
        print_json(
            [{"check": one.check, "state": one.state, "what": one.what, "remedy": one.remedy} for one in findings]
        )
    else:
        click.echo("\n".join(_line(one) for one in findings))
    states = {one.state for one in findings}
    raise SystemExit(_DAMAGED if FindingState.DAMAGED in states else int(FindingState.WRONG in states))


def _line(one: Finding) -> str:
    told = f"{one.state.upper() if one.state is not FindingState.OK else 'OK':8}{one.check.replace('_', ' ')}"
    return told + (f": {one.what}; {one.remedy}" if one.what else "")


@db.command(
    "restore",
    epilog="""\b
Examples:
  monitor db restore data/backups/monitor-20261124T120000Z.db --dry-run
  monitor db restore data/backups/monitor-20261124T120000Z.db --settle""",
)
@placed
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--settle",
    is_flag=True,
    help="Send nothing that waits in the backup; what outlets published until now is one summary.",
)
@click.option("--dry-run", is_flag=True, help="Check the backup and say what would happen.")
def restore_(place: Place, file: Path, *, settle: bool, dry_run: bool) -> None:
    """Put a backup in the database's place; the daemon must be stopped. The replaced database is kept beside it.

    What was sent after the backup was made is not known any more: without --settle, mails that waited then go again,
    under the same Message-ID and with the same bytes, and articles seen since are new again, and told again.
    """
    config = place.load()
    with suppress(FileNotFoundError):
        if (pid := running_pid(config.data)) is not None:
            raise AnotherInstance(pid)
    facts = look_at_backup(file)
    click.echo(_facts(facts))
    click.echo(_again(facts, settle=settle))
    if dry_run:
        click.echo(f"nothing was changed; without --dry-run it takes the place of {config.database}")
        return
    with hold_lock(config.data):
        kept = restore(file, config.database, now=datetime.now(UTC), settle=settle)
    if kept is not None and kept.exists():
        click.echo(f"the replaced database is {kept}; delete it when you do not want it any more")
    elif kept is not None:
        click.echo(f"a database that was gone has left its log; to have it whole again, bring it back as {kept}")
    click.echo(f"restored to {config.database}; next: `monitor db verify`, then start the daemon")


def _facts(facts: BackupFacts) -> str:
    newest = f", the newest stored {facts.newest:%Y-%m-%d %H:%M} UTC" if facts.newest else ""
    older = f"; its schema is brought up to date ({counted(len(facts.lacks), 'step')})" if facts.lacks else ""
    return f"{facts.path}: sound, {counted(facts.articles, 'article')}{newest}{older}"


def _again(facts: BackupFacts, *, settle: bool) -> str:
    waits = f"{counted(facts.messages, 'mail')} and {counted(facts.alerts, 'alert')} wait in it"
    if settle:
        return (
            f"{waits}: they are not sent. What outlets publish until the restore is told as one summary for each"
            " recipient, as on a source's first visit"
        )
    return (
        f"{waits}: they go out, also those that were sent after the backup was made (a mail under the same Message-ID"
        " and with the same bytes). Articles seen since are new again, and told again. --settle prevents both"
    )


@db.command("migrate", epilog="\b\nExamples:\n  monitor db migrate")
@placed
def migrate(place: Place) -> None:
    """Bring the schema of the database up to date, after a copy of it; `monitor run` does so by itself."""
    config = place.load()
    if not is_there(config.database):
        raise StoreError(f"there is no database at {config.database} yet; `monitor run` makes one")
    if not lacking(config.database):
        click.echo(f"{config.database} is up to date")
        return
    with hold_lock(config.data):
        made = upgrade(config.database)
    assert made is not None
    click.echo(f"{config.database} is up to date: {', '.join(made.migrations)}")
    click.echo(f"as it was before: {made.before}")


@db.command(
    "forget", epilog="\b\nExamples:\n  monitor db forget anna@example.org\n  monitor db forget anna@example.org --yes"
)
@placed
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_(place: Place, address: str, *, yes: bool) -> None:
    """Take a recipient's address out of the database, for good; what waits for it is not sent.

    The address must have left config.yaml. Articles stay as their outlets wrote them.
    """
    config = place.load()
    _refuse_configured(config, address)
    if not is_there(config.database):
        raise StoreError(f"there is no database at {config.database}; nothing to forget")
    if not yes:
        click.confirm(f"Take {address} out of {config.database} for good?", abort=True)
    done = forget(config.database, address, now=datetime.now(UTC))
    click.echo(
        f"{counted(done.alerts, 'alert')} and {counted(done.messages, 'mail')} are now {done.instead}'s, the mails'"
        f" bytes are erased; {done.unsent} were still to be sent and are not;"
        f" {counted(done.texts, 'other text')} named the address"
    )
    _erase_traces(config, address)
    for path in all_copies(config.database):
        if has_traces(path, address):
            click.echo(f"this copy still has the address; delete it when you can do without: {path}")
    click.echo("logs that were kept, and mailboxes, are not ours to clean")


def _refuse_configured(config: Config, address: str) -> None:
    named = [
        channel.name for channel in config.channels if address.lower() in {one.lower() for one in channel.recipients}
    ]
    if named:
        raise StoreError(
            f"{address} still gets mail by the channel {', '.join(named)}; take it out of {config.file}, have the"
            " daemon read it anew (`systemctl reload news-monitor`, or kill -HUP), then forget it"
        )


def _erase_traces(config: Config, address: str) -> None:
    """Rewrite the file where old bytes of the address are left in space that was given up before."""
    if not has_traces(config.database, address):
        return
    try:
        with hold_lock(config.data):
            rewrite(config.database)
    except AnotherInstance as error:
        click.echo(
            f"old bytes are left in unused space of {config.database}; stop the daemon (pid {error.pid}) and run this"
            " command again: the file is then written anew"
        )
        raise SystemExit(1) from error
    left = has_traces(config.database, address)
    click.echo("an article names the address itself; it stays" if left else f"{config.database} was written anew")
