"""A disk that fills: the operator hears once, and once when there is room again."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.disk import Disk, file_size, is_enough, is_full, is_low, least, look_at, size
from monitor.errors import StoreError
from monitor.model import Channel, ChannelKind
from monitor.pipeline import Operator, Room
from monitor.render import Letters
from monitor.store import Store, current_owner, open_store
from monitor.store.connection import translated
from tests.fakes import FakeClock, FakeLog, here

MIB = 2**20
DISK = Disk(free=8 * 2**30, total=20 * 2**30, free_files=10**6, files=10**7)
PLACE = "/var/lib/news" + "/longer" * 1000  # a notice that no page of the database has room for
OPS = Channel(name="ops", kind=ChannelKind.EMAIL, to=("ops@example.org",))


@pytest.mark.parametrize(
    ("total", "wanted"), [(2**30, 200 * MIB), (10 * 2**30, 512 * MIB), (100 * 2**30, 1024 * MIB), (0, 200 * MIB)]
)
def test_a_twentieth_is_little_but_200_mib_at_least_and_1_gib_at_most(total: int, wanted: int) -> None:
    assert least(replace(DISK, total=total)) == wanted


def test_a_disk_is_full_of_bytes_or_of_files_and_enough_is_more_than_not_little() -> None:
    assert not is_low(DISK)
    assert is_low(replace(DISK, free=1023 * MIB))
    assert is_low(replace(DISK, free_files=999))
    assert not is_full(replace(DISK, free=2 * MIB, free_files=1))
    assert not is_full(replace(DISK, free_files=0, files=0))
    assert not is_low(replace(DISK, free_files=0, files=0)), "some file systems do not count them"
    between = replace(DISK, free=1100 * MIB)
    assert not is_low(between)
    assert not is_enough(between)
    assert not is_enough(replace(DISK, free_files=1100))
    assert is_enough(replace(DISK, free_files=0, files=0))


def test_the_disk_of_a_folder_that_is_still_to_be_made_is_that_of_the_one_above(tmp_path: Path) -> None:
    assert look_at(tmp_path / "a" / "b").total == look_at(tmp_path).total > 0
    assert file_size(tmp_path / "none") == 0


def test_bytes_are_told_for_people() -> None:
    assert [size(number) for number in (10, 2048, 300 * MIB, 5 * 2**30)] == ["10 B", "2 KiB", "300 MiB", "5.0 GiB"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "monitor.db", current_owner())
    yield made
    made.close()


class House:
    """A store whose disk can be filled, the stage that looks, and what the operator reads."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.log, self.disk = store, FakeClock(), FakeLog(), DISK
        zone = ZoneInfo("Asia/Tbilisi")
        letters = Letters(sender="m@example.org", timezone=zone)
        operator = Operator(
            notices=store, on_store=self.on_store, letters=letters, channel=OPS, clock=self.clock, log=self.log
        )
        self.room = Room(look=lambda: self.disk, place=PLACE, operator=operator, clock=self.clock, zone=zone)

    async def on_store(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        with translated():
            return await here(function, *args, **kwargs)

    def fill(self) -> None:
        """Let the database grow no more: SQLite says then what it says on a full disk."""
        self.disk = replace(DISK, free=2 * MIB)  # which this user has no right to, or that are not enough
        self.store._rows(f"PRAGMA max_page_count = {self.store._rows('PRAGMA page_count')[0][0]}")

    def make_room(self, free: int) -> None:
        self.disk = replace(DISK, free=free * MIB)
        self.store._rows("PRAGMA max_page_count = 1000000")

    async def minutes(self, number: int) -> int:
        """Look every minute; gives how many looks could not be told."""
        failed = 0
        for _ in range(number):
            try:
                await self.room.tick()
            except StoreError:
                failed += 1
            self.clock.advance(60)
        return failed

    def subjects(self) -> list[str]:
        rows = self.store._rows("SELECT subject FROM messages ORDER BY id")
        return [row[0].removeprefix("News monitor: ") for row in rows]


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


async def test_the_operator_hears_once_that_it_is_nearly_full_and_once_that_it_is_not(house: House) -> None:
    for free in (8192, 900, 500, 1023, 1025, 900, 1500, 900, 8192):
        house.make_room(free)
        assert await house.minutes(3) == 0
    assert [subject.partition("(")[0].strip() for subject in house.subjects()] == [
        "The disk is nearly full",
        "The disk has room again: 1.5 GiB free",
        "The disk is nearly full",
        "The disk has room again: 8.0 GiB free",
    ]
    assert house.store.open_causes("disk") == frozenset()


async def test_case_66_a_disk_too_full_for_the_notice_itself_is_told_of_once_it_has_room(house: House) -> None:
    house.fill()
    assert await house.minutes(5) == 5
    assert house.subjects() == []
    assert house.log.named("notice_formed") == [], "it was taken back"
    house.make_room(8192)
    assert await house.minutes(5) == 0
    assert house.subjects() == ["The disk was full from 2026-11-24 16:00 +04 to 2026-11-24 16:05 +04"]
    assert len(house.log.named("notice_formed")) == 1
    assert house.store.open_causes("disk") == frozenset()


@pytest.mark.parametrize(
    ("disk", "told"), [({"free": 900 * MIB}, False), ({"free": 2**19}, True), ({"free_files": 0}, True)]
)
async def test_a_notice_that_failed_for_another_reason_than_room_says_of_no_disk_that_it_was_full(
    house: House, tmp_path: Path, disk: dict[str, int], *, told: bool
) -> None:
    house.disk = replace(DISK, **disk)
    house.store._rows("PRAGMA busy_timeout = 0")
    with closing(open_store(tmp_path / "monitor.db", current_owner())) as other, other.transaction():
        assert await house.minutes(2) == 2
    house.make_room(8192)
    await house.minutes(2)
    assert [subject.partition(" from")[0] for subject in house.subjects()] == ["The disk was full"] * told


@pytest.mark.parametrize(
    ("cause", "kind", "of_room"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "ENOSPC", True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "EDQUOT", True),
        (OSError(errno.EIO, "Input/output error"), "EIO", False),
        (ValueError("x"), "StoreError", False),
        (None, "StoreError", False),
    ],
)
def test_an_error_of_the_store_says_what_the_machine_calls_it(
    cause: Exception | None, kind: str, *, of_room: bool
) -> None:
    error = StoreError("x")
    error.__cause__ = cause
    assert (error.kind, error.is_of_room) == (kind, of_room)


async def test_a_full_disk_that_is_nearly_full_afterwards_is_one_notice(house: House) -> None:
    house.fill()
    await house.minutes(2)
    house.make_room(500)
    await house.minutes(2)
    house.make_room(8192)
    await house.minutes(2)
    assert house.subjects() == ["The disk is nearly full (500 MiB free)", "The disk has room again: 8.0 GiB free"]
    (raw,) = house.store._rows("SELECT raw FROM messages ORDER BY id LIMIT 1")[0]
    assert b"The disk was full from 2026-11-24 16:00 +04 to" in raw


async def test_a_disk_that_fills_after_it_was_told_of_is_no_second_notice(house: House) -> None:
    house.make_room(500)
    await house.minutes(2)
    house.fill()
    await house.minutes(3)
    house.make_room(8192)
    await house.minutes(2)
    assert house.subjects() == ["The disk is nearly full (500 MiB free)", "The disk has room again: 8.0 GiB free"]


async def test_files_are_spoken_of_only_where_few_can_still_be_made(house: House) -> None:
    house.disk = replace(DISK, free_files=900)
    await house.minutes(1)
    assert house.subjects() == ["The disk is nearly full (8.0 GiB free, room for 900 files)"]
