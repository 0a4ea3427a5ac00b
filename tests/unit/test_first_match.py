"""An edit may make an article new to a rule: told once, as what it is, and only for what the edit added."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import FirstVisit
from monitor.render import account
from monitor.store import EvidenceRows
from tests.factories import NOW, rule
from tests.unit.test_full_text import feed, new, page, read
from tests.unit.test_pipeline import RULES, House

PLAIN = "Talks go on at the border."
FOUND = "Eight prisoners came home."
UPDATES = rule("updates", "prisoner", when=("update",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "monitor.db", sources=(feed(),))
    yield made
    made.store.close()


def shown(house: House, text: str, minutes: float, title: str = "News of the day") -> int:
    house.clock.advance(NOW.timestamp() + minutes * 60 - house.clock.now().timestamp())
    return house.visit(new(title=title, text=text + "\n\n" + "Roads. " * 100), now_minutes=minutes)


def told(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT kind, revision, rules FROM alerts WHERE recipient LIKE 'anna%' ORDER BY id")


def test_case_17_an_edit_that_is_the_first_to_match_is_told_once_to_each(house: House) -> None:
    shown(house, PLAIN, 0)
    assert shown(house, f"{PLAIN}\n\n{FOUND}", 10) == 2
    assert told(house) == [("new", 1, '["prisoners"]')]
    assert shown(house, f"{PLAIN}\n\n{FOUND}\n\nMore prisoners are awaited.", 20) == 0, "that rule wants no updates"
    assert shown(house, PLAIN, 30) == 0
    assert shown(house, f"{PLAIN}\n\nPrisoners were seen off.", 40) == 0, "an earlier version had matched"


def test_case_17_a_rule_that_matched_the_first_version_hears_of_no_edit(house: House) -> None:
    shown(house, FOUND, 0)
    assert shown(house, f"{FOUND}\n\nMore prisoners are awaited.", 10) == 0
    assert told(house) == [("new", 0, '["prisoners"]')]


def test_case_105_a_clock_that_goes_on_makes_neither_version_nor_alert(house: House) -> None:
    for number in range(5):
        shown(house, f"Updated {number + 2} minutes ago\n\nViews: 1{number}\n\n{PLAIN}\n\nAt 12:0{number}.", number)
    assert house.rows("SELECT revision FROM articles") == [(0,)]
    assert shown(house, f"{PLAIN}\n\n{FOUND}", 10) == 2


def test_another_rule_of_the_same_recipient_is_told_of_its_own_first_match(house: House) -> None:
    """The article is news to that rule; the one before it is not named again."""
    shown(house, FOUND, 0)
    shown(house, f"{FOUND}\n\nA truce was signed.", 10)
    assert told(house) == [("new", 0, '["prisoners"]'), ("new", 1, '["truce"]')]


def test_a_moved_passage_is_no_first_match(tmp_path: Path) -> None:
    """Of a rule that is younger than the article; what stood there before is not news, wherever it stands now."""
    house = House(tmp_path / "monitor.db", sources=(feed(),), rules=())
    shown(house, f"{FOUND}\n\n{PLAIN}", 0)
    house.store.close()
    house = House(tmp_path / "monitor.db", sources=(feed(),))
    assert shown(house, f"{PLAIN}\n\nRoads are open.\n\n{FOUND}", 10) == 0
    assert house.rows("SELECT revision FROM articles") == [(1,)]
    house.store.close()


def test_one_alert_names_first_matches_and_updates_alike(tmp_path: Path) -> None:
    house = House(tmp_path / "monitor.db", sources=(feed(),), rules=(*RULES, UPDATES))
    shown(house, "A truce was signed.", 0)
    shown(house, f"A truce was signed.\n\n{FOUND}\n\nThe truce holds.", 10)
    assert told(house) == [("new", 0, '["truce"]'), ("new", 1, '["prisoners", "truce", "updates"]')]
    house.store.close()


@pytest.mark.parametrize("first_visit", [FirstVisit.DIGEST, FirstVisit.SILENT])
def test_what_is_added_to_an_article_that_was_there_before_its_source_is_news(
    first_visit: FirstVisit, tmp_path: Path
) -> None:
    """It is baseline; the passage is not."""
    house = House(tmp_path / "monitor.db", sources=(feed(first_visit=first_visit),))
    old = {"published_at": NOW - timedelta(days=2)}
    house.visit(new(text=PLAIN + "\n\n" + "Roads. " * 100, **old))
    assert house.rows("SELECT baseline FROM articles") == [(1,)]
    house.clock.advance(600)
    house.visit(new(text=f"{PLAIN}\n\n{FOUND}\n\n" + "Roads. " * 100, **old), now_minutes=10)
    assert told(house) == [("new", 1, '["prisoners"]')]
    house.store.close()


async def test_the_mail_and_the_account_say_that_it_was_added_by_an_edit(house: House) -> None:
    shown(house, PLAIN, 0)
    shown(house, f"{PLAIN}\n\n{FOUND}", 90)
    await house.round()
    (mail,) = [one for one in house.notifier.sent if one.recipient.startswith("anna")]
    assert mail.subject == "[prisoners] Updated: One: News of the day"
    text = " ".join(mail.raw.decode().replace("=\r\n", "").split())
    assert "Added by an edit seen Tue 24 Nov 2026, 13:30, to an article first seen Tue 24 Nov 2026, 12:00" in text
    found = EvidenceRows(house.path).told(1)
    assert found is not None
    account_of = account(found)
    assert account_of["kind"] == "new"
    assert account_of["edited_at"] == NOW + timedelta(minutes=90)


async def test_late_text_names_no_rule_again_that_an_edit_told_of(house: House) -> None:
    house.visit(new())
    house.visit(new(summary=FOUND), now_minutes=0.2)
    house.clock.advance(600)
    await house.round()
    house.visit(new(summary=f"{FOUND} Twice."), now_minutes=11)
    await read(house, 1, page(f"{FOUND}\n\nA truce was signed."))
    assert told(house) == [("new", 1, '["prisoners"]'), ("new", 2, '["truce"]')]
