"""Packs of outlets: what is shipped, how a configuration includes one, and what a pack that is shared must hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.root import cli
from monitor.config import check_pack, load, outlet_packs, read_pack, shipped_config
from monitor.config.nodes import read
from monitor.config.outlets import pack_file
from monitor.errors import ConfigError

BASE = "contact: a@example.org\nchannels: {desk: {type: maildir}}\n"
PACK = """\
about: Two outlets
sources:
  - {name: echo, outlet: Echo, language: ka, feed: "https://echo.example/feed", note: "high: seen"}
  - {name: coast, outlet: Coast, language: ru, feed: "https://coast.example/feed", enabled: false, note: "low: guessed"}
rules:
  - {name: prisoners, query: '@prisoners', to: [desk]}
"""


def written(folder: Path, text: str, name: str = "config.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="monitor")


@pytest.mark.parametrize("name", outlet_packs())
def test_every_shipped_pack_is_fit_to_be_shared(name: str) -> None:
    pack = check_pack(pack_file(name))
    assert pack.about
    assert len(pack.sources) > 50
    uncertain = [source.name for source in pack.sources if source.note.startswith("low") and source.enabled]
    assert uncertain == []


def test_the_shipped_configuration_and_the_pack_say_the_same(tmp_path: Path) -> None:
    packed = {source["name"]: source for source in read(pack_file("caucasus").read_bytes()).value["sources"]}
    for own in read(shipped_config().encode()).value["sources"]:
        told = {key: value for key, value in packed[own["name"]].items() if key != "note"}
        assert {key: value for key, value in own.items() if key not in {"every", "note"}} == told
    alone = load(written(tmp_path, BASE + "include: [caucasus]\n"), environ={})
    assert len(alone.sources) + len(alone.resting) == len(packed)


def test_a_source_of_ones_own_goes_over_the_packs_whole_or_key_by_key(tmp_path: Path) -> None:
    written(tmp_path, PACK, "mine.yaml")
    own = """\
sources:
  - {name: coast, enabled: true}
  - {name: echo, sitemap: "https://echo.example/sitemap.xml", outlet: The Echo}
