"""From the file to a Config: every problem at once, each with its line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.build import Builder, spider_folders
from monitor.config.glossary import packs
from monitor.config.nodes import Path as KeyPath
from monitor.config.nodes import Problem, Tree, read
from monitor.config.repair import repaired
from monitor.config.schema import RootKeys
from monitor.config.values import Config, KnownSpiders
from monitor.errors import ConfigError

LISTS = ("sources", "rules")
ReadSpiders = Callable[[Sequence[Path]], KnownSpiders]
CONCEPTS = "concepts"
_ROUNDS = 4  # a stand-in for a mapping may need stand-ins for its keys
_PLAIN_WORDS = {
    "missing": "this key is missing; add it",
    "bool_type": "this must be true or false",
    "bool_parsing": "this must be true or false",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "string_type": "this must be text; write it in quotes",
    "tuple_type": "this must be a list: each item in a line of its own, after a dash",
    "dict_type": "this must be a mapping: key: value",
    "model_type": "this must be a mapping: key: value",
    "model_attributes_type": "this must be a mapping: key: value",
    "string_pattern_mismatch": "this must be a code of two small letters, such as ge, am or az",
}


def load(
    file: Path, *, environ: Mapping[str, str], data: Path | None = None, spiders: ReadSpiders | None = None
) -> Config:
    """Read and check a configuration; `data` wins over $STATE_DIRECTORY, and that over the file.

    With `spiders`, which reads those in these folders, the spiders that sources name are checked too.

    Raises:
        ConfigError: with every problem as `config.yaml:LINE: sources[3].every: what; what would be right`.
    """
    tree = _read_file(file)
    included = _Included(file, tree)
    problems = [problem.text(str(file)) for problem in tree.problems]
    if tree.problems and tree.value is None:
        raise ConfigError(tuple(problems))
    keys, wrong = _validated(included.merged())
    problems += included.problems
    problems += [included.text(path, what) for path, what in wrong]
    if keys is None:
        raise ConfigError(tuple(_in_order(problems)))
    if spiders:
        problems += _of_spiders(keys, file, included, spiders)
    builder = Builder(
        keys, file=file, environ=environ, data=data, origins=included.origins(), doubled=included.doubled()
    )
    config = builder.build()
    problems += [included.text(path, what) for path, what in builder.problems]
    if problems:
        raise ConfigError(tuple(_in_order(problems)))
    assert config is not None
    return config


def _of_spiders(keys: RootKeys, file: Path, included: _Included, read: ReadSpiders) -> Iterator[str]:
    """Give what is wrong with spiders; nobody is asked where none is named."""
    wanted = [(number, source.spider) for number, source in enumerate(keys.sources) if source.enabled and source.spider]
    folders = spider_folders(keys, file)
    if not wanted and not folders:
        return
    known = read(folders)
    yield from known.problems
    for number, spider in wanted:
        if known.names is not None and spider not in known.names:
            near = difflib.get_close_matches(spider, known.names, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known.names)}"
            yield included.text(("sources", number, "spider"), f"no spider has name = {spider!r}; {hint}")


def _read_file(file: Path) -> Tree:
    try:
        tree = read(file.read_bytes())
    except OSError as error:
        hint = "write one with `monitor init`, or name yours with --config FILE"
        raise ConfigError((f"{file}: {error.strerror}; {hint}",)) from error
    if tree.value is None and not tree.problems:
        tree.value = {}
    if tree.value is not None and not isinstance(tree.value, dict):
        tree.problems.append(Problem(1, (), "the file must hold keys and values; see `monitor init`"))
        tree.value = None
    return tree


class _Included:
    """The file together with the lists of the files it includes; knows where each item came from."""

    def __init__(self, file: Path, tree: Tree) -> None:
        self._parts: list[tuple[Path, Tree]] = [(file, tree)]
        self._origin: dict[tuple[str, int | str], tuple[Path, Tree, int | str]] = {}
        self.problems: list[str] = []
        names = (tree.value or {}).get("include") or []
        for number, name in enumerate(names if isinstance(names, list) else [names]):
            self._include(file, tree, number, str(name))

    def _include(self, file: Path, tree: Tree, number: int, name: str) -> None:
        where = Problem(tree.line(("include", number)), ("include", number), "")
        if "/" not in name and "." not in name:
            if name not in packs():  # the concepts of those there are are known anyway
                there = " and ".join(packs())
                what = f"there is no shipped pack {name!r}, only {there}; or name a file, such as ./more.yaml"
                self.problems.append(Problem(where.line, where.path, what).text(str(file)))
            return
        other = file.parent / name
        try:
            part = _read_file(other)
        except ConfigError as error:
            self.problems.append(Problem(where.line, where.path, f"{error}; name an existing file").text(str(file)))
            return
        self.problems += [problem.text(str(other)) for problem in part.problems]
        for key in set(part.value or {}) - {*LISTS, CONCEPTS}:
            what = f"an included file holds {', '.join((*LISTS, CONCEPTS))} only; move {key}: to {file.name}"
            self.problems.append(Problem(part.line((key,)), (key,), what).text(str(other)))
        self._parts.append((other, part))

    def doubled(self) -> frozenset[int]:
        """Give the numbers of the rules whose queries stand in double quotes."""
        rules = [(number, origin) for (name, number), origin in self._origin.items() if name == "rules"]
        return frozenset(int(number) for number, (_, tree, own) in rules if ("rules", own, "query") in tree.doubled)

    def merged(self) -> dict[str, object]:
        """Give the main file's keys with the lists of all files one after the other."""
        merged: dict[str, object] = dict(self._parts[0][1].value or {})
        for name in LISTS:
            items: list[object] = []
            for file, tree in self._parts:
                own = (tree.value or {}).get(name)
                for number, item in enumerate(own if isinstance(own, list) else []):
                    self._origin[name, len(items)] = (file, tree, number)
                    items.append(item)
            if name not in merged or isinstance(merged[name], list):
                merged[name] = items
            elif merged[name] is None:
                merged[name] = []
        if isinstance(merged.get(CONCEPTS) or {}, dict):
            merged[CONCEPTS] = self._merged_concepts()
        return merged

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
                    what = f"this concept stands in {self._origin[CONCEPTS, name][0]} already; keep one of them"
                    self.problems.append(Problem(tree.line((CONCEPTS, name)), (CONCEPTS, name), what).text(str(file)))
                    continue
                self._origin[CONCEPTS, name] = (file, tree, name)
                merged[name] = item
        return merged

    def origins(self) -> dict[str, str]:
        """Give the file that each concept stands in."""
        return {str(name): str(file) for (key, name), (file, _, _) in self._origin.items() if key == CONCEPTS}

    def text(self, path: KeyPath, what: str) -> str:
        """Give a problem with the file and line it comes from."""
        file, tree = self._parts[0]
        if len(path) > 1 and (str(path[0]), path[1]) in self._origin:
            file, tree, own = self._origin[str(path[0]), path[1]]
            path = (path[0], own, *path[2:])
        return Problem(tree.line(path), path, what).text(str(file))


