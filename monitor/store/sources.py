"""The store's face for collecting."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import Settled, Source, SourceKind, SourceState, Visit
from monitor.store.base import Base
from monitor.store.rows import marks, read, written
from monitor.store.states import SETTLE, STATE_COLUMNS, settled_row, state_of

_JOINED = "source_state JOIN sources ON sources.name = source_state.source"


class SourceRows(Base):
    """`protocols.Sources` on SQLite."""

    def sync(self, sources: Sequence[Source], *, now: datetime, first_due: Mapping[str, datetime]) -> None:
        """Make the known sources those of the configuration."""
        with self.transaction():
            known = dict(self._rows("SELECT name, url FROM sources"))
            for source in sources:
                if source.name not in known:
                    self._add(source, now, first_due[source.name])
                else:
                    self._update(source)
                    if known[source.name] != source.url:
                        self._edited(source, known[source.name], now)
            names = [source.name for source in sources]
            self._run(
                f"UPDATE sources SET removed_at = ? WHERE removed_at IS NULL AND name NOT IN ({marks(len(names))})",
                [written(now), *names],
            )

    def _add(self, source: Source, now: datetime, due_at: datetime) -> None:
        self._run(
            "INSERT INTO sources (name, outlet, kind, url, language, country, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [source.name, source.outlet, source.kind, source.url, source.language, source.country, written(now)],
        )
        self._run("INSERT INTO source_state (source, due_at) VALUES (?, ?)", [source.name, written(due_at)])

    def _update(self, source: Source) -> None:
        self._run(
            "UPDATE sources SET outlet = ?, kind = ?, url = ?, language = ?, country = ?, removed_at = NULL WHERE name = ?",
            [source.outlet, source.kind, source.url, source.language, source.country, source.name],
        )

    def _edited(self, source: Source, before: str, now: datetime) -> None:
        """Begin anew at an address that a person wrote: it never gave us these validators, and where another moved to is past."""
        self._run(
            "INSERT INTO addresses (source, url, left_at, became, reason) VALUES (?, ?, ?, ?, 'edited')",
            [source.name, before, written(now), source.url],
        )
        self._run(
            "UPDATE source_state SET etag = NULL, last_modified = NULL, body_hash = NULL, address = NULL, move = NULL,"
            " hints = NULL, due_at = ? WHERE source = ?",
            [written(now), source.name],
        )

    def claim(
        self,
        *,
        now: datetime,
        limit: int,
        lease: timedelta,
        only: Collection[str] | None = None,
        kinds: Collection[SourceKind] = tuple(SourceKind),
    ) -> tuple[SourceState, ...]:
        """Take due sources of these kinds that nobody holds, oldest first."""
        names = list(only or ())
        wanted = f"source IN ({marks(len(names))})" if only is not None else "due_at <= ?"
        values = names if only is not None else [written(now)]
        with self.transaction():
            rows = self._rows(
                f"SELECT {STATE_COLUMNS} FROM {_JOINED} WHERE {wanted} AND removed_at IS NULL"
                f" AND kind IN ({marks(len(kinds))}) AND (lease_until IS NULL OR lease_until <= ?) ORDER BY due_at, source LIMIT ?",
                [*values, *kinds, written(now), limit],
            )
            self._many(
                "UPDATE source_state SET lease_owner = ?, lease_until = ? WHERE source = ?",
                [(self._owner_text, written(now + lease), row[0]) for row in rows],
            )
        return tuple(map(state_of, rows))

    def settle(self, settled: Sequence[Settled]) -> None:
        """Write visits, replace states, give leases back."""
        with self.transaction():
            self._many(
                "INSERT INTO visits (source, started_at, finished_at, outcome, status, size, entries, new_articles,"
                " revisions, flood, error, detail, gap) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_visit_row(item.visit) for item in settled],
            )
            self._leave_addresses(settled)
            self._many(SETTLE, [settled_row(item) for item in settled])

    def _leave_addresses(self, settled: Sequence[Settled]) -> None:
        """Keep the addresses that sources have left with this visit, because they have moved for good."""
        for item in settled:
            if item.visit.moved_to is not None and item.visit.moved_to == item.state.address:
                self._run(
                    "INSERT INTO addresses (source, url, left_at, became, reason) SELECT source, coalesce(address, url), ?, ?,"
                    f" 'moved' FROM {_JOINED} WHERE source = ?",
                    [written(item.visit.finished_at), item.state.address, item.state.source],
                )

    def states(self) -> tuple[SourceState, ...]:
        """Give every source of the configuration."""
        rows = self._rows(f"SELECT {STATE_COLUMNS} FROM {_JOINED} WHERE removed_at IS NULL ORDER BY source")
        return tuple(map(state_of, rows))

    def weights(self) -> dict[str, float | None]:
        """Give what each source of the configuration is worth."""
        return dict(self._rows(f"SELECT source, weight FROM {_JOINED} WHERE removed_at IS NULL"))

    def addresses(self, outlet: str) -> tuple[str, ...]:
        """Give the addresses of an outlet's sources."""
        return tuple(
            url for (url,) in self._rows("SELECT url FROM sources WHERE outlet = ? AND removed_at IS NULL", [outlet])
        )

    def next_due(self) -> datetime | None:
        """Give when the next source is due."""
        (row,) = self._rows(f"SELECT min(due_at) FROM {_JOINED} WHERE removed_at IS NULL")
        return read(row[0])


def _visit_row(visit: Visit) -> tuple[object, ...]:
    return (
        visit.source,
        written(visit.started_at),
        written(visit.finished_at),
        visit.outcome,
        visit.status,
        visit.size,
        visit.entries,
        visit.new_articles,
        visit.revisions,
        visit.flood,
        visit.error,
        visit.detail,
        visit.gap,
    )
