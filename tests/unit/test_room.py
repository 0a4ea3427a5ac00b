"""A disk that fills: the operator hears once, and once when there is room again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.disk import Disk, file_size, is_enough, is_low, least, look_at, size
from monitor.model import Channel, ChannelKind
from monitor.pipeline import Operator, Room
from monitor.render import Letters
from monitor.store import Store, current_owner, open_store
from tests.fakes import FakeClock, FakeLog, here

MIB = 2**20
DISK = Disk(free=8 * 2**30, total=20 * 2**30, free_files=10**6, files=10**7)
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


async def test_the_operator_hears_once_that_it_is_nearly_full_and_once_that_it_is_not(store: Store) -> None:
    clock, log, now = FakeClock(), FakeLog(), [DISK]
    letters = Letters(sender="m@example.org", timezone=ZoneInfo("UTC"))
    operator = Operator(notices=store, on_store=here, letters=letters, channel=OPS, clock=clock, log=log)
    room = Room(look=lambda: now[0], place="/var/lib/news", operator=operator, clock=clock)
    for free in (8192, 900, 500, 1023, 1025, 900, 1500, 900, 8192):
        now[0] = replace(DISK, free=free * MIB)
        for _ in range(3):
            await room.tick()
            clock.advance(60)
    subjects = [row[0] for row in store._rows("SELECT subject FROM messages ORDER BY id")]
    assert [subject.partition("(")[0].strip() for subject in subjects] == [
        "News monitor: The disk is nearly full",
        "News monitor: The disk has room again: 1.5 GiB free",
        "News monitor: The disk is nearly full",
        "News monitor: The disk has room again: 8.0 GiB free",
    ]
    assert store.open_causes("disk") == frozenset()
