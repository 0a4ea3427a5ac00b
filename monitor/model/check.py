"""What a look at the machine, the configuration or a way out found, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended. A note is worth knowing and calls for nobody at night."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; `remedy` names a command or a key, and is empty where nothing is to be done."""

    name: str
    verdict: Verdict
    told: str
    remedy: str = ""


def fine(name: str, told: str) -> Check:
    """Give a check that found nothing wrong."""
    return Check(name=name, verdict=Verdict.OK, told=told)


def noted(name: str, told: str, remedy: str = "") -> Check:
    """Give a check that found something worth knowing."""
    return Check(name=name, verdict=Verdict.NOTE, told=told, remedy=remedy)


def wrong(name: str, told: str, remedy: str) -> Check:
    """Give a check that found what a person must mend."""
    return Check(name=name, verdict=Verdict.WRONG, told=told, remedy=remedy)
