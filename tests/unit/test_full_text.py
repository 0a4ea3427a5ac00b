"""Full text: what is wanted, what a page adds, who is told of it and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import SourceError, StoreError
from monitor.failpoints import FailpointReached, Failpoints
from monitor.fulltext import text_state, with_page
from monitor.model import (
    Draft,
    FirstVisit,
    FullText,
    Limits,
    PageRead,
    Retention,
    RobotsFile,
    Sighting,
    Source,
    SourceKind,
    TextState,
)
from monitor.pipeline.reading import ROOM
from monitor.schedule import next_page_try
from monitor.store import ArchiveRows
from monitor.tries import Try, meaning
from tests.factories import NOW, article, draft, rule, source
from tests.fakes import here
from tests.unit.test_pipeline import House

FRESH = NOW + timedelta(seconds=30)
PAGE = "The road is open.\n\nEight prisoners came home on Monday."


def feed(name: str = "one", **changes: object) -> Source:
    return source(name, full_text=FullText.AUTO, **changes)


def listing(name: str = "list", **changes: object) -> Source:
    return feed(name, kind=SourceKind.LISTING, **changes)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "monitor.db", sources=(feed(), listing()))
    yield made
    made.store.close()


def new(number: int = 1, title: str = "News of the day", **changes: object) -> Draft:
    return draft(number, title=title, **{"published_at": FRESH} | changes)


def page(text: str = PAGE, **changes: object) -> PageRead:
    return PageRead(article_id=0, draft=Draft(**{"text": text, "url": "https://one.example/1"} | changes))


def failed(error: str = "http_503", **changes: object) -> PageRead:
    return PageRead(article_id=0, **{"error": error, "detail": "so it was"} | changes)


async def read(house: House, number: int = 1, *answers: PageRead, name: str = "one") -> None:
    """Have the page of an entry read, which answers so."""
    house.pages.answers[f"https://one.example/{number}"] = list(answers or [page()])
    await house.reading.drain([name])


def texts(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT text_state, text_attempts, text FROM articles ORDER BY id")


def alerts(house: House) -> list[tuple[object, ...]]:
    """Give what anna is told."""
    return house.rows("SELECT article_id, rules, due_at FROM alerts WHERE recipient LIKE 'anna%' ORDER BY article_id")


@pytest.mark.parametrize(
    ("told", "full_text", "state"),
    [
        ("x" * 600, FullText.AUTO, TextState.COMPLETE),
        ("x" * 599, FullText.AUTO, TextState.WANTED),
        (None, FullText.AUTO, TextState.WANTED),
        ("x" * 600, FullText.ALWAYS, TextState.WANTED),
        ("x", FullText.NEVER, TextState.COMPLETE),
        (None, FullText.NEVER, TextState.NONE),
    ],
)
def test_a_page_is_wanted_where_the_source_gives_too_little(
    told: str | None, full_text: FullText, state: TextState
) -> None:
    assert text_state(draft(text=told), source(full_text=full_text)) is state


def test_without_an_address_there_is_no_page_to_want() -> None:
    assert text_state(draft(url=None), feed()) is TextState.NONE


async def test_a_summary_is_matched_at_once_and_its_alert_waits_for_the_text(house: House) -> None:
    house.visit(new(title="Truce holds"))
    assert alerts(house) == [(1, '["truce"]', "2026-11-24T12:01:00Z")]
    await house.round()
    assert house.notifier.sent == []
    await read(house)
    assert alerts(house) == [(1, '["prisoners", "truce"]', "2026-11-24T12:00:00Z")]
    await house.round()
    assert len(house.notifier.sent) == 2
    assert b"came home on Monday" in house.notifier.sent[0].raw


async def test_case_66_a_page_that_could_not_be_stored_is_read_again_soon(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("database or disk is full")

    house.visit(new())
    # A full disk under just this write, which no size of disk gives each time.
    monkeypatch.setattr(house.store, "complete_page", full)
    await read(house, 1, page())
    assert house.log.named("not_stored")
    monkeypatch.undo()
    house.pages.answers["https://one.example/1"] = [page()]
    await house.reading.tick()
    assert house.reading.in_hand == 0, "a full disk is no reason to ask every second"
    house.clock.advance(30)
    await house.reading.tick()
    await house.reading.drain(["one"])
    assert texts(house)[0][0] == "complete"


async def test_an_alert_does_not_wait_longer_than_it_may(house: House) -> None:
    house.visit(new(title="Truce holds"))
    house.clock.advance(61)
    await house.round()
    assert len(house.notifier.sent) == 2
    await read(house)
    await house.round()
    assert len(house.notifier.sent) == 2, "late text is no second mail"
    assert texts(house)[0][0] == "complete"


async def test_a_text_that_matches_first_makes_the_first_alert(house: House) -> None:
    """A page that answers 503 for an hour is read later, and its first alert comes then."""
    house.visit(new())
    for wait in (60, 300, 1800):
        await read(house, 1, failed())
        assert texts(house)[0][0] == "wanted"
        house.clock.advance(wait - 1)
        await read(house, 1)
        assert texts(house)[0][0] == "wanted", "not before its time"
        house.clock.advance(1)
    assert alerts(house) == []
    await read(house)
    assert texts(house) == [("complete", 4, PAGE)]
    assert [row[:2] for row in alerts(house)] == [(1, '["prisoners"]')]


async def test_a_page_that_always_fails_is_shown_and_wanted_again_when_somebody_asks(house: House) -> None:
    house.visit(new())
    for _ in range(6):
        await read(house, 1, failed())
        house.clock.advance(13 * 3600)
    assert texts(house) == [("failed", 6, "")]
    (unread,) = ArchiveRows(house.path).unread(["one"])
    assert (unread["state"], unread["attempts"], unread["error"]) == ("failed", 6, "http_503: so it was")
    assert unread["due_at"] is None
    await read(house)
    assert texts(house)[0][0] == "failed"
    assert house.store.want_again(["one"], now=house.clock.now()) == 1
    await read(house)
    assert texts(house)[0][0] == "complete"
    assert ArchiveRows(house.path).texts() == {"one": {"page": 1}}


async def test_while_our_own_line_is_down_no_page_uses_up_its_tries(house: House) -> None:
    """A weekend of it: what stands on the page is told when the line is back."""
    house.visit(new())
    house.reading._line.down = True
    for _ in range(40):
        await read(house, 1, failed("dns"))
        house.clock.advance(3600)
    assert texts(house) == [("wanted", 0, "")]
    await read(house, 1, failed("http_503"))
    assert texts(house) == [("wanted", 1, "")], "a server answered"
    house.reading._line.down = False
    house.clock.advance(3600)
    await read(house)
    assert texts(house)[0][0] == "complete"


@pytest.mark.parametrize(
    ("error", "means"),
    [
        *((word, Try.FINAL) for word in ("blocked_address", "bad_address")),
        ("robots_disallowed", Try.DAILY),
        *((word, Try.FINAL) for word in ("redirect_downgrade", "http_410")),
        *((word, Try.NONE) for word in ("host_paused", "robots_unreachable", "not_reached")),
        *((word, Try.COUNTED) for word in ("http_404", "http_503", "timeout", "dns", "crawl_broken", "internal", None)),
    ],
)
def test_one_table_says_what_a_word_means_for_a_page(error: str | None, means: Try) -> None:
    """Whoever reads pages and whoever plans the next try ask the same one."""
    assert meaning(error) is means


@pytest.mark.parametrize("error", ["blocked_address", "http_410"])
async def test_what_no_second_try_can_change_is_not_tried_again(house: House, error: str) -> None:
    house.visit(new(title="Truce holds"))
    await read(house, 1, failed(error))
    assert texts(house) == [("failed", 1, "")]
    assert alerts(house) == [(1, '["truce"]', "2026-11-24T12:00:00Z")], "nothing is left to wait for"


async def test_a_page_that_its_site_forbids_is_asked_about_each_day_for_a_week(house: House) -> None:
    """A site that forbids everything for a day does not lose that day's articles; a week is not counted as tries."""
    house.visit(new(title="Truce holds"))
    for _ in range(7):
        await read(house, 1, failed("robots_disallowed", counts=False))
        assert texts(house) == [("wanted", 0, "")]
        due = datetime.fromisoformat(str(house.rows("SELECT text_due_at FROM articles")[0][0]))
        assert timedelta(hours=24) <= due - house.clock.now() <= timedelta(hours=26.4), "its robots.txt is read anew"
        assert alerts(house) == [(1, '["truce"]', "2026-11-24T12:00:00Z")], "nobody waits a day for a text"
        house.clock.advance((due - house.clock.now()).total_seconds())
    await read(house, 1, failed("robots_disallowed", counts=False))
    assert texts(house) == [("failed", 0, "")]


