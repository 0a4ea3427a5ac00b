"""Whether somebody supervises this process: what systemd leaves in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """Where to tell of ourselves (a path, or `@` and an abstract name), and within which time to say that we live.

    Each is None where nobody asked for it.
    """

    address: str | None = None
    watchdog: timedelta | None = None


def supervision(environ: Mapping[str, str], *, pid: int) -> Supervision:
    """Read $NOTIFY_SOCKET, $WATCHDOG_USEC, $WATCHDOG_PID (sd_watchdog_enabled(3)); what cannot be read is not there."""
    address = environ.get("NOTIFY_SOCKET", "")
    usec, whose = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(pid))
    meant = address[:1] in {"/", "@"} and usec.isascii() and usec.isdigit() and whose == str(pid)
    return Supervision(
        address=address if address[:1] in {"/", "@"} else None,
        watchdog=timedelta(microseconds=min(int(usec), 10**15)) if meant and int(usec) else None,
    )
