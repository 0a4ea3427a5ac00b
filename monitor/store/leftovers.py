"""Files under way: their names say whose they are, so that what the dead have left is known and removed."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from monitor.store.owner import host, started

_NAME = re.compile(r"\..+\.(?:(?P<host>[^/]+)-)?(?P<pid>\d+)\.new(?:-journal)?")  # without a host: of earlier versions
_LONG = 24 * 3600  # seconds without a write after which a file is left over, whoever made it
_SLACK = 1.0  # seconds by which a process and its first file may seem to be in the wrong order


def under_way(target: Path) -> Path:
    """Give the name of a file until it is whole: beside it, hidden, with the host and the pid of who makes it."""
    return target.with_name(f".{target.name}.{host()}-{os.getpid()}.new")


def sweep(folder: Path) -> None:
    """Remove the files under way in a folder whose makers have ended; nothing where there is no such folder.

    What another host or container makes is left alone for a day: its pids say nothing here.
    """
    for path in folder.glob(".*.new*"):
        with suppress(OSError):  # whole by now, or swept by somebody else; at worst it stays, which hinders nobody
            if (match := _NAME.fullmatch(path.name)) and _is_left(path, match["host"], int(match["pid"])):
                path.unlink()


def _is_left(path: Path, maker: str | None, pid: int) -> bool:
    written = path.stat().st_mtime
    if time.time() - written > _LONG:  # noqa: TID251 - files are dated by the machine
        return True
    if maker != host():
        return False
    since = started(pid)  # who started after the last write is another with the same pid: in a container it often is
    return since is None or since > written + _SLACK
