"""`monitor try`: a feed file, a page or a query, looked at without any database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from monitor.app import source_named, try_feed, try_page, try_rule
from monitor.cli.options import LanguageCode, Place
from monitor.cli.output import print_hints, print_json
from monitor.errors import SourceError
from monitor.model import Limits, Page, Selectors
from monitor.urls import check_fetch_url

_DATA = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where word lists are cached."
)
_CONFIG = click.option("--config", "config_file", metavar="FILE", help="Taken by every command; not needed here.")
_LIMITS = Limits()
_SELECTED = ("title", "text", "date")


def _address(_: click.Context, __: click.Parameter, url: str) -> str:
    """Take a web address alone: what is found on a page is told apart by it."""
    try:
        check_fetch_url(url)
    except ValueError as error:
        raise click.BadParameter(f"{url!r} {error}; write one such as https://example.org/news/17") from error
    return url


@click.group("try")
def try_() -> None:
    """Try a feed file, a page or a query; no database, no config.yaml. Prints JSON Lines."""


@try_.command(
    epilog="""\b
Examples:
  monitor try feed feed.xml
  monitor try feed feed.json --url https://example.org/feed.json"""
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--url",
    default="https://feed.invalid/",
    metavar="URL",
    callback=_address,
    help="Where it came from; makes links absolute.",
)
@click.option("--content-type", metavar="TYPE", help="The Content-Type it was served with.")
@_CONFIG
@_DATA
def feed(file: Path, url: str, content_type: str | None, config_file: str | None, data: Path | None) -> None:
    """Show each entry of a feed file as it would be stored, one JSON object a line."""
    del config_file
    body = _read(file, _LIMITS.feed_bytes)
    print_json(try_feed(body, url=url, content_type=content_type, data=data))


@try_.command(
    epilog="""\b
Examples:
  monitor try page saved.html --url https://example.org/news/17
  monitor try page saved.html --url https://example.org/news/17 --country ge
  monitor try page saved.html --url https://example.org/news/17 --select 'text=div.story > p' --select date=time
  monitor try page saved.html --url https://example.org/news/17 --source coast --config config.yaml"""
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, metavar="URL", callback=_address, help="Where the page came from.")
@click.option("--content-type", metavar="TYPE", help="The Content-Type it was served with.")
@click.option(
    "--country", metavar="CC", help="The outlet's country (ge, am, ...): its clock is meant where no zone is."
)
@click.option("--source", "source_name", metavar="NAME", help="Take selectors, language and country of this source.")
@click.option(
    "--select", "selections", multiple=True, metavar="WHAT=CSS", help="Find title, text or date by this CSS selector."
)
@click.option("--config", "config_file", default="config.yaml", metavar="FILE", help="Where --source is written.")
@_DATA
def page(
    file: Path,
    *,
    url: str,
    content_type: str | None,
    country: str | None,
    source_name: str | None,
    selections: tuple[str, ...],
    config_file: str,
    data: Path | None,
) -> None:
    """Show what would be read out of an article's saved page, as one JSON object.

    Its keys are title, text (paragraphs parted by blank lines), author, published_at (UTC), language, canonical_url
    and site; what the page does not tell is null. With selectors, `unmatched` names those that found nothing; with
    --source there are source, outlet and country.
    """
    source = source_named(Place(Path(config_file), data).load(), source_name) if source_name else None
    selectors = replace(source.selectors if source else Selectors(), **dict(map(_selection, selections)))
    saved = Page(
        article_id=0,
        url=url,
        body=_read(file, _LIMITS.page_bytes),
        content_type=content_type,
        selectors=selectors,
        country=country or (source.country if source else None),
    )
    print_json([try_page(saved, source)])


def _read(file: Path, most: int) -> bytes:
    """Read no more of a file than would be taken of an answer.

    Raises:
        SourceError: too_large.
    """
    with file.open("rb") as stream:
        body = stream.read(most + 1)
    if len(body) > most:
        raise SourceError("too_large", f"{file} has more than {most} bytes, which is as much as is taken of an answer")
    return body


def _selection(text: str) -> tuple[str, str]:
    """Read `text=div.story > p`."""
    what, _, css = text.partition("=")
    if what.strip() not in _SELECTED or not css.strip():
        told = f"{text!r} is none; write {', '.join(f'{name}=CSS' for name in _SELECTED[:-1])} or {_SELECTED[-1]}=CSS"
        raise click.BadParameter(told, param_hint="--select")
    return what.strip(), css.strip()


@try_.command(
    epilog="""\b
Examples:
  monitor try rule 'prisoners OR "cease fire"' --lang en < texts.txt
  monitor try rule 'военнопленный' --lang ru --lines texts.txt
  monitor try rule '@prisoners NEAR/10 (exchange OR release)' --lines texts.txt"""
)
@click.argument("query")
@click.option(
    "--lang", type=LanguageCode(), metavar="L", help="The texts' language; without it, each line's own is found."
)
@click.option("--lines", type=click.File("rb"), metavar="FILE", help="One text a line (default: stdin).")
@click.option(
    "--config", "config_file", metavar="FILE", help="Where your own concepts are; not needed for shipped ones."
)
@_DATA
def rule(query: str, lang: str | None, lines: BinaryIO | None, config_file: str | None, data: Path | None) -> None:
    """Match a query against texts, one a line, and show which words matched; docs/query.md has the language.

    Each answer is {"line": 1, "matched": true, "spans": [[start, end, "form"]]}: lines from 1, offsets in code points
    of the text, end exclusive.
    """
    config = Place(Path(config_file), data).load() if config_file else None
    found = try_rule(query, _lines(lines or sys.stdin.buffer), lang=lang, data=data, config=config)
    print_hints(query)
    print_json(found)


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Give the texts without their line ends; only LF and CRLF end a line, so that numbers and offsets stay true."""
    for raw in stream:
        yield raw.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")
