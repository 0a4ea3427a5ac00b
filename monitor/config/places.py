"""Where the data is, whatever else the configuration says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

DATA = "./data"
_LINE = re.compile(r"""^data:[ \t]+(["']?)(\S.*?)\1[ \t]*(?:[ \t]#.*)?\r?$""", re.MULTILINE)


def data_folder(file: Path, *, environ: Mapping[str, str], given: Path | None, named: str = DATA) -> Path:
    """Give the data folder: --data, then $STATE_DIRECTORY (systemd), then what the file names, relative to itself."""
    if given is not None:
        return given.absolute()
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0]).absolute()
    return (file.parent / named).absolute()


def likely_data_folder(file: Path, *, environ: Mapping[str, str], given: Path | None) -> Path:
    """Give the data folder of a file that need not be right, nor there: its line `data:` is all that is read of it."""
    try:
        text = file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        text = ""
    line = _LINE.search(text)
    return data_folder(file, environ=environ, given=given, named=line[2] if line else DATA)
