"""Named places where a test may end, break or hold up the process; they do nothing unless asked for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field


class FailpointReached(RuntimeError):
    """Raised at a place that was asked to fail."""


def nowhere(name: str) -> None:
    """Pass every place untouched."""


@dataclass(slots=True)
class Failpoints:
    """Places from a specification such as `after_250`, `before_commit:3` (the third pass), `after_mail=raise`.

    The action after `=` is kill (SIGKILL, the default), raise, or a number of seconds to sleep.
    """

    places: Mapping[str, tuple[int, str]]
    passes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Failpoints:
        """Read a comma-separated specification.

        Raises:
            ValueError: a count or an action cannot be read.
        """
        places = {}
        for item in filter(None, (part.strip() for part in text.split(","))):
            place, _, action = item.partition("=")
            name, _, count = place.partition(":")
            if action not in {"", "kill", "raise"}:
                float(action)
            places[name] = (int(count or 1), action or "kill")
        return cls(places)

    def __call__(self, name: str) -> None:
        """Act if this is the place, and the pass, that was asked for."""
        if name not in self.places:
            return
        count, action = self.places[name]
        self.passes[name] = self.passes.get(name, 0) + 1
        if self.passes[name] != count:
            return
        if action == "raise":
            raise FailpointReached(name)
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(float(action))
