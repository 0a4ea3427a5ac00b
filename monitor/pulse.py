"""Who owes a sign of life: each part says by when it will have come on, and a watchdog asks who has not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

PATIENCE = timedelta(seconds=60)  # a part that waits for nobody but the machine comes on within this, busy disk and all


class Pulse:
    """Promises by name; a part that is late with its own is stuck, and not merely slow."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Take a clock of seconds that never steps back."""
        self._monotonic = monotonic
        self._due: dict[str, float] = {}

    def promise(self, part: str, within: timedelta = PATIENCE) -> None:
        """Say that a part gives its next sign within so long; what it promised before is kept by this one."""
        self._due[part] = self._monotonic() + within.total_seconds()

    def rest(self) -> None:
        """Let nobody owe anything: what was promised ended in good order."""
        self._due.clear()

    def late(self) -> tuple[str, ...]:
        """Give the parts that broke their promise, by name."""
        now = self._monotonic()
        return tuple(sorted(part for part, due in self._due.items() if due < now))
