"""The store's face for hosts: who wants to be left alone, what robots.txt said, what a site repeats on its pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from monitor.model import Block, Host, RobotsFile, Site
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

    def site(self, host: str, fingerprints: Collection[str]) -> Site:
        """Give how many pages of a site were read, and what was counted of these paragraphs."""
        pages = self._rows("SELECT pages FROM hosts WHERE host = ?", [host])
        wanted = list(fingerprints)[:_MOST]
        blocks = self._rows(
            f"SELECT fingerprint, pages, since FROM blocks WHERE host = ? AND fingerprint IN ({marks(len(wanted))})",
            [host, *wanted],
        )
        return Site(
            pages=pages[0][0] if pages else 0,
            blocks={row[0]: Block(pages=row[1], since=row[2]) for row in blocks},
        )

    def count_page(self, host: str, blocks: Mapping[str, str]) -> None:
        """Count a page that was read, and the blocks that stood on it: fingerprints with a sample of their text."""
        with self.transaction():
            row = self._run(
                "INSERT INTO hosts (host, pages) VALUES (?, 1) ON CONFLICT (host) DO UPDATE SET pages = pages + 1"
                " RETURNING pages",
                [host],
            ).fetchone()
            self._forget_single_blocks(host, row[0])
            self._many(
                "INSERT INTO blocks (host, fingerprint, pages, since, sample) VALUES (?, ?, 1, ?, ?)"
                " ON CONFLICT (host, fingerprint) DO UPDATE SET pages = pages + 1",
                [(host, fingerprint, row[0] - 1, sample[:_SAMPLE]) for fingerprint, sample in blocks.items()],
            )

    def _forget_single_blocks(self, host: str, pages: int) -> None:
        """Forget what never became a block of the site: most paragraphs stand on one page."""
        if pages % _CLEARED_EVERY == 0:
            self._run(
                "DELETE FROM blocks WHERE host = ? AND pages < ? AND since < ?",
                [host, _FEW, pages - _CLEARED_EVERY],
            )


def _robots(row: Row) -> RobotsFile | None:
    read_at = read(row[3])
    return RobotsFile(status=row[4], body=row[2] or "", read_at=read_at) if read_at else None
