"""The safekeeping stage: a copy of the database a day."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

from monitor.errors import StoreDamaged, StoreError
from monitor.model import BackupPlan, Notice
from monitor.pipeline.operator import Operator
from monitor.protocols import Backups, Clock, Log, OnStore

CAUSE = "backup"
FIRST = timedelta(minutes=1)  # a start is quick, and a daemon that dies at once makes no copies
AGAIN = timedelta(hours=1)  # after a copy that failed


class Safekeeping:
    """Makes a copy when the newest is old enough; the operator hears once when that fails, and once when it is over.

    When the next is due is read from the copies themselves, so that a restart makes none.
    """

    def __init__(
        self,
        *,
        plan: BackupPlan,
        backups: Backups,
        aside: OnStore,
        operator: Operator,
        damaged: Callable[[], None],
        clock: Clock,
        log: Log,
    ) -> None:
        """Take the plan, the copies, a thread beside the store's (`aside`), and whom to tell of damage (`damaged`)."""
        self._plan = plan
        self._backups = backups
        self._aside = aside
        self._operator = operator
        self._clock = clock
        self._damaged = damaged
        self._log = log
        self._next = clock.monotonic() + min(FIRST, plan.every or FIRST).total_seconds()
        self._suspected = False

    @property
    def every(self) -> timedelta:
        """How often it is worth to look."""
        return self._plan.every or FIRST

    async def tick(self) -> None:
        """Make a copy if one is due."""
        if self._clock.monotonic() < self._next:
            return
        if self._plan.every is None:
            self._next = math.inf
            await self._operator.forget([CAUSE])  # of copies that nobody wants any more
            return
        now = self._clock.now()
        newest = await self._aside(self._backups.newest_at)
        # One that lies ahead is as good: the clock was set back. One that lies far ahead is of a clock that was wrong.
        if newest is not None and abs(now - newest) < self._plan.every:
            await self._relieve("there is a new one, made by hand")
            return
        try:
            made = await self._aside(self._backups.make, now=now, plan=self._plan)
        except StoreError as error:
            self._next = self._clock.monotonic() + min(AGAIN, self._plan.every).total_seconds()
            self._log.error("backup_failed", error=str(error))
            if isinstance(error, StoreDamaged) and not self._suspected:
                self._suspected = True
                self._damaged()  # the look through it all ends the daemon, and tells why; met again, it found nothing
                return
            await self._operator.tell([self._notice(f"No backup of the database could be made\n\n{error}\n\n{_HELP}")])
            return
        self._log.info(
            "backup_made", path=str(made.path), bytes=made.size, articles=made.articles, dropped=len(made.dropped)
        )
        self._next = self._clock.monotonic() + self._plan.every.total_seconds()  # whatever the clock says meanwhile
        self._suspected = False
        await self._relieve(str(made.path))

    async def _relieve(self, told: str) -> None:
        if CAUSE in await self._operator.open(CAUSE):
            await self._operator.relieve([self._notice(f"A backup of the database was made again\n\n{told}")])

    def _notice(self, text: str) -> Notice:
        return Notice(cause=CAUSE, text=text, at=self._clock.now())


_HELP = (
    "It is tried again every hour, and you hear when it works. Older backups were kept. `monitor db backup` tries it at"
    " once; `backup:` in config.yaml says how often, and how many are kept."
)
