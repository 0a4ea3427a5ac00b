"""Who may read and write our files: the data folder is its owner's alone, and so is every secret."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.model import Check, fine, noted, wrong

_OTHERS = 0o077
_WRITERS = 0o022
_MOST = 100_000  # files that are looked at; a data folder has some dozens, and a maildir that nobody empties some more


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file or folder: its mode and its owner's number."""

    path: Path
    mode: int
    owner: int


def permissions(data: Path, user: int) -> tuple[Check, ...]:
    """Give the checks of a data folder, for a user by number."""
    try:
        found = list(_entries(data))
    except OSError as error:
        return (
            wrong(
                "data folder", f"{data}: {error.strerror}", f"name one that you may use with --data, or: ls -ld {data}"
            ),
        )
    if not found:
        return (noted("data folder", f"there is none at {data} yet", "monitor run, or monitor collect"),)
    return (_owned(found, data, user), _private(found, data))


def configuration_file(file: Path, *, secret: bool) -> Check:
    """Give the check of config.yaml; `secret` tells whether a secret stands in it."""
    mode = _mode(file)
    if mode is None:
        return wrong("config.yaml", f"{file} cannot be looked at", f"ls -l {file}")
    if mode & _WRITERS:
        return wrong("config.yaml", f"others may change {file} ({mode:04o})", f"chmod go-w {file}")
    if secret and mode & _OTHERS:
        what = f"others may read {file} ({mode:04o}), and there is a secret in it"
        return wrong("config.yaml", what, f"chmod 600 {file}, or write ${{PING_URL}} instead")
    return fine("config.yaml", f"{file}, {mode:04o}" + ("" if secret else ", no secret in it"))


def secret_file(file: Path) -> Check:
    """Give the check of a file that holds a password."""
    mode = _mode(file)
    if mode is None:
        return wrong("password_file", f"{file} cannot be looked at", f"write the password into it; chmod 600 {file}")
    if mode & _OTHERS:
        return wrong("password_file", f"others may read {file} ({mode:04o})", f"chmod 600 {file}")
    return fine("password_file", f"{file}, {mode:04o}")


def mend(data: Path) -> int:
    """Take from others what they may do with files of the data folder; gives how many were changed."""
    changed = 0
    for entry in list(_entries(data)):
        if entry.mode & _OTHERS:
            try:
                entry.path.chmod(entry.mode & ~_OTHERS)
                changed += 1
            except OSError:
                continue  # another's: the check that follows says so
    return changed


def _owned(found: list[Entry], data: Path, user: int) -> Check:
    """Find what the daemon could not write: files that `sudo monitor collect` left behind, or all of them."""
    owner = found[0].owner
    others = [entry for entry in found if entry.owner != owner]
    if others:
        what = f"{len(others)} files belong to another user than the folder, such as {others[0].path}"
        return wrong("owner", what, f"sudo chown -R --reference={data} {data}")
    if user not in {owner, 0}:
        return wrong("owner", f"{data} belongs to another user than you are", f"sudo -u '#{owner}' monitor doctor")
    if user != owner:
        what = f"{data} belongs to another user than you are (root)"
        return noted("owner", what, f"run commands that write as that user: sudo -u '#{owner}' monitor …")
    return fine("owner", f"{data} and the {len(found) - 1} files and folders in it belong to you")


def _private(found: list[Entry], data: Path) -> Check:
    wide = [entry for entry in found if entry.mode & _OTHERS]
    if wide:
        what = f"others may use {len(wide)} of its files and folders, such as {wide[0].path} ({wide[0].mode:04o})"
        return wrong("permissions", what, f"monitor doctor --fix, or: chmod -R go= {data}")
    return fine("permissions", "files 0600, folders 0700 or less")


def _entries(folder: Path) -> Iterator[Entry]:
    """Give the folder and all that is in it; what links point to lies elsewhere and is not ours."""
    if not folder.exists():
        return
    told = folder.stat()
    yield Entry(path=folder, mode=stat.S_IMODE(told.st_mode), owner=told.st_uid)
    left = _MOST
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            entry = _entry(Path(path, name))
            if entry is not None:
                yield entry
            left -= 1
        if left <= 0:
            return


def _entry(path: Path) -> Entry | None:
    try:
        told = path.lstat()
    except OSError:
        return None  # gone meanwhile: the daemon may be at work
    return None if stat.S_ISLNK(told.st_mode) else Entry(path=path, mode=stat.S_IMODE(told.st_mode), owner=told.st_uid)


def _mode(file: Path) -> int | None:
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None
