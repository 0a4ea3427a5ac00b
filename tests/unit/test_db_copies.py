from __future__ import annotations

import multiprocessing
import stat
import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from monitor.errors import NoRoom, StoreDamaged, StoreError
from monitor.model import BackupPlan, FindingState, IndexedText
from monitor.normalise import identity_keys
from monitor.store import Backups, Store, all_copies, copy_database, current_owner, open_store, verify
from monitor.store.copying import RESERVE
from monitor.store.thinning import superfluous
from tests.factories import NOW, article, source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "monitor.db"


def filled(path: Path, articles: int = 3) -> Store:
    store = open_store(path, current_owner())
    store.sync((source(),), now=NOW, first_due={"one": NOW})
    with store.transaction():
        for number in range(articles):
            found = article(
                title=f"Title {number}",
                url=f"https://one.example/{number}",
                canonical_url=f"https://one.example/{number}",
            )
            store.add(found, identity_keys(found), IndexedText(title="title", body=""))
    return store


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    finally:
        connection.close()


def _write_for_ever(path: Path, written: object) -> None:
    store, number = open_store(path, current_owner()), 1000
    while True:
        number += 1
        found = article(
            title=f"Title {number}",
            text="word " * 300,
            url=f"https://one.example/{number}",
            canonical_url=f"https://one.example/{number}",
        )
        with store.transaction():
            store.add(found, identity_keys(found), IndexedText(title="title", body="word " * 300))
        written.value = number  # type: ignore[attr-defined] # a shared number
        time.sleep(0.005)


