"""An article that was there before one source was added, and is news by another: told, and told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.failpoints import nowhere
from monitor.model import (
    Backfill,
    BackfillState,
    Draft,
    FirstVisit,
    FullText,
    PageRead,
    Reason,
    Source,
)
from monitor.pipeline import BackfillIngest
from monitor.store.invariants import INVARIANTS
from tests.factories import NOW, draft, source
from tests.unit.test_pipeline import House

OLD = 40  # articles of last year
ADDED = NOW + timedelta(hours=1)  # when `two` is
X = draft(7, title="Prisoners return", published_at=ADDED - timedelta(minutes=10))
SILENT_PAGE = replace(X, title="News of the day")
ADDRESS = X.url or ""


def open_house(path: Path, first_visit: FirstVisit, *, full_text: FullText = FullText.NEVER) -> House:
    """Give a house in which `one` has run for an hour when `two` is added."""
    one = source("one")
    house = House(path / "monitor.db", sources=(one,))
    house.visit(draft(1, title="Weather", published_at=NOW))
    add(house, source("two", outlet="One", first_visit=first_visit, full_text=full_text))
    house.clock.advance(3660)
    return house


def add(house: House, two: Source) -> None:
    house.sources["two"] = two
    house.store.sync(list(house.sources.values()), now=ADDED, first_due={"two": ADDED})


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, FirstVisit.SILENT)
    yield made
    made.store.close()


@pytest.fixture
def digest(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, FirstVisit.DIGEST, full_text=FullText.AUTO)
    yield made
    made.store.close()


def alerts(house: House) -> list[tuple[object, ...]]:
    """Give what anna is told of the article."""
    return house.rows(
        "SELECT kind, alerts.revision, rules FROM alerts JOIN articles a ON a.id = article_id"
        " WHERE recipient LIKE 'anna%' AND url LIKE '%/7' ORDER BY alerts.id"
    )


def untold(house: House) -> list[tuple[object, ...]]:
    query = next(one.query for one in INVARIANTS if one.name == "matches_told")
    return house.rows(query.replace(":rules", "NULL"))


async def read(house: House, text: str) -> None:
    house.pages.answers[ADDRESS] = [PageRead(article_id=0, draft=Draft(text=text, url=ADDRESS))]
    house.pages.answers["https://one.example/8"] = [PageRead(article_id=0, draft=Draft(text="Rain."))]
    await house.reading.drain(["two"])


NEW = [("new", 0, '["prisoners"]')]


def test_what_a_silent_first_visit_has_stored_is_news_by_a_source_that_has_run_for_weeks(silent: House) -> None:
    assert silent.visit(X, name="two", now_minutes=61) == 0
    assert silent.visit(X, now_minutes=65) == 2
    assert silent.visit(X, now_minutes=70) == 0
    assert silent.visit(X, name="two", now_minutes=75) == 0
    assert alerts(silent) == NEW
    assert untold(silent) == []


def test_what_was_there_before_both_sources_were_is_told_by_neither(silent: House) -> None:
    silent.visit(X, name="two", now_minutes=61)
    silent.sources["three"] = source("three", first_visit=FirstVisit.SILENT)
    silent.store.sync(list(silent.sources.values()), now=ADDED, first_due={"three": ADDED})
    assert silent.visit(X, name="three", now_minutes=62) == 0
    assert silent.visit(X, name="three", now_minutes=63) == 0
    assert silent.rows("SELECT max(baseline) FROM articles WHERE url LIKE '%/7'") == [(1,)]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("edited", [False, True])
async def test_what_the_summary_of_a_first_visit_tells_is_not_told_again(
    tmp_path: Path, *, sent: bool, edited: bool
) -> None:
    house = open_house(tmp_path, FirstVisit.DIGEST)
    assert house.visit(X, name="two", now_minutes=61) == 2
    if sent:
        assert await house.round() == 2
    if edited:
        house.visit(replace(X, title="Prisoners return, officials say"), name="two", now_minutes=62)
    assert house.visit(X, now_minutes=65) == 0
    assert alerts(house) == [("baseline", 0, '["prisoners"]')]
    house.clock.advance(3600)
    await house.round()
    assert len(house.notifier.sent) == 2
    house.store.close()


async def test_what_only_the_page_says_is_told_after_the_summary_has_gone(digest: House) -> None:
    digest.visit(SILENT_PAGE, draft(8, title="Prisoners", published_at=NOW), name="two", now_minutes=61)
    digest.store._run("UPDATE alerts SET due_at = created_at")  # the summary goes before any page is read
    await digest.round()
    assert len(digest.notifier.sent) == 2
    await read(digest, "Eight prisoners came home on Monday.")
    assert alerts(digest) == []
    assert digest.visit(SILENT_PAGE, now_minutes=65) == 2
    assert alerts(digest) == NEW
    assert untold(digest) == []


async def test_a_page_that_is_read_after_another_source_has_shown_its_article_is_news(digest: House) -> None:
    digest.visit(SILENT_PAGE, draft(8, title="Prisoners", published_at=NOW), name="two", now_minutes=61)
    digest.store._run("UPDATE alerts SET due_at = created_at")
    await digest.round()
    assert digest.visit(SILENT_PAGE, now_minutes=65) == 0
    await read(digest, "Eight prisoners came home on Monday.")
    assert alerts(digest) == NEW
    assert untold(digest) == []


async def test_an_alert_waits_for_the_text_that_is_wanted(tmp_path: Path) -> None:
    house = open_house(tmp_path, FirstVisit.SILENT, full_text=FullText.AUTO)
    house.visit(X, name="two", now_minutes=61)
    assert house.visit(X, now_minutes=62) == 2
    assert await house.round() == 0
    await read(house, "Prisoners came home, and a truce holds.")
    assert alerts(house) == [("new", 0, '["prisoners", "truce", "only-two"]')]
    assert await house.round() == 2
    house.store.close()


def test_a_match_that_is_no_more_stays_as_silent_as_it_was(silent: House) -> None:
    silent.visit(X, name="two", now_minutes=61)
    silent.visit(replace(X, title="Weather report"), name="two", now_minutes=62)
    assert silent.visit(replace(X, title="Weather report"), now_minutes=65) == 0
    assert untold(silent) == []


@pytest.mark.parametrize("mails", [False, True])
def test_what_was_read_back_is_told_once_where_another_source_shows_it(silent: House, *, mails: bool) -> None:
    order = Backfill(
        id=0,
        source="two",
        reason=Reason.ASKED,
        since=NOW - timedelta(days=1),
        until=ADDED,
        mails=mails,
        most=100,
        state=BackfillState.OPEN,
        asked_at=ADDED,
    )
    ingest = BackfillIngest(
        articles=silent.store, backfills=silent.store, sources=silent.store, judge=silent.judge, failpoint=nowhere
    )
    backfill = silent.store.add_backfill(order)
    ingest(silent.sources["two"], [X], backfill, language=None, guids_unusable=False, room=9, now=ADDED)
    assert silent.visit(X, now_minutes=65) == (0 if mails else 2)
    assert alerts(silent) == ([("backfill", 0, '["prisoners"]')] if mails else NEW)
    assert silent.rows("SELECT count(*) FROM articles WHERE backfill IS NOT NULL") == [(int(mails),)]
    assert silent.visit(X, now_minutes=70) == 0
    assert untold(silent) == []


def test_an_archive_that_a_silent_source_has_stored_is_one_summary_where_another_shows_it(silent: House) -> None:
    """As it would be if nobody had stored it."""
    year = [draft(100 + n, title="Prisoners return", published_at=NOW - timedelta(days=400 + n)) for n in range(OLD)]
    assert silent.visit(*year, name="two", now_minutes=61) == 0
    assert silent.visit(*year, name="one", now_minutes=62) > 0
    assert silent.rows("SELECT DISTINCT kind FROM alerts WHERE created_at > '2026-11-24T12:30'") == [("flood",)]
    assert len(silent.rows("SELECT DISTINCT \"group\" FROM alerts WHERE kind = 'flood'")) == 1