async def test_a_page_that_its_site_forbade_yesterday_is_read_today(house: House) -> None:
    house.visit(new(title="Truce holds"))
    await read(house, 1, failed("robots_disallowed", counts=False))
    house.clock.advance(26 * 3600)
    await read(house, 1, page())
    assert texts(house)[0][0] == "complete"


async def test_a_server_that_asks_for_time_gets_it(house: House) -> None:
    house.visit(new())
    await read(house, 1, failed("http_429", retry_after=timedelta(hours=3)))
    assert house.rows("SELECT text_due_at FROM articles") == [("2026-11-24T15:00:00Z",)]


async def test_a_paused_host_costs_no_try(house: House) -> None:
    house.visit(new())
    await read(house, 1, failed("host_paused", retry_after=timedelta(minutes=20), counts=False))
    assert house.rows("SELECT text_attempts, text_due_at FROM articles") == [(0, "2026-11-24T12:20:00Z")]


def test_the_plan_of_tries_ends() -> None:
    plan = Limits()
    waits = [next_page_try(number, plan, now=NOW, asked=None, jitter=0) for number in range(1, 7)]
    assert [round((at - NOW).total_seconds() / 60) if at else None for at in waits] == [1, 5, 30, 120, 720, None]
    assert next_page_try(1, plan, now=NOW, asked=timedelta(days=9), jitter=0) == NOW + timedelta(hours=24)


