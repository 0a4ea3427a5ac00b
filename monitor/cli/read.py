"""`monitor search`, `alerts` and `sql`: what is in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import click

from monitor.cli.options import LanguageCode, Moment, Place, json_option, placed
from monitor.cli.output import counted, print_hints, print_json, print_table
from monitor.model import Filters
from monitor.store import ArchiveRows


@click.command(
    epilog="""\b
Examples:
  monitor search 'prisoners AND ceasefire' --since 7d
  monitor search 'title:перемирие' --lang ru --limit 5 --json"""
)
@placed
@click.argument("query")
@click.option("--since", type=Moment(), help="First seen at or after (24h, 7d, 2026-11-23).")
@click.option("--until", type=Moment(), help="First seen before.")
@click.option("--lang", type=LanguageCode(), metavar="L", help="Language, such as ru.")
@click.option("--source", metavar="NAME", help="Source by name.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@json_option
def search(
    place: Place,
    query: str,
    *,
    since: datetime | None,
    until: datetime | None,
    lang: str | None,
    source: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search the stored articles, newest first; the same query language as rules, in all languages at once.

    `(gone)` stands behind the address of a page that is not there any more; `monitor article ID` shows how one changed.
    """
    from monitor.app import index_progress, search_articles  # noqa: PLC0415 - the word lists are needed here only

    filters = Filters(since=since, until=until, language=lang, source=source)
    config = place.load()
    print_hints(query)
    found = search_articles(config, query, filters, limit=limit)
    if (progress := index_progress(config)).is_open:
        told = f"the search index is being made anew: {progress.done} of {progress.up_to} articles so far"
        click.echo(told, err=True)
    if as_json:
        print_json(found)
        return
    rows = list(found)
    for row in rows:
        row["url"] = f"{row['url']} (gone)" if row["gone_at"] else row["url"]
    keys = ("id", "first_seen_at", "outlet", "language", "title", "url")
    heads = ("id", "first seen (UTC)", "outlet", "language", "title", "url")
    print_table(heads, [[row[key] for key in keys] for row in rows])
    click.echo(counted(len(rows), "article") + (" (the newest; more with --limit)" if len(rows) == limit else ""))


@click.command(
    epilog="""\b
Examples:
  monitor alerts                 of the last 7 days
  monitor alerts --since 24h --json
  monitor alerts --all"""
)
@placed
@click.option("--since", type=Moment(), help="Alerted at or after (24h, 7d, 2026-11-23); 7d unless --all.")
@click.option("--all", "every", is_flag=True, help="All there are.")
@json_option
def alerts(place: Place, *, since: datetime | None, every: bool, as_json: bool) -> None:
    """List alerts, newest first: rules, words, recipient and what became of the mail.

    `monitor explain ID` tells why one came, `monitor mark ID relevant` or `irrelevant` what you think of it.
    """
    start = since or (None if every else Moment().convert("7d", None, None))
    rows = ArchiveRows(place.load().database).alerts(since=start, limit=None)
    for row in rows:
        row["rules"], row["words"] = json.loads(str(row["rules"])), json.loads(str(row["words"]))
    if as_json:
        print_json(rows)
        return
    keys = ("id", "alerted_at", "recipient", "rules", "words", "outlet", "title", "state")
    heads = ("id", "alerted (UTC)", "recipient", "rules", "words", "outlet", "title", "state")
    print_table(heads, [[row[key] for key in keys] for row in rows])
    click.echo(counted(len(rows), "alert"))


@click.command(
    epilog="""\b
Examples:
  monitor sql 'select outlet, count(*) from v_articles group by outlet'
  monitor sql 'select * from v_source_health' --json"""
)
@placed
@click.argument("statement")
@json_option
def sql(place: Place, statement: str, *, as_json: bool) -> None:
    """Run a read-only SQL query; docs/schema.md explains tables and views."""
    columns, rows = ArchiveRows(place.load().database).select(statement)
    if as_json:
        print_json(_named(columns, rows))
    else:
        print_table(columns, rows, exact=True)


def _named(columns: list[str], rows: Iterable[Iterable[object]]) -> Iterable[dict[str, object]]:
    return (dict(zip(columns, row, strict=True)) for row in rows)
