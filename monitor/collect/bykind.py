"""Each kind of source has its collector."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.model import Collected, Source, SourceKind, SourceState
from monitor.protocols import Collector


class ByKind:
    """`protocols.Collector` that passes a source on to the one for its kind."""

    def __init__(self, collectors: Mapping[SourceKind, Collector]) -> None:
        """Take a collector for each kind."""
        self._collectors = collectors

    async def collect(self, source: Source, state: SourceState) -> Collected:
        """Visit a source in the way of its kind."""
        return await self._collectors[source.kind].collect(source, state)