async def test_what_one_visit_brings_is_one_mail_although_its_pages_come_one_by_one(house: House) -> None:
    house.visit(*(new(number, f"News {number}") for number in range(1, 4)))
    for number in (1, 2, 3):
        house.pages.answers[f"https://one.example/{number}"] = [page()]
    last = house.pages.gates["https://one.example/3"] = asyncio.Event()  # the newest is read first
    await house.reading.tick()
    while house.reading.in_hand > 1:
        await asyncio.sleep(0.005)
    await house.round()
    assert house.notifier.sent == [], "a page is still being read"
    last.set()
    await house.reading.drain(["one"])
    await house.round()
    assert len(house.notifier.sent) == 2
    assert house.notifier.sent[0].raw.count(b"came home on Monday") >= 3


async def test_a_first_visit_stays_one_summary_whatever_its_pages_say(house: House) -> None:
    """Case 18 with pages: what comes after the summary is stored and listed, but not mailed."""
    old = [new(number, f"Old {number}", published_at=NOW - timedelta(days=number)) for number in (1, 2)]
    house.visit(*old)
    assert alerts(house) == []
    house.pages.answers["https://one.example/2"] = [failed()]
    await read(house, 1)
    assert house.rows('SELECT kind, "group", count(*) FROM alerts') == [("baseline", "first-visit", 2)]
    house.clock.advance(301)
    await house.round()
    assert len(house.notifier.sent) == 2
    house.pages.answers["https://one.example/2"] = [page()]
    await house.reading.drain(["one"])
    house.clock.advance(3600)
    await house.round()
    assert len(house.notifier.sent) == 2
    assert house.rows("SELECT count(*) FROM matches WHERE rule = 'prisoners'") == [(2,)]


async def test_a_silent_first_visit_stays_silent(tmp_path: Path) -> None:
    house = House(tmp_path / "monitor.db", sources=(feed(first_visit=FirstVisit.SILENT),))
    house.visit(new(published_at=None))
    await read(house)
    assert texts(house)[0][0] == "complete"
    assert alerts(house) == []
    house.store.close()


