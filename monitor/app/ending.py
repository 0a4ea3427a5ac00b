"""A note in the data folder that the daemon ended on its database: it is told of once that is whole."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.app.ground import Ground
from monitor.app.watch import operator_of
from monitor.model import Notice
from monitor.text import minute

CAUSE = "ended"
_NAME = "ended.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """When the daemon ended, aware UTC, and why."""

    at: datetime
    why: str


def leave_note(folder: Path, note: Note) -> bool:
    """Write a note, for its owner alone; False if there is one already.

    Raises:
        OSError: it cannot be written.
    """
    try:
        number = os.open(folder / _NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(number, "w", encoding="utf-8") as file:
        json.dump({"at": note.at.isoformat(), "why": note.why}, file)
    return True


def read_note(folder: Path) -> Note | None:
    """Give the note; None where there is none that can be read."""
    try:
        told = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        return Note(at=datetime.fromisoformat(told["at"]), why=str(told["why"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def tell_of_end(ground: Ground) -> None:
    """Tell the operator of the note, and do away with it: the database was looked through whole, and nothing found."""
    operator, folder = operator_of(ground), ground.config.data
    if note := read_note(folder):
        at = minute(note.at, ground.config.timezone)
        text = f"The daemon works again; it had ended at {at}\n\n{note.why}\n\n{_SINCE}"
        await operator.tell([Notice(cause=CAUSE, text=text, at=ground.clock.now())])
    (folder / _NAME).unlink(missing_ok=True)
    # Said and over at once; a kill before this line leaves it open, and the next look says it no second time.
    await operator.forget(await operator.open(CAUSE) & {CAUSE})


_SINCE = (
    "Nothing was collected or sent in between. What outlets still show of that time is collected now; after a restore,"
    " what came between the copy and the end is told again (docs/database.md)."
)
