"""What counts as overlap: what this source itself has shown before, and nothing else that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Draft, Settled, SourceKind, VisitOutcome
from monitor.polling.moves import follow
from monitor.polling.remembered import CUT_SHORT
from tests.factories import NOW, draft, source, visit
from tests.unit.test_pipeline import House

DAY = 1440  # minutes
FEED = [f"https://{name}.example/feed" for name in ("one", "two")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(
        tmp_path / "monitor.db", sources=(source("one"), source("two"), source("list", kind=SourceKind.LISTING))
    )
    yield made
    made.store.close()


def shown(numbers: Iterable[int], *, dated: bool = True) -> list[Draft]:
    """Give articles, each published in the minute of its number."""
    return [
        draft(number, title=f"Story {number}", published_at=NOW + timedelta(minutes=number) if dated else None)
        for number in numbers
    ]


def gaps(house: House, name: str = "one") -> list[object]:
    return [gap for (gap,) in house.rows(f"SELECT gap FROM visits WHERE source = '{name}' ORDER BY id")]


@pytest.mark.parametrize("before", [2, 4])
def test_what_a_sibling_has_just_stored_hides_no_gap(house: House, before: int) -> None:
    house.visit(*shown(range(1, 11)), now_minutes=20)
    house.visit(*shown((2, 5, 8)), name="two", now_minutes=20)
    house.visit(*shown((DAY - 50, DAY - 30, *range(DAY - before, DAY))), name="two", now_minutes=DAY)
    house.visit(*shown(range(DAY - 9, DAY + 1)), now_minutes=DAY + 1)
    assert gaps(house) == [0, 1]


def test_a_feed_that_lists_what_its_sibling_has_shown_has_no_gap(house: House) -> None:
    """Neither where it has read all of it, nor where it shows what it showed at the visit before."""
    for start in (1, 6, 11, 40, 43):
        house.visit(*shown(range(start, start + 10)), now_minutes=start + 10)
        house.visit(*shown(range(start, start + 10)), name="two", now_minutes=start + 11)
    assert gaps(house, "two") == [0, 0, 0, 0, 0]
    house.visit(*shown(range(46, 50)), now_minutes=55)
    house.visit(*shown(range(46, 58)), name="two", now_minutes=60)
    assert gaps(house, "two")[-1] == 0, "it had shown some of them itself"


def test_a_source_that_was_added_lately_has_no_gap(house: House) -> None:
    house.visit(*shown(range(1, 11)), now_minutes=20)
    house.visit(*shown(range(5, 15)), name="two", now_minutes=20)
    house.visit(*shown(range(8, 18)), name="two", now_minutes=22)
    assert gaps(house, "two") == [0, 0]


def failing(house: House, *drafts: Draft, minutes: float) -> None:
    house.visit(
        *drafts, name="list", now_minutes=minutes, etag=b"x", outcome=VisitOutcome.FAILED, error="crawl_timeout"
    )


@pytest.mark.parametrize("kept", [10, 2, 1])
def test_a_crawl_that_fails_after_an_outage_tells_of_the_gap_once(house: House, kept: int) -> None:
    house.visit(*shown(range(20, 0, -1)), name="list", now_minutes=30)
    late = shown(range(DAY, DAY - 20, -1))
    failing(house, *late[:kept], minutes=DAY + 1)
    assert gaps(house, "list") == [0, 1]
    failing(house, *shown(range(DAY + 5, DAY - 1, -1)), minutes=DAY + 6)
    house.visit(*shown(range(DAY + 5, DAY - 15, -1)), name="list", now_minutes=DAY + 30)
    assert gaps(house, "list") == [0, 1, 0, 0], "what came then stands next to it"


def test_a_crawl_that_fails_and_overlaps_has_no_gap(house: House) -> None:
    house.visit(*shown(range(20, 0, -1)), name="list", now_minutes=30)
    failing(house, *shown(range(40, 19, -1)), minutes=41)
    house.visit(*shown(range(50, 30, -1)), name="list", now_minutes=51)
    assert gaps(house, "list") == [0, 0, 0]


@pytest.mark.parametrize("kept", [1, 2])
def test_a_gap_is_seen_in_an_answer_that_breaks_off(house: House, kept: int) -> None:
    house.visit(*shown(range(20, 0, -1)), now_minutes=30)
    late = shown(range(3 * DAY, 3 * DAY - 20, -1))
    house.visit(*late[:kept], now_minutes=3 * DAY + 1, error=CUT_SHORT)
    house.visit(*late, now_minutes=3 * DAY + 30)
    assert gaps(house) == [0, 1, 0]


def test_an_answer_that_breaks_off_behind_what_was_known_has_no_gap(house: House) -> None:
    house.visit(*shown(range(20, 0, -1)), now_minutes=30)
    house.visit(*shown((21, 20)), now_minutes=31, error=CUT_SHORT)
    house.visit(*shown((21,)), now_minutes=32, error=CUT_SHORT)
    assert gaps(house) == [0, 0, 0]


def test_a_feed_that_goes_back_to_its_own_address_is_looked_at_for_gaps(house: House) -> None:
    house.visit(*shown(range(1, 11)), now_minutes=20)
    before = house.store.states()[1]
    assert before.source == "one"
    moved = replace(before, address=FEED[1])
    house.store.settle([Settled(visit=visit("one", finished_at=before.last_good_at), state=moved)])
    for minute in (30, 40, 50):
        house.visit(now_minutes=minute, outcome=VisitOutcome.FAILED, error="http_500")
    back = house.store.states()[1]
    assert back.address is None
    assert back.body_hash not in {b"1", before.body_hash}, "all of it is to be read"
    house.visit(*shown(range(DAY, DAY + 10)), now_minutes=DAY + 20)
    assert gaps(house)[-1] == 1


def test_a_feed_that_was_followed_to_where_it_moved_is_looked_at_for_gaps(house: House) -> None:
    house.visit(*shown(range(1, 11)), now_minutes=20)
    state = house.store.states()[1]
    for hours in (1, 14, 26):
        at = NOW + timedelta(hours=hours)
        state = follow(state, visit("one", started_at=at, finished_at=at, moved_to=FEED[1]))
    assert state.address == FEED[1]
    house.store.settle([Settled(visit=visit("one"), state=state)])
    house.visit(*shown(range(3 * DAY, 3 * DAY + 10)), now_minutes=3 * DAY + 20)
    assert gaps(house)[-1] == 1


def test_a_feed_at_an_address_that_a_person_wrote_has_no_gap(house: House) -> None:
    house.visit(*shown(range(1, 11)), now_minutes=20)
    house.store.sync([source("one", url=FEED[1])], now=NOW, first_due={})
    house.visit(*shown(range(100, 110)), now_minutes=120)
    assert gaps(house) == [0, 0]


@pytest.mark.parametrize("number", [25, 40])
def test_a_listing_without_dates_that_shows_nothing_of_before_has_a_gap_however_long_it_is(
    house: House, number: int
) -> None:
    house.visit(*shown(range(number), dated=False), name="list", now_minutes=1)
    house.visit(*shown(range(1000, 1000 + number), dated=False), name="list", now_minutes=3 * DAY)
    assert gaps(house, "list") == [0, 1]
    house.visit(*shown(range(1010, 1010 + number), dated=False), name="list", now_minutes=4 * DAY)
    assert gaps(house, "list") == [0, 1, 0]
