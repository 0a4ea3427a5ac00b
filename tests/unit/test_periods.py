"""Which files and entries can be of a time, by what they say of themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.model import Draft, Period
from monitor.periods import Placed, days_of, is_too_old, may_hold, placed, when


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOVEMBER = Period(since=at("2026-11-10"), until=at("2026-11-20"), latest=at("2026-11-27"))
SITE = "https://valley.example"


@pytest.mark.parametrize(
    ("draft", "place"),
    [
        (Draft(published_at=at("2026-11-10")), Placed.WITHIN),
        (Draft(published_at=at("2026-11-20")), Placed.WITHIN),
        (Draft(published_at=at("2026-11-09T23:59:59")), Placed.OLDER),
        (Draft(published_at=at("2026-11-20T00:00:01")), Placed.NEWER),
        (Draft(published_at=at("2026-11-15"), updated_at=at("2026-11-26")), Placed.WITHIN),
        (Draft(updated_at=at("2026-11-15")), Placed.WITHIN),
        (Draft(updated_at=at("2026-11-22")), Placed.WITHIN),  # edited two days after it came out, perhaps
        (Draft(updated_at=at("2026-11-24")), Placed.NEWER),
        (Draft(updated_at=at("2026-11-09T18:00")), Placed.OLDER),
        (Draft(updated_at=at("2026-11-09")), Placed.WITHIN),  # that day, which is not over everywhere
        (Draft(updated_at=at("2026-11-08")), Placed.OLDER),
        (Draft(published_at=datetime(2026, 11, 9, 13)), Placed.WITHIN),  # noqa: DTZ001 - naive on purpose - on the clock of some outlet
        (Draft(published_at=datetime(2026, 11, 9, 11)), Placed.OLDER),  # noqa: DTZ001 - naive on purpose
        (Draft(url=f"{SITE}/2026/11/15/bridge"), Placed.WITHIN),
        (
            Draft(url=f"{SITE}/2026/11/15/bridge", updated_at=at("2026-11-26")),
            Placed.WITHIN,
        ),  # its address knows better
        (Draft(url=f"{SITE}/2026/11/25/bridge", updated_at=at("2026-11-26")), Placed.NEWER),
        (Draft(url=f"{SITE}/2026/10/15/bridge"), Placed.OLDER),
        (Draft(url=f"{SITE}/2026/10/15/bridge", updated_at=at("2026-11-15")), Placed.OLDER),
        (Draft(url=f"{SITE}/2026/11/bridge"), Placed.WITHIN),
        (Draft(url=f"{SITE}/news/202611"), Placed.UNDATED),  # an article's number
        (Draft(url=f"{SITE}/bridge"), Placed.UNDATED),
    ],
)
def test_an_entry_stands_where_its_best_date_says(draft: Draft, place: Placed) -> None:
    assert placed(draft, NOVEMBER) is place


def test_what_changed_after_the_last_visit_is_left_to_the_next_one() -> None:
    gap = Period(since=at("2026-11-27T10:00"), until=at("2026-11-27T14:00"), latest=at("2026-11-27T14:00"))
    assert placed(Draft(updated_at=at("2026-11-27T13:59")), gap) is Placed.WITHIN
    assert placed(Draft(updated_at=at("2026-11-27T14:01")), gap) is Placed.NEWER


@pytest.mark.parametrize(
    ("name", "changed", "holds"),
    [
        ("sitemap-2026-11.xml", None, True),
        ("sitemap-2026-10.xml", None, False),
        ("sitemap-2026-12.xml", None, False),
        ("sitemap-202611.xml", None, True),
        ("sitemap-202609.xml", None, False),
        ("sitemap_20261115.xml.gz", None, True),
        ("sitemap_20261105.xml.gz", None, False),
        ("sitemap.xml?yyyy=2026&mm=11&dd=15", None, True),
        ("sitemap.xml?yyyy=2026&mm=11&dd=05", None, False),
        ("sitemap.xml?year=2026&month=10", None, False),
        ("sitemap-2026.xml", None, True),
        ("sitemap-2025.xml", None, False),
        ("sitemap-2025.xml", "2026-11-15", True),  # a mere number, perhaps
        ("2026/11/sitemap.xml", None, True),
        ("post-sitemap12.xml", None, True),
        ("post-sitemap12.xml", "2026-11-09T12:00", False),
        ("post-sitemap12.xml", "2026-11-08", False),
        ("post-sitemap12.xml", "2026-11-27", True),  # what came out in the period may stand in it
        ("sitemap-2026-11.xml", "2026-11-05", False),
        ("sitemap-2026-13.xml", None, True),  # no month
        ("news-sitemap.xml", None, True),
    ],
)
def test_a_file_is_read_only_if_it_can_hold_the_period(name: str, changed: str | None, *, holds: bool) -> None:
    assert may_hold(f"{SITE}/{name}", at(changed) if changed else None, NOVEMBER) is holds


def test_files_that_are_too_old_tell_that_there_is_more_of_the_past() -> None:
    assert is_too_old(f"{SITE}/sitemap-2026-10.xml", None, NOVEMBER)
    assert is_too_old(f"{SITE}/a.xml", at("2026-11-09T12:00"), NOVEMBER)
    assert not is_too_old(f"{SITE}/sitemap-2026-12.xml", None, NOVEMBER)
    assert not is_too_old(f"{SITE}/a.xml", None, NOVEMBER)


def test_a_day_in_an_address_is_that_day_wherever_the_outlet_is() -> None:
    assert days_of(f"{SITE}/2026/11/15/bridge") == (at("2026-11-14T10:00"), at("2026-11-16T12:00"))
    assert days_of(f"{SITE}/2026/2/31/bridge") is None
    assert when(Draft(url=f"{SITE}/2026/11/15/bridge")) == at("2026-11-15T11:00")
    assert when(Draft(url=f"{SITE}/bridge")) is None


def test_a_hostile_address_costs_little() -> None:
    assert days_of(SITE + "/2026" * 500_000) is None
