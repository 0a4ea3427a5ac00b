"""What `monitor status` says of back-filling: what is under way, and which gaps were not closed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.cli.output import counted
from monitor.store import ArchiveRows

_RECENT = timedelta(days=7)
_ENDED = ("done", "failed")


def past_facts(archive: ArchiveRows, now: datetime) -> dict[str, Any]:
    """Give what is open, and of the last seven days what was given up, and gaps; each as v_backfills has it."""
    rows = archive.backfills(since=now - _RECENT)
    for row in rows:
        row["remarks"] = json.loads(str(row["remarks"]))
    gaps = [row for row in rows if row["state"] in _ENDED and row["reason"] == "gap"]
    return {
        "open": [row for row in rows if row["state"] not in _ENDED],
        "given_up": [row for row in rows if row["state"] == "failed" and row["reason"] != "gap"],
        "gaps_not_closed": [row for row in gaps if not row["reached"]],
        "gaps_closed": [row for row in gaps if row["reached"]],
    }


def not_closed(gaps: Mapping[str, str], facts: dict[str, Any]) -> dict[str, str]:
    """Give those of the sources' last gaps that were not closed, or not yet; `gaps` says when each was noticed."""
    closed = {(row["source"], row["until"]) for row in facts["gaps_closed"]}
    return {source: at for source, at in gaps.items() if (source, at) not in closed}


def past_lines(facts: dict[str, Any], command: str) -> list[str]:
    """Give it in plain lines; `command` is that of back-filling by hand. Nothing where there is nothing to say."""
    under_way, lost, given_up = facts["open"], facts["gaps_not_closed"], facts["given_up"]
    if not under_way and not lost and not given_up:
        return []
    told = f"back-filling: {len(under_way)} open, {counted(len(lost), 'gap')} of the last 7 days not closed"
    by_hand = lost or given_up or any(row["state"] == "paused" for row in under_way)
    lines = [told + (f"; by hand: {command}" if by_hand else "")]
    lines += [f"  {_what(row)}: {row['state']}, {row['requests']} requests, {row['new']} new" for row in under_way]
    lines += [f"  given up: {_what(row)}: {row['new']} new; {'; '.join(row['remarks'])}" for row in given_up]
    lines += [f"  not closed: {_what(row)}: {row['new']} found; {'; '.join(_words(row['remarks']))}" for row in lost]
    return lines


def _what(row: dict[str, Any]) -> str:
    what = "gap" if row["reason"] == "gap" else "asked"
    return f"{row['source']} ({what}), {row['since']} to {row['until']}"


def _words(remarks: Sequence[str]) -> Sequence[str]:
    return remarks or ["nobody knows what stood before"]
