"""What systemd, or whoever else started us, is told: ready, reloading, alive, what goes on, ending.

The protocol: a datagram of `NAME=value` lines to the socket that $NOTIFY_SOCKET names; sd_notify(3).
"""

from __future__ import annotations

import socket
import time
from datetime import timedelta

from monitor.config import Supervision

_LONGEST = 200  # characters of a status that a person still reads in one line


class Supervisor:
    """Says it; where nobody asked to be told, or nobody listens any more, nothing happens."""

    def __init__(self, supervision: Supervision) -> None:
        """Take whom to tell."""
        self._address = supervision.address
        self.watchdog: timedelta | None = supervision.watchdog

    def ready(self) -> None:
        """Say that the work goes on: after the start, or after a reload that ended either way."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Say that a configuration is being read; by the time, systemd 253 tells an old READY from a new one."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Say that the end was asked for and is under way."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Say that every part comes on: without it for WatchdogSec, systemd ends and restarts us."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in one line what goes on; `systemctl status` shows it."""
        line = " ".join(text.split())
        self._tell(f"STATUS={line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}")

    def _tell(self, *lines: str) -> None:
        if self._address is None:
            return
        # A leading @ stands for the NUL of Linux's abstract names.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.settimeout(0)
                line.sendto("\n".join(lines).encode(), address)
        except OSError:
            return  # who is not there to listen needs no word, and we have work to do
