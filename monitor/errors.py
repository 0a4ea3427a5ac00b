"""The errors of the program, by who must act.

MonitorError
├── ConfigError        the user: nothing starts until the file is mended (exit 78)
├── QueryError         the author of a query: says where in it and what would be right
├── PatternError       the author of a regular expression, likewise
├── SourceError        one source: back off, the others go on
├── DeliveryError      one message
│   ├── TemporaryRefusal   the server said 4xx: try again later
│   ├── PermanentRefusal   the server said 5xx: never again
│   └── UnknownOutcome     cut off after DATA: it may have arrived; the same bytes go out again
├── TransportError     the way out, not the message: no attempt is counted, the circuit opens
│   └── CredentialsError   a password or certificate is wrong: probed rarely, a person must mend it
├── UnfitMachine       a library of this machine is not safe: nothing starts until it is replaced (exit 78)
├── ClockWrong         the machine's clock cannot be right: nothing is stamped with its time
├── AnotherInstance    a second daemon: names the pid of the first (exit 75)
├── Busy               another process does this work now: leave it to it (exit 75)
└── StoreError         the machine: disk, permissions, locks
    ├── NoRoom             a copy would fill the disk: nothing was written
    ├── IndexDamaged       a search index alone: made anew from the articles, then all goes on
    └── StoreDamaged       the database file cannot be trusted (exit 65)
"""

from __future__ import annotations

import errno
import re
from datetime import timedelta

# Tokens stand there, and what is said of a source is kept, mailed and shown (case 58).
_QUERY = re.compile(r"(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*")


class MonitorError(Exception):
    """The base of every error that this program raises on purpose."""


class ConfigError(MonitorError):
    """The configuration cannot be used; `problems` are whole lines: file, line, key, what, what instead."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep every problem: a person mends them all in one go."""
        super().__init__("\n".join(problems))
        self.problems = problems


class QueryError(MonitorError):
    """A query cannot be read; `position` is a code point offset into the query."""

    def __init__(self, message: str, *, query: str = "", position: int = 0) -> None:
        """Keep the query and the place for the caret."""
        super().__init__(message)
        self.query = query
        self.position = position


class PatternError(MonitorError):
    """A regular expression cannot be used; `position` is a code point offset into it."""

    def __init__(self, message: str, *, position: int) -> None:
        """Keep the place for the caret."""
        super().__init__(message)
        self.position = position


class SourceError(MonitorError):
    """A source gave nothing usable; `kind` is a stable word such as `blocked_address`, `parse_timeout`, `http_503`."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        """Keep what the server asked for, which is decided on elsewhere, and of no address its query."""
        detail = _QUERY.sub(r"\1?…", detail)
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


class DeliveryError(MonitorError):
    """A message was not delivered; `reply` holds the server's own last words."""

    def __init__(self, reply: str) -> None:
        """Keep the server's words: they are shown to people unchanged."""
        super().__init__(reply)
        self.reply = reply


class TemporaryRefusal(DeliveryError):
    """The server refused this message for now (4xx)."""


class PermanentRefusal(DeliveryError):
    """The server refused this message for good (5xx)."""


class UnknownOutcome(DeliveryError):
    """The connection ended between DATA and its reply: the message may have arrived."""


class TransportError(MonitorError):
    """The transport does not work at the moment; no message is to blame."""


class CredentialsError(TransportError):
    """User, password or certificate are refused: only a person can mend that."""


class UnfitMachine(MonitorError):
    """A library of this machine is unsafe with input from strangers; a person must replace it."""


class ClockWrong(MonitorError):
    """The machine's clock cannot be right; a person or time server must set it."""


class AnotherInstance(MonitorError):
    """Another daemon holds the lock of this data folder."""

    def __init__(self, pid: int | None) -> None:
        """Keep the pid of the daemon that runs."""
        super().__init__(f"another instance is running (pid {pid or 'unknown'})")
        self.pid = pid


class Busy(MonitorError):
    """Another process does this very work now."""


class StoreError(MonitorError):
    """The store cannot be read or written at the moment."""

    @property
    def kind(self) -> str:
        """What the machine calls it, `SQLITE_FULL` or `ENOSPC`; its own type where the machine said nothing."""
        name = getattr(self.__cause__, "sqlite_errorname", None)
        number = getattr(self.__cause__, "errno", None)
        return str(name or errno.errorcode.get(number or 0) or type(self).__name__)

    @property
    def is_of_room(self) -> bool:
        """Whether the disk, or this user's share of it, had no room."""
        return self.kind in {"SQLITE_FULL", "ENOSPC", "EDQUOT"}


class StoreNewer(StoreError):
    """The database was written by a newer version of this program, which may be installed by now."""


class NoRoom(StoreError):
    """There is not enough free disk for a copy of the database."""


class IndexDamaged(StoreError):
    """A search index contradicts itself; articles and alerts are not concerned."""


class StoreDamaged(StoreError):
    """The database file is damaged or not ours; nothing was overwritten."""
