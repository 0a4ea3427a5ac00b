"""What is wrong with the whole, in one line each: notices that are not about one source, and standing still."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from monitor.cli.unwell import NEEDS, OUTAGE
from monitor.progress import CLOCK, FETCHING

DISK = "disk"
_MAIL = ("transport:", "message:")
_DATABASE = {"backup": "db backup", "database": "db verify", "wal": "db verify"}  # causes of notices, what helps


def notice_lines(notices: Sequence[Mapping[str, Any]], command: Callable[[str], str]) -> list[str]:
    """Give a line for each notice that is about mail, the database or the machine, with what helps.

    Sources, the line to the outside and the disk are told from what is so now.
    """
    told = []
    for notice in notices:
        cause, text = str(notice["cause"]), str(notice["text"]).partition("\n")[0]
        if cause.startswith(_MAIL):
            told.append(f"mail: {text}; {command('mail test')}")
        elif cause.partition(":")[0] in _DATABASE:
            told.append(f"database: {text}; {command(_DATABASE[cause.partition(':')[0]])}")
        elif not cause.startswith((*NEEDS, OUTAGE, DISK)):
            about = "clock: " if cause.startswith(CLOCK) else ""
            told.append(f"{about}{text}; {command('doctor')}")
    return told


def standstill(facts: Mapping[str, Any], command: str) -> list[str]:
    """Say that nothing is fetched although the daemon runs and nobody has said why."""
    causes = {notice["cause"] for notice in facts["notices"]}
    if not facts["running"] or facts["checks"][FETCHING] or OUTAGE in causes:
        return []
    if facts["failing"] and len(facts["failing"]) == sum(facts["sources"].values()):
        return []  # that all fail is told, with what helps
    return [f"no source was read since {facts['last_good_at'] or 'the start'}; restart the daemon, or {command}"]
