"""The stage that looks at the disk: the operator hears once that it is nearly full, and once that it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from monitor.disk import Disk, has_few_files, is_enough, is_full, is_low, size
from monitor.errors import StoreError
from monitor.model import Notice
from monitor.pipeline.operator import Operator
from monitor.protocols import Clock
from monitor.text import minute

CAUSE = "disk"


class Room:
    """Compares the disk of the data folder with what the operator was told."""

    def __init__(self, *, look: Callable[[], Disk], place: str, operator: Operator, clock: Clock, zone: tzinfo) -> None:
        """Take what asks the disk, the name of the folder on it, and the zone of the times in mails."""
        self._look = look
        self._place = place
        self._operator = operator
        self._clock = clock
        self._zone = zone
        self._untold: datetime | None = None  # since when there is no room for the notice itself

    async def tick(self) -> None:
        """Look, and tell what is new; what cannot be told for want of room is told once there is some.

        Raises:
            StoreError: it could not be told.
        """
        disk, now = self._look(), self._clock.now()
        if is_low(disk):
            await self._tell_low(disk, now)
        else:
            await self._tell_over(disk, now)

    async def _tell_low(self, disk: Disk, now: datetime) -> None:
        text = f"The disk is nearly full ({_left(disk)})\n\n{self._past(now)}{_advice(self._place)}"
        try:
            await self._operator.tell([Notice(cause=CAUSE, text=text, at=now)])
        except StoreError as error:
            if error.is_of_room or is_full(disk):  # a lock, which anybody may hold, does not make it full
                self._untold = self._untold or now
            raise
        self._untold = None

    async def _tell_over(self, disk: Disk, now: datetime) -> None:
        if await self._operator.open(CAUSE):
            if is_enough(disk):
                over = f"The disk has room again: {size(disk.free)} free"
                await self._operator.relieve([Notice(cause=CAUSE, text=over, at=now)])
        elif self._untold is not None:
            # Over before it could be told: one mail says both, and a kill before the second line sends one more.
            await self._operator.tell([Notice(cause=CAUSE, text=f"{self._past(now)}{_AFTER}", at=now)])
            await self._operator.forget([CAUSE])
        else:
            return
        self._untold = None

    def _past(self, now: datetime) -> str:
        """Give the paragraph on a time without room for any word of it; nothing where there was none."""
        if self._untold is None:
            return ""
        return f"The disk was full from {minute(self._untold, self._zone)} to {minute(now, self._zone)}\n\n"


def _left(disk: Disk) -> str:
    return f"{size(disk.free)} free" + (f", room for {disk.free_files} files" if has_few_files(disk) else "")


def _advice(place: str) -> str:
    return (
        f"Make room where {place} is. When it is full, nothing is collected or"
        " sent; nothing is lost either, and the work goes on by itself within a minute once there is room."
        " `retention:` says how long things are kept; logs and backups are not in it."
    )


_AFTER = (
    "There was no room even for this notice. Nothing was collected or sent meanwhile, nothing is lost, and the work"
    " goes on. `monitor doctor` says how much room there is."
)
