"""The budget of visits: as many as `defaults.every` would take, shared out among the sources without an interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from monitor.model import Limits, Source, SourceKind
from monitor.polling.pace import least, share_out
from monitor.protocols import Clock, OnStore

SHARE_OUT = timedelta(minutes=10)  # how often it is done anew


class Budget:
    """Knows the pace of feeds, and that of crawls: a crawl costs more, so neither pays for the other."""

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        weights: Callable[[], Mapping[str, float | None]],
        on_store: OnStore,
        clock: Clock,
        limits: Limits,
    ) -> None:
        """Take the configured sources, and where to ask what each is worth."""
        self._weights = weights
        self._on_store = on_store
        self._clock = clock
        self._limits = limits
        self._adaptive: dict[SourceKind, list[Source]] = {}
        for source in sources:
            if not source.every_given:
                self._adaptive.setdefault(_purse(source), []).append(source)
        self._paces: dict[SourceKind, timedelta] = {}
        self._refreshed_at: float | None = None

    async def refresh(self) -> None:
        """Share out anew, now and then."""
        at = self._clock.monotonic()
        if self._refreshed_at is not None and at - self._refreshed_at < SHARE_OUT.total_seconds():
            return
        weights = await self._on_store(self._weights) if self._adaptive else {}
        self._refreshed_at = at
        for purse, sources in self._adaptive.items():
            known = [worth for one in sources if (worth := weights.get(one.name)) is not None]
            floor, cap = least(purse, self._limits), self._limits.cap
            self._paces[purse] = share_out(known, every=sources[0].every, floor=floor, cap=cap)

    def pace(self, source: Source) -> timedelta | None:
        """Give the pace of a source's kind; None for one that has an interval of its own."""
        return None if source.every_given else self._paces.get(_purse(source))


def _purse(source: Source) -> SourceKind:
    return SourceKind.FEED if source.kind is SourceKind.FEED else SourceKind.LISTING
