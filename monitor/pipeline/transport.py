"""A way out, the channels that use it, and what the operator is told once it works again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from monitor.health import Circuit, Rate
from monitor.model import Notice
from monitor.protocols import Notifier
from monitor.text import reason


@dataclass(slots=True)
class Transport:
    """One way out and the channels that use it; `last_error` is why it failed last, empty where it never did.

    `untold` is the trouble that is still to be told, as the store was in the way.
    """

    name: str
    notifier: Notifier
    channels: tuple[str, ...]
    rate: Rate
    lease: timedelta
    circuit: Circuit = field(default_factory=Circuit)
    last_error: str = ""
    untold: Notice | None = None

    @property
    def cause(self) -> str:
        """What makes two notices about it the same."""
        return f"transport:{self.name}"


def mended(began: str, ended: str, *, first: str, last: str) -> str:
    """Give the notice that mail goes out again: from when to when it did not, to the minute, and why.

    `first` is why it failed at first, as `status` shows it, and `last` why at last; servers write into both.
    """
    when = f"from {began} to {ended}" if began != ended else f"at {began}, for less than a minute"
    why = "\n".join(dict.fromkeys(told for error in (first, last) if (told := reason(error))))
    return f"Mail could not be sent {when}\n\nThe reason:\n{why}\n\nIt can now. Nothing was lost: what waited goes out."
