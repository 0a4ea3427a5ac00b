"""How a source publishes, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

HOURS = 24
WEEKDAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What was counted of a source up to `at`; the older an article is, the less it counts.

    `articles` came in `days`, and `lately` of them in the last hours; `burst` is the most that `lately` was, and
    fades like the rest. `hours` and `weekdays` tell when they came (UTC, Monday first). `last_at` is when the newest
    one came, None where none is known; `silence` is the longest time without any, in articles that were to be expected
    meanwhile. `window` is how many entries the source shows at once.
    """

    at: datetime
    articles: float = 0.0
    days: float = 0.0
    lately: float = 0.0
    burst: float = 0.0
    hours: tuple[float, ...] = (0.0,) * HOURS
    weekdays: tuple[float, ...] = (0.0,) * WEEKDAYS
    last_at: datetime | None = None
    silence: float = 0.0
    window: int = 0
