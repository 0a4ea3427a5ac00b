"""The stage that looks at the disk: the operator hears once that it is nearly full, and once that it is not."""

from __future__ import annotations

from collections.abc import Callable

from monitor.disk import Disk, is_enough, is_low, size
from monitor.model import Notice
from monitor.pipeline.operator import Operator
from monitor.protocols import Clock

CAUSE = "disk"


class Room:
    """Compares the disk of the data folder with what the operator was told."""

    def __init__(self, *, look: Callable[[], Disk], place: str, operator: Operator, clock: Clock) -> None:
        """Take what asks the disk, and the name of the folder on it."""
        self._look = look
        self._place = place
        self._operator = operator
        self._clock = clock

    async def tick(self) -> None:
        """Look, and tell what is new."""
        disk, now = self._look(), self._clock.now()
        if is_low(disk):
            await self._operator.tell([Notice(cause=CAUSE, text=_text(disk, self._place), at=now)])
        elif is_enough(disk) and await self._operator.open(CAUSE):
            over = f"The disk has room again: {size(disk.free)} free"
            await self._operator.relieve([Notice(cause=CAUSE, text=over, at=now)])


def _text(disk: Disk, place: str) -> str:
    left = f"{size(disk.free)} free" + (f", room for {disk.free_files} files" if disk.files else "")
    return (
        f"The disk is nearly full ({left})\n\nMake room where {place} is. When it is full, nothing is collected or"
        " sent; nothing is lost either, and the work goes on by itself within a minute once there is room."
        " `retention:` says how long things are kept; logs and backups are not in it."
    )
