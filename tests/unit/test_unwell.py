from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.cli.output import told_in
from monitor.cli.unwell import gaps, needed, source_lines, unwell
from monitor.model import MessageState, RobotsFile
from monitor.polling.trouble import calls_for_somebody
from tests.factories import NOW, state
from tests.rigs.desk import RULES, Desk

ROBOTS = {"barred": NOW + timedelta(hours=20)}


def row(name: str, state: str, error: str | None = None, *, since: str = "2026-11-24T02:00:00Z", **changes: Any) -> Any:
    known = {
        "source": name,
        "state": state,
        "since": since,
        "failures": 0 if error is None else 4,
        "due_at": "2026-11-24T12:20:00Z",
        "last_good_at": None,
        "last_error": error,
        "last_gap_at": None,
    }
    return known | changes


def shown(*rows: Any, now: datetime = NOW) -> list[str]:
    facts = {"sources": Counter(one["state"] for one in rows), "unwell": unwell(rows, ROBOTS), "gaps": gaps(rows, now)}
    return told_in(ZoneInfo("Asia/Tbilisi"), "\n".join(source_lines(facts, now))).splitlines()


def test_those_that_are_not_well_are_listed_with_since_reason_and_remedy_worst_first() -> None:
    lines = shown(
        row("fine", "well"),
        row("late", "slow", "timeout: no answer", since="2026-11-24T11:48:00Z"),
        row("calm", "quiet", since="2026-11-14T12:00:00Z"),
        row("gone", "dead", "http_404: answered 404"),
        row("shut", "blocked", "http_403: answered 403"),
    )
    assert lines[0] == "sources: 1 well, 1 quiet, 1 slow, 1 blocked, 1 dead, 0 new"
    assert [line.split(":")[0].strip() for line in lines[1::2]] == ["dead", "blocked", "quiet", "slow"]
    assert lines[2::2] == [
        "    gone    10 h (since 2026-11-24 06:00 +04)  http_404: answered 404",
        "    shut    10 h (since 2026-11-24 06:00 +04)  http_403: answered 403",
        "    calm    10 d (since 2026-11-14 16:00 +04)  nothing new",
        "    late  12 min (since 2026-11-24 15:48 +04)  timeout: no answer; again 2026-11-24 16:20 +04",
    ]


def test_forty_sources_that_are_all_broken_fit_a_screen() -> None:
    states = ("dead", "blocked", "slow", "quiet")
    lines = shown(*(row(f"s{number}", states[number % 4], "http_404: " + "x" * 500) for number in range(40)))
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 160
    assert lines.count("    and 2 more: monitor sources list") == 4


def test_a_source_that_robots_txt_forbids_says_when_it_is_asked_for_again() -> None:
    """Its next visit may come before: it still goes by the file that was read."""
    error = "robots_disallowed: https://one.example/robots.txt forbids https://one.example/feed; " + "x" * 80
    rows = [row(name, "blocked", error) for name in ("barred", "long-barred")] + [row("shut", "blocked", "http_403")]
    lines = shown(*rows)
    assert [line.rpartition("; ")[2] for line in lines[2:4]] == [
        "robots.txt is asked for again from 2026-11-25 12:00 +04 on",
        "robots.txt is asked for again from 2026-11-24 16:20 +04 on",
    ]
    assert lines[4].endswith("http_403")
    assert all(len(line) < 170 for line in lines)


def test_status_reads_from_the_database_when_robots_txt_is_too_old(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.store.keep_robots("one.example", RobotsFile(status=200, body="User-agent: *\nDisallow: /", read_at=NOW))
    desk.store._run(
        "UPDATE source_state SET condition = 'blocked', since = '2026-11-24T12:00:00Z', failures = 3,"
        " due_at = '2026-11-24T13:00:00Z', last_error = 'robots_disallowed: ' || source"
    )
    (facts,) = map(json.loads, desk.run("status", "--json").output.splitlines())
    assert {row["source"]: row["robots_again"] for row in facts["unwell"]} == {
        "one": "2026-11-25T12:00:00Z",
        "two": "2026-11-24T13:00:00Z",
    }


def test_a_source_that_is_well_is_not_listed() -> None:
    assert shown(row("fine", "well"), row("young", "new")) == [
        "sources: 1 well, 0 quiet, 0 slow, 0 blocked, 0 dead, 1 new"
    ]


def test_pages_without_texts_are_the_reason_where_the_source_itself_is_read() -> None:
    assert unwell([row("one", "blocked")], ROBOTS)[0]["reason"] == "its articles' pages have lost their texts"


def test_a_gap_is_told_for_a_day() -> None:
    rows = [
        row("one", "well", last_gap_at="2026-11-24T10:00:00Z"),
        row("two", "well", last_gap_at="2026-11-20T10:00:00Z"),
    ]
    assert gaps(rows, NOW) == {"one": "2026-11-24T10:00:00Z"}
    assert shown(*rows)[1:] == ["  perhaps missed articles before 2026-11-24 14:00 +04: one"]


def test_a_failure_calls_for_somebody_when_it_lasts_or_the_source_was_never_read() -> None:
    def fails(*, error: str, hours: float, failures: int = 3, read: bool = True) -> bool:
        since = NOW - timedelta(hours=hours)
        return calls_for_somebody(
            state(
                failures=failures, last_error=error, failing_since=since, error_since=since, last_visit_at=NOW,
                last_good_at=since if read else None,
            )
        )  # fmt: skip # a table

    assert not calls_for_somebody(state(last_good_at=NOW))
    assert not calls_for_somebody(state()), "not asked yet"
    assert not fails(error="challenge_page: x", hours=0.9)
    assert fails(error="challenge_page: x", hours=1)
    assert not fails(error="timeout", hours=5)
    assert fails(error="timeout", hours=6)
    assert fails(error="dns", hours=0, failures=1, read=False)


def test_notices_name_the_sources_that_need_somebody() -> None:
    causes = ("failing:b", "quiet:a", "texts:b", "transport:smtp", "outage", "message:<x>")
    assert needed([{"cause": cause} for cause in causes]) == ["a", "b"]


def test_all_times_are_told_in_the_zone_of_mails_and_to_machines_in_utc(tmp_path: Path, words: Path) -> None:
    """One style, wherever a time stands."""
    assert words.is_dir()
    desk = Desk(tmp_path)
    desk.rewrite(RULES, more="timezone: Asia/Tbilisi\n")
    desk.add("Prisoners came home")
    desk.add("More prisoners came home")
    desk.send((MessageState.SENT, "250 ok"))
    told = desk.run("status").stdout
    assert "last mail sent: 2026-11-24 16:00 +04" in told.splitlines()
    assert "mails: 0 pending, 1 alerts waiting; oldest 2026-11-24 16:00 +04" in told.splitlines()
    assert not re.search(r"\d\dT\d\d:", told)
    (facts,) = (json.loads(line) for line in desk.run("status", "--json").stdout.splitlines())
    assert facts["mail"]["last_sent"] == "2026-11-24T12:00:00Z"
