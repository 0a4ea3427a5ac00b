"""`monitor sources list` and `unread`, `monitor rules list`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.errors import ConfigError
from monitor.model import FullText, Source, SourceKind
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
    """List every source: well, failing, quiet, new or disabled; how its texts are got; when it was read last.

    `text` says where an article's text comes from: the feed; the feed, or the article's page where the feed's text is
    short; the page. `articles` says how many texts came from where, are still wanted, or could not be had.
    """
    config = place.load()
    archive = ArchiveRows(config.database) if config.database.exists() else None
    health = {str(row["source"]): row for row in archive.health()} if archive else {}
    texts = archive.texts() if archive else {}
    rows: list[dict[str, object]] = [
        {
            "source": source.name,
            "kind": source.kind,
            "url": source.url,
            "state": "new",
            "text": text_from(source),
            "texts": texts.get(source.name, {}),
        }
        | health.get(source.name, {})
        for source in config.sources
    ]
    rows += [{"source": name, "state": "disabled"} for name in config.disabled]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["articles"] = ", ".join(f"{number} {state}" for state, number in _counts(row.get("texts"))) or None
    keys = ("source", "kind", "state", "text", "articles", "last_good_at", "due_at", "articles_24h", "last_error")
    heads = ("source", "kind", "state", "text", "articles", "last read (UTC)", "next (UTC)", "24h", "last error")
    print_table(heads, [[row.get(key) for key in keys] for row in rows])


def text_from(source: Source) -> str:
    """Tell how the texts of a source's articles are got."""
    if source.full_text is FullText.NEVER:
        return source.kind
    if source.kind is SourceKind.FEED and source.full_text is FullText.AUTO:
        return "feed or page"
    return "page"


def _counts(texts: object) -> list[tuple[str, int]]:
    return sorted(texts.items()) if isinstance(texts, dict) else []


@sources.command(epilog="\b\nExamples:\n  monitor sources unread\n  monitor sources unread netgazeti --again")
@placed
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--again", is_flag=True, help="Want the pages once more whose every try failed; the daemon reads them.")
@json_option
def unread(place: Place, names: tuple[str, ...], *, again: bool, as_json: bool) -> None:
    """List articles whose page could not be read yet (wanted), at all (failed), or again (outdated), and why.

    An outdated text is that of an earlier reading: the page has changed since, and every try to read it anew failed.
    """
    config = place.load()
    known = {source.name for source in config.sources}
    if wrong := set(names) - known:
        raise ConfigError((f"{config.file}: there is no enabled source {', '.join(sorted(wrong))}",))
    if again:
        from monitor.app import want_pages_again  # noqa: PLC0415 - the one listing that may write

        click.echo(f"{counted(want_pages_again(config, names or tuple(known)), 'page')} wanted once more")
        return
    told = ArchiveRows(config.database).unread() if config.database.exists() else []
    rows = [row for row in told if not names or row["source"] in names]
    if as_json:
        print_json(rows)
        return
    keys = ("article_id", "source", "state", "attempts", "due_at", "title", "url", "error")
    heads = ("id", "source", "state", "tries", "next (UTC)", "title", "url", "error")
    print_table(heads, [[row.get(key) for key in keys] for row in rows])
    click.echo(counted(len(rows), "article"))


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
