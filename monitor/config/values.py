"""The configuration as the program uses it: frozen values, secrets hidden."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.language import Concept, Concepts, terms_of, version_of
from monitor.model import (
    AlertSettings,
    BackupPlan,
    Channel,
    ConceptVersion,
    Limits,
    Ping,
    Retention,
    Rule,
    Smtp,
    Source,
)

_TOKEN = 8  # characters; shorter ones are words


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpiders:
    """The names that `spider:` may have, and what is wrong with people's files: whole lines, with file and line.

    `names` is None where they could not be read.
    """

    names: tuple[str, ...] | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that config.yaml says; `resting` are the sources that are disabled: known, but not visited."""

    file: Path
    data: Path
    contact: str
    languages: tuple[str, ...]
    timezone: ZoneInfo
    operator: str | None
    heartbeat: time | None
    ping: Ping | None
    channels: tuple[Channel, ...]
    smtp: Smtp | None
    password_file: Path | None
    alerts: AlertSettings
    rules: tuple[Rule, ...]
    glossary: tuple[Concept, ...]
    sources: tuple[Source, ...]
    spiders: tuple[Path, ...]
    resting: tuple[Source, ...]
    limits: Limits
    retention: Retention
    backup: BackupPlan
    warnings: tuple[str, ...]

    @property
    def disabled(self) -> tuple[str, ...]:
        """The names of the sources that are not visited."""
        return tuple(source.name for source in self.resting)

    @property
    def concepts(self) -> Concepts:
        """The words of every concept that a query may name."""
        return terms_of(self.glossary)

    @property
    def concept_versions(self) -> tuple[ConceptVersion, ...]:
        """The same, as they are kept with the versions of rules that name them."""
        return tuple(version_of(name, terms) for name, terms in self.concepts.items())

    @property
    def database(self) -> Path:
        """Where the database is."""
        return self.data / "monitor.db"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log line."""
        password = (self.smtp.password.value,) if self.smtp and self.smtp.password else ()
        return password + (_secrets_of(self.ping.address.value) if self.ping else ())


def _secrets_of(address: str) -> tuple[str, ...]:
    """Give a secret address, and what of it is secret on its own: long parts behind the host."""
    rest = address.partition("://")[2].partition("/")[2]
    return (address, *(part for part in re.split(r"[/?&=#]", rest) if len(part) >= _TOKEN))
