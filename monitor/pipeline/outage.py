"""Whether it is our own line that is down: then no source is to blame, and all are asked again once it works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from monitor.line import Line
from monitor.model import Notice, SourceState
from monitor.pipeline.operator import Operator
from monitor.polling.condition import FAILURES, OVER, has_no_way_out, in_vain, is_cut_off
from monitor.protocols import Clock, Conditions, Log, OnStore
from monitor.text import minute

CAUSE = "outage"
PATIENCE = timedelta(minutes=30)  # shorter ones are nobody's concern
PROBE = timedelta(seconds=30)  # how often one source is asked, however rarely all are by now: the line may be back
# One or two servers say little of the line: it may well be theirs. They are asked ever more rarely, then as any that
# fail, and told like an address that is dead.
FEW_PATIENCE, FEW_PROBE, FEW_SHARE = OVER, timedelta(minutes=1), 4
FEW_DOWN = timedelta(days=7)  # after which it surely is: then pages use up their tries
_NEVER = datetime.min.replace(tzinfo=UTC)
EACH = timedelta(seconds=0.5)  # between two sources, when it works again and all are asked,
SPREAD = timedelta(minutes=5)  # over this time at most
SETTLED = SPREAD * 2  # without a source that could be read, but with servers that answer, until it is said to work


class Outage:
    """Tells the operator once when nothing can be reached, and once when it can."""

    def __init__(
        self,
        *,
        conditions: Conditions,
        operator: Operator,
        on_store: OnStore,
        servers: Mapping[str, str],
        line: Line,
        clock: Clock,
        log: Log,
        zone: tzinfo,
    ) -> None:
        """Take the stage's surroundings.

        `servers` names the server of each source that is configured, `line` is told how it is, `zone` is that of the
        times in mails.
        """
        self._servers = servers
        self._line = line
        self._conditions = conditions
        self._operator = operator
        self._on_store = on_store
        self._clock = clock
        self._log = log
        self._zone = zone
        self._down = False
        self._good: datetime | None = _NEVER  # when any source was read last, as it was while the line was down
        self._back: datetime | None = None  # since when it is back, as far as is known
        self._asked: dict[str, datetime] = {}  # when a source was asked whether the line is back

    async def tick(self, failing: Sequence[SourceState]) -> bool:
        """Tell whether the line is down, or has just come back and the sources are being asked anew."""
        now, last = self._clock.now(), await self._on_store(self._conditions.last_good_at)
        if is_cut_off(failing, last_good_at=last, servers=self._servers):
            since = last or min(state.failing_since or now for state in failing)
            if not self._down:
                self._log.warning("network_fails", since=since, sources=len(failing))
            self._down, self._good = True, last
            few, vain = len(set(self._servers.values())) < FAILURES, in_vain(failing, last_good_at=last)
            self._line.down = not few or now - since < FEW_DOWN
            if every := _pause(vain, now) if few else PROBE:
                await self._probe(vain, now, every)
            if now - since >= (FEW_PATIENCE if few else PATIENCE):
                text = _text(since, failing, self._zone, few=few)
                await self._operator.tell([Notice(cause=CAUSE, text=text, at=now)])
            return True
        self._line.down = False
        if not self._down and CAUSE not in await self._operator.open(CAUSE):
            return False
        if self._down or self._back is None:
            self._down, self._back = False, now
            self._asked.clear()
            self._log.info("network_works_again", last_good_at=last, asked_anew=len(failing))
            await self._ask_again(failing, now)
        # An error is an answer, too; but those that are asked anew may still be cut off, and that is no mail more.
        if last != self._good or now - self._back >= SETTLED:
            self._back = None
            over = "Sources can be reached again\n\nAll that could not are asked anew within minutes."
            await self._operator.relieve([Notice(cause=CAUSE, text=over, at=now)])
        return True

    async def _probe(self, vain: Sequence[SourceState], now: datetime, every: timedelta) -> None:
        """Let one source be asked, unless any was a moment ago; each in its turn, those worth most visits first.

        One whose host wants to be left alone is not visited, and must not be all that is waited for. What failed before
        cannot tell that the line is back.
        """
        asked = {state.source: max(filter(None, (state.last_visit_at, self._asked.get(state.source))), default=now)
                 for state in vain}  # fmt: skip # a table
        if all(now - at >= every for at in asked.values()):
            chosen = min(_able(vain), key=lambda state: (self._asked.get(state.source, _NEVER), -(state.weight or 0.0)))
            self._asked[chosen.source] = now
            await self._on_store(self._conditions.hurry, [chosen.source], now)

    async def _ask_again(self, failing: Sequence[SourceState], now: datetime) -> None:
        names = [state.source for state in failing if has_no_way_out(state)]
        for number, name in enumerate(names):
            await self._on_store(self._conditions.hurry, [name], now + min(EACH, SPREAD / len(names)) * number)


def _able(vain: Sequence[SourceState]) -> Sequence[SourceState]:
    """Give those that can tell: a robots.txt that could not be had is not asked for again within half an hour."""
    return [state for state in vain if not (state.last_error or "").startswith("robots_unreachable")] or vain


def _pause(vain: Sequence[SourceState], now: datetime) -> timedelta | None:
    """Give the time between two looks at one of a few sources; None once they are asked as any that fail."""
    lasting = now - max(state.failing_since or now for state in vain)
    return max(FEW_PROBE, lasting / FEW_SHARE) if lasting < FEW_PATIENCE else None


def _text(since: datetime, failing: Sequence[SourceState], zone: tzinfo, *, few: bool) -> str:
    first = f"No source can be reached since {minute(since, zone)}; is the network up?"
    errors = sorted({state.last_error or "" for state in failing})
    told = "\n".join(errors[:3])
    if few:
        return f"{first}\n\n{told}\nIf it is, their own server is down; it is asked again as any that fails."
    return f"{first}\n\n{told}\n{len(failing)} sources fail; one is asked twice a minute, and all when it answers."
