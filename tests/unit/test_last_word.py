"""The daemon ends on its database: the operator hears at once, outside the outbox, and once when it works again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app.ending import Note, leave_note, read_note, tell_of_end
from monitor.app.ground import Ground
from monitor.app.lastword import say_last_word
from monitor.clock import SystemClock
from monitor.config import Config, load
from monitor.errors import StoreDamaged
from monitor.failpoints import nowhere
from monitor.impasse import Impasse
from monitor.store import current_owner, open_store
from tests.factories import NOW
from tests.fakes import FakeLog, here

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


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.glob("*.json")}


def forget(folder: Path) -> None:
    (folder / "ended.json").unlink()


async def test_case_71_the_operator_hears_once_that_the_daemon_ended_and_why(folder: Path) -> None:
    log = FakeLog()
    for _ in range(3):
        await say_last_word(config(folder), DAMAGED, log=log)
    (mail,) = mails(folder)
    assert "The daemon has ended: its database cannot be used" in mail
    assert str(DAMAGED) in mail
    assert len(log.named("operator_told")) == 1
    assert modes(folder) == {"ended.json": 0o600}


async def test_what_the_daily_check_has_told_is_not_told_again(folder: Path) -> None:
    await say_last_word(config(folder), StoreDamaged("found", told=True), log=FakeLog())
    assert mails(folder) == []
    note = read_note(folder)
    assert note is not None
    assert note.why == "found"


async def test_without_an_operator_there_is_the_note_alone(folder: Path) -> None:
    await say_last_word(config(folder, operator=""), DAMAGED, log=FakeLog())
    assert mails(folder) == []
    assert read_note(folder) is not None


async def test_a_mail_server_that_is_silent_or_gone_holds_up_no_end(folder: Path) -> None:
    async def nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    over, log = asyncio.Event(), FakeLog()
    async with await asyncio.start_server(nothing, "127.0.0.1", 0) as server:
        known = config(folder, smtp=SILENT % server.sockets[0].getsockname()[1])
        await say_last_word(known, DAMAGED, log=log, patience=timedelta(seconds=0.2))
        assert len(log.named("last_word_not_sent")) == 1
        over.set()
    forget(folder)
    await say_last_word(known, DAMAGED, log=log)
    assert len(log.named("last_word_not_sent")) == 2
    assert read_note(folder) is not None


async def test_where_no_note_can_be_left_not_each_start_sends_a_mail(tmp_path: Path) -> None:
    log = FakeLog()
    await say_last_word(config(tmp_path / "data"), DAMAGED, log=log)
    assert mails(tmp_path / "data") == []
    assert log.named("last_word_not_kept")


async def test_case_71_the_next_start_says_once_since_when_it_had_ended(folder: Path) -> None:
    known, log, clock = config(folder), FakeLog(), SystemClock()
    store = open_store(known.database, current_owner())
    ground = Ground(
        config=known,
        store=store,
        on_store=here,
        clock=clock,
        log=log,
        failpoint=nowhere,
        impasse=Impasse(monotonic=clock.monotonic, log=log),
    )
    await tell_of_end(ground)
    assert log.events == []
    assert leave_note(folder, Note(at=NOW, why=str(DAMAGED)))
    for _ in range(2):
        await tell_of_end(ground)
    rows = store._rows("SELECT subject, raw FROM messages")
    store.close()
    ((subject, raw),) = rows
    assert subject == "News monitor: The daemon works again; it had ended at 2026-11-24 16:00 +04"
    assert str(DAMAGED).encode() in raw
    assert read_note(folder) is None


@pytest.mark.parametrize("told", ["", "{", "[]", '{"at": "yesterday", "why": "x"}', '{"why": "x"}'])
def test_a_note_that_cannot_be_read_is_none(folder: Path, told: str) -> None:
    (folder / "ended.json").write_text(told)
    assert read_note(folder) is None
