"""A mail server that fails one time in five, in every way that a mail server can fail and be right the next time."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from tests.rigs.smtp import DROP, HANG, LATE, Sink

OFTEN = 0.2
FAULTS = (
    ("GREETING", "421 too busy"),
    ("GREETING", DROP),
    ("EHLO", "421 going down"),
    ("MAIL", "451 not now"),
    ("MAIL", "421 going down"),
    ("MAIL", DROP),
    ("RCPT", "450 greylisted"),
    ("RCPT", "452 too many"),
    ("RCPT", DROP),
    ("RCPT", HANG),
    ("DATA", "451 not now"),
    ("DATA", DROP),
    ("DOT", "451 try again"),
    ("DOT", "421 going down"),
    ("DOT", LATE + "250 kept"),
    ("DOT", DROP),  # the mail is kept, and nobody is told
    ("DOT", HANG),
)


@dataclass
class MoodySink(Sink):
    """`Sink` whose sessions and mails each have a fault, or none, drawn beforehand."""

    seed: int = 0
    often: float = OFTEN
    ways: tuple[tuple[str, str], ...] = FAULTS
    faults: int = 0
    silences: int = 0  # mails that were kept without a word: they must come again
    away: bool = False  # nobody gets in

    chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.chance.seed(self.seed)

    async def _answer(self, writer: asyncio.StreamWriter, verb: str, usual: str) -> bool:
        if verb == "GREETING" and self.away:
            return False
        if verb in {"GREETING", "MAIL"}:
            self._draw(("GREETING", "EHLO") if verb == "GREETING" else ("MAIL", "RCPT", "DATA", "DOT"))
        reply = self.replies[verb][0] if self.replies[verb] else usual
        if verb == "DOT" and reply in {DROP, HANG}:
            self.silences += 1
        return await super()._answer(writer, verb, usual)

    def _draw(self, verbs: tuple[str, ...]) -> None:
        """Choose what goes wrong from here on; what a session before did not live to see is forgotten."""
        for verb in verbs:
            self.replies[verb].clear()
        if self.chance.random() < self.often:
            verb, reply = self.chance.choice([fault for fault in self.ways if fault[0] in verbs])
            self.faults += 1
            self.say(verb, reply)
