"""One daemon a data folder (filelock's door)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from monitor.errors import AnotherInstance, StoreError
from monitor.folders import make_private

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
    """Give the pid of the daemon that works in this folder; None where there is none."""
    if not (data / LOCK).exists():
        return None
    lock = FileLock(data / LOCK, mode=0o600)
    try:
        lock.acquire(timeout=_PATIENCE / 2, poll_interval=0.02)
    except Timeout:
        return _written_pid(data) or 0
    lock.release()
    return None


def _written_pid(data: Path) -> int | None:
    try:
        return int((data / PID).read_text())
    except (OSError, ValueError):
        return None
