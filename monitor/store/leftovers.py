"""Files under way: their names say whose they are, so that what the dead have left is known and removed."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from monitor.store.owner import host, is_alive, started

_ENDING = r"\.new(?:-journal|-wal|-shm)?"
_ANY = re.compile(r"\..+\.(?:.+-)?\d+" + _ENDING)  # another host's, or of earlier versions
_LONG = 24 * 3600  # seconds without a write after which such a file is left over


def under_way(target: Path) -> Path:
    """Give the name of a file until it is whole: beside it, hidden, with host, pid and start of the process that makes it."""
    return target.with_name(f".{target.name}.{host()}-{os.getpid()}-{_hundredths(started(os.getpid()))}.new")


def sweep(folder: Path) -> None:
    """Remove the files under way in a folder whose makers have ended; nothing where there is no such folder.

    What another host or container makes is left alone for a day: its pids say nothing here.
    """
    ours = re.compile(rf"\..+\.{re.escape(host())}-(\d+)-(\d+){_ENDING}")
    for path in folder.glob(".*.new*"):
        with suppress(OSError):  # whole by now, or swept by somebody else; at worst it stays, which hinders nobody
            if _is_left(path, ours.fullmatch(path.name)):
                path.unlink()


def _is_left(path: Path, ours: re.Match[str] | None) -> bool:
    if ours:
        return not is_alive(int(ours[1]), int(ours[2]) / 100)
    since = time.time() - path.stat().st_mtime  # noqa: TID251 - files are dated by the machine
    return bool(_ANY.fullmatch(path.name)) and since > _LONG


def _hundredths(seconds: float) -> int:
    return round(seconds * 100)
