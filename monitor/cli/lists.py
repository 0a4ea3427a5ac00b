"""`monitor sources list` and `monitor rules list`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import print_json, print_table
from monitor.store import ArchiveRows


@click.group()
def sources() -> None:
    """The sources and how they do."""


@click.group()
def rules() -> None:
    """The rules and what they caught."""


@sources.command("list", epilog="\b\nExamples:\n  monitor sources list\n  monitor sources list --json")
@placed
@json_option
def list_sources(place: Place, *, as_json: bool) -> None:
    """List every source: well, failing, quiet, new or disabled; when it was read last and is next."""
    config = place.load()
    told = ArchiveRows(config.database).health() if config.database.exists() else []
    health = {str(row["source"]): row for row in told}
    rows: list[dict[str, object]] = [
        {"source": source.name, "url": source.url, "state": "new"} | health.get(source.name, {})
        for source in config.sources
    ]
    rows += [{"source": name, "state": "disabled"} for name in config.disabled]
    if as_json:
        print_json(rows)
        return
    keys = ("source", "state", "last_good_at", "due_at", "articles_24h", "articles_7d", "failures", "last_error")
    heads = ("source", "state", "last read (UTC)", "next (UTC)", "24h", "7d", "failures", "last error")
    print_table(heads, [[row.get(key) for key in keys] for row in rows])


@rules.command("list", epilog="\b\nExamples:\n  monitor rules list\n  monitor rules list --json")
@placed
@json_option
def list_rules(place: Place, *, as_json: bool) -> None:
    """List every rule: its version, recipients, and how many articles it caught lately."""
    config = place.load()
    counts = ArchiveRows(config.database).rule_counts(datetime.now(UTC)) if config.database.exists() else {}
    nothing: dict[str, object] = {"version": None, "articles_24h": 0, "articles_7d": 0}
    rows: list[dict[str, object]] = [
        {"rule": rule.name, "to": list(rule.to), "query": rule.query} | counts.get(rule.name, nothing)
        for rule in config.rules
    ]
    if as_json:
        print_json(rows)
        return
    keys = ("rule", "version", "to", "articles_24h", "articles_7d", "query")
    print_table(("rule", "version", "to", "24h", "7d", "query"), [[row.get(key) for key in keys] for row in rows])