async def test_an_undated_pointer_is_news_if_its_page_is_dated_after_the_source_was_added(house: House) -> None:
    house.visit(new(1, published_at=None), new(2, published_at=None), name="list")
    house.pages.answers["https://one.example/2"] = [page(published_at=NOW - timedelta(days=2))]
    await read(house, 1, page(published_at=NOW + timedelta(minutes=1)), name="list")
    assert house.rows("SELECT article_id, kind FROM alerts WHERE recipient LIKE 'anna%' ORDER BY 1") == [
        (1, "baseline"),
        (2, "new"),
    ]


async def test_a_rule_that_the_whole_text_rules_out_is_not_told(tmp_path: Path) -> None:
    """The wait for the text is for this, too: a word that must not be there may be on the page."""
    rules = (rule("war", "prisoner -football"),)
    house = House(tmp_path / "monitor.db", rules=rules, sources=(feed(),))
    house.visit(new(title="Prisoners win the cup"))
    assert len(alerts(house)) == 1
    await read(house, 1, page("The prison's football team won the cup."))
    assert alerts(house) == []
    assert house.rows("SELECT * FROM matches") == []
    house.store.close()


async def test_an_article_that_was_told_is_not_told_again_when_its_feed_changes_before_its_page_comes(
    house: House,
) -> None:
    house.visit(new(title="Prisoners return"))
    house.clock.advance(61)
    await house.round()
    house.visit(new(title="Prisoners return, all of them"), now_minutes=2)
    assert house.rows("SELECT revision FROM articles") == [(1,)]
    sent = len(house.notifier.sent)
    await read(house)
    house.clock.advance(3600)
    await house.round()
    assert len(house.notifier.sent) == sent


async def test_the_feeds_short_text_does_not_come_back_over_the_pages(house: House) -> None:
    house.visit(new(text="The road is open."))
    await read(house)
    house.visit(new(text="The road is open."), now_minutes=30)
    assert house.rows("SELECT revision, text FROM articles") == [(0, PAGE)]
    house.visit(new(text="The road is open again."), now_minutes=60)
    assert house.rows("SELECT revision, text FROM articles") == [(1, PAGE)]


async def test_another_wording_on_a_listing_is_no_edit(house: House) -> None:
    house.visit(new(title="Eight come home"), name="list")
    await read(house, name="list")
    house.visit(new(title="Read more"), now_minutes=30, name="list")
    assert house.rows("SELECT revision FROM articles") == [(0,)]


async def test_the_address_that_a_page_gives_as_its_own_makes_it_known(house: House) -> None:
    house.visit(new())
    await read(house, 1, page(canonical_url="https://one.example/the-real-address/"))
    house.visit(new(7, url="https://one.example/the-real-address", guid="7"), now_minutes=5)
    assert house.rows("SELECT count(*) FROM articles") == [(1,)]


@pytest.mark.parametrize("claimed", ["https://one.example/7", "https://one.example/", "https://one.example"])
async def test_an_address_that_a_page_wrongly_gives_as_its_own_hides_no_article(house: House, claimed: str) -> None:
    """A template's mistake: the page of one article says that it is another one, which comes later."""
    house.visit(new(1, "News of the day"))
    await read(house, 1, page("Nothing.", canonical_url=claimed))
    house.visit(new(7, "Eight prisoners come home", url=claimed, guid="7"), now_minutes=5)
    assert [title for (title,) in house.rows("SELECT title FROM articles ORDER BY id")] == [
        "News of the day",
        "Eight prisoners come home",
    ]
    assert len(alerts(house)) == 1


async def test_one_article_under_two_addresses_is_told_once(house: House) -> None:
    """Case 17: the pages give the same address as their own, and the same title."""
    house.visit(new(1, "Eight come home"), new(2, "Eight come home", published_at=FRESH + timedelta(hours=1)))
    same = page(canonical_url="https://one.example/the-article")
    house.pages.answers["https://one.example/2"] = [same]
    await read(house, 1, same)
    assert len(alerts(house)) == 1


