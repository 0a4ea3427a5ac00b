"""Versions of an article, as they are told to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an article said from `seen_at` (None: not known) until `replaced_at` (None: it says so now)."""

    article_id: int
    number: int
    seen_at: datetime | None
    replaced_at: datetime | None
    title: str
    summary: str
    text: str
