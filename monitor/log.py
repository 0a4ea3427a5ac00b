"""Log lines: constant events with facts as fields, and never a secret (structlog's door)."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

import structlog

from monitor.protocols import Log
from monitor.redact import Redaction

_QUERY = re.compile(r"(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*")
# Without the values of variables: they are cut to a length before anybody could take a secret out of them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
_USERINFO = re.compile(r"(https?://)[^\s/@]+@")

# APScheduler's word, each second, that a tick still runs. It may; of a stuck one the watchdog tells.
_SCHEDULER, _OVERLAP = "apscheduler.scheduler", 'Execution of job "%s" skipped: maximum number of running instances'


class Stream(Protocol):
    """Where log lines go."""

    def write(self, text: str, /) -> int:
        """Write text."""

    def flush(self) -> None:
        """Send on what was written."""


class LogFile:
    """A stream onto a file that is opened for each line: whoever moves, truncates or removes it is followed at once."""

    def __init__(self, path: Path) -> None:
        """Take the file, which is made where needed, for its owner alone.

        Raises:
            OSError: it cannot be written.
        """
        self._path = path
        os.close(self._open())

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, text: str) -> int:
        """Append text in one piece."""
        number = self._open()
        try:
            return os.write(number, text.encode("utf-8", "backslashreplace"))
        finally:
            os.close(number)

    def flush(self) -> None:
        """Do nothing: what was written is with the system already."""


class Clean:
    """Takes secrets, and the query part of addresses, out of every field; a structlog processor."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take what must never be seen."""
        self._redact = Redaction(secrets)

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """Clean every field."""
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        """Clean strings wherever they are nested; numbers and None pass, times become UTC as everywhere in the log."""
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean(item) for item in value]
        if isinstance(value, dict):
            return {key: self._clean(item) for key, item in value.items()}
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return _USERINFO.sub(r"\1", _QUERY.sub(r"\1?…", self._redact(str(value))))


def make_log(stream: Stream, *, human: bool, debug: bool = False, secrets: Iterable[str] = ()) -> Log:
    """Give a log that writes to a stream: lines for people, coloured on a terminal, JSON Lines otherwise.

    Libraries' own warnings go through the same door, so that nothing escapes the redaction.
    """
    for_people = structlog.dev.ConsoleRenderer(colors=_is_terminal(stream))
    last = for_people if human else structlog.processors.JSONRenderer(ensure_ascii=False)
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if human else _TRACEBACKS,
        Clean(secrets),
        last,
    ]
    level = logging.DEBUG if debug else logging.INFO
    log = structlog.wrap_logger(
        _Lines(stream),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    _adopt_library_warnings(cast("Log", log))
    return cast("Log", log)


def _is_terminal(stream: Stream) -> bool:
    ask = getattr(stream, "isatty", None)
    return bool(ask and ask())


class _Lines:
    """Writes whole lines; a closed or full stream loses a line, never the program (case 79)."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def msg(self, line: str) -> None:
        """Write one line."""
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                return

    debug = info = warning = error = msg


class _Foreign(logging.Handler):
    """Passes what libraries log on to our log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on under a constant event name."""
        if record.name == _SCHEDULER and str(record.msg).startswith(_OVERLAP):
            return
        self._log.warning("library", name=record.name, message=record.getMessage())


def _adopt_library_warnings(log: Log) -> None:
    """Make our log the only receiver of what libraries say."""
    logging.basicConfig(handlers=[_Foreign(log)], level=logging.WARNING, force=True)
