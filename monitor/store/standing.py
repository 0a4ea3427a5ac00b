"""Where the work stands and what was done, from rows; for the daemon's connection and for readers' alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from monitor.model import Notice, Standing, Tally
from monitor.store.base import Base
from monitor.store.rows import moment, read, written

Ask = Callable[[str, Sequence[object]], Sequence[Any]]
_CONFIGURED = "source_state JOIN sources ON sources.name = source_state.source WHERE removed_at IS NULL"
DAILY = "daily:"  # what the causes of daily mails begin with; the local date follows


def standing_of(ask: Ask) -> Standing:
    """Give where the work stands; `ask` runs a statement and gives its rows."""
    (state,) = ask(
        "SELECT count(*), coalesce(sum(failures > 0), 0), min(added_at), max(last_good_at),"
        f" min(due_at) FROM {_CONFIGURED}",
        (),
    )
    # Alerts of a back-filling wait for it, however long it takes.
    ((waiting,),) = ask("SELECT min(created_at) FROM alerts WHERE message IS NULL AND kind != 'backfill'", ())
    ((unsent,),) = ask("SELECT min(created_at) FROM messages WHERE state IN ('queued', 'sending', 'unknown')", ())
    return Standing(
        sources=state[0],
        failing=state[1],
        since=read(state[2]),
        last_good_at=read(state[3]),
        due_at=read(state[4]),
        pending_at=read(min((at for at in (waiting, unsent) if at), default=None)),
        causes=frozenset(row[0] for row in ask("SELECT cause FROM events WHERE resolved_at IS NULL", ())),
    )


def tally_of(ask: Ask, since: datetime | None) -> Tally:
    """Give what was done since a time, or ever; visits are kept as long as `retention.visits`."""
    at = [written(since) or ""]
    (visits,) = ask("SELECT count(*), coalesce(sum(outcome = 'failed'), 0) FROM visits WHERE started_at >= ?", at)
    ((articles,),) = ask("SELECT count(*) FROM articles WHERE first_seen_at >= ?", at)
    ((alerts,),) = ask("SELECT count(*) FROM alerts WHERE created_at >= ?", at)
    (mails,) = ask(
        "SELECT coalesce(sum(state = 'sent' AND sent_at >= ?1), 0), coalesce(sum(state = 'failed' AND created_at >= ?1), 0),"
        " coalesce(sum(state IN ('queued', 'sending', 'unknown')), 0) FROM messages",
        at,
    )
    states = ask(f"SELECT condition, count(*) FROM {_CONFIGURED} GROUP BY condition", ())
    return Tally(
        visits=visits[0],
        failed_visits=visits[1],
        articles=articles,
        alerts=alerts,
        sent=mails[0],
        failed=mails[1],
        pending=mails[2],
        states={row[0]: row[1] for row in states},
    )


class StandingRows(Base):
    """`protocols.Overview` on SQLite."""

    def standing(self) -> Standing:
        """Give where the work stands."""
        return standing_of(self._rows)

    def tally(self, since: datetime | None) -> Tally:
        """Give what was done since then."""
        return tally_of(self._rows, since)

    def last_daily(self) -> date | None:
        """Give the local date of the last daily mail."""
        rows = self._rows("SELECT max(cause) FROM events WHERE substr(cause, 1, ?) = ?", [len(DAILY), DAILY])
        return date.fromisoformat(rows[0][0].removeprefix(DAILY)) if rows[0][0] else None

    def note_daily(self, day: date, *, now: datetime) -> None:
        """Note that the daily mail of a date was formed, in place of all before it."""
        with self.transaction():
            self._run("DELETE FROM events WHERE substr(cause, 1, ?) = ?", [len(DAILY), DAILY])
            self._run(
                "INSERT INTO events (at, cause, text, resolved_at) VALUES (?1, ?2, 'the daily mail', ?1)",
                [written(now), f"{DAILY}{day.isoformat()}"],
            )

    def open_notice(self, cause: str) -> Notice | None:
        """Give a notice as it was opened; None where it is not open."""
        rows = self._rows("SELECT at, text FROM events WHERE cause = ? AND resolved_at IS NULL", [cause])
        return Notice(cause=cause, text=rows[0][1], at=moment(rows[0][0])) if rows else None
