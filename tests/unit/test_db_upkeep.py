from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils.utils import sqlite3

import monitor.store.mounts
from monitor.errors import IndexDamaged, NoRoom, StoreDamaged, StoreError
from monitor.model import BackupPlan, Channel, ChannelKind, Copied, FileLook
from monitor.pipeline import Operator, Safekeeping, Soundness
from monitor.pipeline.soundness import TOO_LARGE
from monitor.pulse import Pulse
from monitor.render import Letters
from monitor.store import (
    DatabaseFile,
    Store,
    StoreThread,
    current_owner,
    journal_mode,
    open_store,
    verify,
)
from monitor.store.mounts import kind_of
from tests.factories import NOW
from tests.fakes import FakeClock, FakeLog, here
from tests.unit.test_db_copies import damage, filled
from tests.unit.test_db_verify import spoil_index

DESK = Channel(name="desk", kind=ChannelKind.EMAIL, to=("ops@example.org",))
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "monitor.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = filled(path)
    yield opened
    opened.close()


class Ground:
    """A clock, a log, and an operator who hears by mail."""

    def __init__(self, store: Store) -> None:
        self.clock, self.log = FakeClock(), FakeLog()
        self.store = store
        self.pulse = Pulse(self.clock.monotonic)
        self.whole = 0
        self.wrong: StoreError | None = None
        self.operator = Operator(
            notices=store,
            on_store=here,
            letters=Letters(sender="m@example.org", timezone=ZoneInfo("UTC")),
            channel=DESK,
            clock=self.clock,
            log=self.log,
        )

    def told(self) -> list[str]:
        return [fields["cause"] + (" over" if fields["over"] else "") for fields in self.log.named("operator_told")]

    def soundness(
        self, file: Any, *, index_damaged: bool = False, on_store: Any = here, keeper: Any = None
    ) -> Soundness:
        flags = iter([index_damaged])
        return Soundness(
            keeper=keeper or self.store,
            file=file,
            index_damaged=lambda: next(flags, False),
            on_store=on_store,
            aside=here,
            slowly=here,
            operator=self.operator,
            whole=self.found_whole,
            pulse=self.pulse,
            clock=self.clock,
            log=self.log,
        )

    async def found_whole(self) -> None:
        self.whole += 1
        if self.wrong is not None:
            raise self.wrong


class FakeBackups:
    """Makes what it is told to make; remembers when."""

    def __init__(self, *answers: StoreError | None) -> None:
        self.answers = list(answers)
        self.made: list[datetime] = []
        self.tried = 0

    def make(self, *, now: datetime, plan: BackupPlan) -> Copied:
        self.tried += 1
        if error := self.answers.pop(0) if self.answers else None:
            raise error
        self.made.append(now)
        return Copied(path=Path("x.db"), size=1, articles=plan.keep)

    def newest_at(self) -> datetime | None:
        return self.made[-1] if self.made else None


class FakeFile:
    """A database's files as a test has them."""

    def __init__(self, *, told: str | Exception | None = None, look: FileLook | None = None) -> None:
        self.told = told
        self.seen = look or FileLook()

    def opened(self) -> None:
        self.seen = FileLook()

    def look(self) -> FileLook:
        return self.seen

    def check(self) -> str | None:
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    def holders(self) -> tuple[str, ...]:
        return ("sqlite3 (pid 7)",)


class HeldUp:
    """A database whose log a reader keeps from being cut."""

    def checkpoint(self) -> bool:
        return False


def keeping(ground: Ground, backups: FakeBackups, **plan: Any) -> tuple[Safekeeping, list[str]]:
    damaged: list[str] = []
    stage = Safekeeping(
        plan=BackupPlan(**plan),
        backups=backups,
        aside=here,
        operator=ground.operator,
        damaged=lambda: damaged.append("yes"),
        clock=ground.clock,
        log=ground.log,
    )
    return stage, damaged


