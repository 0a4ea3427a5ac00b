"""The watching stage: which sources fail for so long that the operator must know, and which work again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from monitor.model import Notice, Source
from monitor.pipeline.operator import Operator
from monitor.pipeline.outage import Outage
from monitor.polling.trouble import CAUSE, Trouble, recovery, trouble
from monitor.protocols import Clock, Conditions, OnStore

TOGETHER = timedelta(hours=1)  # what is told within it is one mail


class Watching:
    """Compares what is remembered of sources with what the operator was told: the next tick makes up for a lost one."""

    def __init__(
        self,
        *,
        configured: Mapping[str, Source],
        conditions: Conditions,
        operator: Operator,
        outage: Outage,
        on_store: OnStore,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """Take the stage's surroundings; `zone` is that of the times in mails."""
        self._configured = configured
        self._conditions = conditions
        self._operator = operator
        self._outage = outage
        self._on_store = on_store
        self._clock = clock
        self._zone = zone
        self._worse, self._better = _Pause(), _Pause()

    async def tick(self) -> None:
        """Tell of sources that have begun to fail for good, and of those that work again."""
        failing = {state.source: state for state in await self._on_store(self._conditions.failing)}
        if await self._outage.tick(tuple(failing.values())):
            self._worse.begin(self._clock.monotonic())  # time for the sources to be asked anew
            return
        told = await self._operator.open(CAUSE)
        found = [
            trouble(self._configured[name], state, zone=self._zone)
            for name, state in failing.items()
            if name in self._configured
        ]
        new = [item for item in found if item is not None and item.cause not in told]
        if new and self._worse.begin(self._clock.monotonic()):
            await self._operator.tell(self._notices(new))
        past = {cause.removeprefix(CAUSE) for cause in told} - failing.keys()
        well = [recovery(self._configured[name]) for name in sorted(past & self._configured.keys())]
        if well and self._better.begin(self._clock.monotonic()):
            await self._operator.relieve(self._notices(well))
        await self._operator.forget([f"{CAUSE}{name}" for name in past - self._configured.keys()])

    def _notices(self, troubles: Sequence[Trouble]) -> list[Notice]:
        now = self._clock.now()
        return [Notice(cause=item.cause, text=item.text, at=now) for item in troubles]


@dataclass(slots=True)
class _Pause:
    """Between two mails of one kind: when a line is down, what fails within it is one mail."""

    until: float = 0.0

    def begin(self, now: float) -> bool:
        """Begin one, unless the last is not over."""
        if now < self.until:
            return False
        self.until = now + TOGETHER.total_seconds()
        return True
