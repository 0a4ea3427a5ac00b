"""Spiders by name: people's own folders first, then the built-in ones (a part of scrapy's door)."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from scrapy import Spider
from scrapy.utils.spider import iter_spider_classes

from monitor.errors import SourceError

_BUILT_IN = "spiders"


def spider_folders(folders: Sequence[str]) -> tuple[str, ...]:
    """Give people's own folders and the built-in one."""
    spec = importlib.util.find_spec(_BUILT_IN)
    return (*folders, *((spec.submodule_search_locations if spec else None) or ()))


def find_spider(name: str, folders: Sequence[str]) -> type[Spider]:
    """Find a spider by its name.

    Raises:
        SourceError: spider_missing, spider_broken (a file cannot be read, and it may be that one).
    """
    spiders, broken = catalogue(folders)
    if name in spiders:
        return spiders[name]
    if broken:
        raise SourceError("spider_broken", "; ".join(broken)[:500])
    raise SourceError("spider_missing", f"no spider has name = {name!r}; there are {', '.join(sorted(spiders))}")


def catalogue(folders: Sequence[str]) -> tuple[dict[str, type[Spider]], list[str]]:
    """Give all spiders by name, and what is wrong with the files that could not be read."""
    found: dict[str, type[Spider]] = {}
    broken: list[str] = []
    for module in _modules(folders, broken):
        for spider in iter_spider_classes(module):
            found.setdefault(spider.name, spider)
    return found, broken


def _modules(folders: Sequence[str], broken: list[str]) -> Iterator[ModuleType]:
    for number, folder in enumerate(folders):
        for file in sorted(Path(folder).glob("*.py")):
            try:
                yield _load(file, f"own_spiders_{number}_{file.stem}")
            except Exception as error:  # noqa: BLE001 - a person's file may raise anything; the other spiders still work
                broken.append(f"{file}: {type(error).__name__}: {error}")
    package = importlib.import_module(_BUILT_IN)
    for module in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{_BUILT_IN}.{module.name}")


def _load(file: Path, name: str) -> ModuleType:
    """Load a file under a name of its own: two folders may each have a `news.py`."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print which spiders there are and which files are broken, as JSON; the folders are the arguments."""
    out = os.dup(1)
    os.dup2(2, 1)
    spiders, broken = catalogue(sys.argv[1:])
    os.write(out, json.dumps({"spiders": sorted(spiders), "broken": broken}).encode())
