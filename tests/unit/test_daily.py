"""The daily mail: one a local date, whatever the clock, the zone and restarts do (cases 16 and 120)."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.daily import due_day, last_day, moment_of
from monitor.disk import Disk
from monitor.model import Channel, ChannelKind
from monitor.pipeline import Daily
from monitor.render import Letters
from monitor.store import Store, current_owner, open_store
from tests.factories import source
from tests.fakes import FakeClock, FakeLog, here

NEW_YORK, TBILISI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tbilisi")
OPS = Channel(name="ops", kind=ChannelKind.EMAIL, to=("a@example.org", "b@example.org"))
EIGHT = time(8)


class Rig:
    """The stage on a real store; `live` lets a minute at a time pass."""

    def __init__(self, path: Path, now: datetime, *, at: time = EIGHT, zone: ZoneInfo = TBILISI) -> None:
        self.path, self.at, self.zone = path, at, zone
        self.clock, self.log = FakeClock(now), FakeLog()
        self.start()

    def start(self) -> None:
        self.store: Store = open_store(self.path, current_owner())
        self.store.sync([source()], now=self.clock.now(), first_due={"one": self.clock.now()})
        self.daily = Daily(
            overview=self.store,
            notices=self.store,
            on_store=here,
            letters=Letters(sender="m@example.org", timezone=self.zone),
            channel=OPS,
            at=self.at,
            zone=self.zone,
            look=lambda: Disk(free=2**33, total=2**35, free_files=10, files=10),
            size_of=lambda: 2**20,
            up_since=self.clock.now(),
            clock=self.clock,
            log=self.log,
        )

    def restart(self) -> None:
        self.store.close()
        self.start()

    async def live(self, **span: float) -> None:
        end = self.clock.now() + timedelta(**span)
        while self.clock.now() < end:
            await self.daily.tick()
            self.clock.advance(60)

    @property
    def days(self) -> list[str]:
        return [fields["day"] for fields in self.log.named("daily_formed")]

    def mails(self) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of every mail."""
        rows = self.store._rows("SELECT recipient, raw FROM messages ORDER BY id")
        found = []
        for recipient, raw in rows:
            mail = message_from_bytes(raw, policy=email.policy.default)
            body = mail.get_body(("plain",))
            assert body is not None
            found.append((recipient, str(mail["Subject"]), body.get_content()))
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "monitor.db", datetime(2026, 11, 23, 3, 0, tzinfo=UTC))  # seven in Tbilisi
    yield made
    made.store.close()


async def test_a_mail_a_day_goes_to_each_of_the_operators_at_its_local_time(rig: Rig) -> None:
    await rig.live(minutes=60)
    assert rig.mails() == []
    await rig.live(minutes=1)
    assert [(who, subject) for who, subject, _ in rig.mails()] == [
        (who, "News monitor: the daily mail of 2026-11-23") for who in OPS.to
    ]
    await rig.live(days=3)
    assert rig.days == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]


async def test_it_says_what_was_done_and_how_the_whole_does(rig: Rig) -> None:
    await rig.live(minutes=61)
    text = rig.mails()[0][2]
    assert "running since 2026-11-23 07:00 +04; a source was read last never" in text
    for line in (
        "visits: 0, 0 of them failed",
        "articles: 0 new",
        "alerts: 0",
        "mails: 0 sent",
        "sources: 0 well, 1 new",
    ):
        assert line in text
    assert "database: 1 MiB; disk: 8.0 GiB of 32.0 GiB free" in text
    assert "open notices: none" in text


async def test_restarts_and_a_second_process_send_no_second_one(rig: Rig) -> None:
    await rig.live(hours=2)
    beside = Rig(rig.path, rig.clock.now())
    for _ in range(5):
        rig.restart()
        await rig.live(minutes=10)
        await beside.live(minutes=10)
    assert len(rig.mails()) == len(OPS.to)
    beside.store.close()


async def test_what_was_down_at_the_time_sends_it_late_once_and_says_so(rig: Rig) -> None:
    await rig.live(hours=2)
    rig.clock.advance(3 * 86400 + 3 * 3600)  # it is noon, three days later
    rig.restart()
    await rig.live(hours=1)
    assert rig.days == ["2026-11-23", "2026-11-26"]
    assert rig.mails()[-1][1] == "News monitor: the daily mail of 2026-11-26, late: nothing ran at its time"
    await rig.live(hours=20)
    assert rig.days[2:] == ["2026-11-27"]
    assert "late" not in rig.mails()[-1][1]


async def test_switched_on_after_the_time_of_day_it_begins_the_day_after(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "monitor.db", datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    await rig.live(hours=10)
    assert rig.days == []
    await rig.live(hours=10)
    assert rig.days == ["2026-11-24"]
    rig.store.close()


async def test_a_clock_that_was_ahead_for_a_while_keeps_no_mail_back_for_years(rig: Rig) -> None:
    await rig.live(hours=2)
    rig.clock.step(50 * 365 * 86400)
    await rig.live(minutes=2)
    rig.clock.step(-50 * 365 * 86400)
    await rig.live(days=2)
    assert rig.days[-2:] == ["2026-11-24", "2026-11-25"]


@pytest.mark.parametrize(
    ("begin", "at", "dates"),
    [
        (datetime(2026, 10, 30, 12, tzinfo=UTC), time(1, 30), ["2026-10-31", "2026-11-01", "2026-11-02"]),
        (datetime(2026, 3, 6, 12, tzinfo=UTC), time(2, 30), ["2026-03-07", "2026-03-08", "2026-03-09"]),
    ],
)
async def test_case_16_days_on_which_clocks_change_have_one_mail_each(
    begin: datetime, at: time, dates: list[str], tmp_path: Path
) -> None:
    rig = Rig(tmp_path / "monitor.db", begin, at=at, zone=NEW_YORK)
    await rig.live(days=3)
    assert rig.days == dates
    assert all("late" not in subject for _, subject, _ in rig.mails())
    rig.store.close()


def test_case_16_the_hour_that_comes_twice_is_meant_the_first_time_and_one_left_out_as_if_it_were_there() -> None:
    assert moment_of(date(2026, 11, 1), time(1, 30), NEW_YORK).astimezone(UTC).hour == 5
    assert moment_of(date(2026, 3, 8), time(2, 30), NEW_YORK).astimezone(UTC).hour == 7


@given(
    st.integers(1_577_836_800, 2_208_988_800).map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.integers(0, 10**7),
    st.times(),
    st.sampled_from(["America/New_York", "Asia/Tbilisi", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
)
def test_a_date_that_was_told_is_never_due_again_and_the_next_one_is(
    begin: datetime, seconds: int, at: time, zone: str
) -> None:
    where, now = ZoneInfo(zone), begin
    told = last_day(now, at, where)
    assert due_day(now, told=told, at=at, zone=where) is None
    later = due_day(now + timedelta(seconds=seconds), told=told, at=at, zone=where)
    assert later is None or later > told
    assert due_day(now + timedelta(days=2), told=told, at=at, zone=where) is not None
