"""Spiders by name: people's own folders first, then the built-in ones (a part of scrapy's door)."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import json
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from scrapy import Spider
from scrapy.utils.spider import iter_spider_classes

from monitor.errors import SourceError

_BUILT_IN = "spiders"
_KINDS = frozenset(
    {"article", "listing", "sitemap", "past-listing", "past-sitemap"}
)  # what the program itself asks for


def _say_nothing(_: str) -> None:
    pass


def spider_folders(folders: Sequence[str]) -> tuple[str, ...]:
    """Give people's own folders and the built-in one."""
    spec = importlib.util.find_spec(_BUILT_IN)
    return (*folders, *((spec.submodule_search_locations if spec else None) or ()))


@dataclass(slots=True)
class Catalogue:
    """Spiders by name, each with the place where it is written; and what is wrong with people's files, a line each."""

    spiders: dict[str, type[Spider]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, spider: type[Spider], *, own: bool) -> None:
        """Add a spider; a person's own one goes before a site's built-in one, and no two of theirs share a name."""
        place = _place_of(spider)
        if own and spider.name in _KINDS:
            self.problems.append(f"{place}: name = {spider.name!r} is the name of a built-in spider; give it another")
        elif own and spider.parse is Spider.parse and spider.start is Spider.start:
            told = f"{spider.__name__} has no parse(self, response); write one that yields drafts"
            self.problems.append(f"{place}: {told}")
        elif spider.name not in self.spiders:
            self.spiders[spider.name] = spider
            self.places[spider.name] = place
        elif own:
            told = f"name = {spider.name!r} is also the name in {self.places[spider.name]}; give one of them another"
            self.problems.append(f"{place}: {told}")


def find_spider(name: str, folders: Sequence[str]) -> type[Spider]:
    """Find a spider by its name; nobody's own files are read for one of the kinds of sources.

    Raises:
        SourceError: spider_missing, spider_broken (a file cannot be read, and it may be that one).
    """
    found = catalogue(() if name in _KINDS else folders)
    if name in found.spiders:
        return found.spiders[name]
    near = difflib.get_close_matches(name, found.spiders, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(found.spiders))}"
    told = "; ".join([f"no spider has name = {name!r}; {hint}", *found.problems])[:500]
    raise SourceError("spider_broken" if found.problems and not near else "spider_missing", told)


def catalogue(folders: Sequence[str], begin: Callable[[str], None] = _say_nothing) -> Catalogue:
    """Read all spiders; `begin` is told of each of people's own files before it is read."""
    found = Catalogue()
    for number, folder in enumerate(folders):
        for file in sorted(Path(folder).glob("*.py")):
            begin(str(file))
            try:
                module = _load(file, f"own_spiders_{number}_{file.stem}")
            # A person's file may raise anything, or end; the other spiders still work.
            except (Exception, SystemExit) as error:  # noqa: BLE001 - the boundary of a person's file
                told = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
                found.problems.append(f"{_place_in(file, error)}: {told}; mend the file, or take it out of the folder")
                continue
            for spider in iter_spider_classes(module):
                found.add(spider, own=True)
    package = importlib.import_module(_BUILT_IN)
    for built_in in pkgutil.iter_modules(package.__path__):
        for spider in iter_spider_classes(importlib.import_module(f"{_BUILT_IN}.{built_in.name}")):
            found.add(spider, own=False)
    return found


def _place_of(spider: type[Spider]) -> str:
    """Give file and line of a spider."""
    file = inspect.getsourcefile(spider) or "?"
    return f"{file}:{inspect.getsourcelines(spider)[1]}"


def _place_in(file: Path, error: BaseException) -> str:
    """Give the file with the line of it that an error is about: the last one that was run, or that cannot be read."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f"{file}:{error.lineno or 1}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f"{file}:{lines[-1] if lines else 1}"


def _load(file: Path, name: str) -> ModuleType:
    """Load a file under a name of its own: two folders may each have a `news.py`."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print JSON lines: each file before it is read, then all names and problems; the folders are the arguments."""
    out = os.dup(1)
    os.dup2(2, 1)

    def say(**facts: object) -> None:
        os.write(out, json.dumps(facts).encode() + b"\n")

    found = catalogue(sys.argv[1:], begin=lambda file: say(file=file))
    say(names=sorted(found.spiders), problems=found.problems)
    os._exit(0)  # whatever threads a file has started
