"""What is said of the past: in a mail, by `backfill`, by `status`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.app import ReadBack
from monitor.cli.backfill import lines
from monitor.cli.pastlines import not_closed, past_lines
from monitor.model import Backfill, BackfillState, Reason
from monitor.render.past import found_where, why_read_back
from tests.rigs.desk import Desk

TBILISI = ZoneInfo("Asia/Tbilisi")
GAP = Backfill(
    id=7,
    source="one",
    reason=Reason.GAP,
    since=datetime(2026, 11, 25, 10, tzinfo=UTC),
    until=datetime(2026, 11, 25, 14, tzinfo=UTC),
    mails=True,
    most=100,
    state=BackfillState.DONE,
    asked_at=datetime(2026, 11, 25, 14, tzinfo=UTC),
    reached=True,
)
ASKED = replace(GAP, reason=Reason.ASKED, since=datetime(2026, 11, 1, tzinfo=UTC))
BEGINS = ("the sitemap begins at 2026-11-23 06:00 UTC",)


def test_a_mail_says_which_time_its_articles_are_of_on_the_readers_clock() -> None:
    assert found_where(GAP, TBILISI) == "in a gap, 25 Nov 2026, 14:00–18:00"
    assert found_where(ASKED, TBILISI) == "by reading back, 01 Nov 2026 – 25 Nov 2026"
    night = replace(GAP, since=GAP.since - timedelta(days=1))
    assert found_where(night, TBILISI) == "in a gap, 24 Nov 2026, 14:00 – 25 Nov 2026, 18:00"


def test_a_mail_says_why_its_articles_come_now_and_what_may_be_missing() -> None:
    told = why_read_back(GAP, TBILISI)
    assert "published more than it shows at a time, or could not be read: 25 Nov 2026, 14:00–18:00" in told
    assert "Not all of it" not in told
    partly = replace(GAP, reached=False, remarks=BEGINS)
    assert why_read_back(partly, TBILISI).endswith(f"Not all of it could be reached: {BEGINS[0]}.")
    assert "as it was asked for: 01 Nov 2026" in why_read_back(ASKED, TBILISI)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (ReadBack(backfill=ASKED, steps=()), "read back to its beginning"),
        (ReadBack(backfill=replace(ASKED, reached=False, remarks=BEGINS), steps=()), f"  {BEGINS[0]}"),
        (ReadBack(backfill=ASKED, steps=(), pages_left=3), "  3 pages could not be read yet"),
        (ReadBack(backfill=ASKED, steps=(), sent=1), "1 message delivered"),
        (
            ReadBack(backfill=replace(ASKED, state=BackfillState.OPEN, due_at=ASKED.until), steps=()),
            "a server asked to wait; it goes on by itself at 2026-11-25 14:00 UTC",
        ),
    ],
)
def test_a_command_says_how_far_it_came_and_what_it_could_not_reach(told: ReadBack, expected: str) -> None:
    assert any(expected in line for line in lines(told))


def test_status_names_what_is_open_and_the_gaps_that_were_not_closed() -> None:
    row = {"source": "one", "reason": "gap", "since": "A", "until": "B", "state": "done", "requests": 4, "new": 2}
    lost = row | {"remarks": list(BEGINS)}
    paused = row | {"reason": "asked", "state": "paused", "remarks": []}
    given_up = row | {"reason": "asked", "state": "failed", "remarks": ["it was given up"]}
    assert past_lines({"open": [], "gaps_not_closed": [], "given_up": []}, "run: x") == []
    assert past_lines({"open": [], "gaps_not_closed": [], "given_up": [given_up]}, "run: x") == [
        "back-filling: 0 open, 0 gaps of the last 7 days not closed; by hand: run: x",
        "  given up: one (asked), A to B: 2 new; it was given up",
    ]
    assert past_lines({"open": [paused], "gaps_not_closed": [lost], "given_up": []}, "run: x") == [
        "back-filling: 1 open, 1 gap of the last 7 days not closed; by hand: run: x",
        "  one (asked), A to B: paused, 4 requests, 2 new",
        f"  not closed: one (gap), A to B: 2 found; {BEGINS[0]}",
    ]


def test_a_gap_that_was_closed_is_no_gap_any_more() -> None:
    facts = {"gaps_closed": [{"source": "one", "until": "B"}]}
    assert not_closed({"one": "B", "two": "B"}, facts) == {"two": "B"}
    assert not_closed({"one": "C"}, facts) == {"one": "C"}  # a later one


def test_status_reads_it_from_the_database(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.store.add_backfill(replace(GAP, state=BackfillState.OPEN))
    told = desk.run("status")
    assert "back-filling: 1 open, 0 gaps of the last 7 days not closed" in told.output
    (facts,) = map(json.loads, desk.run("status", "--json").output.splitlines())
    assert [row["source"] for row in facts["past"]["open"]] == ["one"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nothing", "--since", "7d"), 78, "there is no enabled source nothing"),
        (("one", "--since", "2999-01-01"), 78, "is not before"),
        (("one",), 2, "--since"),
        (("one", "--since", "yesterday"), 2, "is no time"),
        (("one", "--since", "7d", "--most", "0"), 2, "--most"),
    ],
)
def test_what_cannot_be_asked_for_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    desk = Desk(tmp_path)
    desk.store.close()
    result = desk.run("backfill", *arguments)
    assert result.exit_code == status
    assert said in result.output
    assert "Traceback" not in result.output
