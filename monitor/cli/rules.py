"""`monitor rules`: what there is, what a rule would have caught, and how its versions differ."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from monitor.cli.charts import bars, by_time, fewer, samples
from monitor.cli.options import Moment, Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.cli.statusline import StatusLine
from monitor.model import Filters, Precision
from monitor.store import EvidenceRows, is_there

_SCOPE = ("query", "when", "languages", "sources", "mentions")


@click.group()
def rules() -> None:
    """The rules: what they caught, what they would have caught, how right they were."""


@rules.command("list", epilog="\b\nExamples:\n  monitor rules list\n  monitor rules list --json")
@placed
@json_option
def list_rules(place: Place, *, as_json: bool) -> None:
    """List every rule: its version, recipients, how many articles it caught lately, and how many alerts were relevant.

    `changed` stands where config.yaml says something else than the version that is kept: it becomes a new version at
    the next start. `relevant` counts alerts that were marked with `monitor mark`, of all versions.
    """
    config = place.load()
    evidence = EvidenceRows(config.database) if is_there(config.database) else None
    counts = evidence.rule_counts(datetime.now(UTC)) if evidence else {}
    kept = evidence.last_versions() if evidence else {}
    precision = _together(evidence.precision() if evidence else {})
    nothing: dict[str, object] = {"version": None, "articles_24h": 0, "articles_7d": 0}
    rows: list[dict[str, object]] = [
        {"rule": rule.name, "to": list(rule.to), "query": rule.query}
        | counts.get(rule.name, nothing)
        | {"changed": rule.name in kept and kept[rule.name].rule.meaning != rule.meaning}
        | _told(precision.get(rule.name, Precision()))
        for rule in config.rules
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["version"] = f"{row['version']}, changed" if row["changed"] else row["version"]
        row["right"] = _share(row)
    keys = ("rule", "version", "to", "articles_24h", "articles_7d", "right", "query")
    heads = ("rule", "version", "to", "24h", "7d", "relevant", "query")
    print_table(heads, [[row.get(key) for key in keys] for row in rows])


def _together(found: Mapping[tuple[str, int | None], Precision]) -> dict[str, Precision]:
    """Give each rule's precision, of all versions."""
    whole: dict[str, Precision] = {}
    for (rule, _), one in found.items():
        before = whole.get(rule, Precision())
        whole[rule] = Precision(marked=before.marked + one.marked, relevant=before.relevant + one.relevant)
    return whole


def _told(precision: Precision) -> dict[str, object]:
    return {"marked": precision.marked, "relevant": precision.relevant, "precision": precision.share}


def _share(row: Mapping[str, Any]) -> str | None:
    return f"{row['relevant']} of {row['marked']} ({row['precision']:.0%})" if row["marked"] else None


