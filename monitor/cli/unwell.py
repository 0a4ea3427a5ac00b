"""The part of `monitor status` about sources: how many are well; which are not, since when, why, and what helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Condition

STATES = (Condition.WELL, Condition.QUIET, Condition.SLOW, Condition.BLOCKED, Condition.DEAD, Condition.NEW)
NEEDS = ("failing:", "quiet:", "texts:", "backfill:")  # causes of notices about one source; its name follows
OUTAGE = "outage"
RECENT = timedelta(days=1)  # a gap is told so long
_LINES = 8  # of one state: forty sources stay on a screen
_WIDEST, _WITH_AGAIN = 90, 114
_HELP = {
    Condition.DEAD: "find its new address (`monitor sources add` does so from the home page), or take it out",
    Condition.BLOCKED: "open it in a browser; ask the outlet to let you in, or take another feed or listing of it",
    Condition.QUIET: "read without fault, but long silent for its kind: look whether its site has another feed now",
    Condition.SLOW: "asked more rarely until it works; nothing to do yet",
}


def unwell(health: Sequence[Mapping[str, Any]], robots: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """Give the sources that are not well, worst first, from rows of v_source_health.

    `robots` says from when on each source's robots.txt, as it was read last, is too old to be used.
    """
    order = list(_HELP)
    rows = [
        {key: row[key] for key in ("source", "state", "since", "failures", "due_at", "last_good_at")}
        | {"reason": _reason(row), "remedy": _HELP[Condition(str(row["state"]))]}
        | _robots(row, robots)
        for row in health
        if row["state"] in order
    ]
    return sorted(rows, key=lambda row: (order.index(Condition(row["state"])), row["since"], row["source"]))


def _robots(row: Mapping[str, Any], robots: Mapping[str, datetime]) -> dict[str, str]:
    """Tell when a visit asks for the robots.txt anew that forbids a source: the first one that finds it too old."""
    if row["state"] != Condition.BLOCKED or not str(row["last_error"]).startswith("robots_disallowed"):
        return {}
    old = robots.get(str(row["source"]))
    return {"robots_again": max(str(row["due_at"]), f"{old:%Y-%m-%dT%H:%M:%SZ}" if old else "")}


def _reason(row: Mapping[str, Any]) -> str:
    if row["state"] == Condition.QUIET:
        return "nothing new"
    if not row["failures"]:
        return "its articles' pages have lost their texts"
    return str(row["last_error"] or "")


def gaps(health: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, str]:
    """Give the sources that may have missed articles lately, and when."""
    late = f"{now - RECENT:%Y-%m-%dT%H:%M:%SZ}"
    return {str(row["source"]): str(row["last_gap_at"]) for row in health if str(row["last_gap_at"] or "") >= late}


def needed(notices: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the sources that the operator was told of and that are as they were."""
    names = {str(notice["cause"]).partition(":")[2] for notice in notices if str(notice["cause"]).startswith(NEEDS)}
    return sorted(names)


def source_lines(facts: Mapping[str, Any], now: datetime) -> list[str]:
    """Give the counts by state, then the sources that are not well, by state, each with since when and why."""
    states = facts["sources"]
    told = ["sources: " + ", ".join(f"{states.get(state, 0)} {state}" for state in STATES)]
    number = Counter(row["state"] for row in facts["unwell"])
    widest = max((len(row["source"]) for row in facts["unwell"]), default=0)
    for state, remedy in _HELP.items():
        rows = [row for row in facts["unwell"] if row["state"] == state]
        if rows:
            told.append(f"  {state}: {remedy}")
        told += [f"    {row['source']:{widest}}  {_since(row['since'], now)}  {_cut(row)}" for row in rows[:_LINES]]
        if number[state] > _LINES:
            told.append(f"    and {number[state] - _LINES} more: monitor sources list")
    told += [f"  perhaps missed articles before {at}: {name}" for name, at in facts["gaps"].items()]
    return told


def _cut(row: Mapping[str, Any]) -> str:
    again = f"; again {row['due_at']}" if row["state"] == Condition.SLOW else ""
    if "robots_again" in row:
        again = f"; robots.txt is asked for again from {row['robots_again']} on"
    reason, room = str(row["reason"]), min(_WIDEST, _WITH_AGAIN - len(again))
    return (reason if len(reason) <= room else reason[: room - 1] + "…") + again


def _since(moment: str, now: datetime) -> str:
    """Give how long ago, and when: a person at night counts badly."""
    passed = max(now - datetime.fromisoformat(moment), timedelta())
    hours = passed // timedelta(hours=1)
    ago = f"{hours // 24} d" if hours >= 48 else f"{hours} h" if hours else f"{passed // timedelta(minutes=1)} min"  # noqa: PLR2004 - two days
    return f"{ago:>6} (since {moment})"
