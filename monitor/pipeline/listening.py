"""The listening stage: sources that say nothing although they should, and pages that have lost their texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, tzinfo

from monitor.model import FullText, Notice, Source, SourceState
from monitor.pipeline.operator import Operator
from monitor.polling.condition import has_collapsed
from monitor.protocols import Clock, Conditions, OnStore
from monitor.text import minute

QUIET, THIN = "quiet:", "texts:"  # what the causes begin with; the source's name follows
EVERY = timedelta(hours=1)
_PAGES = 30


class Listening:
    """Tells the operator once when it happens, and once when it is over; what is found together is one mail."""

    def __init__(
        self,
        *,
        configured: Mapping[str, Source],
        conditions: Conditions,
        operator: Operator,
        on_store: OnStore,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """Take the stage's surroundings; `zone` is that of the times in mails."""
        self._configured = configured
        self._conditions = conditions
        self._operator = operator
        self._on_store = on_store
        self._clock = clock
        self._zone = zone
        self._next = clock.monotonic()

    async def tick(self) -> None:
        """Look once an hour."""
        at = self._clock.monotonic()
        if at < self._next:
            return
        self._next = at + EVERY.total_seconds()
        failing = {state.source for state in await self._on_store(self._conditions.failing)}
        quiet = {state.source: _silence(state, self._zone) for state in await self._on_store(self._conditions.quiet)}
        thin = dict.fromkeys(await self._weigh(), _THIN)
        over = {QUIET: "publishes again", THIN: "gives its pages' texts again"}
        begun, ended = [], []
        for prefix, found in ((QUIET, quiet), (THIN, thin)):
            told = {cause.removeprefix(prefix) for cause in await self._operator.open(prefix)}
            begun += [self._notice(prefix, name, text) for name, text in found.items() if self._is_new(name, told)]
            past = told - found.keys()
            ended += [
                self._notice(prefix, name, over[prefix]) for name in sorted(past & self._configured.keys() - failing)
            ]
            # One that fails in between has not published: its notice stays open, and is not told again afterwards.
            await self._operator.forget([f"{prefix}{name}" for name in past - self._configured.keys()])
        if begun:
            await self._operator.tell(begun)
        if ended:
            await self._operator.relieve(ended)

    async def _weigh(self) -> list[str]:
        """Give the sources whose pages have lost their texts, and write down since when."""
        known, found = await self._on_store(self._conditions.thin), []
        for name, source in self._configured.items():
            if source.full_text is FullText.NEVER:
                continue
            lengths = await self._on_store(self._conditions.text_lengths, name, _PAGES)
            thin = has_collapsed(lengths)
            if thin:
                found.append(name)
            if thin != (name in known):
                await self._on_store(self._conditions.set_thin, name, self._clock.now() if thin else None)
        return found

    def _is_new(self, name: str, told: set[str]) -> bool:
        return name in self._configured and name not in told

    def _notice(self, prefix: str, name: str, text: str) -> Notice:
        source = self._configured[name]
        return Notice(cause=f"{prefix}{name}", text=f"{name} ({source.outlet}) {text}", at=self._clock.now())


def _silence(state: SourceState, zone: tzinfo) -> str:
    since = minute(state.since, zone) if state.since else "it was added"
    return (
        f"has said nothing since {since}\n\nIt is read without fault, but for a source of its kind this is long."
        " Look at its site: the feed may have been left behind for another."
    )


_THIN = (
    "gives its pages without their texts\n\nThe newest pages have hardly any text, though those before had: a wall,"
    " a notice about cookies, or a new design. Look at one; `monitor sources test` shows what is read of it."
)
