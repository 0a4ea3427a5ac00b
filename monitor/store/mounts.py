"""On which file system a path lies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
# Their locks and shared memory do not reach other machines, or not reliably: WAL must not be used on them.
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "davfs", "fuse.davfs2", "fuse.rclone"})  # fmt: skip # a set


def network_file_system(path: Path) -> str | None:
    """Name the network file system that a path lies on; None where it is a disk of this machine, or nobody can tell."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        return None
    kind = kind_of(path.resolve(), lines)
    return kind if kind in _NETWORK else None


def kind_of(path: Path, mounts: Iterable[str]) -> str | None:
    """Give the file system's kind from lines as in /proc/self/mountinfo (proc(5)): the longest mount point counts."""
    best, kind = -1, None
    for line in mounts:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:  # noqa: PLR2004 - the fifth is the mount point
            continue
        point = Path(fields[4].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind
