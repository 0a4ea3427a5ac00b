"""`monitor sources pack`: shipped packs of outlets, and any file that is one."""

from __future__ import annotations

import os
from pathlib import Path

import click

from monitor.cli.choice import dry_run_option, has_person, say_next
from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, print_table, program
from monitor.config import Pack, add_include, included_names, outlet_packs, read_pack
from monitor.errors import ConfigError


@click.command(
    short_help="List packs of outlets, show one, add it.",
    epilog="""\b
Examples:
  monitor sources pack                     the packs there are
  monitor sources pack caucasus            show one, and ask whether to add it
  monitor sources pack caucasus --yes      add it: include: [caucasus]
  monitor sources pack ./mine.yaml --yes   a pack of your own; docs/packs.md""",
)
@placed
@click.argument("name", metavar="[PACK]", required=False)
@click.option("--yes", is_flag=True, help="Add it without asking.")
@dry_run_option
@json_option
def pack(place: Place, name: str | None, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """List the packs of outlets that are shipped, show one, and add it to config.yaml.

    A pack is a YAML file with sources. They are read as if they stood in config.yaml, where you can change one by its
    name: `- {name: tass, enabled: true}`. A source that stands there as a whole stays as you wrote it.
    """
    if name is None:
        _list_packs(as_json=as_json)
        return
    if "/" not in name and "." not in name and name not in outlet_packs():
        raise ConfigError((f"there is no shipped pack {name!r}, only {' and '.join(outlet_packs())}",))
    found = read_pack(name)
    _show(found, as_json=as_json)
    item = name if name in outlet_packs() else _relative(Path(name), place.config)
    if dry_run:
        click.echo(f"nothing was changed; without --dry-run this adds  include: [{item}]", err=True)
        return
    _add(place, item, found, yes=yes)


def _list_packs(*, as_json: bool) -> None:
    packs = [(name, read_pack(name)) for name in outlet_packs()]
    rows: list[dict[str, object]] = [
        {
            "pack": name,
            "about": found.about,
            "sources": len(found.sources),
            "disabled": sum(not source.enabled for source in found.sources),
            "file": str(found.file),
        }
        for name, found in packs
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("pack", "sources", "disabled", "about"),
        [[row[key] for key in ("pack", "sources", "disabled", "about")] for row in rows],
    )
    click.echo(f"Show one, and add it:  {program()} sources pack {rows[0]['pack']}", err=True)


def _show(found: Pack, *, as_json: bool) -> None:
    keys = ("name", "outlet", "language", "kind", "enabled", "url", "note")
    rows = [{key: getattr(source, key) for key in keys} for source in found.sources]
    if as_json:
        print_json(rows)
        return
    heads = ("name", "outlet", "language", "kind", "enabled", "address", "how sure")
    print_table(
        heads, [[("yes" if row[key] else "no") if key == "enabled" else row[key] for key in keys] for row in rows]
    )
    disabled = sum(not source.enabled for source in found.sources)
    click.echo(f"{counted(len(found.sources), 'source')}, {disabled} of them disabled; {found.file}")


def _relative(file: Path, config: Path) -> str:
    """Give a file as the configuration would name it."""
    told = os.path.relpath(file, config.parent)
    return told if "/" in told or "." in told else f"./{told}"


def _add(place: Place, item: str, found: Pack, *, yes: bool) -> None:
    config = place.load()
    if item in included_names(place.config):
        click.echo(f"{place.config} includes {item} already", err=True)
        return
    own = {source.name for source in (*config.sources, *config.resting)} & {source.name for source in found.sources}
    if own:
        click.echo(f"{counted(len(own), 'source')} of these you have already; what you wrote of them stays", err=True)
    if not yes and not (has_person() and click.confirm(f"Add it to {place.config}?", err=True)):
        click.echo(f"nothing was changed; add it with --yes, or write  include: [{item}]", err=True)
        return
    add_include(place.config, item, environ=os.environ)
    click.echo(f"{place.config} includes {item} now", err=True)
    say_next(place.config)
