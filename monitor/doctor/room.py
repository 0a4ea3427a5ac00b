"""Whether there is room for what will come: pure."""

from __future__ import annotations

from pathlib import Path

from monitor.disk import Disk, is_low, least, size
from monitor.model import Check, fine, wrong


def room(disk: Disk, data: Path) -> Check:
    """Give the check of a disk."""
    files = f", room for {disk.free_files} files" if disk.files else ""
    told = f"{size(disk.free)} of {size(disk.total)} free{files}"
    if not is_low(disk):
        return fine("disk", told)
    what = f"nearly full: {told}; {size(least(disk))} at least are wanted"
    return wrong("disk", what, f"make room, see: df -h {data}; df -i {data}; du -xh {data} | sort -h | tail")