async def test_one_article_under_two_addresses_whose_titles_match_is_told_once(house: House) -> None:
    """Both alerts wait for their texts already when the pages tell that they are one (case 17)."""
    twice = new(1, "Truce holds"), new(2, "Truce holds", published_at=FRESH + timedelta(hours=1))
    house.visit(*twice)
    assert len(alerts(house)) == 2
    same = page("Nothing else.", canonical_url="https://one.example/the-article")
    house.pages.answers["https://one.example/2"] = [same]
    await read(house, 1, same)
    assert len(alerts(house)) == 1


async def test_a_page_that_was_tried_in_vain_holds_up_the_alerts_of_no_other(house: House) -> None:
    """What one visit brings is one mail, but it waits only until each of the visit's pages was tried."""
    house.visit(new(1, "Truce holds"), new(2, "Truce broken"))
    house.pages.answers["https://one.example/2"] = [failed()]
    await read(house, 1)
    assert texts(house)[0][0] == "wanted"
    assert [row[2] for row in alerts(house)] == ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"]


async def test_a_site_that_gives_one_address_for_all_its_pages_loses_nothing(house: House) -> None:
    house.visit(new(1, "Eight come home"), new(2, "Nine come home"))
    same = page(canonical_url="https://one.example/home.html")
    house.pages.answers["https://one.example/2"] = [same]
    await read(house, 1, same)
    assert len(alerts(house)) == 2


async def test_a_rolling_page_is_read_again_when_its_spider_says_that_it_has_grown(tmp_path: Path) -> None:
    site = feed(kind=SourceKind.SPIDER, spider="jamnews")
    house = House(tmp_path / "monitor.db", sources=(site,))
    house.visit(new(title="The main topics of the week"))
    await read(house, 1, page("Roads were mended."))
    assert alerts(house) == []
    house.clock.advance(3600)
    house.visit(new(title="The main topics of the week"), now_minutes=60)
    assert texts(house)[0][0] == "complete", "nothing says that it has grown"
    house.visit(new(title="The main topics of the week", updated_at=house.clock.now()), now_minutes=60.5)
    house.clock.advance(60)
    await read(house, 1, page("Roads were mended.\n\nThe truce was signed at night."))
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    assert house.rows("SELECT kind, revision FROM alerts LIMIT 1") == [("new", 1)]
    assert house.rows("SELECT text FROM revisions") == [("Roads were mended.",)]
    house.store.close()


async def test_a_run_that_breaks_costs_the_pages_that_were_asked_for_one_try_and_the_others_none(
    house: House,
) -> None:
    """The reader tells of those that it may have died of; of the rest nobody has asked anything."""
    house.visit(new(1), new(2))
    house.pages.error = SourceError("crawl_broken", "killed")
    house.pages.begun = {"https://one.example/1"}
    await house.reading.drain(["one"])
    assert sorted(row[:2] for row in texts(house)) == [("wanted", 0), ("wanted", 1)]
    house.pages.error = None
    house.clock.advance(60)
    house.pages.answers["https://one.example/2"] = [page()]
    await read(house)
    assert {row[0] for row in texts(house)} == {"complete"}


async def test_more_pages_than_are_in_hand_at_a_time_are_all_read(house: House) -> None:
    house.visit(*(new(number, published_at=None) for number in range(100)), name="list")
    house.visit(*(new(number, published_at=None) for number in range(200, 260)))
    for number in (*range(100), *range(200, 260)):
        house.pages.answers[f"https://one.example/{number}"] = [page(url=f"https://one.example/{number}")]
    await house.reading.drain(["one", "list"])
    assert {row[0] for row in texts(house)} == {"complete"}


async def test_a_reader_that_cannot_start_is_not_started_again_at_once_and_costs_no_try(house: House) -> None:
    class Broken:
        runs = 0

        async def read(self, *_: object) -> None:
            self.runs += 1
            await asyncio.sleep(0)
            raise OSError("no memory")

    broken = house.reading._reader = Broken()  # type: ignore[assignment] # stands in for FakePages
    house.visit(*(new(number) for number in range(9)))
    await house.reading.drain(["one"])
    assert broken.runs <= 2, "eight pages of a source at a time"
    assert {row[:2] for row in texts(house)} == {("wanted", 0)}
    assert house.reading.in_hand == 0


