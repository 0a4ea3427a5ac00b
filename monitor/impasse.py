"""What the log says while the store is in the way: each trouble now and then, and once that it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from monitor.errors import StoreError
from monitor.protocols import Log

AGAIN = timedelta(minutes=10)  # between two lines of the same trouble
QUIET = timedelta(seconds=40)  # without any, until it is over: what could not be stored is tried again after 30 s


@dataclass(slots=True)
class _Said:
    """When a trouble was said last, and how often it was met since."""

    at: float
    left_out: int = 0


class Impasse:
    """Hears each time that the store is in the way, from every part, and says what is worth a line."""

    def __init__(self, *, monotonic: Callable[[], float], writes: Callable[[], int], log: Log) -> None:
        """Take a clock of seconds that never steps back, and what tells how often something was written."""
        self._monotonic = monotonic
        self._writes = writes
        self._log = log
        self._said: dict[tuple[str, str], _Said] = {}
        self._stuck: set[str] = set()
        self._began: float | None = None
        self._met = 0.0
        self._written = 0  # when it was met last

    def met(self, event: str, error: StoreError, *, part: str | None = None, **fields: object) -> None:
        """Note that the store was in the way; `part` comes round again, and it is not over before it has come through.

        The line is an `event` with the error, these fields, and how many of the same were `left_out` before it.
        """
        now, key = self._monotonic(), (event, error.kind)
        self._began, self._met = now if self._began is None else self._began, now
        self._written = self._writes()
        if part is not None:
            self._stuck.add(part)
        said = self._said.get(key)
        if said is not None and now - said.at < AGAIN.total_seconds():
            said.left_out += 1
            return
        left = {"left_out": said.left_out} if said is not None and said.left_out else {}
        self._said[key] = _Said(now)
        self._log.error(event, **fields, error=str(error), **left)

    def passed(self, part: str) -> None:
        """Note that a part came through, and say that all is over where nobody has met anything for a while.

        A part may have come through with nothing to do, so that something must have been written since, too.
        """
        self._stuck.discard(part)
        if self._began is None or self._stuck or self._monotonic() - self._met < QUIET.total_seconds():
            return
        if self._writes() == self._written:
            return
        left_out = sum(said.left_out for said in self._said.values())
        self._log.info("store_works_again", seconds=round(self._met - self._began), left_out=left_out)
        self._said.clear()
        self._began = None
