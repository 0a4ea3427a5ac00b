"""A pack on its own: what it holds, and whether it is fit to be shared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.config.included import ABOUT, read_file
from monitor.config.load import check_tree
from monitor.config.nodes import Path as KeyPath
from monitor.config.nodes import Problem, Tree
from monitor.config.outlets import pack_file
from monitor.config.schema import KINDS
from monitor.errors import ConfigError
from monitor.urls import canonical_url

_SURE = re.compile(r"(high|medium|low): \S.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A source of a pack; `note` says how sure its address is."""

    name: str
    outlet: str
    language: str | None
    country: str | None
    kind: str
    url: str
    enabled: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A file of sources, rules and concepts that a configuration may include."""

    file: Path
    about: str
    sources: tuple[Packed, ...]
    rules: int
    concepts: int


def read_pack(name: str) -> Pack:
    """Read a shipped pack by its name, or any by its file, without asking whether it is right.

    Raises:
        ConfigError: it cannot be read.
    """
    file = pack_file(name) if "/" not in name and "." not in name else Path(name)
    return _pack(file, _read(file))


def check_pack(file: Path) -> Pack:
    """Read a pack and check it as `include:` would, and that each source says its language and how sure it is.

    Raises:
        ConfigError: with every problem and its line.
    """
    tree = _read(file)
    problems = [*check_tree(_around(tree), file), *(problem.text(str(file)) for problem in _unfit(tree))]
    if problems:
        raise ConfigError(tuple(dict.fromkeys(problems)))
    return _pack(file, tree)


def _read(file: Path) -> Tree:
    try:
        tree = read_file(file)
    except ConfigError as error:
        raise ConfigError((error.problems[0].partition(";")[0] + "; name the file of a pack",)) from error
    if tree.problems:
        raise ConfigError(tuple(problem.text(str(file)) for problem in tree.problems))
    return tree


def _around(tree: Tree) -> dict[str, object]:
    """Give the least configuration that could include a pack: with the channels that its rules name."""
    rules = tree.value.get("rules")
    named = [rule.get("to") for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    channels = {name for to in named for name in (to if isinstance(to, list) else [to]) if isinstance(name, str)}
    return {"contact": "x", "channels": {name: {"type": "maildir"} for name in (channels or {"desk"})}}


def _unfit(tree: Tree) -> Iterator[Problem]:
    """Give what a source may leave out for oneself, and must not for others."""
    seen: dict[str, str] = {}
    for number, source in enumerate(_listed(tree, "sources")):
        path: KeyPath = ("sources", number)
        if not isinstance(source, dict):
            continue
        if not source.get("language") and "spider" not in source:
            yield Problem(tree.line(path), path, "a pack says the language of each source; add language:")
        if not _SURE.fullmatch(str(source.get("note") or "")):
            what = 'a pack says how sure each address is; write note: "high: why", medium or low'
            yield Problem(tree.line((*path, "note")), (*path, "note"), what)
        for kind in KINDS[:3]:
            if isinstance(source.get(kind), str):
                address = canonical_url(source[kind])
                if address in seen:
                    what = f"{seen[address]} has this address already; keep one of them"
                    yield Problem(tree.line((*path, kind)), (*path, kind), what)
                seen.setdefault(address, str(source.get("name")))


def _pack(file: Path, tree: Tree) -> Pack:
    return Pack(
        file=file,
        about=str(tree.value.get(ABOUT) or ""),
        sources=tuple(_packed(source) for source in _mappings(tree, "sources")),
        rules=len(_mappings(tree, "rules")),
        concepts=len(tree.value.get("concepts") or {}),
    )


def _packed(source: dict[str, object]) -> Packed:
    kind = next((kind for kind in KINDS if kind in source), "")
    start = source.get("start")
    first = str(start[0]) if isinstance(start, list) and start else str(start or "")
    return Packed(
        name=str(source.get("name") or ""),
        outlet=str(source.get("outlet") or ""),
        language=str(source["language"]) if source.get("language") else None,
        country=str(source["country"]) if source.get("country") else None,
        kind=kind,
        url=first if kind == "spider" else str(source.get(kind) or ""),
        enabled=source.get("enabled") is not False,
        note=str(source.get("note") or ""),
    )


def _listed(tree: Tree, key: str) -> list[object]:
    items = tree.value.get(key)
    return items if isinstance(items, list) else []


def _mappings(tree: Tree, key: str) -> list[dict[str, object]]:
    return [item for item in _listed(tree, key) if isinstance(item, dict)]
