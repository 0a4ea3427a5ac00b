"""Each kind of source has its collector."""

from __future__ import annotations

from monitor.model import Collected, Source, SourceKind, SourceState
from monitor.protocols import Collector


class ByKind:
    """`protocols.Collector` that passes a source on to the one for its kind."""

    def __init__(self, *, feeds: Collector, crawls: Collector) -> None:
        """Take who reads feeds, and who sends spiders to all others."""
        self._feeds = feeds
        self._crawls = crawls

    async def collect(self, source: Source, state: SourceState) -> Collected:
        """Visit a source in the way of its kind."""
        collector = self._feeds if source.kind is SourceKind.FEED else self._crawls
        return await collector.collect(source, state)
