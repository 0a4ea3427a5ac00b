"""`monitor init` and `monitor check`: the first two minutes."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import Place, json_option, placed
from monitor.cli.output import counted, print_json, program


@click.command(
    epilog="""\b
Examples:
  monitor init            writes ./config.yaml
  monitor init ~/news     writes ~/news/config.yaml, making the folder"""
)
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead.")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Taken by every command; not used here.")
def init(folder: Path, config_file: Path | None, data: Path | None) -> None:
    """Write the shipped config.yaml into DIR (default: here); an existing file is never touched."""
    from monitor.config import write_default  # noqa: PLC0415 - keeps `--help` quick

    del data
    target = config_file or folder / "config.yaml"
    written = write_default(target.parent, target.name)
    click.echo(f"{written} is written.")
    click.echo(f"Next: read it, then  {program()} check --config {written}  and  {program()} run --config {written}")


@click.command(
    epilog="""\b
Examples:
  monitor check
  monitor check --config /etc/news-monitor/config.yaml
  monitor check --pack my-outlets.yaml        a pack that you want to share: docs/packs.md"""
)
@placed
@click.option(
    "--pack",
    "pack_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check a pack of outlets on its own, instead of the configuration.",
)
@json_option
def check(place: Place, *, pack_file: Path | None, as_json: bool) -> None:
    """Check the configuration: every problem at once, each with its line and what would be right."""
    if pack_file is not None:
        _check_pack(pack_file, as_json=as_json)
        return
    config = place.load_with_spiders()
    facts = {
        "config": str(place.config),
        "ok": True,
        "sources": len(config.sources),
        "disabled": len(config.disabled),
        "rules": len(config.rules),
        "channels": len(config.channels),
        "data": str(config.data),
        "warnings": list(config.warnings),
    }
    if as_json:
        print_json([facts])
        return
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(
        f"{place.config} is right: {counted(len(config.sources), 'source')} ({facts['disabled']} disabled), "
        f"{counted(len(config.rules), 'rule')}, {counted(len(config.channels), 'channel')}; data in {config.data}"
    )


def _check_pack(file: Path, *, as_json: bool) -> None:
    from monitor.config import check_pack  # noqa: PLC0415 - keeps `--help` quick

    pack = check_pack(file)
    disabled = sum(not source.enabled for source in pack.sources)
    facts: dict[str, object] = {"pack": str(file), "ok": True, "sources": len(pack.sources), "disabled": disabled}
    if as_json:
        print_json([facts | {"rules": pack.rules, "concepts": pack.concepts}])
        return
    held = [(len(pack.sources), "source"), (pack.rules, "rule"), (pack.concepts, "concept")]
    told = ", ".join(counted(number, what) for number, what in held if number)
    click.echo(f"{file} is right: {told or 'nothing in it'}, {disabled} disabled")
