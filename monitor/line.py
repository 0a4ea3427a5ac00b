"""How our own line to the network is: one stage finds out, others judge by it what they meet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """`down` while no server of any source can be reached."""

    down: bool = False
