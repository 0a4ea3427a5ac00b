"""The power goes while the store writes: nothing acknowledged is lost, nothing is damaged (case 65).

40 cuts here; `make powerloss` makes 200, POWERLOSS=N another number.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Alert, IndexedText, Message, MessageState, Receipt, Settled
from monitor.normalise import identity_keys
from monitor.store import Store, current_owner, open_store
from tests.factories import NOW, article, draft, match, source, state, visit
from tests.rigs.powerloss import History, Model, Platter, RecordingDisk, at_each, cut, digest, recorded, reopened
from tests.unit.test_pipeline import House

pytestmark = pytest.mark.slow

CUTS = int(os.environ.get("POWERLOSS", "40"))
SEED = int(os.environ.get("POWERLOSS_SEED", "65"))
ARTICLES = 30
MODES = ("wal", "truncate")
MODELS: tuple[Model, ...] = ("lost", "torn")


def work(store: Store, history: History, disk: RecordingDisk) -> None:
    """Do what the daemon does, commit by commit; each is noted once the store has said that it is done."""
    store.sync([source("one")], now=NOW, first_due={"one": NOW})
    history.note(store, disk)
    for number in range(ARTICLES):
        words = " ".join(f"word{number * 7 + more}" for more in range(400))
        found = article(title=f"Prisoners {number}", text=words, url=f"https://one.example/{number}")
        with store.transaction():
            known = store.add(found, identity_keys(found), IndexedText(title=f"=prisoners {number}", body=words))
            store.record(known, 0, [match(form="Prisoners")])
            store.alert(
                [
                    Alert(
                        recipient="anna@example.org",
                        channel="desk",
                        group="rule:prisoners",
                        article_id=known,
                        matches=(match(),),
                        created_at=NOW,
                        due_at=NOW,
                    )
                ]
            )
            store.settle([Settled(visit=visit("one", new_articles=1), state=state("one"))])
        history.note(store, disk)
        deliver(store, history, disk, number=number, alert=known)


def deliver(store: Store, history: History, disk: RecordingDisk, *, number: int, alert: int) -> None:
    made = Message(
        message_id=f"<{number}@x>",
        recipient="anna@example.org",
        channel="desk",
        group="rule:prisoners",
        subject="S",
        raw=b"raw" * 500,
        created_at=NOW,
        next_try_at=NOW,
    )
    assert store.form(made, [alert])
    history.note(store, disk)
    claimed = store.claim_message(["desk"], now=NOW, lease=timedelta(minutes=2))
    assert claimed
    history.note(store, disk)
    store.settle_message(claimed, Receipt(state=MessageState.SENT, at=NOW, reply="250 kept"))
    history.note(store, disk)


def lived(folder: Path, mode: str, *, pragma: str = "") -> tuple[RecordingDisk, History]:
    """Run the work on a recording disk."""
    disk, history = RecordingDisk(), History()
    path = folder / "monitor.db"
    with recorded(path, disk, mode):
        store = open_store(path, current_owner())
        if pragma:
            store._run(f"PRAGMA {pragma}")
        history.note(store, disk)
        work(store, history, disk)
        store.close()
    return disk, history


def points(disk: RecordingDisk, history: History, number: int) -> list[int]:
    """Choose moments from the first commit on; each third one is that of a commit just acknowledged."""
    chance = random.Random(SEED)
    acknowledged = [at for at, _ in history.moments[1:]]
    anywhere = range(history.moments[0][0] + 1, len(disk.ops))
    return sorted({*chance.sample(acknowledged, number // 3), *chance.sample(anywhere, number - number // 3)})


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("mode", MODES)
def test_case_65_a_power_cut_loses_no_commit_and_damages_nothing(mode: str, model: Model, tmp_path: Path) -> None:
    disk, history = lived(tmp_path / "data", mode)
    assert len(history.moments) == 2 + 4 * ARTICLES
    if mode == "wal":  # the log was carried over into the file meanwhile, too
        assert any(op.kind == "write" and op.file == "monitor.db" for op in disk.ops[: history.moments[-2][0]])
    chosen = points(disk, history, CUTS // 4)
    verdict = cut(disk, history, points=chosen, model=model, seed=SEED, folder=tmp_path)
    assert (verdict.lost, verdict.damaged) == ([], [])
    assert verdict.cuts == len(chosen) >= CUTS // 4 - 5  # two of the same are one


@pytest.mark.parametrize(
    ("mode", "pragma"),
    [("wal", "synchronous = NORMAL"), ("wal", "synchronous = OFF"), ("truncate", "synchronous = OFF")],
)
def test_the_rig_finds_what_weaker_settings_lose(mode: str, pragma: str, tmp_path: Path) -> None:
    disk, history = lived(tmp_path / "data", mode, pragma=pragma)
    chosen = points(disk, history, 10)
    found = [cut(disk, history, points=chosen, model=model, seed=SEED, folder=tmp_path) for model in MODELS]
    assert [verdict for verdict in found if verdict.lost or verdict.damaged]


@pytest.mark.parametrize("mode", MODES)
async def test_case_65_a_mail_is_only_sent_once_its_row_is_durable(mode: str, tmp_path: Path) -> None:
    disk, path = RecordingDisk(), tmp_path / "data" / "monitor.db"
    sent: dict[int, bytes] = {}
    with recorded(path, disk, mode):
        house = House(path)
        send = house.notifier.send

        async def noted(message: Message) -> str:
            sent[len(disk.ops)] = message.raw or b""
            return await send(message)

        house.notifier.send = noted  # type: ignore[method-assign] # to know when
        house.visit(draft(1, title="Prisoners home"), draft(2, title="A truce, and prisoners"))
        await house.round()
        house.store.close()
    assert len(sent) == 2  # one for each recipient

    def look(point: int, platter: Platter) -> None:
        store = reopened(platter.after_cut("lost", random.Random(SEED)), tmp_path / str(point))
        assert store._rows("SELECT state FROM messages WHERE raw = ?", [sent[point]]) == [("sending",)]
        store.close()

    at_each(disk, list(sent), look)


def test_a_digest_tells_every_row(tmp_path: Path) -> None:
    store = open_store(tmp_path / "monitor.db", current_owner())
    before = digest(store)
    store._run("INSERT INTO events (at, cause, text) VALUES ('2026', 'x', 'y')")
    assert digest(store) != before
    store.close()
