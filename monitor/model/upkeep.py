"""How the database is kept: copies of it, and what was found when it was looked through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """How often the daemon copies the database (None: never), and how many copies it keeps."""

    every: timedelta | None = timedelta(days=1)
    keep: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy of the database that was checked: where, its bytes, its articles, and the older copies that made room."""

    path: Path
    size: int
    articles: int
    dropped: tuple[Path, ...] = ()


class FindingState(StrEnum):
    """What a check came to."""

    OK = "ok"
    NOTE = "note"  # as it may be; worth knowing
    WRONG = "wrong"  # what is stored contradicts itself
    DAMAGED = "damaged"  # the file cannot be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check of the database found: in words, with what helps; both empty where all is well."""

    check: str
    state: FindingState = FindingState.OK
    what: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLook:
    """The database's files at a glance: bytes of the write-ahead log, and whether either was taken away while open."""

    wal: int = 0
    moved: bool = False
    wal_gone: bool = False
