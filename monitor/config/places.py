"""Where the data is, whatever else the configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

DATA = "./data"


def data_folder(file: Path, *, environ: Mapping[str, str], given: Path | None, named: str = DATA) -> Path:
    """Give the data folder: --data, then $STATE_DIRECTORY (systemd), then what the file names, relative to itself."""
    if given is not None:
        return given.absolute()
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0]).absolute()
    return (file.parent / named).absolute()
