"""The store's face for the past of outlets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.model import Backfill, BackfillState, PastFacts, Reason, Step
from monitor.store.backfill_rows import COLUMNS, STEP_COLUMNS, backfill_of, step_of, step_row
from monitor.store.base import Base
from monitor.store.rows import marks, moment, read, written

_FREE = "(lease_until IS NULL OR lease_until <= ?)"
_KNOWN = 200  # addresses by which a source is told from the rest of its site


class BackfillRows(Base):
    """`protocols.Backfills` on SQLite."""

    def add_backfill(self, backfill: Backfill, *, visit: int | None = None, lease: timedelta | None = None) -> Backfill:
        """Write one down; gives it with its number. With a lease it is this process's at once."""
        holder = (self._owner_text, written(backfill.asked_at + lease)) if lease else (None, None)
        with self.transaction():
            cursor = self._run(
                "INSERT INTO backfills (source, reason, since, until, mails, most, state, visit, asked_at, due_at,"
                f" lease_owner, lease_until) VALUES ({marks(12)}) RETURNING {COLUMNS}",
                [
                    backfill.source,
                    backfill.reason,
                    written(backfill.since),
                    written(backfill.until),
                    backfill.mails,
                    backfill.most,
                    backfill.state,
                    visit,
                    written(backfill.asked_at),
                    written(backfill.asked_at),
                    *holder,
                ],
            )
            return backfill_of(cursor.fetchone())

    def unfinished(self, source: str, *, since: datetime) -> Backfill | None:
        """Give the one that was asked for with this beginning, a day more or less, and has not come to its end."""
        rows = self._rows(
            f"SELECT {COLUMNS} FROM backfills WHERE source = ? AND abs(julianday(since) - julianday(?)) < 1"
            " AND reason = ? AND state IN (?, ?) ORDER BY id DESC LIMIT 1",
            [source, written(since), Reason.ASKED, BackfillState.OPEN, BackfillState.PAUSED],
        )
        return backfill_of(rows[0]) if rows else None

    def backfill(self, number: int) -> Backfill | None:
        """Give one by its number."""
        rows = self._rows(f"SELECT {COLUMNS} FROM backfills WHERE id = ?", [number])
        return backfill_of(rows[0]) if rows else None

    def backfill_of(self, group: str) -> Backfill | None:
        """Give the one that a digest is about."""
        number = group.partition(":")[2]
        return self.backfill(int(number)) if number.isdigit() else None

    def claim_backfill(self, *, now: datetime, lease: timedelta, only: int | None = None) -> Backfill | None:
        """Take the next one that nobody holds: gaps first, for they are news. With `only` that one, due or not."""
        wanted = "id = ?" if only is not None else "state = 'open' AND state != 'done' AND due_at <= ?"
        with self.transaction():
            rows = self._rows(
                "UPDATE backfills SET lease_owner = ?, lease_until = ?, state = iif(state = 'paused', 'open', state)"
                f" WHERE id = (SELECT id FROM backfills WHERE {wanted} AND state IN ('open', 'paused') AND ({_FREE} OR"
                " lease_owner = ?) AND +source IN (SELECT name FROM sources WHERE removed_at IS NULL)"
                f" ORDER BY reason = 'asked', due_at, id LIMIT 1) RETURNING {COLUMNS}",
                [
                    self._owner_text,
                    written(now + lease),
                    only if only is not None else written(now),
                    written(now),
                    self._owner_text if only is not None else "",
                ],
            )
        return backfill_of(rows[0]) if rows else None

    def steps(self, number: int) -> tuple[Step, ...]:
        """Give the steps of a walk, in the order in which they were written down."""
        rows = self._rows(f"SELECT {STEP_COLUMNS} FROM backfill_steps WHERE backfill = ?", [number])
        return tuple(sorted(map(step_of, rows), key=lambda step: (step.guess, step.place, step.page)))

    def keep_steps(
        self, backfill: Backfill, steps: Sequence[Step], *, due_at: datetime, now: datetime, hold: timedelta | None
    ) -> None:
        """Write down how far a walk has come, and when it goes on; the lease is given back unless it is held on."""
        walked = now if backfill.state is BackfillState.PAGES else None
        with self.transaction():
            self._many(
                f"INSERT OR REPLACE INTO backfill_steps (backfill, {STEP_COLUMNS}) VALUES ({marks(17)})",
                [(backfill.id, *step_row(step)) for step in steps],
            )
            self._run(
                "UPDATE backfills SET state = ?, requests = ?, reached = ?, remarks = ?, due_at = ?, crashes = 0,"
                " oldest = (SELECT min(oldest) FROM backfill_steps WHERE backfill = backfills.id),"
                " walked_at = coalesce(?, walked_at), lease_owner = ?, lease_until = ? WHERE id = ?",
                [
                    backfill.state,
                    backfill.requests,
                    backfill.reached,
                    json.dumps(backfill.remarks, ensure_ascii=False),
                    written(due_at),
                    written(walked),
                    self._owner_text if hold else None,
                    written(now + hold) if hold else None,
                    backfill.id,
                ],
            )

    def count_found(self, number: int, *, found: int, new: int) -> int:
        """Add to what one has found; gives how many new articles it has brought in all."""
        with self.transaction():
            row = self._run(
                "UPDATE backfills SET found = found + ?, new = new + ? WHERE id = ? RETURNING new", [found, new, number]
            ).fetchone()
        return int(row[0])

    def release_backfill(self, number: int, *, state: BackfillState | None = None, now: datetime) -> None:
        """Give the lease back, in another state if one is given."""
        with self.transaction():
            self._run(
                "UPDATE backfills SET lease_owner = NULL, lease_until = NULL, due_at = ?, state = coalesce(?, state)"
                " WHERE id = ? AND lease_owner = ?",
                [written(now), state, number, self._owner_text],
            )

    def break_off(self, number: int, *, due_at: datetime | None, remarks: Sequence[str], now: datetime) -> None:
        """Count a crash and give the lease back; it goes on at `due_at`, or has failed where that is None."""
        mine = "WHERE id = ? AND lease_owner = ?"
        with self.transaction():
            if due_at is None:
                self._run(
                    f"UPDATE backfills SET state = ?, finished_at = ?, remarks = ? {mine}",
                    [
                        BackfillState.FAILED,
                        written(now),
                        json.dumps(remarks, ensure_ascii=False),
                        number,
                        self._owner_text,
                    ],
                )
            self._run(
                "UPDATE backfills SET crashes = crashes + 1, due_at = coalesce(?, due_at), lease_owner = NULL,"
                f" lease_until = NULL {mine}",
                [written(due_at), number, self._owner_text],
            )

    def note_gaps(self, *, now: datetime, most: int) -> int:
        """Make a back-filling of every visit that may have missed something and has none yet; gives how many.

        A gap that follows one which is still to be walked makes that one longer.
        """
        rows = self._rows(
            "SELECT v.id, v.source, v.started_at, (SELECT max(finished_at) FROM visits p WHERE p.source = v.source"
            " AND p.id < v.id AND p.outcome != 'failed'), added_at FROM visits v JOIN sources ON name = v.source"
            " WHERE v.gap AND removed_at IS NULL AND v.id > (SELECT coalesce(max(visit), 0) FROM backfills) ORDER BY v.id"
        )
        for visit, source, until, since, added_at in rows:
            self._note_gap(source, visit, moment(since or added_at), moment(until), now=now, most=most)
        return len(rows)

    def _note_gap(self, source: str, visit: int, since: datetime, until: datetime, *, now: datetime, most: int) -> None:
        with self.transaction():
            longer = self._run(
                "UPDATE backfills SET until = ?, visit = ? WHERE source = ? AND reason = 'gap' AND state = 'open'"
                f" AND requests = 0 AND {_FREE}",
                [written(until), visit, source, written(now)],
            )
            if longer.rowcount:
                return
            gap = Backfill(
                id=0,
                source=source,
                reason=Reason.GAP,
                since=since,
                until=until,
                mails=True,
                most=most,
                state=BackfillState.OPEN,
                asked_at=now,
            )
            self.add_backfill(gap, visit=visit)

    def settle_backfills(self, *, now: datetime, gap: timedelta, asked: timedelta, paused: timedelta) -> int:
        """Finish those whose articles' pages are read, or that have waited long enough; gives how many.

        One of a source that is no more waits as long as a paused one.
        """
        with self.transaction():
            cursor = self._run(
                "UPDATE backfills SET state = 'done', finished_at = ?, lease_owner = NULL, lease_until = NULL"
                " WHERE (state = 'pages' AND (walked_at <= iif(reason = 'gap', ?, ?) OR NOT EXISTS (SELECT 1 FROM articles"
                " WHERE backfill = backfills.id AND text_state = 'wanted'))) OR (due_at <= ? AND (state = 'paused' OR (state = 'open'"
                " AND source IN (SELECT name FROM sources WHERE removed_at IS NOT NULL))))",
                [written(now), written(now - gap), written(now - asked), written(now - paused)],
            )
        return int(cursor.rowcount)

    def past_facts(self, source: str) -> PastFacts:
        """Give what is known of a source that matters for its past."""
        ((added_at, last_good_at, unusable),) = self._rows(
            "SELECT added_at, last_good_at, guids_unusable FROM source_state JOIN sources ON name = source WHERE source = ?",
            [source],
        )
        known = self._rows(
            "SELECT url FROM articles WHERE source = ? AND url IS NOT NULL AND backfill IS NULL"
            " ORDER BY first_seen_at DESC LIMIT ?",
            [source, _KNOWN],
        )
        sitemaps = self._rows(
            "SELECT url FROM backfill_steps WHERE way = 'sitemap' AND page = 1 AND state = 'done'"
            " AND older + within + newer + left_out > 0 AND backfill = (SELECT max(id) FROM backfills"
            " WHERE source = ? AND state = 'done') ORDER BY place",
            [source],
        )
        return PastFacts(
            added_at=moment(added_at),
            last_good_at=read(last_good_at),
            guids_unusable=bool(unusable),
            addresses=tuple(url for (url,) in known),
            sitemaps=tuple(url for (url,) in sitemaps),
        )

    def pages_left(self, number: int) -> int:
        """Give how many of its articles' pages are still to be read."""
        ((left,),) = self._rows("SELECT count(*) FROM articles WHERE backfill = ? AND text_state = 'wanted'", [number])
        return int(left)
