"""The store's face for hosts: who wants to be left alone, what robots.txt said, what a site repeats on its pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice

from monitor.model import Block, Host, RobotsFile, Sighting, Site
from monitor.store.base import Base
from monitor.store.rows import Row, marks, moment, read, written

_CLEARED_EVERY = 100  # pages
_FEW = 3
_SAMPLE = 200
_MOST = 2000  # paragraphs of one page that are looked at


class HostRows(Base):
    """`protocols.Hosts` and `protocols.Sites` on SQLite."""

    def hosts(self, names: Collection[str]) -> dict[str, Host]:
        """Give what is known of these hosts."""
        wanted = list(names)
        rows = self._rows(
            "SELECT host, paused_until, robots, robots_at, robots_status FROM hosts"
            f" WHERE host IN ({marks(len(wanted))})",
            wanted,
        )
        return {row[0]: Host(name=row[0], paused_until=read(row[1]), robots=_robots(row)) for row in rows}

    def paused_hosts(self, *, now: datetime) -> dict[str, datetime]:
        """Give the hosts that are to be left alone, each with the end of its pause."""
        rows = self._rows("SELECT host, paused_until FROM hosts WHERE paused_until > ?", [written(now)])
        return {row[0]: moment(row[1]) for row in rows}

    def pause_host(self, name: str, until: datetime) -> None:
        """Leave a host alone until then; a pause is never shortened."""
        with self.transaction():
            self._run(
                "INSERT INTO hosts (host, paused_until) VALUES (?, ?) ON CONFLICT (host) DO UPDATE"
                " SET paused_until = max(coalesce(paused_until, ''), excluded.paused_until)",
                [name, written(until)],
            )

    def keep_robots(self, name: str, file: RobotsFile) -> None:
        """Remember a robots.txt."""
        with self.transaction():
            self._run(
                "INSERT INTO hosts (host, robots, robots_at, robots_status) VALUES (?, ?, ?, ?) ON CONFLICT (host)"
                " DO UPDATE SET robots = excluded.robots, robots_at = excluded.robots_at,"
                " robots_status = excluded.robots_status",
                [name, file.body, written(file.read_at), file.status],
            )

    def site(self, host: str, language: str, fingerprints: Collection[str]) -> Site:
        """Give how many pages of a site were read in a language, and what was counted of these paragraphs."""
        rows = self._rows("SELECT pages, last FROM sites WHERE host = ? AND language = ?", [host, language])
        wanted = list(fingerprints)[:_MOST]
        blocks = self._rows(
            "SELECT fingerprint, pages, off, apart, since FROM blocks"
            f" WHERE host = ? AND language = ? AND fingerprint IN ({marks(len(wanted))})",
            [host, language, *wanted],
        )
        return Site(
            pages=rows[0][0] if rows else 0,
            blocks={row[0]: Block(pages=row[1], off=row[2], apart=row[3], since=row[4]) for row in blocks},
            last=frozenset(json.loads(rows[0][1])) if rows else frozenset(),
        )

    def count_page(self, host: str, language: str, seen: Mapping[str, Sighting], shown: Collection[str]) -> None:
        """Count a page that was read, and the blocks that stood on it, by fingerprint; `shown` is all that it shows."""
        with self.transaction():
            row = self._run(
                "INSERT INTO sites (host, language, pages, last) VALUES (?, ?, 1, ?) ON CONFLICT (host, language)"
                " DO UPDATE SET pages = pages + 1, last = excluded.last RETURNING pages",
                [host, language, json.dumps(list(shown)[:_MOST])],
            ).fetchone()
            self._forget_single_blocks(host, language, row[0])
            self._many(
                "INSERT INTO blocks (host, language, fingerprint, pages, off, apart, since, sample, letters)"
                " VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT (host, language, fingerprint) DO UPDATE"
                " SET pages = pages + 1, off = off + excluded.off,"
                " apart = apart + (excluded.apart AND letters = excluded.letters)",
                [
                    (host, language, key, one.off, one.apart, row[0] - 1, one.text[:_SAMPLE], _letters(one.text))
                    for key, one in islice(seen.items(), _MOST)
                ],
            )

    def _forget_single_blocks(self, host: str, language: str, pages: int) -> None:
        """Forget what never became a block of the site: most paragraphs stand on one page."""
        if pages % _CLEARED_EVERY == 0:
            self._run(
                "DELETE FROM blocks WHERE host = ? AND language = ? AND pages < ? AND since < ?",
                [host, language, _FEW, pages - _CLEARED_EVERY],
            )


def _letters(text: str) -> str:
    """Give what tells a paragraph from one that differs in a figure, or in anything else."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _robots(row: Row) -> RobotsFile | None:
    read_at = read(row[3])
    return RobotsFile(status=row[4], body=row[2] or "", read_at=read_at) if read_at else None
