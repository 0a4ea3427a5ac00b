"""Folders for their owner alone, and names that stay in them."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path, PurePosixPath

BARRED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})  # what another user, or another mount, may do
_LONGEST = 200  # bytes of a part; most file systems take 255, and a temporary file's name is longer
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, with mode 0700.

    `Path.mkdir(parents=True)` gives the mode to the last one only and leaves those above it open to others.

    Raises:
        NotADirectoryError: something that is no folder stands there. OSError: it cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True, mode=0o700)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def barred(place: Path, error: OSError, *, data: Path | None = None) -> str:
    """Say that this user may not read or write a place, and what helps; in the data folder, the user it belongs to."""
    told = f"{place}: {error.strerror or error}"
    ours = data is not None and place.absolute().is_relative_to(data.absolute())
    if error.errno == errno.EROFS:
        other = "folder with --data" if ours else "place"
        return f"{told}; mount it so that it can be written, or name another {other}"
    if not ours:
        return f"{told}; run this as a user that may, or name another place; see: ls -ld {place.parent} {place}"
    owner = _owner(place)
    if owner in {None, os.geteuid()}:
        return f"{told}; run this as the user that the daemon runs as, see: ls -ld {place}"
    return f"{told}; run this as the user that it belongs to: sudo -u '#{owner}' monitor …"


def keep_files_private() -> None:
    """Let every file that this process and its children make from now on be their owner's alone, libraries' too."""
    os.umask(0o077)


def inside(folder: Path, name: str) -> Path:
    """Give the path of something below a folder, by a name or relative path that a person or an outlet chose.

    Raises:
        ValueError: it would lie elsewhere, or cannot be a name: absolute, `..`, control or direction characters, a part
            that is too long for a file system.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith(("/", "~")) or ".." in parts or "\\" in name:
        raise ValueError(f"{name[:80]!r} leaves the folder")
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in name):
        raise ValueError(f"{name[:80]!r} has characters that nobody sees")
    if any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST for part in parts):
        raise ValueError(f"{name[:80]!r} is too long for a file's name")
    return folder.joinpath(*parts)


def _owner(place: Path) -> int | None:
    """Give the number of the user that a place belongs to, or else the folder that hides it."""
    for path in (place, *place.parents):
        try:
            return path.stat().st_uid
        except OSError:
            continue
    return None
