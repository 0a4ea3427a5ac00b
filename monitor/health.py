"""Whether a way out works, and how fast it may be used: pure."""

from __future__ import annotations

from collections import deque
from datetime import timedelta


class Rate:
    """At most so many messages in any minute."""

    def __init__(self, per_minute: int) -> None:
        """Allow `per_minute`."""
        self._sent: deque[float] = deque(maxlen=per_minute)

    def wait(self, now: float) -> float:
        """Give the seconds until the next message may go."""
        if len(self._sent) < (self._sent.maxlen or 1):
            return 0.0
        return max(0.0, self._sent[0] + 60.0 - now)

    def count(self, now: float) -> None:
        """Note that a message went."""
        self._sent.append(now)


class Circuit:
    """Open after a failure of the transport: then one probe now and then, and no message is touched."""

    def __init__(self) -> None:
        """Begin closed."""
        self._until = 0.0
        self.failing = False

    def blocked(self, now: float) -> bool:
        """Tell whether it is too early for a probe."""
        return now < self._until

    def open(self, now: float, wait: timedelta) -> bool:
        """Note a failure; True if it is the first one."""
        first = not self.failing
        self.failing = True
        self._until = now + wait.total_seconds()
        return first

    def close(self) -> bool:
        """Note that it works; True if it had failed before."""
        had_failed = self.failing
        self.failing = False
        self._until = 0.0
        return had_failed