def _validated(value: dict[str, object]) -> tuple[RootKeys | None, list[tuple[KeyPath, str]]]:
    """Give the checked keys, with stand-ins for what is wrong, and all that is wrong."""
    told: list[tuple[KeyPath, str]] = []
    for _ in range(_ROUNDS):
        try:
            return RootKeys.model_validate(value), told
        except ValidationError as error:
            found = [_told(item) for item in error.errors(include_url=False)]
        told = told or found  # what a stand-in brings about is no mistake of the file
        value = repaired(value, [path for path, _ in found])
    return None, told


def _told(error: ErrorDetails) -> tuple[KeyPath, str]:
    """Say in plain words what pydantic found."""
    path = tuple("from" if part == "from_" else part for part in error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return path, f"there is no such key here{_suggestion(path)}"
    if kind in {"enum", "literal_error"}:
        expected = str(error.get("ctx", {}).get("expected", "")).replace("'", "")
        return path, f"{error['input']!r} is not possible here; write {expected}"
    if kind == "value_error":
        return path, str(error["ctx"]["error"])
    return path, _PLAIN_WORDS.get(kind, error["msg"])


def _suggestion(path: KeyPath) -> str:
    """Give the known key that a mistyped one is nearest to."""
    model: object = RootKeys
    for part in path[:-1]:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(part)
            model = _model_in(field.annotation) if field else getattr(model, "OTHERS", model)
    names = list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
    known = ["from" if name == "from_" else name for name in names]
    near = difflib.get_close_matches(str(path[-1]), known, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _model_in(annotation: object) -> object:
    """Give the model inside `tuple[Model, ...]`, `dict[str, Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _in_order(problems: Iterable[str]) -> list[str]:
    """Order by file and line, each once."""

    def place(problem: str) -> tuple[str, int]:
        file, _, rest = problem.partition(":")
        number = rest.partition(":")[0]
        return file, int(number) if number.isdigit() else 0

    return sorted(dict.fromkeys(problems), key=place)
