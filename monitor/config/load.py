"""From the file to a Config: every problem at once, each with its line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.build import Builder, spider_folders
from monitor.config.included import Included, read_file
from monitor.config.nodes import Path as KeyPath
from monitor.config.nodes import Tree
from monitor.config.repair import repaired
from monitor.config.schema import RootKeys
from monitor.config.values import Config, KnownSpiders
from monitor.errors import ConfigError

ReadSpiders = Callable[[Sequence[Path]], KnownSpiders]
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
    config, problems = _built(file, read_file(file), environ=environ, data=data, spiders=spiders)
    if config is None or problems:
        raise ConfigError(tuple(_in_order(problems)))
    return config


def check_tree(around: dict[str, object], pack: Path) -> tuple[str, ...]:
    """Give what is wrong with a file if a configuration with these keys included it."""
    tree = Tree(value={**around, "include": [f"./{pack.name}"]})
    return tuple(_in_order(_built(pack.parent / "config.yaml", tree, environ={}, data=None, spiders=None)[1]))


def _built(
    file: Path, tree: Tree, *, environ: Mapping[str, str], data: Path | None, spiders: ReadSpiders | None
) -> tuple[Config | None, list[str]]:
    """Give the configuration, as far as there can be one, and all that is wrong with it."""
    included = Included(file, tree)
    problems = [problem.text(str(file)) for problem in tree.problems]
    if tree.problems and tree.value is None:
        return None, problems
    keys, wrong = _validated(included.merged())
    problems += included.problems
    problems += [included.text(path, what) for path, what in wrong]
    if keys is None:
        return None, problems
    if spiders:
        problems += _of_spiders(keys, file, included, spiders)
    builder = Builder(
        keys, file=file, environ=environ, data=data, origins=included.origins(), doubled=included.doubled()
    )
    config = builder.build()
    return config, problems + [included.text(path, what) for path, what in builder.problems]


def _of_spiders(keys: RootKeys, file: Path, included: Included, read: ReadSpiders) -> Iterator[str]:
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
