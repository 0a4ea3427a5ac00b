"""One daemon a data folder (filelock's door)."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from monitor.errors import AnotherInstance, StoreError
from monitor.folders import BARRED, barred, make_private

LOCK = "monitor.lock"
PID = "monitor.pid"
# Seconds: whoever asks whether a daemon runs holds the lock for a moment, and two may ask at once.
_PATIENCE = 0.5


@contextmanager
def hold_lock(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder, which is made where needed; the kernel gives it back however the process ends.

    Raises:
        AnotherInstance: a daemon holds it; its pid is named.
        StoreError: the folder cannot be made or written.
    """
    lock = FileLock(data / LOCK, mode=0o600)
    pid_file = data / PID
    try:
        make_private(data)
        lock.acquire(timeout=_PATIENCE, poll_interval=0.05)
        pid_file.write_text(f"{os.getpid()}\n")
        pid_file.chmod(0o600)
    except Timeout as error:
        raise AnotherInstance(_written_pid(data)) from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        remedy = "make room there" if full else "name a folder that you may write to with --data"
        raise StoreError(f"{data}: {error.strerror}; {remedy}") from error
    try:
        yield
    finally:
        pid_file.unlink(missing_ok=True)
        lock.release()


def running_pid(data: Path) -> int | None:
    """Give the pid of the daemon that works in this folder, 0 where it cannot be read; None where there is none.

    Raises:
        StoreError: this user may not even look.
    """
    try:
        (data / LOCK).stat()
        return _asked(data)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(barred(data, error, data=data)) from error


def _asked(data: Path) -> int | None:
    lock = FileLock(data / LOCK, mode=0o600)
    try:
        lock.acquire(timeout=_PATIENCE / 2, poll_interval=0.02)
    except Timeout:
        return _written_pid(data) or 0
    except OSError as error:
        if error.errno not in BARRED:
            raise
        return _looked_up(data)
    lock.release()
    return None


def _looked_up(data: Path) -> int | None:
    """Ask without writing: a lock that may only be read shows whether it is held, and else the pid file tells."""
    try:
        with (data / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written_pid(data) or 0
    except PermissionError:
        pid = _read_pid(data)  # a daemon that ends well takes it away
        return pid if not pid or _lives(pid) else None
    return None


def _lives(pid: int) -> bool:
    """Tell whether there is such a process: a killed daemon leaves its pid behind."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _written_pid(data: Path) -> int | None:
    try:
        return _read_pid(data) or None
    except OSError:
        return None


def _read_pid(data: Path) -> int:
    """Give what the pid file says; 0 where that is no pid, as in the moment in which it is written."""
    text = (data / PID).read_bytes().strip()
    return int(text) if re.fullmatch(rb"[0-9]{1,9}", text) else 0
