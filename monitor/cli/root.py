"""The `monitor` command: finds the subcommand, and turns errors into one clear line and an exit status."""

from __future__ import annotations

import difflib
import importlib
import sys
from pathlib import Path
from typing import Any

import click

from monitor.errors import AnotherInstance, Busy, ConfigError, MonitorError, QueryError, StoreDamaged, UnfitMachine
from monitor.folders import BARRED, barred

EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_DAMAGED = 65
EXIT_ANOTHER_INSTANCE = 75
EXIT_CONFIG = 78

# Name -> (module of this package, function, one line for --help). A command's module is imported only when the
# command runs: `monitor status` must not pay for feed parsers and language dictionaries.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("setup", "init", "Write the shipped config.yaml into a folder."),
    "run": ("run", "run", "Run the daemon in the foreground (Ctrl-C ends it)."),
    "collect": ("run", "collect", "One whole round by hand: poll, match, send."),
    "backfill": ("backfill", "backfill", "Read back what a source published before."),
    "demo": ("demo", "demo", "Show the whole job on embedded outlets and a mail server."),
    "check": ("setup", "check", "Check config.yaml; say all that is wrong."),
    "status": ("status", "status", "Say whether all is well, and what to do if not."),
    "doctor": ("doctor", "doctor", "Look everything over; say what is wrong and what helps."),
    "search": ("read", "search", "Search the stored articles."),
    "alerts": ("read", "alerts", "List alerts: what was sent, to whom, and why."),
    "explain": ("evidence", "explain", "Say why an alert came, and what became of it."),
    "mark": ("evidence", "mark", "Say whether an alert was relevant."),
    "article": ("article", "article", "Show how an article changed: versions, a diff."),
    "snapshot": ("article", "snapshot", "Write out an article's page as it came."),
    "sql": ("read", "sql", "Run a read-only SQL query on the database."),
    "sources": ("sources", "sources", "The sources: how they do, try one, add more."),
    "rules": ("rules", "rules", "The rules: what they caught, and would have caught."),
    "concepts": ("concepts", "concepts", "The concepts that rules may name, and their words."),
    "db": ("db", "db", "The database: back up, check, restore, forget a person."),
    "mail": ("mail", "mail", "Try the way out for mail."),
    "try": ("trial", "try_", "Try a feed file, a page or a query; no database, no config.yaml."),
}

EXAMPLES = """\b
Examples:
  monitor init ~/news && cd ~/news   write config.yaml
  monitor check                      is it right?
  monitor run                        start the daemon
  monitor status                     is all well?
  monitor search 'prisoners AND ceasefire' --since 7d

\b
Exit statuses:
  0  fine                 65  the database is damaged
  1  a check found something, or the work failed
  2  wrong usage          75  another instance is running
                          78  the configuration is wrong, or a library is unsafe
"""


class LazyGroup(click.Group):
    """Knows its commands by name and imports each one's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of a person's first day."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"monitor.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a mistyped one, name the one that was meant."""
        near = difflib.get_close_matches(args[0], COMMANDS, 1)
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(error.message + (f" Did you mean {near[0]}?" if near else ""), ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command; an error of ours becomes its own lines and status, never a traceback."""
        try:
            return super().invoke(ctx)
        except MonitorError as error:
            _explain(error)
            ctx.exit(_status(error))
        except BrokenPipeError:
            # `monitor search ... | head` is no error; what is left in the buffer must not complain either.
            sys.stdout = None
            ctx.exit(0)
        except OSError as error:
            if error.errno not in BARRED or error.filename is None:
                raise
            click.echo(f"monitor: {barred(Path(str(error.filename)), error)}", err=True)
            ctx.exit(EXIT_CHECK_FAILED)


def _status(error: MonitorError) -> int:
    """Give the documented exit status of an error."""
    table: list[tuple[type[MonitorError], int]] = [
        (ConfigError, EXIT_CONFIG),
        (UnfitMachine, EXIT_CONFIG),
        (QueryError, EXIT_USAGE),
        (AnotherInstance, EXIT_ANOTHER_INSTANCE),
        (Busy, EXIT_ANOTHER_INSTANCE),
        (StoreDamaged, EXIT_DAMAGED),
    ]
    return next((status for kind, status in table if isinstance(error, kind)), EXIT_CHECK_FAILED)


def _explain(error: MonitorError) -> None:
    """Print an error's own lines."""
    if isinstance(error, QueryError):
        from monitor.query import caret  # noqa: PLC0415 - only where a query is wrong

        click.echo(caret(error), err=True)
    elif isinstance(error, ConfigError):
        click.echo("\n".join(error.problems), err=True)
    else:
        click.echo(f"monitor: {error}", err=True)


@click.group(cls=LazyGroup, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="news-coverage-monitor", prog_name="monitor")
def cli() -> None:
    """Watch news outlets and send a mail when a rule matches."""
