"""A note in the data folder that the daemon ended on its database: it is told of once that is whole."""

from __future__ import annotations

import json
import os
from contextlib import suppress
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
    """When the daemon ended, aware UTC, why, and whether a mail of it was sent."""

    at: datetime
    why: str
    sent: bool = False


def leave_note(folder: Path, note: Note) -> None:
    """Write a note in place of what is there, whole or not at all, for its owner alone.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    new = folder / f".{_NAME}.new"
    try:
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump({"at": note.at.isoformat(), "why": note.why, "sent": note.sent}, file)
        new.replace(folder / _NAME)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


def read_note(folder: Path) -> Note | None:
    """Give the note; None where there is none that can be read."""
    try:
        told = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        return Note(at=datetime.fromisoformat(told["at"]), why=str(told["why"]), sent=told.get("sent", True) is True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
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
