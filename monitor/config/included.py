"""config.yaml together with the files and packs that it includes; each item knows the file and line it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.config.glossary import packs
from monitor.config.nodes import Path as KeyPath
from monitor.config.nodes import Problem, Tree, read
from monitor.config.outlets import outlet_packs, pack_file
from monitor.config.schema import KINDS
from monitor.errors import ConfigError
from monitor.folders import BARRED, barred

LISTS = ("sources", "rules")
CONCEPTS = "concepts"
ABOUT = "about"  # what a pack is, for people


def read_file(file: Path) -> Tree:
    """Read a file that holds keys and values; what is wrong with its YAML is in the tree's problems.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        tree = read(file.read_bytes())
    except OSError as error:
        if error.errno in BARRED:
            raise ConfigError((barred(file, error),)) from error
        hint = "write one with `monitor init`, or name yours with --config FILE"
        raise ConfigError((f"{file}: {error.strerror}; {hint}",)) from error
    if tree.value is None and not tree.problems:
        tree.value = {}
    if tree.value is not None and not isinstance(tree.value, dict):
        tree.problems.append(Problem(1, (), "the file must hold keys and values; see `monitor init`"))
        tree.value = None
    return tree


def included_names(file: Path) -> tuple[str, ...]:
    """Give what a file includes, as it names it.

    Raises:
        ConfigError: it cannot be read.
    """
    return _names(read_file(file))


def _names(tree: Tree) -> tuple[str, ...]:
    names = (tree.value or {}).get("include") or []
    return tuple(map(str, names if isinstance(names, list) else [names]))


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where an item stands; `under` is the item of an included file that it goes before."""

    file: Path
    tree: Tree
    place: int | str
    under: _Origin | None = None


class Included:
    """The file together with the lists of the files it includes."""

    def __init__(self, file: Path, tree: Tree) -> None:
        """Take the file, and read what it includes."""
        self._parts: list[tuple[Path, Tree]] = [(file, tree)]
        self._origin: dict[tuple[str, int | str], _Origin] = {}
        self.problems: list[str] = []
        for number, name in enumerate(_names(tree)):
            self._include(file, tree, number, name)

    def _include(self, file: Path, tree: Tree, number: int, name: str) -> None:
        def wrong(what: str) -> None:
            path: KeyPath = ("include", number)
            self.problems.append(Problem(tree.line(path), path, what).text(str(file)))

        if "/" not in name and "." not in name:
            if name in outlet_packs():
                other = pack_file(name)
            else:
                if name not in packs():  # the concepts of those there are are known anyway
                    there = " and ".join(sorted({*packs(), *outlet_packs()}))
                    wrong(f"there is no shipped pack {name!r}, only {there}; or name a file, such as ./more.yaml")
                return
        else:
            other = file.parent / name
        if any(other.resolve() == known.resolve() for known, _ in self._parts):
            wrong(f"{name} is here already; take one of them out")
            return
        try:
            part = read_file(other)
        except ConfigError as error:
            wrong(f"{error}; name an existing file")
            return
        self.problems += [problem.text(str(other)) for problem in (*part.problems, *_unusable(part, file.name))]
        self._parts.append((other, part))

    def doubled(self) -> frozenset[int]:
        """Give the numbers of the rules whose queries stand in double quotes."""
        rules = [(number, origin) for (name, number), origin in self._origin.items() if name == "rules"]
        return frozenset(int(number) for number, it in rules if ("rules", it.place, "query") in it.tree.doubled)

    def merged(self) -> dict[str, object]:
        """Give the main file's keys with the lists of all files one after the other."""
        merged: dict[str, object] = dict(self._parts[0][1].value or {})
        for name in LISTS:
            items = self._items(name, overriding=name == "sources")
            if name not in merged or isinstance(merged[name], list):
                merged[name] = items
            elif merged[name] is None:
                merged[name] = []
        if isinstance(merged.get(CONCEPTS) or {}, dict):
            merged[CONCEPTS] = self._merged_concepts()
        return merged

    def _items(self, name: str, *, overriding: bool) -> list[object]:
        """Give the items of a list of all files; those of the main file may go over included ones of their names."""
        items: list[object] = []
        own: dict[str, int] = {}
        for number, (file, tree) in enumerate(self._parts):
            for place, item in enumerate(_listed(tree, name)):
                here, known = _Origin(file, tree, place), own.get(_name_of(item))
                if number and known is not None:
                    items[known] = _over(items[known], item)
                    self._origin[name, known] = replace(self._origin[name, known], under=here)
                    continue
                if not number and overriding and _name_of(item):
                    own.setdefault(_name_of(item), len(items))
                self._origin[name, len(items)] = here
                items.append(item)
        return items

    def _merged_concepts(self) -> dict[str, object]:
        """Give the concepts of all files; one that stands twice is a problem."""
        merged: dict[str, object] = {}
        for file, tree in self._parts:
            own = (tree.value or {}).get(CONCEPTS) or {}
            if not isinstance(own, dict):
                what = "this must be a mapping: key: value"
                self.problems.append(Problem(tree.line((CONCEPTS,)), (CONCEPTS,), what).text(str(file)))
                continue
            for name, item in own.items():
                if name in merged:
                    what = f"this concept stands in {self._origin[CONCEPTS, name].file} already; keep one of them"
                    self.problems.append(Problem(tree.line((CONCEPTS, name)), (CONCEPTS, name), what).text(str(file)))
                    continue
                self._origin[CONCEPTS, name] = _Origin(file, tree, name)
                merged[name] = item
        return merged

    def origins(self) -> dict[str, str]:
        """Give the file that each concept stands in."""
        return {str(name): str(it.file) for (key, name), it in self._origin.items() if key == CONCEPTS}

    def text(self, path: KeyPath, what: str) -> str:
        """Give a problem with the file and line it comes from."""
        file, tree = self._parts[0]
        if len(path) > 1 and (str(path[0]), path[1]) in self._origin:
            it = self._origin[str(path[0]), path[1]]
            key = (path[0], it.place, *path[2:])
            if it.under and len(path) > 2 and key not in it.tree.lines:  # noqa: PLR2004 - a key of an item
                it = it.under
                key = (path[0], it.place, *path[2:])
            file, tree, path = it.file, it.tree, key
        return Problem(tree.line(path), path, what).text(str(file))


def _unusable(part: Tree, main: str) -> Iterator[Problem]:
    """Give what an included file must not hold, or holds in another shape."""
    for key, value in (part.value or {}).items():
        if key not in {*LISTS, CONCEPTS, ABOUT}:
            what = f"an included file holds {', '.join((*LISTS, CONCEPTS))} only; move {key}: to {main}"
            yield Problem(part.line((key,)), (key,), what)
        elif key in LISTS and value is not None and not isinstance(value, list):
            what = "this must be a list: each item in a line of its own, after a dash"
            yield Problem(part.line((key,)), (key,), what)


def _listed(tree: Tree, name: str) -> Iterable[object]:
    own = (tree.value or {}).get(name)
    return own if isinstance(own, list) else ()


def _name_of(item: object) -> str:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else ""


def _over(own: object, packed: object) -> object:
    """Give a source that stands in the main file and in a pack.

    One that says how it is read is whole, and takes nothing from the pack: a pack that is added must not change it.
    Any other goes over the pack's, key by key.
    """
    if not isinstance(own, dict) or not isinstance(packed, dict) or set(KINDS) & set(own):
        return own
    return {**packed, **own}
