"""YAML to plain values, with the line of each (ruamel.yaml's door).

The file is composed, not constructed: nothing in it is ever executed, duplicate keys are seen, and each value knows
its line. Scalars follow YAML 1.2's core schema, so `no` and `12:30` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MOST_BYTES = 4 * 1024 * 1024
MOST_VALUES = 200_000
_CORE = "tag:yaml.org,2002:"
_PLAIN = {"str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge"}
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a place of a file: `file:line: path: what; what would be right`."""

    line: int
    path: Path
    what: str

    def text(self, file: str) -> str:
        """Give the problem as it is shown."""
        place = printed(self.path)
        return f"{file}:{self.line}: {place}: {self.what}" if place else f"{file}:{self.line}: {self.what}"


@dataclass(slots=True)
class Tree:
    """Plain values, the line of each path, and what was wrong with the file itself."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    doubled: set[Path] = field(default_factory=set)
    """What stands in double quotes."""
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Give the line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def printed(path: Path) -> str:
    """Give a path as `sources[3].every`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read(data: bytes) -> Tree:
    """Read a file's bytes; whatever is wrong with it is in the tree's problems."""
    tree = Tree()
    if len(data) > MOST_BYTES:
        tree.problems.append(Problem(1, (), f"it is larger than {MOST_BYTES // 2**20} MiB; split it with include:"))
        return tree
    try:
        text = data.decode("utf-8-sig")
        root = YAML(typ="safe", pure=True).compose(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        tree.problems.append(Problem(line, (), "the file is not UTF-8; save it as UTF-8"))
        return tree
    except YAMLError as error:
        tree.problems.append(_syntax(error, text))
        return tree
    if root is not None:
        tree.value = _Reader(tree).value(root, ())
    return tree


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a list takes another item: `at` code points into the text.

    `flow` tells whether it stands between brackets, `indent` at which column its dashes do. `empty` is where an empty
    list's brackets begin, None where there are none.
    """

    at: int
    flow: bool = False
    indent: int = 2
    empty: int | None = None


def place_in(text: str, key: str) -> ListPlace | None:
    """Give where the list of a key at the top takes another item; None where the file has no such key.

    Raises:
        ValueError: the file is none that items can be added to.
    """
    root = YAML(typ="safe", pure=True).compose(text)
    if root is None:
        return None
    if not isinstance(root, MappingNode) or root.flow_style:
        raise ValueError("the file is no list of keys, each on a line of its own")
    for key_node, node in root.value:
        if str(key_node.value) != key:
            continue
        if node.start_mark.index < key_node.end_mark.index:
            raise ValueError(f"{key}: stands for a list elsewhere in the file")
        if isinstance(node, SequenceNode) and node.flow_style:
            closing = node.end_mark.index - 1
            return ListPlace(closing, flow=True, empty=None if node.value else node.start_mark.index)
        if isinstance(node, SequenceNode):
            return ListPlace(_line_end(text, _end(node, text)), indent=node.start_mark.column)
        if isinstance(node, ScalarNode) and not node.value:
            return ListPlace(_line_end(text, key_node.end_mark.index))
        raise ValueError(f"{key}: is no list")
    return None


def _end(node: Node, text: str) -> int:
    """Give where the last word of a node ends: marks of block nodes lie behind the comments that follow."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1], text)
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1], text)
    end = int(node.end_mark.index)
    return len(text[:end].rstrip()) if isinstance(node, ScalarNode) and node.style in {"|", ">"} else end


def _line_end(text: str, at: int) -> int:
    """Give where the line ends, its line break not included."""
    return next((place for place in range(at, len(text)) if text[place] in "\r\n"), len(text))


def _syntax(error: YAMLError, text: str) -> Problem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    what = " ".join(filter(None, (getattr(error, "context", None), getattr(error, "problem", None)))) or str(error)
    if "'\\t'" in what:
        what = "a tab stands where blanks are needed; indent with blanks"
    if mark and "'@'" in what:
        value = _plain(text.splitlines()[mark.line], mark.column)
        return Problem(mark.line + 1, (), f"a value that begins with @ needs quotes round it; write '{value}'")
    first = " ".join(what.split())[:200]
    return Problem(mark.line + 1 if mark else 1, (), f"this is no YAML: {first}; mind indentation, colons and quotes")


def _plain(line: str, at: int) -> str:
    """Give the value without quotes that begins here: between brackets it ends at a comma, everywhere at a comment."""
    end = r"\s#|,\s|[]}]" if {"{", "["} & set(line[:at]) else r"\s#"
    return re.split(end, line[at:])[0].strip()


class _Reader:
    """Turns nodes into values, counting them: an alias bomb is a small file with many values."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._left = MOST_VALUES

    def value(self, node: Node, path: Path) -> Any:  # noqa: ANN401 - any YAML value
        self._left -= 1
        self._tree.lines.setdefault(path, node.start_mark.line + 1)
        if self._left < 0:
            if self._left == -1:
                self._problem(node, path, "the file has too many values (aliases of aliases?); write them out")
            return None
        if str(node.tag).removeprefix(_CORE) not in _PLAIN:
            self._problem(node, path, f"the tag {node.tag} is not accepted; remove it")
            return None
        if isinstance(node, MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        if isinstance(node, ScalarNode) and node.style == '"':
            self._tree.doubled.add(path)
        return _scalar(node)

    def _pairs(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._problem(key_node, path, "a key must be a word")
                continue
            key = str(key_node.value)
            if key in seen:
                self._problem(key_node, (*path, key), f"this key stands in line {seen[key]} already; keep one of them")
                continue
            seen[key] = line
            self._tree.lines[(*path, key)] = line
            yield key, self.value(value_node, (*path, key))

    def _problem(self, node: Node, path: Path, what: str) -> None:
        self._tree.problems.append(Problem(node.start_mark.line + 1, path, what))


def _scalar(node: Node) -> Any:  # noqa: ANN401 - any YAML value
    text = str(node.value)
    kind = str(node.tag).removeprefix(_CORE)
    try:
        if kind == "int":
            return int(text.replace("_", ""), 0)
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text