async def test_what_another_process_has_read_meanwhile_is_no_edit(house: House) -> None:
    """Its lease ran out: `collect` beside the daemon took the page, read it, and was first."""
    house.visit(new())
    (mine,) = house.store.claim_pages(now=NOW, limit=1, lease=timedelta(minutes=1), only=["one"])
    house.store._run("UPDATE articles SET text_lease_owner = 'another'")
    ingest = house.reading._ingest
    assert ingest(mine, Draft(text=PAGE, url="https://one.example/1"), feed(), NOW) == 0
    ingest.fail(mine, error="http_503", attempts=1, due_at=None, now=NOW)
    house.store.release_pages([1])
    assert house.rows("SELECT text_state, text_attempts, text_lease_owner FROM articles") == [("wanted", 0, "another")]


async def test_a_rolling_page_that_a_feed_showed_first_is_read_again_and_may_get_shorter(tmp_path: Path) -> None:
    site = feed("site", kind=SourceKind.SPIDER, spider="jamnews")
    house = House(tmp_path / "monitor.db", sources=(feed(), site))
    house.visit(new(title="The main topics of the week"))
    await read(house, 1, page("Roads were mended.\n\nBridges were painted.\n\nSchools were opened."))
    house.clock.advance(3600)
    house.visit(new(title="The main topics", guid=None, updated_at=house.clock.now()), now_minutes=60, name="site")
    house.clock.advance(60)
    await read(house, 1, page("The truce was signed."))
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    house.store.close()


async def test_told_to_end_the_reader_gives_its_pages_back(house: House) -> None:
    house.visit(new(1), new(2))
    await house.reading.tick()
    await house.reading.stop()
    assert house.rows("SELECT count(*) FROM articles WHERE text_lease_owner IS NOT NULL") == [(0,)]
    assert {row[:2] for row in texts(house)} == {("wanted", 0)}