async def run_for(ground: Ground, tick: Any, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
    for _ in range(span // step):
        ground.clock.advance(step.total_seconds())
        await tick()


async def test_case_72_the_daemon_makes_a_copy_a_day_and_a_restart_makes_none(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups()
    await run_for(ground, keeping(ground, backups)[0].tick, timedelta(days=3), timedelta(minutes=10))
    assert len(backups.made) == 3
    for _ in range(20):  # restarts, within the day
        await run_for(ground, keeping(ground, backups)[0].tick, timedelta(minutes=5))
    assert len(backups.made) == 4 - (ground.clock.now() < backups.made[2] + DAY)
    assert ground.told() == []


async def test_no_copy_is_made_where_nobody_wants_one(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups()
    await run_for(ground, keeping(ground, backups, every=None)[0].tick, timedelta(days=3), timedelta(hours=1))
    assert backups.tried == 0


async def test_copies_dated_in_the_future_put_none_off(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups()
    backups.made.append(ground.clock.now() + timedelta(days=400))  # the clock was wrong when it was made
    await run_for(ground, keeping(ground, backups)[0].tick, timedelta(minutes=3))
    assert len(backups.made) == 2


async def test_a_clock_set_back_an_hour_makes_no_copies_and_so_drops_none(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups()
    stage, _ = keeping(ground, backups)
    await run_for(ground, stage.tick, timedelta(minutes=10))
    assert len(backups.made) == 1
    ground.clock.step(-3600)
    await run_for(ground, stage.tick, timedelta(minutes=10))
    await run_for(ground, keeping(ground, backups)[0].tick, timedelta(minutes=10))  # started anew
    assert len(backups.made) == 1


@pytest.mark.parametrize("days", [-3, 2, 400])
async def test_a_clock_that_steps_by_days_right_after_a_copy_makes_no_second_one_within_a_day(
    days: int, store: Store
) -> None:
    ground, backups = Ground(store), FakeBackups()
    stage, _ = keeping(ground, backups)
    await run_for(ground, stage.tick, timedelta(minutes=2))
    assert len(backups.made) == 1
    ground.clock.step(days * 86400)
    await run_for(ground, stage.tick, DAY - timedelta(minutes=5), timedelta(minutes=5))
    assert len(backups.made) == 1
    await run_for(ground, stage.tick, timedelta(minutes=20), timedelta(minutes=5))
    assert len(backups.made) == 2


async def test_what_was_told_of_copies_is_forgotten_where_nobody_wants_them_any_more(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups(NoRoom("the disk is full"))
    await run_for(ground, keeping(ground, backups)[0].tick, timedelta(minutes=2))
    assert store.open_causes("backup") == {"backup"}
    await run_for(ground, keeping(ground, backups, every=None)[0].tick, timedelta(minutes=2))  # started anew
    assert store.open_causes("backup") == frozenset()
    assert ground.told() == ["backup"]  # nobody is told that it works again: it does not


async def test_a_copy_made_by_hand_is_the_end_of_the_trouble_too(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups(NoRoom("the disk is full"))
    stage, _ = keeping(ground, backups)
    await run_for(ground, stage.tick, timedelta(minutes=5))
    backups.made.append(ground.clock.now())
    await run_for(ground, stage.tick, timedelta(hours=2))
    assert ground.told() == ["backup", "backup over"]


async def test_nobody_is_late_while_the_search_indexes_are_made_anew(store: Store) -> None:
    """To be restarted by the watchdog would undo it, and begin it anew."""
    ground, late = Ground(store), []

    async def slow(function: Any, *args: Any, **kwargs: Any) -> Any:
        ground.clock.advance(600)
        late.append(ground.pulse.late())
        return await here(function, *args, **kwargs)

    ground.pulse.promise("collect")
    subject = ground.soundness(FakeFile(), index_damaged=True, on_store=slow)
    await subject.tick()
    assert late == [()]
    assert ground.pulse.late() == ("collect",)


async def test_a_check_that_could_not_be_made_is_made_soon(store: Store) -> None:
    ground, file = Ground(store), FakeFile(told=StoreError("locked"))
    subject = ground.soundness(file)
    ground.clock.advance(700)
    with pytest.raises(StoreError):
        await subject.check()
    file.told = "bad"
    with pytest.raises(StoreDamaged):
        await run_for(ground, subject.check, timedelta(minutes=15))


async def test_a_copy_that_fails_is_told_once_tried_every_hour_and_told_when_it_works(store: Store) -> None:
    ground, backups = Ground(store), FakeBackups(NoRoom("the disk is full"), StoreError("x"), StoreError("x"))
    await run_for(ground, keeping(ground, backups)[0].tick, timedelta(hours=5))
    assert (backups.tried, len(backups.made)) == (4, 1)
    assert ground.told() == ["backup", "backup over"]
    assert len(ground.log.named("backup_failed")) == 3
    raw = store._rows("SELECT raw FROM messages WHERE \"group\" = 'operator' ORDER BY id")
    assert b"the disk is full" in raw[0][0]


async def test_damage_met_by_a_copy_has_the_database_looked_through(store: Store) -> None:
    """That ends the daemon with a mail about the one cause; where it finds nothing, the copy itself is told of."""
    ground = Ground(store)
    stage, damaged = keeping(ground, FakeBackups(*[StoreDamaged("a page is damaged")] * 3))
    await run_for(ground, stage.tick, timedelta(minutes=2))
    assert (damaged, ground.told(), len(ground.log.named("backup_failed"))) == (["yes"], [], 1)
    await run_for(ground, stage.tick, timedelta(hours=4))
    assert (damaged, ground.told()) == (["yes"], ["backup", "backup over"])


async def test_a_database_that_is_well_is_looked_through_once_a_day(store: Store, path: Path) -> None:
    ground = Ground(store)
    await run_for(ground, ground.soundness(DatabaseFile(path)).check, timedelta(days=3), timedelta(minutes=30))
    assert (len(ground.log.named("database_checked")), ground.whole) == (3, 3)
    assert ground.told() == []


async def test_that_it_is_whole_is_told_again_soon_where_it_could_not_be_told(store: Store) -> None:
    ground, file = Ground(store), FakeFile()
    ground.wrong = StoreError("locked")
    subject = ground.soundness(file)
    subject.hurry()
    with pytest.raises(StoreError):
        await subject.check()
    ground.wrong = None
    await run_for(ground, subject.check, timedelta(minutes=15))
    assert ground.whole == 2


async def test_case_71_damage_found_by_the_daily_check_ends_the_daemon_and_writes_nothing(store: Store) -> None:
    ground = Ground(store)
    subject = ground.soundness(FakeFile(told="Tree 7 page 9: bad"))
    with pytest.raises(StoreDamaged, match="Tree 7 page 9: bad; see `monitor db verify`"):
        await run_for(ground, subject.check, timedelta(minutes=11))
    assert (ground.told(), ground.whole) == ([], 0)


async def test_case_71_a_hurried_check_comes_at_once(store: Store) -> None:
    ground = Ground(store)
    subject = ground.soundness(FakeFile(told="bad"))
    await subject.check()
    subject.hurry()
    with pytest.raises(StoreDamaged):
        await subject.check()


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 44), reason="this SQLite does not look through FTS5's tables")
async def test_case_71_a_damaged_search_index_is_made_anew_with_one_line(store: Store, path: Path) -> None:
    ground = Ground(store)
    spoil_index(store)
    subject = ground.soundness(DatabaseFile(path))
    subject.hurry()
    await subject.check()
    await subject.tick()
    assert len(ground.log.named("search_index_made_anew")) == 1
    assert ground.told() == []
    assert DatabaseFile(path).check() is None


async def test_case_71_a_write_that_meets_a_damaged_index_has_it_made_anew_and_works_again(path: Path) -> None:
    thread = StoreThread()
    store = await thread(filled, path, 50)
    await thread(spoil_index, store)
    with pytest.raises(IndexDamaged):
        await thread(_write_until_it_merges, store)
    assert thread.take_index_damage()
    assert not thread.take_index_damage()
    await thread(store.rebuild_indexes)
    await thread(store._run, "UPDATE articles SET text = 'x'")
    await thread(store.close)
    thread.close()


def _write_until_it_merges(store: Store) -> None:
    for number in range(200):
        store._run("UPDATE articles SET text = ?", [str(number)])


async def test_what_the_store_cannot_do_names_the_file(path: Path) -> None:
    thread = StoreThread(path)
    with pytest.raises(StoreError, match=f"^{path}: no such table: x"):
        await thread(lambda: sqlite3.connect(":memory:").execute("SELECT * FROM x"))
    with pytest.raises(StoreError, match=f"^{path}/none: No such file or directory"):
        await thread(Path(path / "none").read_text)
    thread.close()


async def test_case_71_after_damage_nothing_is_written_any_more(path: Path) -> None:
    thread = StoreThread()
    store = await thread(filled, path)
    await thread(store.close)
    damage(path)
    before = content(path)
    store = await thread(open_store, path, current_owner())
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            await thread(store._rows, "SELECT * FROM articles")
    with pytest.raises(StoreDamaged):
        await thread(store._run, "DELETE FROM events")
    thread.close()
    assert content(path) == before


def ask_as_a_stranger(path: Path, sql: str) -> str:
    """Ask in another process, with Python's own SQLite."""
    script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())"
    run = [sys.executable, "-c", script, str(path), sql]
    return subprocess.run(run, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def content(path: Path) -> bytes:
    return path.read_bytes()


def size(path: Path) -> int:
    return path.stat().st_size


def grow(store: Store, wal: Path) -> None:
    """Write until the log is longer than it may be."""
    while size(wal) <= TOO_LARGE:
        store._many("INSERT INTO x VALUES (?)", [(b"x" * 1_000_000,)] * 8)


HOLD = """
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM articles").fetchall()
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def long_reader(path: Path) -> Iterator[int]:
    run = [sys.executable, "-c", textwrap.dedent(HOLD), str(path)]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate("\n", timeout=60)


@pytest.mark.slow
@pytest.mark.skipif(journal_mode() != "wal", reason="this SQLite writes no log beside the database")
async def test_case_70_a_long_reader_is_told_once_and_the_log_is_cut_when_it_ends(store: Store, path: Path) -> None:
    ground, wal = Ground(store), path.with_name("monitor.db-wal")
    subject = ground.soundness(DatabaseFile(path))
    store._run("CREATE TABLE x (y)")
    with long_reader(path) as pid:
        grow(store, wal)
        for _ in range(120):  # ten minutes of ticks
            ground.clock.advance(5)
            await subject.tick()
        assert len(ground.log.named("wal_grows")) == 1
        assert f"(pid {pid})" in ground.log.named("wal_grows")[0]["held_by"]
        assert ground.told() == ["wal"]
    await subject.tick()
    await subject.tick()
    assert size(wal) < 100_000  # what closing the notice took
    assert store.open_causes("wal") == frozenset()
    with long_reader(path):
        grow(store, wal)
        await subject.tick()
    assert len(ground.log.named("wal_grows")) == 2


async def test_case_70_what_an_earlier_daemon_said_of_a_long_log_is_over_once_the_log_is_short(store: Store) -> None:
    ground = Ground(store)
    keeper = HeldUp()
    file = FakeFile(look=FileLook(wal=TOO_LARGE + 1))
    await ground.soundness(file, keeper=keeper).tick()
    assert store.open_causes("wal") == {"wal"}
    await ground.soundness(file, keeper=keeper).tick()  # a daemon that died meanwhile, and the log is as long as it was
    assert store.open_causes("wal") == {"wal"}
    file.seen = FileLook()
    await ground.soundness(file, keeper=keeper).tick()
    assert store.open_causes("wal") == frozenset()


@pytest.mark.skipif(journal_mode() != "wal", reason="this SQLite writes no log beside the database")
async def test_case_70_without_a_reader_the_log_is_cut_at_sixteen_mebibytes(store: Store, path: Path) -> None:
    ground, wal = Ground(store), path.with_name("monitor.db-wal")
    subject = ground.soundness(DatabaseFile(path))
    store._run("CREATE TABLE x (y)")
    store._many("INSERT INTO x VALUES (?)", [(b"x" * 20_000_000,)])
    assert size(wal) > 16 * 2**20
    await subject.tick()
    assert size(wal) == 0
    assert ground.log.named("wal_grows") == []


@pytest.mark.skipif(journal_mode() != "wal", reason="this SQLite writes no log beside the database")
@pytest.mark.parametrize("endings", [("-wal",), ("-shm",), ("-wal", "-shm")])
async def test_case_74_a_log_that_is_removed_while_it_runs_costs_nothing(
    endings: tuple[str, ...], store: Store, path: Path
) -> None:
    ground = Ground(store)
    file = DatabaseFile(path)
    subject = ground.soundness(file)
    store._run("UPDATE articles SET title = 'in the log'")
    await subject.tick()
    assert ground.log.named("wal_was_removed") == []
    for ending in endings:
        path.with_name(path.name + ending).unlink()
    await subject.tick()
    await subject.tick()
    assert len(ground.log.named("wal_was_removed")) == 1
    store._run("UPDATE articles SET author = 'later'")
    asked = "SELECT count(*) FROM articles WHERE title = 'in the log' AND author = 'later'"
    assert ask_as_a_stranger(path, asked) == "(3,)"
    store.close()
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {"ok"}


@pytest.mark.skipif(journal_mode() != "wal", reason="this SQLite writes no log beside the database")
async def test_case_74_a_log_that_is_removed_while_a_program_reads_is_healed_once_that_has_ended(
    store: Store, path: Path
) -> None:
    ground = Ground(store)
    subject = ground.soundness(DatabaseFile(path))
    store._run("UPDATE articles SET author = 'before the reader'")
    await subject.tick()
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM articles").fetchall()
    store._run("UPDATE articles SET title = 'in the log'")
    path.with_name("monitor.db-wal").unlink()
    store._run("PRAGMA busy_timeout = 0")  # the reader will not end meanwhile
    for _ in range(2):
        with pytest.raises(StoreError, match="a program that reads is in the way"):
            await subject.tick()
    store._run("UPDATE articles SET summary = 'written meanwhile'")  # the old connection is open, and has all
    assert ground.log.named("wal_was_removed") == []
    reader.execute("COMMIT")
    reader.close()
    await subject.tick()
    await subject.tick()
    assert len(ground.log.named("wal_was_removed")) == 1
    store._run("UPDATE articles SET url = url || '#later'")
    asked = "SELECT count(*) FROM articles WHERE title = 'in the log' AND author = 'before the reader'"
    asked += " AND summary = 'written meanwhile' AND url LIKE '%#later'"
    assert ask_as_a_stranger(path, asked) == "(3,)"
    store.close()
    assert {one.state for one in verify(path, now=NOW, deep=True)} == {"ok"}


async def test_case_74_a_database_that_is_moved_or_replaced_while_it_is_open_is_written_no_more(
    store: Store, path: Path
) -> None:
    ground = Ground(store)
    subject = ground.soundness(DatabaseFile(path))
    away = path.with_name("away.db")
    shutil.move(path, away)
    with pytest.raises(StoreDamaged, match="was moved, replaced or removed"):
        await subject.tick()
    shutil.copy(away, path)
    with pytest.raises(StoreDamaged, match="was moved, replaced or removed"):
        await subject.tick()


READ_ONLY = """
    import os, sys
    from pathlib import Path
    from monitor.errors import StoreError
    from monitor.store import current_owner, open_store
    owner = current_owner()
    if not os.getuid():
        os.setuid(65534)
    try:
        open_store(Path(sys.argv[1]), owner)
    except StoreError as error:
        print(error)
"""


@pytest.mark.slow
def test_case_74_a_folder_or_file_that_may_only_be_read_is_told_and_nothing_is_changed() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        filled(folder / "data" / "monitor.db").close()
        before = (folder / "data" / "monitor.db").read_bytes()
        (folder / "data" / "monitor.db").chmod(0o444)
        (folder / "data").chmod(0o555)
        folder.chmod(0o755)
        run = [sys.executable, "-c", textwrap.dedent(READ_ONLY), str(folder / "data" / "monitor.db")]
        told = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60).stdout
        assert "cannot be written by this user" in told
        assert "chown" in told
        assert (folder / "data" / "monitor.db").read_bytes() == before
    finally:
        (folder / "data").chmod(0o700)
        shutil.rmtree(folder)


MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /srv/net\\040work rw shared:9 - nfs4 server:/export rw
31 21 0:41 / /var/lib/docker/overlay2/x rw - overlay overlay rw
nonsense
"""


def test_case_74_the_longest_mount_point_says_what_file_system_a_path_is_on() -> None:
    lines = MOUNTS.splitlines()
    assert kind_of(Path("/srv/data"), lines) == "ext4"
    assert kind_of(Path("/srv/net work/news"), lines) == "nfs4"
    assert kind_of(Path("/var/lib/docker/overlay2/x/data"), lines) == "overlay"
    assert kind_of(Path("/srv/data"), []) is None


def test_case_74_on_a_network_file_system_no_log_beside_the_database_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"21 1 8:1 / / rw - ext4 x rw\n30 21 0:40 / {tmp_path}/data rw - nfs4 server:/export rw\n")
    # Patched, because a test has no network file system.
    monkeypatch.setattr(monitor.store.mounts, "_MOUNTS", mounts)
    path = tmp_path / "data" / "monitor.db"
    store = open_store(path, current_owner())
    assert store._rows("PRAGMA journal_mode") == [("truncate",)]
    assert journal_mode(tmp_path) == journal_mode()
    monkeypatch.setattr(monitor.store.mounts, "_MOUNTS", tmp_path / "none")
    assert monitor.store.mounts.network_file_system(path) is None
    store.close()
    connection = sqlite3.connect(path)
    connection.close()
