"""The ground that every stage stands on: time, the log, the store's thread, places to fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Clock(Protocol):
    """Time, handed to whoever needs it."""

    def now(self) -> datetime:
        """Wall time, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never step back."""

    async def sleep(self, seconds: float) -> None:
        """Wait without holding up anyone else."""


class Log(Protocol):
    """Constant event names with facts as fields."""

    def debug(self, event: str, **fields: object) -> object:
        """Of interest to those who look for something."""

    def info(self, event: str, **fields: object) -> object:
        """Something happened as it should."""

    def warning(self, event: str, **fields: object) -> object:
        """Something is not as it should be; the program copes."""

    def error(self, event: str, **fields: object) -> object:
        """A person must act."""


class OnStore(Protocol):
    """Runs a function on the one thread that owns the store's connection."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Wait for the function's turn and give its result.

        Raises:
            StoreError: the machine is in the way (disk, lock, permissions).
        """


class Failpoint(Protocol):
    """A named place where a test may kill, fail or hold up the process."""

    def __call__(self, name: str) -> None:
        """Do nothing, unless this place was named when the program was started."""
