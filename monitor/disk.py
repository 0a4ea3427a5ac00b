"""How much room a folder's disk has, and how little is too little."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LITTLE = 200 * 2**20  # bytes that are little on any disk
_SHARE, _MOST = 0.05, 2**30  # of the whole disk; but so many bytes are enough on the largest
_FILES = 1000  # that can still be made
_PAGES = 2**20  # bytes that a transaction of a few pages and its journal take
_AGAIN = 1.2  # times as much is enough again: at the edge nobody is told every minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Bytes and files, free and in all; `files` is 0 where the file system does not count them."""

    free: int
    total: int
    free_files: int
    files: int


def look_at(folder: Path) -> Disk:
    """Give the room where a folder is, or is to be.

    Raises:
        OSError: the disk cannot be asked.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    told = os.statvfs(there)
    return Disk(
        free=told.f_bavail * told.f_frsize,
        total=told.f_blocks * told.f_frsize,
        free_files=told.f_favail,
        files=told.f_files,
    )


def least(disk: Disk) -> int:
    """Give the bytes below which a disk is nearly full: a twentieth of it, 200 MiB at least and 1 GiB at most."""
    return max(LITTLE, min(round(disk.total * _SHARE), _MOST))


def is_low(disk: Disk) -> bool:
    """Tell whether it is nearly full, of bytes or of files."""
    return disk.free < least(disk) or has_few_files(disk)


def is_full(disk: Disk) -> bool:
    """Tell whether nothing can be written to it any more: no file can be made, or hardly a page of a database."""
    return disk.free < _PAGES or (disk.files > 0 and disk.free_files == 0)


def has_few_files(disk: Disk) -> bool:
    """Tell whether hardly any file can still be made, however many bytes are free."""
    return disk.files > 0 and disk.free_files < _FILES


def is_enough(disk: Disk) -> bool:
    """Tell whether one that was nearly full has room again."""
    return disk.free >= least(disk) * _AGAIN and (disk.files == 0 or disk.free_files >= _FILES * _AGAIN)


def size(number: float) -> str:
    """Give bytes for people."""
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:  # noqa: PLR2004 - the step between units
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"


def file_size(file: Path) -> int:
    """Give the bytes of a file; 0 where there is none: journals come and go."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
