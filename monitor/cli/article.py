"""`monitor article` and `monitor snapshot`: how an article changed, and its page as it came."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.charts import folded
from monitor.cli.options import Number, Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.errors import StoreError
from monitor.model import Snapshot, Version
from monitor.store import HistoryRows

if TYPE_CHECKING:
    from monitor.render import Change, Stretch

_RANGE = re.compile(r"(?:(\d+)\.\.)?(\d+)")
_ARTICLE = Number("`monitor search` shows the numbers of articles")
_REVISION = Number("`monitor article` shows the numbers of versions", least=0)
_MARKS = {"added": ("{+", "+}", "green"), "removed": ("[-", "-]", "red"), "same": ("", "", None)}


class Versions(click.ParamType[tuple[int | None, int]]):
    """Two versions to compare: `1..3`, or `3` for it and the one before."""

    name = "A..B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int | None, int]:  # noqa: ANN401 - click's
        """Read two numbers."""
        if isinstance(value, tuple):
            return value
        if (match := _RANGE.fullmatch(value)) is None:
            self.fail(f"{value!r} names no versions; write 1..3, or 3 for what it changed", param, ctx)
        return (int(match[1]) if match[1] else None, int(match[2]))


@click.command(
    epilog="""\b
Examples:
  monitor article 17
  monitor article 17 --diff 3           what version 3 changed
  monitor article 17 --diff 0..3 --json
  monitor article 17 --revision 0       the text as it was first"""
)
@placed
@click.argument("article_id", metavar="ARTICLE", type=_ARTICLE)
@click.option("--diff", "pair", type=Versions(), help="What changed from one version to another; 3 means 2..3.")
@click.option("--revision", type=_REVISION, metavar="N", help="The text of this version.")
@json_option
def article(
    place: Place, article_id: int, *, pair: tuple[int | None, int] | None, revision: int | None, as_json: bool
) -> None:
    """Show how an article changed: its versions, what each of them changed, and whether its page is gone.

    ARTICLE is the number that `monitor search` shows, the id of v_articles. In a diff, [-removed-] and {+added+} stand
    as wdiff has them. Of an article that is edited often the first version is kept, and the last ones.
    """
    history = HistoryRows(place.load().database)
    found = _found(history, article_id)
    versions = history.versions(article_id)
    if pair is not None:
        _show_diff(_pair(versions, pair), as_json=as_json)
    elif revision is not None:
        _show_text(_version(versions, revision), as_json=as_json)
    else:
        _show_history(history, found, versions, as_json=as_json)


def _found(history: HistoryRows, article_id: int) -> dict[str, object]:
    found = history.article(article_id)
    if found is None:
        raise StoreError(f"there is no article {article_id}; `monitor search` shows the numbers of articles")
    return found


def _version(versions: Sequence[Version], number: int) -> Version:
    found = next((version for version in versions if version.number == number), None)
    if found is None:
        kept = ", ".join(str(version.number) for version in versions)
        raise StoreError(f"version {number} is not kept; kept: {kept}")
    return found


def _pair(versions: Sequence[Version], pair: tuple[int | None, int]) -> tuple[Version, Version]:
    after = _version(versions, pair[1])
    if pair[0] is not None:
        return _version(versions, pair[0]), after
    earlier = [version for version in versions if version.number < after.number]
    if not earlier:
        raise StoreError(f"version {after.number} is the first; it changed nothing")
    return earlier[-1], after


def _show_history(
    history: HistoryRows, found: Mapping[str, object], versions: Sequence[Version], *, as_json: bool
) -> None:
    number = versions[0].article_id
    rows = list(_rows(versions))
    gone, snapshots, look = history.gone(number), history.snapshots(number), history.look(number)
    if as_json:
        print_json([{**found, "versions": rows, "gone": gone, "look": look, "snapshots": snapshots}])
        return
    click.secho(f"article {number}: {found['title']}", bold=True)
    click.echo(f"  {found['outlet']}, {found['language']}, {found['url'] or 'no address'}")
    for time in gone:
        since = f"{_at(time['gone_at'])} ({time['status']})"
        told = f"was gone {since}, back {_at(time['back_at'])}" if time["back_at"] else f"is gone since {since}"
        click.echo(f"  its page {told}; the text is kept")
    if look is not None:
        due = f"next {_at(look['due_at'])}" if look["due_at"] else "no more"
        click.echo(f"  its page was looked at again {counted(int(str(look['looks'])), 'time')}, {due}")
    if snapshots:
        click.echo(
            f"  snapshots of versions {', '.join(str(row['revision']) for row in snapshots)}: `monitor snapshot`"
        )
    click.echo()
    print_table(
        ("version", "seen (UTC)", "what changed"), [(row["revision"], row["seen_at"], _told(row)) for row in rows]
    )


def _rows(versions: Sequence[Version]) -> Iterator[dict[str, object]]:
    """Give each version with what it changed of the one before it that is kept."""
    from monitor.render import changes  # noqa: PLC0415 - only where there is something to compare

    before: Version | None = None
    for version in versions:
        found = changes(before, version) if before else ()
        yield {
            "revision": version.number,
            "seen_at": _plain(version.seen_at),
            "replaced_at": _plain(version.replaced_at),
            "against": before.number if before else None,
            "fields": list(dict.fromkeys(change.field for change in found)),
            "added": sum(change.words("added") for change in found),
            "removed": sum(change.words("removed") for change in found),
            "begins": next((part.text[:80] for one in found for part in one.parts if part.kind == "added"), None),
        }
        before = version


def _told(row: Mapping[str, Any]) -> str:
    if row["against"] is None:
        return "as first seen"
    if not row["fields"]:
        return "nothing in its words"
    skipped = "" if row["against"] == row["revision"] - 1 else f" (against version {row['against']})"
    begins = f": {row['begins']}" if row["begins"] else ""
    return f"{', '.join(row['fields'])}: +{row['added']} -{row['removed']} words{skipped}{begins}"


def _show_text(version: Version, *, as_json: bool) -> None:
    if as_json:
        print_json([{**asdict(version), "seen_at": version.seen_at, "replaced_at": version.replaced_at}])
        return
    click.secho(version.title, bold=True)
    for part in filter(None, (version.summary, version.text)):
        click.echo(f"\n{part}")


def _show_diff(pair: tuple[Version, Version], *, as_json: bool) -> None:
    from monitor.render import changes  # noqa: PLC0415 - only where there is something to compare

    before, after = pair
    found = changes(before, after)
    if as_json:
        print_json(_change_row(change, before, after) for change in found)
        return
    click.secho(f"version {before.number} ({_at(before.seen_at)}) and {after.number} ({_at(after.seen_at)})", bold=True)
    for change in found:
        click.echo()
        click.echo(folded(f"{change.field}: {''.join(map(_marked, change.parts))}", ""))
    if not found:
        click.echo("no words differ")


def _change_row(change: Change, before: Version, after: Version) -> dict[str, object]:
    parts = [{"kind": part.kind, "text": part.text} for part in change.parts]
    return {"from": before.number, "to": after.number, "field": change.field, "parts": parts}


def _marked(part: Stretch) -> str:
    left, right, colour = _MARKS[part.kind]
    words = part.text.rstrip()
    if not left:
        return str(part.text)
    return click.style(f"{left}{words}{right}", fg=colour) + part.text[len(words) :]


def _at(moment: object) -> str:
    if moment is None:
        return "at a time that is not known"
    text = _plain(moment) if isinstance(moment, datetime) else str(moment)
    return f"{text}"[:16].replace("T", " ") + " UTC"


def _plain(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None


@click.command(
    epilog="""\b
