"""What collecting is doing and has done, counted for whoever watches."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Activity:
    """What collecting is doing and has done since the start, for the status line and `collect`."""

    running: set[str] = field(default_factory=set)
    visits: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    articles: int = 0
    alerts: int = 0
