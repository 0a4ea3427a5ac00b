"""The daemon ends on its database: the operator hears at once, outside the outbox, and once when it works again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app.ending import Note, leave_note, read_note
from monitor.app.ground import Ground
from monitor.app.lastword import say_last_word
from monitor.app.upkeep import make_care
from monitor.clock import SystemClock
from monitor.config import Config, load
from monitor.errors import StoreDamaged
from monitor.failpoints import nowhere
from monitor.impasse import Impasse
from monitor.pulse import Pulse
from monitor.store import StoreThread, current_owner, open_store
from tests.factories import NOW
from tests.fakes import FakeLog, here
from tests.unit.test_db_copies import damage, filled

DAMAGED = StoreDamaged("monitor.db: database disk image is malformed")
SILENT = "{host: 127.0.0.1, port: %d, security: none, from: m@example.org}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir(mode=0o700)
    return tmp_path / "data"


def config(folder: Path, *, smtp: str = "", operator: str = "operator: desk") -> Config:
    file = folder.parent / "config.yaml"
    kind = "{type: email, to: [ops@example.org]}" if smtp else "{type: maildir, path: mail}"
    lines = ["timezone: Asia/Tbilisi", operator, f"channels: {{desk: {kind}}}", f"smtp: {smtp}" if smtp else ""]
    file.write_text("\n".join(lines) + "\nrules: []\nsources: []\n", encoding="utf-8")
    return load(file, environ={})


def mails(folder: Path) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in (folder / "mail" / "new").glob("*")]


def files(folder: Path, pattern: str) -> list[str]:
    return [file.name for file in folder.glob(pattern)]


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.glob("*.json")}


async def test_case_71_the_operator_hears_once_that_the_daemon_ended_and_why(folder: Path) -> None:
    log = FakeLog()
    for _ in range(3):
        await say_last_word(config(folder), DAMAGED, log=log)
    (mail,) = mails(folder)
    assert "The daemon has ended: its database cannot be used" in mail
    assert str(DAMAGED) in mail
    assert len(log.named("operator_told")) == 1
    assert modes(folder) == {"ended.json": 0o600}


async def test_without_an_operator_there_is_the_note_alone(folder: Path) -> None:
    await say_last_word(config(folder, operator=""), DAMAGED, log=FakeLog())
    assert mails(folder) == []
    assert read_note(folder) is not None


async def test_a_mail_server_that_is_silent_holds_up_no_end(folder: Path) -> None:
    async def nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    over, log = asyncio.Event(), FakeLog()
    async with await asyncio.start_server(nothing, "127.0.0.1", 0) as server:
        known = config(folder, smtp=SILENT % server.sockets[0].getsockname()[1])
        await say_last_word(known, DAMAGED, log=log, patience=timedelta(seconds=0.2))
        assert len(log.named("last_word_not_sent")) == 1
        over.set()


async def test_a_mail_that_had_no_way_out_is_tried_again_at_the_next_end(folder: Path) -> None:
    log = FakeLog()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens there
        for _ in range(2):
            await say_last_word(config(folder, smtp=SILENT % taken.getsockname()[1]), DAMAGED, log=log)
    assert len(log.named("last_word_not_sent")) == 2
    before = read_note(folder)
    assert before is not None
    for _ in range(2):
        await say_last_word(config(folder), StoreDamaged("another"), log=log)
    (mail,) = mails(folder)
    assert str(DAMAGED) in mail
    assert read_note(folder) == replace(before, sent=True)


async def test_whatever_is_wrong_with_the_last_word_is_logged_and_not_raised(folder: Path) -> None:
    known, log = config(folder), FakeLog()
    await say_last_word(replace(known, channels=(replace(known.channels[0], path="mail/\0"),)), DAMAGED, log=log)
    assert len(log.named("last_word_not_sent")) == 1


async def test_where_no_note_can_be_left_the_mail_goes_out_all_the_same(folder: Path) -> None:
    (folder / "ended.json").mkdir()
    log = FakeLog()
    await say_last_word(config(folder), DAMAGED, log=log)
    assert len(mails(folder)) == 1
    assert log.named("last_word_not_kept")
    assert files(folder, ".*") == [], "nothing is left half done"


@pytest.mark.parametrize("left", ["", '{"at": "2026'])
async def test_a_half_written_note_silences_nobody(folder: Path, left: str) -> None:
    (folder / "ended.json").write_text(left)
    await say_last_word(config(folder), DAMAGED, log=FakeLog())
    assert len(mails(folder)) == 1
    note = read_note(folder)
    assert note is not None
    assert note.sent


@pytest.fixture
def ground(folder: Path) -> Iterator[Ground]:
    known, log, clock = config(folder), FakeLog(), SystemClock()
    store = filled(known.database)
    yield Ground(
        config=known,
        store=store,
        on_store=here,
        clock=clock,
        log=log,
        failpoint=nowhere,
        impasse=Impasse(monotonic=clock.monotonic, writes=lambda: store.writes, log=log),
    )
    store.close()


async def look_through(ground: Ground) -> None:
    """Do what a start does first: everything, where a note lies there."""
    thread = StoreThread()
    care = make_care(ground, thread, Pulse(ground.clock.monotonic))
    try:
        await care.soundness.check()
    finally:
        await asyncio.to_thread(care.close)
        thread.close()


def formed(ground: Ground) -> list[str]:
    return [row[0].removeprefix("News monitor: ") for row in ground.store._rows("SELECT subject FROM messages")]


async def test_a_start_without_a_note_looks_through_nothing_at_once(ground: Ground) -> None:
    await look_through(ground)
    assert ground.log.events == []  # type: ignore[attr-defined] # a FakeLog


async def test_case_71_it_is_told_once_since_when_the_daemon_had_ended_when_the_database_is_whole(
    ground: Ground, folder: Path
) -> None:
    leave_note(folder, Note(at=NOW, why=str(DAMAGED)))
    for _ in range(2):
        await look_through(ground)
    assert formed(ground) == ["The daemon works again; it had ended at 2026-11-24 16:00 +04"]
    assert str(DAMAGED).encode() in ground.store._rows("SELECT raw FROM messages")[0][0]
    assert read_note(folder) is None


async def test_case_71_a_damaged_database_that_is_started_on_again_and_again_is_one_mail(
    ground: Ground, folder: Path
) -> None:
    ground.store.close()
    damage(ground.config.database)
    ground = replace(ground, store=open_store(ground.config.database, current_owner()))
    for _ in range(3):
        await say_last_word(ground.config, DAMAGED, log=FakeLog())
        with pytest.raises(StoreDamaged):
            await look_through(ground)
    assert len(mails(folder)) == 1
    assert formed(ground) == []
    assert read_note(folder) is not None
    ground.store.close()


@pytest.mark.parametrize("told", ["", "{", "[]", '{"at": "yesterday", "why": "x"}', '{"why": "x"}'])
def test_a_note_that_cannot_be_read_is_none(folder: Path, told: str) -> None:
    (folder / "ended.json").write_text(told)
    assert read_note(folder) is None
