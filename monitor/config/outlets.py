"""The shipped packs of outlets: YAML files of this package, each with sources that a configuration may include."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

_FOLDER = "packs"


def outlet_packs() -> tuple[str, ...]:
    """Give the names of the shipped packs of outlets."""
    folder = resources.files("monitor.config").joinpath(_FOLDER)
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def pack_file(name: str) -> Path:
    """Give the file of a shipped pack."""
    return Path(str(resources.files("monitor.config").joinpath(_FOLDER, f"{name}.yaml")))
