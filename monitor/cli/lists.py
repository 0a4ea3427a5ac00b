"""`monitor sources list`, `test` and `unread`, `monitor rules list`."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.log import make_log
from monitor.model import FullText, Source, SourceKind, TextState, VisitOutcome
from monitor.store import ArchiveRows, is_there

if TYPE_CHECKING:
    from monitor.app import Found


@click.group()
def sources() -> None:
    """The sources: how they do, try one, add more."""


@sources.command("list", epilog="\b\nExamples:\n  monitor sources list\n  monitor sources list --json")
@placed
@json_option
def list_sources(place: Place, *, as_json: bool) -> None:
    """List every source: how it does and since when; how its texts are got; when it was read last.

    `state` is well, quiet (silent far beyond what is usual for it), slow (has failed, is asked more rarely), blocked
    (there, but refused to us), dead (nothing there, or no answer for two days), new or disabled.

    `text` says where an article's text comes from: the feed; the feed, or the article's page where the feed's text is
    short; the page. A feed that has moved for good is asked for at its new address, which is told: write it into
    config.yaml, or leave it so. `articles` says how many texts came from where, are still wanted, or could not be had.
    `missed` (in JSON) names your selectors that found nothing on any of the newest pages that were read.
    """
    rows = _source_rows(place.load())
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["last_error"] = "; ".join(filter(None, (str(row.get("last_error") or ""), *_notes(row)))) or None
        row["articles"] = ", ".join(f"{number} {state}" for state, number in _counts(row.get("texts"))) or None
    keys = (
        "source",
        "kind",
        "state",
        "since",
        "text",
        "articles",
        "last_good_at",
        "due_at",
        "articles_24h",
        "last_error",
    )
    heads = (
        "source",
        "kind",
        "state",
        "since (UTC)",
        "text",
        "articles",
        "last read (UTC)",
        "next (UTC)",
        "24h",
        "last error",
    )
    print_table(heads, [[row.get(key) for key in keys] for row in rows])


def _source_rows(config: Config) -> list[dict[str, object]]:
    """Give what is known of each source, in the order of the configuration."""
    archive = ArchiveRows(config.database) if is_there(config.database) else None
    health = {str(row["source"]): row for row in archive.health()} if archive else {}
    texts = archive.texts() if archive else {}
    moved = archive.moved() if archive else {}
    rows: list[dict[str, object]] = [
        {
            "source": source.name,
            "kind": source.kind,
            "url": source.url,
            "state": "new",
            "text": text_from(source),
            "texts": texts.get(source.name, {}),
            "moved_to": there if (there := moved.get(source.name)) != source.url else None,
            "missed": archive.missed(source.name, source.selectors) if archive else [],
        }
        | health.get(source.name, {})
        for source in config.sources
    ]
    return rows + [{"source": name, "state": "disabled"} for name in config.disabled]


def text_from(source: Source) -> str:
    """Tell how the texts of a source's articles are got."""
    if source.full_text is FullText.NEVER:
        return source.kind
    if source.kind is SourceKind.FEED and source.full_text is FullText.AUTO:
        return "feed or page"
    return "page"


def _notes(row: dict[str, object]) -> list[str]:
    """Give what a person may do something about."""
    notes = []
    if gap := row.get("last_gap_at"):
        notes.append(f"perhaps missed articles before {str(gap)[:16].replace('T', ' ')}")
    if isinstance(missed := row.get("missed"), list) and missed:
        notes.append(f"selectors: {', '.join(missed)} found nothing on the newest pages")
    if there := row.get("moved_to"):
        notes.append(f"has moved for good and is asked for there; write feed: {there} into config.yaml")
    return notes


def _counts(texts: object) -> list[tuple[str, int]]:
    return sorted(texts.items()) if isinstance(texts, dict) else []