async def test_a_text_for_which_there_was_no_room_is_read_again_once_there_is(house: House) -> None:
    """A full disk: no lease is waited for, and the outlet is not asked every second (case 119)."""
    full = True

    async def on_store(function: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        if full and function not in {house.store.claim_pages, house.store.claim_looks}:
            raise StoreError("database or disk is full")
        return await here(function, *args, **kwargs)

    house.reading._on_store = on_store  # type: ignore[assignment] # stands in for a disk that is full for a while
    house.visit(new(1), new(2))
    for number in (1, 2):
        house.pages.answers[f"https://one.example/{number}"] = [page(), page()]
    await house.reading.drain(["one"])
    assert {row[0] for row in texts(house)} == {"wanted"}
    full = False
    await house.reading.tick()
    assert house.reading.in_hand == 0, "not at once"
    house.clock.advance(31)
    await house.reading.tick()
    await house.reading.drain(["one"])
    assert {row[:2] for row in texts(house)} == {("complete", 1)}


async def test_a_long_listing_keeps_nobody_waiting(house: House) -> None:
    house.visit(*(new(number, published_at=None) for number in range(100, 300)), name="list")
    house.visit(new(1), now_minutes=1)
    house.clock.advance(61)
    claimed = house.store.claim_pages(
        now=house.clock.now(), limit=ROOM, lease=timedelta(minutes=1), only=["one", "list"]
    )
    assert [page.source for page in claimed].count("list") == 8
    assert claimed[0].source == "one", "news before what was there before"
    again = house.store.claim_pages(now=house.clock.now(), limit=ROOM, lease=timedelta(minutes=1), only=["one", "list"])
    assert again == ()


@pytest.mark.parametrize("place", ["before_page_commit", "between_page_and_alert"])
async def test_a_text_and_its_alert_are_stored_both_or_not_at_all(tmp_path: Path, place: str) -> None:
    """Case 4 for pages."""
    house = House(tmp_path / "monitor.db", sources=(feed(),), failpoint=Failpoints({place: (1, "raise")}))
    house.visit(new())
    await read(house)
    assert texts(house) == [("wanted", 0, "")]
    assert alerts(house) == []
    assert isinstance(house.log.named("page_crashed")[0]["exc_info"], FailpointReached)
    house.clock.advance(3600)
    await read(house)
    assert len(alerts(house)) == 1
    house.store.close()


def test_a_feeds_facts_stand_and_a_listings_are_but_pointers() -> None:
    told = Draft(title="The headline", text="x" * 700, author="A. B.", published_at=NOW, language="en")
    stored = article(title="Headline on the list…", published_at=None)
    merged = with_page(stored, told, listing(), now=NOW, detect=lambda *_: "en")
    assert (merged.title, merged.summary) == ("The headline", "Headline on the list…")
    assert (merged.author, merged.published_at, merged.text_state) == ("A. B.", NOW, TextState.COMPLETE)
    merged = with_page(stored, told, feed(), now=NOW, detect=lambda *_: "en")
    assert merged.title == "Headline on the list…"
    without_title = replace(stored, title="https://one.example/1", url="https://one.example/1")
    merged = with_page(without_title, told, feed(), now=NOW, detect=lambda *_: "en")
    assert (merged.title, merged.summary) == ("The headline", "")


def test_a_page_that_says_less_than_the_feed_does_not_replace_it() -> None:
    stored = article(text="A whole paragraph that the feed gave.")
    assert with_page(stored, Draft(text="Accept cookies."), feed(), now=NOW, detect=lambda *_: "en").text == stored.text


def test_the_pages_minute_replaces_a_feeds_bare_day() -> None:
    midnight = NOW.replace(hour=0)
    stored = article(published_at=midnight)
    merged = with_page(stored, Draft(text="x", published_at=NOW), feed(), now=NOW, detect=lambda *_: "en")
    assert merged.published_at == NOW
    after_midnight = midnight - timedelta(hours=2)  # at the outlet, east of Greenwich, it is the day already
    merged = with_page(stored, Draft(text="x", published_at=after_midnight), feed(), now=NOW, detect=lambda *_: "en")
    assert merged.published_at == after_midnight
    other_day = midnight - timedelta(hours=15)
    merged = with_page(stored, Draft(text="x", published_at=other_day), feed(), now=NOW, detect=lambda *_: "en")
    assert merged.published_at == midnight
    stored = article(published_at=NOW - timedelta(hours=1))
    merged = with_page(stored, Draft(text="x", published_at=NOW), feed(), now=NOW, detect=lambda *_: "en")
    assert merged.published_at == stored.published_at


def test_hosts_are_remembered(house: House) -> None:
    file = RobotsFile(status=200, body="User-agent: *", read_at=NOW)
    house.store.keep_robots("one.example", file)
    house.store.pause_host("one.example", NOW + timedelta(hours=2))
    house.store.pause_host("one.example", NOW + timedelta(hours=1))
    assert house.store.paused_hosts(now=NOW) == {"one.example": NOW + timedelta(hours=2)}
    assert house.store.paused_hosts(now=NOW + timedelta(hours=2)) == {}
    host = house.store.hosts(["one.example", "two.example"])["one.example"]
    assert host.robots == file
    assert host.paused_until == NOW + timedelta(hours=2)


def test_what_is_known_of_hosts_does_not_grow_for_ever(house: House) -> None:
    house.store.keep_robots("old.example", RobotsFile(status=200, body="x" * 1000, read_at=NOW - timedelta(days=3)))
    house.store.keep_robots("new.example", RobotsFile(status=200, body="y", read_at=NOW))
    for number in range(520):
        seen = {"banner": Sighting(text="y")} | ({"thrice": Sighting(text="z")} if number < 3 else {})
        house.store.count_page("one.example", "en", seen, [])
    house.store.purge(now=NOW, retention=Retention())
    assert house.rows("SELECT host, robots FROM hosts WHERE host != 'one.example' ORDER BY 1") == [
        ("new.example", "y"),
        ("old.example", None),
    ]
    assert house.rows("SELECT fingerprint FROM blocks") == [("banner",)]


async def test_a_page_that_lacks_the_feeds_words_withdraws_no_alert(house: House) -> None:
    """A consent wall answers 200, and says nothing of prisoners."""
    house.visit(new(title="Talks resume", text="Eight prisoners were freed at noon."))
    await read(house, 1, page("We value your privacy, and that of our partners, more than you can imagine."))
    assert [row[:2] for row in alerts(house)] == [(1, '["prisoners"]')]
    assert "Eight prisoners were freed" in str(texts(house)[0][2])


async def test_a_page_cannot_speak_for_another_sites_addresses(house: House) -> None:
    house.visit(new())
    await read(house, 1, page("Nothing.", canonical_url="https://two.example/77"))
    assert house.visit(new(77, "Prisoners freed", url="https://two.example/77"), now_minutes=5) == 2


async def test_what_another_source_told_is_not_withdrawn_by_the_page(house: House) -> None:
    house.visit(new(title="Night at the gate"))
    house.visit(new(title="Prisoners freed at the gate", guid="b"), now_minutes=1, name="list")
    assert len(alerts(house)) == 1
    await read(house, 1, page("A long night, and nothing else."))
    assert [row[:2] for row in alerts(house)] == [(1, '["prisoners"]')]


async def test_a_rule_that_late_text_brings_is_named_in_the_waiting_update_of_its_version(house: House) -> None:
    """The feed was edited while its alert waited for the page; there is one alert a version, and none is lost."""
    house.visit(new(title="Truce holds"))
    house.visit(new(title="Truce holds", summary="The truce was signed."), now_minutes=0.2)
    assert house.rows("SELECT kind, revision FROM alerts WHERE recipient LIKE 'anna%'") == [("new", 0), ("update", 1)]
    await read(house)
    assert house.rows("SELECT kind, rules FROM alerts WHERE recipient LIKE 'anna%'") == [
        ("new", '["truce"]'),
        ("update", '["truce", "prisoners"]'),
    ]
    await house.round()
    assert any(b"came home on Monday" in message.raw for message in house.notifier.sent)


async def test_a_rule_that_late_text_brings_is_named_where_nothing_but_an_edit_waits(house: House) -> None:
    """An edit matched before the page was read: whoever waits to be told of that hears of the rest with it."""
    house.visit(new())
    house.visit(new(summary="The truce was signed."), now_minutes=0.2)
    await read(house)
    assert house.rows("SELECT kind, rules FROM alerts WHERE recipient LIKE 'anna%'") == [
        ("new", '["truce", "prisoners"]')
    ]


async def test_a_rule_that_late_text_brings_is_named_in_the_first_alert_where_the_update_has_gone(house: House) -> None:
    """The alert of the first version still waits for its text; it names the rule, and nothing is told twice."""
    house.visit(new(title="Truce holds"))
    house.visit(new(title="Truce holds", summary="The truce was signed."), now_minutes=0.2)
    house.clock.advance(30)
    await house.round()
    assert house.rows("SELECT kind FROM alerts WHERE message IS NULL AND recipient LIKE 'anna%'") == [("new",)]
    await read(house)
    assert house.rows("SELECT kind, rules FROM alerts WHERE message IS NULL AND recipient LIKE 'anna%'") == [
        ("new", '["truce", "prisoners"]')
    ]
    house.clock.advance(600)
    await house.round()
    assert b"prisoners" in [one.raw for one in house.notifier.sent if one.recipient.startswith("anna")][-1]
    assert house.rows("SELECT count(*) FROM alerts WHERE recipient LIKE 'anna%'") == [(2,)]


async def test_an_edit_of_an_earlier_version_does_not_stand_for_the_first_alert(house: House) -> None:
    """Edits came and went before the page could be read, and the rule that it matches was never told of."""
    house.visit(new())
    house.visit(new(summary="The truce was signed."), now_minutes=0.2)
    house.clock.advance(600)
    await house.round()
    house.visit(new(summary="Roads were mended."), now_minutes=11)
    await read(house)
    assert house.rows("SELECT kind, revision, rules FROM alerts WHERE recipient LIKE 'anna%' ORDER BY id") == [
        ("new", 1, '["truce"]'),
        ("new", 2, '["prisoners"]'),
    ]
