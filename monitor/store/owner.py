"""Who holds a lease: a process, told apart from any later one with the same pid (psutil's door)."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

_START = 19  # which field behind the name is "starttime": the 22nd of all
_SINCE_1970 = 1e9  # seconds: no machine is up for so long
_CLOSE = 0.015  # seconds; a pid is not given anew so soon
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: host, boot of that host, pid, and the seconds from that boot to its start, which no clock that is set moves."""

    host: str
    boot: str
    pid: int
    started: float

    def text(self) -> str:
        """Give the owner as it is written into a row."""
        return json.dumps(asdict(self), sort_keys=True)


def current_owner() -> Owner:
    """Give this process."""
    return Owner(host(), _boot(), os.getpid(), started(os.getpid()))


def up_since() -> datetime:
    """Give when this process started, aware UTC."""
    return datetime.fromtimestamp(psutil.Process().create_time(), UTC)


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
    if owner.started > _SINCE_1970:  # written by an earlier version, which may still run beside this one
        return not psutil.pid_exists(owner.pid)
    return not is_alive(owner.pid, owner.started)


def is_alive(pid: int, since: float) -> bool:
    """Tell whether the process that started then (`started`) still lives; one that is hidden from this user does."""
    try:
        return abs(started(pid) - since) < _CLOSE
    except ProcessLookupError:
        return False
    except PermissionError:
        return True


def started(pid: int) -> float:
    """Give when a process of this host started: seconds since the boot, since 1970 where there is no /proc (proc(5)).

    psutil adds the time of the boot, which moves whenever the clock is set.

    Raises:
        ProcessLookupError: there is no such process.
        PermissionError: it is another user's, and hidden from this one.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[_START]) / os.sysconf("SC_CLK_TCK")
    except FileNotFoundError:
        os.kill(pid, 0)
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(str(error)) from error


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
