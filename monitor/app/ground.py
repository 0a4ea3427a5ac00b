"""What the composition of every stage begins with."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.clock import SystemClock
from monitor.config import Config
from monitor.impasse import Impasse
from monitor.line import Line
from monitor.protocols import Failpoint, Log, OnStore
from monitor.render import Letters
from monitor.store import Store

MAILDIR_SENDER = "News monitor <monitor@news-monitor.invalid>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every stage stands on."""

    config: Config
    store: Store
    on_store: OnStore
    clock: SystemClock
    log: Log
    failpoint: Failpoint
    impasse: Impasse
    line: Line = field(default_factory=Line)


def letters(config: Config) -> Letters:
    """Give who writes the mails."""
    return Letters(sender=config.smtp.sender if config.smtp else MAILDIR_SENDER, timezone=config.timezone)