Examples:
  monitor snapshot 17 -o page.html
  monitor snapshot 17 --revision 0 -o first.html --json"""
)
@placed
@click.argument("article_id", metavar="ARTICLE", type=_ARTICLE)
@click.option("--revision", type=_REVISION, metavar="N", help="The version that was read from it; else the last.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Where to; nothing is overwritten.",
)
@json_option
def snapshot(place: Place, article_id: int, *, revision: int | None, output: Path, as_json: bool) -> None:
    """Write out an article's page as its server sent it, and check it by its SHA-256.

    There are snapshots of what was read since `snapshots: matched` or `always` stands in config.yaml. The page may hold
    scripts: open it where these can do no harm. FILE is readable for you alone.
    """
    from monitor.packing import unpack  # noqa: PLC0415 - needed here only

    history = HistoryRows(place.load().database)
    _found(history, article_id)
    kept = history.snapshot(article_id, revision)
    if kept is None:
        raise StoreError(_no_snapshot(history, article_id, revision))
    number, fetched_at, page = kept
    try:
        body = unpack(page.packed, page.size)
    except ValueError as error:
        raise StoreError(f"the snapshot is damaged: {error}") from error
    if (digest := hashlib.sha256(body).hexdigest()) != page.sha256:
        raise StoreError(f"the snapshot is damaged: its SHA-256 is {digest}, and was {page.sha256}")
    _write(output, body)
    told = {"article_id": article_id, "revision": number, "fetched_at": fetched_at}
    facts = {**told, **_facts(page), "file": str(output)}
    if as_json:
        print_json([facts])
        return
    for name, value in facts.items():
        if name != "headers":
            click.echo(f"{name}: {value}")
    for name, value in page.headers:
        click.echo(f"  {name}: {value}")


def _no_snapshot(history: HistoryRows, article_id: int, revision: int | None) -> str:
    numbers = ", ".join(str(row["revision"]) for row in history.snapshots(article_id))
    asked = "" if revision is None else f", version {revision}"
    there = f"there are those of versions {numbers}" if numbers else "none is kept; see snapshots: in config.yaml"
    return f"no snapshot of article {article_id}{asked}; {there}"


def _facts(page: Snapshot) -> dict[str, object]:
    return {
        "url": page.url,
        "status": page.status,
        "size": page.size,
        "sha256": page.sha256,
        "headers": [list(header) for header in page.headers],
    }


def _write(output: Path, body: bytes) -> None:
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
    except FileExistsError as error:
        raise StoreError(f"{output}: {error.strerror}; name another file") from error
    except OSError as error:
        raise StoreError(f"{output}: {error.strerror}") from error
