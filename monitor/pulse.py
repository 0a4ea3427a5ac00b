"""Who owes a sign of life: each part says by when it will have come on, and a watchdog asks who has not."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta


class Pulse:
    """Promises by name; a part that is late with its own is stuck, and not merely slow."""

    def __init__(self, monotonic: Callable[[], float], *, patience: timedelta = timedelta(minutes=1)) -> None:
        """Take a clock of seconds that never steps back.

        A part that waits for nobody but the machine comes on within `patience`, busy disk and all.
        """
        self._monotonic = monotonic
        self._due: dict[str, float] = {}
        self._pardoned = -math.inf
        self.patience = patience

    def promise(self, part: str, wait: timedelta = timedelta()) -> None:
        """Say that a part gives its next sign after such a wait; what it promised before is kept by this one."""
        self._due[part] = self._monotonic() + (wait + self.patience).total_seconds()

    def keep(self, part: str) -> None:
        """Say that a part owes nothing any more: what it waited for came."""
        self._due.pop(part, None)

    def pardon(self, span: timedelta) -> None:
        """Let nobody be late for so long: one long piece of work keeps them all waiting. Zero ends it."""
        self._pardoned = self._monotonic() + span.total_seconds()

    def rest(self) -> None:
        """Let nobody owe anything: what was promised ended in good order."""
        self._due.clear()

    def late(self) -> tuple[str, ...]:
        """Give the parts that broke their promise, by name."""
        now = self._monotonic()
        if now < self._pardoned:
            return ()
        return tuple(sorted(part for part, due in self._due.items() if due < now))