"""
    config = load(written(tmp_path, BASE + own + "include: [./mine.yaml]\n"), environ={})
    coast, echo = config.sources
    assert (coast.name, coast.url, coast.language) == ("coast", "https://coast.example/feed", "ru")
    assert (echo.outlet, echo.kind, echo.url, echo.language) == (
        "The Echo",
        "sitemap",
        "https://echo.example/sitemap.xml",
        None,
    )


@pytest.mark.parametrize(
    ("own", "packed", "problem"),
    [
        ("  - {name: coast, every: soon}\n", PACK, "config.yaml:4: sources[0].every: 'soon'"),
        ("  - {name: coast, enabled: true}\n", PACK.replace("coast.example/feed", "coast.example:25/feed"), "mine.yaml:4: sources[1].feed:"),
        ("  - {name: x, enabled: true}\n", PACK, "config.yaml:4: sources[0].outlet: this key is missing"),
        ("  - {name: x, enabled: true}\n", "sources: {name: echo}\n", "mine.yaml:1: sources: this must be a list"),
        ("  - {name: coast, enabled: true}\n  - {name: coast, enabled: true}\n", PACK, "config.yaml:5: sources[1].name: 'coast' stands twice"),
    ],
)  # fmt: skip # a table
def test_a_mistake_is_told_where_it_stands(own: str, packed: str, problem: str, tmp_path: Path) -> None:
    written(tmp_path, packed, "mine.yaml")
    with pytest.raises(ConfigError) as error:
        load(written(tmp_path, BASE + "sources:\n" + own + "include: [./mine.yaml]\n"), environ={})
    assert any(f"{tmp_path}/{problem}" in told for told in error.value.problems), error.value.problems


def test_a_file_that_is_included_twice_is_told_once(tmp_path: Path) -> None:
    written(tmp_path, PACK, "mine.yaml")
    with pytest.raises(ConfigError) as error:
        load(written(tmp_path, BASE + "include: [./mine.yaml, mine.yaml]\n"), environ={})
    assert error.value.problems == (
        f"{tmp_path}/config.yaml:3: include[1]: mine.yaml is here already; take one of them out",
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("language: ka, ", ""), "mine.yaml:3: sources[0]: a pack says the language of each source"),
        (("high: seen", "seen"), "mine.yaml:3: sources[0].note: a pack says how sure each address is"),
        (("coast.example/feed", "www.echo.example/feed/"), "mine.yaml:4: sources[1].feed: echo has this address already"),
        (("language: ru", "language: russian"), "mine.yaml:4: sources[1].language: 'russian' is no language code"),
        (("name: coast", "name: echo"), "mine.yaml:4: sources[1].name: 'echo' stands twice"),
        (("@prisoners", "@prisonners"), "mine.yaml:6: rules[0].query:"),
        (("about: Two", "limits: Two"), "mine.yaml:1: limits: an included file holds sources, rules, concepts only"),
    ],
)  # fmt: skip # a table
def test_check_tells_what_keeps_a_pack_from_being_shared(change: tuple[str, str], problem: str, tmp_path: Path) -> None:
    file = written(tmp_path, PACK.replace(*change), "mine.yaml")
    result = run("check", "--pack", str(file))
    assert result.exit_code == 78
    assert result.stderr.startswith(f"{tmp_path}/{problem}"), result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_check_says_what_is_in_a_pack_that_is_right(tmp_path: Path) -> None:
    file = written(tmp_path, PACK, "mine.yaml")
    assert run("check", "--pack", str(file)).stdout == f"{file} is right: 2 sources, 1 rule, 1 disabled\n"
    (facts,) = map(json.loads, run("check", "--pack", str(file), "--json").stdout.splitlines())
    assert facts == {"pack": str(file), "ok": True, "sources": 2, "disabled": 1, "rules": 1, "concepts": 0}


def test_packs_are_listed_and_shown() -> None:
    assert "caucasus" in run("sources", "pack").stdout
    (row,) = [json.loads(line) for line in run("sources", "pack", "--json").stdout.splitlines()]
    assert (row["pack"], row["sources"]) == ("caucasus", len(read_pack("caucasus").sources))
    shown = [json.loads(line) for line in run("sources", "pack", "caucasus", "--dry-run", "--json").stdout.splitlines()]
    assert shown[0]["name"] == "jamnews-en"
    assert {row["enabled"] for row in shown} == {True, False}
    unknown = run("sources", "pack", "atlantis")
    assert (unknown.exit_code, "there is no shipped pack 'atlantis'" in unknown.stderr) == (78, True)


def test_a_pack_is_added_once(tmp_path: Path) -> None:
    file = written(tmp_path, BASE + "sources:\n  - {name: tass, enabled: true}\ninclude: [caucasus]\n")
    assert "includes caucasus already" in run("sources", "pack", "caucasus", "--yes", "--config", str(file)).stderr
    file.write_text(
        BASE + '# mine\nsources:\n  - {name: tass, outlet: TASS, feed: "https://tass.ru/rss/v2.xml"}\n',
        encoding="utf-8",
    )
    before = file.read_text(encoding="utf-8")
    silent = run("sources", "pack", "caucasus", "--config", str(file))
    assert "nothing was changed" in silent.stderr
    added = run("sources", "pack", "caucasus", "--yes", "--config", str(file))
    assert "1 source of these you have already" in added.stderr
    assert file.read_text(encoding="utf-8") == before + "include: [caucasus]\n"
    names = [source.name for source in load(file, environ={}).sources]
    assert ("tass" in names, "oc-media" in names) == (True, True)


def test_a_pack_of_ones_own_is_added_by_its_place(tmp_path: Path) -> None:
    written(tmp_path, PACK, "mine.yaml")
    file = written(tmp_path, BASE)
    assert run("sources", "pack", str(tmp_path / "mine.yaml"), "--yes", "--config", str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8") == BASE + "include: [mine.yaml]\n"
    assert [source.name for source in load(file, environ={}).sources] == ["echo"]


def test_a_configuration_that_is_no_pack_is_refused_under_its_own_name(tmp_path: Path) -> None:
    own = BASE + 'sources:\n  - {name: coast, outlet: Coast, feed: "https://coast.example/feed"}\n'
    file = written(tmp_path, own)
    result = run("sources", "pack", str(file), "--yes", "--config", str(file))
    assert result.exit_code == 78
    assert f"to {file.name}" in result.stderr
    assert ".new" not in result.stderr
    assert file.read_text(encoding="utf-8") == own
