"""Who holds a lease: a process, told apart from any later one with the same pid (psutil's door)."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: host, boot of that host, pid, and the time it started (seconds since 1970)."""

    host: str
    boot: str
    pid: int
    started: float

    @property
    def started_at(self) -> datetime:
        """The time it started, aware UTC."""
        return datetime.fromtimestamp(self.started, UTC)

    def text(self) -> str:
        """Give the owner as it is written into a row."""
        return json.dumps(asdict(self), sort_keys=True)


def current_owner() -> Owner:
    """Give this process."""
    return Owner(host(), _boot(), os.getpid(), round(psutil.Process().create_time(), 2))


def host() -> str:
    """Give the name of this machine, or of this container."""
    return socket.gethostname()


def is_dead(text: str, here: Owner) -> bool:
    """Tell whether a written owner certainly lives no longer; what another host holds is never certain."""
    owner = Owner(**json.loads(text))
    if owner.host != here.host:
        return False
    if owner.boot != here.boot:
        return True
    since = started(owner.pid)
    return since is None or abs(since - owner.started) > 1


def started(pid: int) -> float | None:
    """Give when a process of this host started, seconds since 1970; None where there is none of this pid."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def _boot() -> str:
    """Give what names this boot: the kernel's id, or the boot time where there is none."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return str(int(psutil.boot_time()))


def holders(path: Path) -> tuple[tuple[int, str], ...]:
    """Give pid and name of the processes that have a file open, as far as this user may see them."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if any(file.path == str(path.resolve()) for file in process.open_files()):
                found.append((process.pid, str(process.info["name"])))
        except psutil.Error:
            continue
    return tuple(found)