@pytest.mark.slow
def test_case_72_a_copy_made_under_a_hundred_writes_a_second_is_whole_and_has_what_was_there_at_its_start(
    path: Path,
) -> None:
    filled(path).close()
    context = multiprocessing.get_context("spawn")
    written = context.Value("i", 0)
    writer = context.Process(target=_write_for_ever, args=(path, written))
    writer.start()
    try:
        made = []
        while written.value == 0:
            time.sleep(0.01)
        begun, first = time.monotonic(), written.value
        for number in range(5):
            before = count(path)
            copied = copy_database(path, path.parent / "backups" / f"{number}.db")
            made.append((before, copied))
            time.sleep(0.2)
        rate = (written.value - first) / (time.monotonic() - begun)
    finally:
        writer.kill()
        writer.join()
    assert rate > 20  # it was really written to all the while; 100 and more on a quiet machine
    for before, copied in made:
        assert copied.articles >= before
        assert count(copied.path) == copied.articles
        content = copied.path.read_bytes()
        findings = verify(copied.path, now=NOW + timedelta(days=9), deep=True)
        assert {one.state for one in findings} == {FindingState.OK}
        assert copied.path.read_bytes() == content
        assert stat.S_IMODE(copied.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((path.parent / "backups").stat().st_mode) == 0o700


def test_case_72_seven_copies_are_kept_named_by_their_time_and_all_else_in_the_folder_stays(path: Path) -> None:
    filled(path)
    folder = path.parent / "backups"
    subject = Backups(path, folder)
    assert subject.newest_at() is None
    folder.mkdir()
    (folder / "before-0014.db").touch()
    for day in range(9):
        made = subject.make(now=NOW + timedelta(days=day), plan=BackupPlan())
    assert [file.name for file in made.dropped] == ["monitor-20261125T120000Z.db"]
    assert [file.name for file in subject.all()] == [
        f"monitor-2026{day}T120000Z.db" for day in ("1126", "1127", "1128", "1129", "1130", "1201", "1202")
    ]
    assert subject.newest_at() == NOW + timedelta(days=8)
    assert (folder / "before-0014.db").exists()
    assert len(all_copies(path)) == 8


def test_a_copy_is_never_dropped_by_its_own_making_however_the_clock_was_set_back(path: Path) -> None:
    filled(path)
    subject = Backups(path, path.parent / "backups")
    for day in range(7):
        subject.make(now=NOW + timedelta(days=day), plan=BackupPlan())
    for day in range(-3, 0):
        made = subject.make(now=NOW + timedelta(days=day), plan=BackupPlan())
        assert made.path.exists()
        assert made.path not in made.dropped
    days = [file.name.removeprefix("monitor-")[:8] for file in subject.all()]
    # Those of the other clock go, oldest first; each of the clock that is believed now stays.
    assert days == [f"202611{day}" for day in (21, 22, 23, 27, 28, 29, 30)]


def test_copies_by_hand_on_one_day_cost_none_of_the_days_before(path: Path) -> None:
    filled(path)
    subject = Backups(path, path.parent / "backups")
    daily = [subject.make(now=NOW + timedelta(days=day), plan=BackupPlan()).path for day in range(7)]
    for minute in range(7):
        by_hand = subject.make(now=NOW + timedelta(days=6, minutes=minute + 1), plan=BackupPlan()).path
    assert subject.all() == (*daily[:6], by_hand)


@pytest.mark.parametrize(
    ("made", "keep", "dropped"),
    [
        ("1a 2a 3a", 3, ""),
        ("1a 2a 3a", 2, "1a"),
        ("1a 1b 3a", 2, "1a"),
        ("1a 1b 2a 2b 3a", 3, "1a 2a"),
        ("1a 2a 3a 3b", 3, "3b"),  # set back an hour: the one made just now is the day's
        ("1a 3a 4a 5a", 3, "4a"),  # ahead of the new one: made before it, or by a clock that was wrong
        ("1a 3a 4a 5a", 1, "4a 5a 1a"),
        ("1a 3a 3b 4a", 1, "3b 4a 1a"),
    ],
)
def test_what_is_dropped_is_of_one_day_then_of_another_clock_then_the_oldest(
    made: str, keep: int, dropped: str
) -> None:
    def at(name: str) -> datetime:
        return NOW + timedelta(days=int(name[0]), hours=ord(name[1]) - ord("a"))

    plan = BackupPlan(every=timedelta(days=7), keep=keep)
    given = superfluous([at(name) for name in made.split()], new=at("3a"), plan=plan)
    assert given == tuple(at(name) for name in dropped.split())


def test_no_plan_is_too_long_for_a_date() -> None:
    plan = BackupPlan(every=timedelta(days=90), keep=10_000)
    assert superfluous([NOW], new=NOW, plan=plan) == ()


def test_copies_of_each_hour_are_those_of_the_last_hours() -> None:
    plan = BackupPlan(every=timedelta(hours=1), keep=24)
    made: list[datetime] = []
    for hour in range(24 * 30):
        made.append(NOW + timedelta(hours=hour, seconds=hour))
        made = sorted({*made} - {*superfluous(made, new=made[-1], plan=plan)})
    assert made == [NOW + timedelta(hours=hour, seconds=hour) for hour in range(24 * 29, 24 * 30)]


def test_case_72_a_copy_never_goes_over_a_file_and_without_room_nothing_is_begun(path: Path) -> None:
    filled(path)
    there = path.parent / "there.db"
    there.write_bytes(b"mine")
    with pytest.raises(StoreError, match="nothing is overwritten"):
        copy_database(path, there)
    assert there.read_bytes() == b"mine"
    with pytest.raises(NoRoom, match="make room"):
        Backups(path, path.parent / "backups", free=lambda _: RESERVE + path.stat().st_size).make(
            now=NOW, plan=BackupPlan()
        )
    assert list((path.parent / "backups").iterdir()) == []


@pytest.mark.slow
def test_case_72_a_disk_that_fills_up_meanwhile_leaves_nothing_of_the_copy(path: Path, tmp_path: Path) -> None:
    filled(path, 200).close()
    script = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from monitor.errors import StoreError
        from monitor.store import copy_database
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # what a full disk is to SQLite
        try:
            copy_database(Path(sys.argv[1]), Path(sys.argv[2]))
        except StoreError as error:
            print(error)
        """
    )
    run = [sys.executable, "-c", script, str(path), str(tmp_path / "copies" / "x.db")]
    told = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.startswith(f"{path}: ")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_that_is_given_up_leaves_nothing(path: Path) -> None:
    filled(path, 400)
    with pytest.raises(StoreError, match="interrupted"):
        copy_database(path, path.parent / "backups" / "x.db", unwanted=lambda: True)
    assert list((path.parent / "backups").iterdir()) == []


def test_a_damaged_database_is_not_copied(path: Path) -> None:
    filled(path, 400).close()
    damage(path)
    with pytest.raises(StoreDamaged):
        copy_database(path, path.parent / "backups" / "x.db")
    assert list((path.parent / "backups").iterdir()) == []


def damage(path: Path, table: str = "articles") -> None:
    """Overwrite the root page of a table, as a bad disk does."""
    connection = sqlite3.connect(path)
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    connection.close()
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
