"""The stage of the daily mail: every day the operator reads how the monitor does, or misses the mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from monitor.daily import LATE, due_day, last_day, moment_of
from monitor.disk import Disk, size
from monitor.model import Channel, Condition, Tally
from monitor.protocols import Clock, Log, Notices, OnStore, Overview
from monitor.render import Letters
from monitor.text import minute

_DAY = timedelta(days=1)
_ORDER = (Condition.DEAD, Condition.BLOCKED, Condition.SLOW, Condition.QUIET, Condition.NEW)


class Daily:
    """Forms one mail a local date, at its time or as soon after it as the daemon runs; restarts change nothing."""

    def __init__(
        self,
        *,
        overview: Overview,
        notices: Notices,
        on_store: OnStore,
        letters: Letters,
        channel: Channel,
        at: time,
        zone: tzinfo,
        look: Callable[[], Disk],
        size_of: Callable[[], int],
        up_since: datetime,
        clock: Clock,
        log: Log,
    ) -> None:
        """Take the operator's channel, the local time, and what asks the disk and the database's file."""
        self._overview = overview
        self._notices = notices
        self._on_store = on_store
        self._letters = letters
        self._channel = channel
        self._at = at
        self._zone = zone
        self._look = look
        self._size_of = size_of
        self._up_since = up_since
        self._clock = clock
        self._log = log

    async def tick(self) -> None:
        """Form the mail of a date whose time has come."""
        if day := await self._on_store(self._form, self._clock.now()):
            self._log.info("daily_formed", day=day.isoformat())

    def _form(self, now: datetime) -> date | None:
        """Note the date and store its mails in one transaction: none is told twice, by two processes neither."""
        with self._notices.transaction():
            told = self._overview.last_daily()
            if told is None:  # nobody expects the mail of a day on which it was not asked for
                self._overview.note_daily(last_day(now, self._at, self._zone), now=now)
                return None
            day = due_day(now, told=told, at=self._at, zone=self._zone)
            if day is None:
                return None
            self._overview.note_daily(day, now=now)
            moment = moment_of(day, self._at, self._zone)
            text = self._text(day, late=now - moment > LATE, now=now)
            for recipient in self._channel.recipients:
                letter = self._letters.notice(
                    text, cause=f"daily:{day}", recipient=recipient, channel=self._channel.name, now=now
                )
                self._notices.form(letter, [])
        return day

    def _text(self, day: date, *, late: bool, now: datetime) -> str:
        tally, standing = self._overview.tally(now - _DAY), self._overview.standing()
        disk = self._look()
        subject = f"the daily mail of {day}" + (", late: nothing ran at its time" if late else "")
        last = minute(standing.last_good_at, self._zone) if standing.last_good_at else "never"
        lines = [
            f"running since {minute(self._up_since, self._zone)}; a source was read last {last}",
            "",
            "in the last 24 hours:",
            *_work(tally),
            "",
            f"sources: {_states(tally.states)}",
            f"open notices: {', '.join(sorted(standing.causes)) or 'none'}",
            f"database: {size(self._size_of())}; disk: {size(disk.free)} of {size(disk.total)} free",
            "",
            "`monitor status` says what is to be done. A day without this mail: nothing runs, or mail cannot be sent.",
        ]
        return f"{subject}\n\n" + "\n".join(lines)


def _work(tally: Tally) -> Sequence[str]:
    return (
        f"  visits: {tally.visits}, {tally.failed_visits} of them failed",
        f"  articles: {tally.articles} new",
        f"  alerts: {tally.alerts}",
        f"  mails: {tally.sent} sent, {tally.failed} refused for good, {tally.pending} waiting now",
    )


def _states(states: Mapping[str, int]) -> str:
    """Give how many sources are well, and those that are not."""
    rest = [f"{states[word]} {word}" for word in _ORDER if states.get(word)]
    return ", ".join([f"{states.get(Condition.WELL, 0)} well", *rest])