@sources.command(
    epilog="""\b
Examples:
  monitor sources test netgazeti
  monitor sources test netgazeti --pages 0     without reading any article's page
  monitor sources test netgazeti --json"""
)
@placed
@click.argument("name", metavar="SOURCE")
@click.option(
    "--pages", type=click.IntRange(0, 50), default=3, show_default=True, help="How many articles' pages to read."
)
@json_option
def test(place: Place, name: str, *, pages: int, as_json: bool) -> None:
    """Visit a source once and show what would be stored and which rules would match; nothing is stored or sent.

    A disabled source can be tried, too. The pages of its first articles are read. `text` says where the text comes
    from: the source, the page, `page (not read)` where it would be read later, or what went wrong. Banners that the
    daemon has learned to leave out are matched here.
    """
    from monitor.app import rehearse  # noqa: PLC0415 - visits take more than listings

    config = place.load()
    log = make_log(sys.stderr, human=sys.stderr.isatty(), secrets=config.secrets)
    told = asyncio.run(rehearse(config, name, pages=pages, log=log))
    rows = [_shown(found) for found in told.found]
    if as_json:
        print_json(rows)
    else:
        heads = ("title", "published (UTC)", "language", "text", "rules", "url")
        keys = ("title", "published_at", "language", "text", "rules", "url")
        print_table(heads, [[row[key] or None for key in keys] for row in rows])
        missed = Counter(
            name for found in told.found if found.page and found.page.draft for name in found.page.draft.unmatched
        )
        for selector, number in missed.items():
            click.echo(f"selectors: {selector} found nothing on {counted(number, 'page')}")
        read = sum(found.page is not None for found in told.found)
        matched = sum(bool(found.matches) for found in told.found)
        articles = f"{counted(len(rows), 'article')}, {counted(read, 'page')} read, {matched} with a match"
        click.echo(f"{articles}; nothing was stored or sent")
    if told.visit.error:
        click.echo(f"monitor: {told.visit.error}: {told.visit.detail}", err=True)
    if told.visit.outcome is VisitOutcome.FAILED:
        raise SystemExit(1)


def _shown(found: Found) -> dict[str, object]:
    article, page = found.article, found.page
    text = "title only"
    if page is not None:
        text = "page" if page.draft else f"{page.error}: {page.detail}" if page.detail else f"{page.error}"
    elif article.text_state is TextState.WANTED:
        text = "page (not read)"
    elif article.text_state is TextState.COMPLETE:
        text = "source"
    return {
        "title": article.title,
        "url": article.url,
        "published_at": article.published_at,
        "language": article.language,
        "author": article.author,
        "summary": article.summary,
        "text": text,
        "characters": len(article.text),
        "unmatched": list(page.draft.unmatched) if page and page.draft else [],
        "rules": [match.rule for match in found.matches],
        "words": sorted({word.form for match in found.matches for word in match.words}),
    }


@sources.command(epilog="\b\nExamples:\n  monitor sources unread\n  monitor sources unread netgazeti --again")
@placed
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--again", is_flag=True, help="Want the pages once more whose every try failed; the daemon reads them.")
@json_option
def unread(place: Place, names: tuple[str, ...], *, again: bool, as_json: bool) -> None:
    """List articles whose page could not be read yet (wanted), at all (failed), or again (outdated), and why.

    An outdated text is that of an earlier reading: the page has changed since, and every try to read it anew failed.
    Pages of disabled sources are not read, and not listed until these are enabled again.
    """
    config = place.load()
    known = {source.name for source in config.sources}
    if wrong := set(names) - known:
        told = f"there is no enabled source {', '.join(sorted(wrong))}; see `monitor sources list`"
        raise ConfigError((f"{config.file}: {told}",))
    if again:
        from monitor.app import want_pages_again  # noqa: PLC0415 - the one listing that may write

        click.echo(f"{counted(want_pages_again(config, names or tuple(known)), 'page')} wanted once more")
        return
    rows = ArchiveRows(config.database).unread(names or tuple(known)) if is_there(config.database) else []
    if as_json:
        print_json(rows)
        return
    keys = ("article_id", "source", "state", "attempts", "due_at", "title", "url", "error")
    heads = ("id", "source", "state", "tries", "next (UTC)", "title", "url", "error")
    print_table(heads, [[row.get(key) for key in keys] for row in rows])
    click.echo(counted(len(rows), "article"))
