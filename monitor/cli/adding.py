"""`monitor sources add`: from an outlet's address to lines in config.yaml."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from monitor.cli.choice import dry_run_option, has_person, say_next
from monitor.cli.options import NetworkRange, Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table
from monitor.cli.statusline import StatusLine
from monitor.config import Config, NewSource, add_sources, line_of
from monitor.errors import SourceError
from monitor.log import make_log
from monitor.model import Candidate, Discovery, Draft, Network
from monitor.text import clean_line

if TYPE_CHECKING:
    from monitor.config import Known

_HEADLINE = 70  # characters of a title
_DAYS_OF_A_MONTH = 30


@click.command(
    epilog="""\b
Examples:
  monitor sources add jam-news.net                 what there is, and a question: which ones?
  monitor sources add jam-news.net --yes           the best for each language
  monitor sources add https://jam-news.net/ru/feed/ --yes
  monitor sources add jam-news.net --dry-run --json"""
)
@placed
@click.argument("address", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Add the best for each language, without asking.")
@click.option("--all", "everything", is_flag=True, help="Add all that was found, without asking.")
@dry_run_option
@click.option(
    "--allow-private", type=NetworkRange(), multiple=True, help="A network such as 10.1.2.0/24 that it may be in."
)
@click.option("--insecure", is_flag=True, help="Accept any certificate of this outlet (verify_tls: false).")
@json_option
def add(
    place: Place,
    address: str,
    *,
    yes: bool,
    everything: bool,
    dry_run: bool,
    allow_private: tuple[Network, ...],
    insecure: bool,
    as_json: bool,
) -> None:
    """Find the feeds of an outlet and add them to config.yaml.

    ADDRESS is its home page, a section, an article or a feed, with or without https://. The feeds that the pages
    declare or link to are read, those at usual places, and those of the other languages that the pages name; where
    there is none, a sitemap, else the front page itself. The lines are added to `sources:`; nothing else in the file
    changes.
    """
    config = place.load()
    found = _found(config, address, allow_private=allow_private, verify_tls=not insecure)
    rows = _Rows(config, found)
    chosen = rows.chosen(yes=yes, everything=everything)
    if not as_json:
        rows.show()
    if not (yes or everything or dry_run) and rows.new and has_person():
        chosen = rows.asked()
    new = rows.as_sources(chosen, allow_private=allow_private, verify_tls=not insecure)
    if new and not dry_run:
        add_sources(place.config, [source.entry for source in new], environ=os.environ)
    if as_json:
        rows.print_json(chosen, new, added=not dry_run)
    _say(place, rows, new, dry_run=dry_run)
    if not found.candidates or (rows.new and not chosen and not dry_run and not has_person()):
        raise SystemExit(1)


def _found(config: Config, address: str, *, allow_private: Sequence[Network], verify_tls: bool) -> Discovery:
    from monitor.app import discover  # noqa: PLC0415 - keeps `--help` quick

    try:
        with StatusLine(sys.stderr, live=sys.stderr.isatty()) as line:
            log = make_log(line, human=line.isatty(), secrets=config.secrets)
            looking = discover(
                config, address, allow_private=allow_private, verify_tls=verify_tls, log=log, show=line.show
            )
            return asyncio.run(looking)
    except SourceError as error:
        if error.kind != "blocked_address":
            raise
        what = f"{error.detail.partition(';')[0]}; --allow-private with its network would allow it for this outlet"
        raise SourceError(error.kind, what) from error


class _Rows:
    """What was found, beside what is configured."""

    def __init__(self, config: Config, found: Discovery) -> None:
        from monitor.app import best_new, known_sources, twin_of  # noqa: PLC0415 - keeps `--help` quick

        known: Known = known_sources(config)
        self._config = config
        self.found = found
        self.twins = [twin_of(known, one) for one in found.candidates]
        self.new = [one for one, twin in zip(found.candidates, self.twins, strict=True) if twin is None]
        self.best = best_new(config, found.candidates)

    def chosen(self, *, yes: bool, everything: bool) -> Sequence[Candidate]:
        """Give what the options choose."""
        return self.new if everything else self.best if yes else ()

    def asked(self) -> Sequence[Candidate]:
        """Ask a person, until the answer can be read."""
        while True:
            told = click.prompt(
                "Add which? numbers such as 1 3, a for all, n for none; Enter for the best of each language",
                default="",
                show_default=False,
                err=True,
            )
            words = told.replace(",", " ").split()
            if not words:
                return self.best
            if words == ["a"]:
                return self.new
            if words == ["n"]:
                return ()
            numbers = [int(word) for word in words if word.isascii() and word.isdigit()]
            picked = [self.found.candidates[number - 1] for number in numbers if 0 < number <= len(self.twins)]
            if len(picked) == len(words):
                return [one for one in dict.fromkeys(picked) if one in self.new]
            click.echo(f"{told!r} cannot be read; write numbers from 1 to {len(self.twins)}, a or n", err=True)

    def as_sources(
        self, chosen: Sequence[Candidate], *, allow_private: Sequence[Network], verify_tls: bool
    ) -> tuple[NewSource, ...]:
        """Give candidates as they will be written."""
        from monitor.app import new_sources  # noqa: PLC0415 - keeps `--help` quick

        return new_sources(self._config, chosen, allow_private=allow_private, verify_tls=verify_tls)

    def show(self) -> None:
        """Print the candidates as a table, and the remarks."""
        heads = ("", "kind", "language", "entries", "comes", "text", "newest", "address", "known as")
        table = []
        for number, (one, twin) in enumerate(zip(self.found.candidates, self.twins, strict=True), 1):
            newest = "\n".join(map(_headline, one.newest)) or None
            known = f"{twin} (disabled)" if twin in self._config.disabled else twin
            cells = (one.kind, one.language, one.entries, pace(one), one.texts, newest, one.url, known)
            table.append((f"{number}{'*' if one in self.best else ''}", *cells))
        if table:
            print_table(heads, table)
        for one in self.found.candidates:
            if one.also:
                click.echo(f"{one.url} is also at {', '.join(one.also)}", err=True)
        for remark in self.found.remarks:
            click.echo(f"note: {remark}", err=True)

    def print_json(self, chosen: Sequence[Candidate], new: Sequence[NewSource], *, added: bool) -> None:
        """Print the candidates, each with its name where it is, or would be, added."""
        names = dict(zip((one.url for one in chosen), (source.name for source in new), strict=True))
        print_json(
            {
                "kind": one.kind,
                "url": one.url,
                "found": one.origin,
                "outlet": one.outlet,
                "language": one.language,
                "entries": one.entries,
                "per_day": one.per_day,
                "text": one.texts,
                "newest": [{"title": draft.title, "published_at": draft.published_at} for draft in one.newest],
                "also": list(one.also),
                "asleep": one.asleep,
                "best": one in self.best,
                "known_as": twin,
                "name": names.get(one.url),
                "added": added and one.url in names,
            }
            for one, twin in zip(self.found.candidates, self.twins, strict=True)
        )


def _headline(draft: Draft) -> str:
    date = f"{draft.published_at:%Y-%m-%d %H:%M} " if draft.published_at else ""
    return f"{date}{clean_line(draft.title, _HEADLINE)}"


def pace(one: Candidate) -> str | None:
    """Give how often articles come, for people."""
    if one.asleep:
        return "nothing for half a year"
    if one.per_day is None:
        return None
    if one.per_day >= 1:
        return f"{one.per_day:.0f} a day"
    days = 1 / one.per_day
    return f"every {counted(round(days), 'day')}" if days < _DAYS_OF_A_MONTH else "less than monthly"


def _say(place: Place, rows: _Rows, new: Sequence[NewSource], *, dry_run: bool) -> None:
    """Say what was done, and what to do next."""
    for source in new:
        click.echo(f"{'would add' if dry_run else 'added'}  - {line_of(source.entry)}", err=True)
    if not rows.found.candidates:
        click.echo(f"nothing was found at {rows.found.address} that could be a source; see docs/spiders.md", err=True)
    elif new and not dry_run:
        say_next(place.config, tuple(source.name for source in new))
    elif not rows.new:
        click.echo("all of it is configured already", err=True)
    elif not new:
        click.echo("nothing was added; --yes adds those with a star, --all all of them", err=True)