def _spanned(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the time that it looks at, and how much it shows."""
    for option in (
        click.option("--samples", type=click.IntRange(0, 100), default=5, show_default=True, help="Articles to show."),
        click.option("--until", type=Moment(), help="First seen before."),
        click.option("--since", type=Moment(), default="30d", show_default=True, help="First seen at or after."),
    ):
        command = option(command)
    return command


@rules.command(
    "test",
    epilog="""\b
Examples:
  monitor rules test ceasefire                     what it would have caught in 30 days
  monitor rules test ceasefire --since 7d --json
  monitor rules test ceasefire --query 'truce'     this query in its place: what is gained, what is lost
  monitor rules test --query 'prisoner AND swap'   a query of no rule yet""",
)
@placed
@click.argument("rule", required=False)
@click.option("--query", metavar="QUERY", help="Try this query: in the place of the rule's, or by itself.")
@_spanned
@json_option
def test(
    place: Place,
    rule: str | None,
    *,
    query: str | None,
    since: datetime,
    until: datetime | None,
    samples: int,
    as_json: bool,
) -> None:
    """Show what a rule would have caught among the stored articles: by source, language and day, with samples.

    Articles are looked at as they are stored now; nothing is stored or sent. A rule that differs from its last version
    in the database is compared with that: which articles it would have caught more, and which it would have missed.
    """
    from monitor.app import trial_of, try_on_the_past  # noqa: PLC0415 - the word lists are needed here only

    if rule is None and query is None:
        raise click.UsageError("name a rule, or give a query with --query")
    config = place.load()
    trial = trial_of(config, rule, query)
    span = Filters(since=since, until=until)
    with StatusLine(sys.stderr, live=sys.stderr.isatty()) as line:
        found = try_on_the_past(config, trial, span, samples=samples, tell=_progress(line))
    _print(found, _test_lines(found), as_json=as_json)


@rules.command(
    epilog="""\b
Examples:
  monitor rules diff ceasefire                   what config.yaml says, against the version before
  monitor rules diff ceasefire --from 1 --to 3   two versions that are kept
  monitor rules diff ceasefire --since 7d --json"""
)
@placed
@click.argument("rule")
@click.option(
    "--from", "old", type=click.IntRange(1), metavar="N", help="The earlier version (default: the one before)."
)
@click.option("--to", "new", type=click.IntRange(1), metavar="N", help="The later version (default: config.yaml's).")
@_spanned
@json_option
def diff(
    place: Place,
    rule: str,
    *,
    old: int | None,
    new: int | None,
    since: datetime,
    until: datetime | None,
    samples: int,
    as_json: bool,
) -> None:
    """Show how two versions of a rule differ: in words, and in the stored articles that they catch."""
    from monitor.app import difference_of, try_on_the_past  # noqa: PLC0415 - the word lists are needed here only

    config = place.load()
    trial = difference_of(config, rule, old, new)
    with StatusLine(sys.stderr, live=sys.stderr.isatty()) as line:
        span = Filters(since=since, until=until)
        found = try_on_the_past(config, trial, span, samples=samples, tell=_progress(line))
    _print(found, _difference_lines(found), as_json=as_json)


def _progress(line: StatusLine) -> Callable[[int, int], None]:
    return lambda done, total: line.show(f"{done} of {total} candidates looked at")


def _print(found: dict[str, Any], told: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print_json([found])
        return
    for text in told:
        click.echo(text)


def _test_lines(found: Mapping[str, Any]) -> Iterator[str]:
    caught = found["caught"]
    yield f"{found['rule'] or 'query'}: {found['query']}"
    yield from _summary(found)
    yield from _charts(found)
    yield from _precision_lines(found["precision"])
    if caught["samples"]:
        yield ""
        yield click.style(f"samples, {len(caught['samples'])} of {caught['articles']}", bold=True)
        yield from samples(caught["samples"])
    if found["unreadable"] or found["compared"]:
        yield ""
        yield from _difference_lines(found)


def _summary(found: Mapping[str, Any]) -> Iterator[str]:
    number, stored = found["caught"]["articles"], found["stored"]
    share = f" ({number / stored:.1%})" if stored else ""
    yield f"{counted(number, 'article')} of {stored}{share}"
    yield _time(found)
    if found["purged"]:
        yield f"of {counted(found['purged'], 'purged text')} only the titles are looked at"


def _time(found: Mapping[str, Any]) -> str:
    until = f" to {found['until']:%Y-%m-%d %H:%M}" if found["until"] else ""
    return f"first seen from {found['since']:%Y-%m-%d %H:%M}{until} UTC"


def _charts(found: Mapping[str, Any]) -> Iterator[str]:
    caught = found["caught"]
    if not caught["articles"]:
        return
    now = datetime.now(UTC)
    last = min(found["until"] - timedelta(seconds=1), now) if found["until"] else now
    head, days = by_time(caught["by_day"], found["stored_since"].date(), last.date())
    for title, counts in (
        ("source", fewer(caught["by_source"])),
        ("language", fewer(caught["by_language"])),
        (head, days),
    ):
        yield ""
        yield from bars(title, counts)


def _precision_lines(precision: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = list(precision)
    if rows:
        yield ""
        yield click.style("relevant, of the alerts that were marked", bold=True)
    for row in rows:
        version = f"version {row['version']}" if row["version"] else "withdrawn since"
        yield f"{version}: {_share(row)}"


def _difference_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Tell how the rule differs from the version it is compared with."""
    if found["unreadable"]:
        yield f"The version before cannot be read any more ({found['unreadable']}): nothing to compare with."
        return
    compared = found["compared"]
    against = compared["against"]
    yield click.style(
        f"{found['rule']}, against version {against['version']} of {against['since']:%Y-%m-%d}", bold=True
    )
    for key in _SCOPE:
        if found[key] != against[key]:
            yield f"- {key}: {_plain(against[key])}"
            yield f"+ {key}: {_plain(found[key])}"
    for concept in compared["concepts"]:
        yield from (f"- @{concept['concept']}: {word}" for word in concept["lost"])
        yield from (f"+ @{concept['concept']}: {word}" for word in concept["added"])
    yield f"{_gain(compared['added'])} added, {_gain(compared['lost'])} lost, {_time(found)}"
    yield from samples(compared["added"]["samples"], "+ ")
    yield from samples(compared["lost"]["samples"], "- ")


def _gain(catch: Mapping[str, Any]) -> str:
    marked = [
        f"{catch[key]} marked {word}"
        for key, word in (("marked_relevant", "relevant"), ("marked_irrelevant", "irrelevant"))
        if catch[key]
    ]
    return counted(catch["articles"], "article") + (f" ({', '.join(marked)})" if marked else "")


def _plain(value: object) -> str:
    return (", ".join(map(str, value)) or "all") if isinstance(value, list | tuple) else str(value)
