"""Pages that grow all day under one address: read for as long as they grow, told only for what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Retention, SourceKind
from monitor.store import ArchiveRows
from tests.factories import NOW, rule
from tests.unit.test_full_text import alerts, failed, feed, new, page, read, texts
from tests.unit.test_pipeline import RULES, House

TITLE = "The main topics of the week"
SITE = feed("one", kind=SourceKind.SPIDER, spider="jamnews")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "monitor.db", sources=(SITE,))
    yield made
    made.store.close()


def shown(house: House, minutes: float = 30) -> None:
    """Have the site's spider say, some time later, that the page has something new."""
    house.clock.advance(minutes * 60)
    after = (house.clock.now() - NOW).total_seconds() / 60
    house.visit(new(title=TITLE, updated_at=house.clock.now()), now_minutes=after)


async def grow(house: House, *passages: str) -> None:
    """Have the page shown anew and read with these passages."""
    shown(house)
    await read(house, 1, page("\n\n".join(passages)))


async def test_a_page_that_grows_all_day_is_never_given_up(house: House) -> None:
    """A passage with a keyword after sixty versions without one is told like the first (case 105)."""
    house.visit(new(title=TITLE))
    passages = ["Roads were mended."]
    await read(house, 1, page(passages[0]))
    for number in range(60):
        passages.append(f"Bridge number {number} was painted.")
        await grow(house, *passages)
    assert alerts(house) == []
    await grow(house, *passages, "The truce was signed at night.")
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    assert house.rows("SELECT revision FROM articles") == [(61,)]
    assert house.rows("SELECT count(*), min(number), max(number) FROM revisions") == [(24, 0, 60)]
    await grow(house, *passages, "The truce was signed at night.", "Schools were opened.")
    assert len(alerts(house)) == 1, "an update is told for new passages alone"


@pytest.mark.parametrize(("kind", "again"), [(SourceKind.SPIDER, 1), (SourceKind.SITEMAP, 0), (SourceKind.LISTING, 0)])
async def test_only_a_sites_own_spider_has_a_known_page_read_again(
    kind: SourceKind, again: int, tmp_path: Path
) -> None:
    """Sitemaps that write the time of the last build beside every address would have 500 pages read a visit."""
    house = House(tmp_path / "kinds.db", sources=(replace(SITE, kind=kind),))
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    shown(house)
    assert house.rows("SELECT count(*) FROM articles WHERE text_state = 'wanted'") == [(again,)]
    house.store.close()


async def test_an_update_shows_the_new_passage_not_the_old_ones(house: House) -> None:
    """Three older passages with the word would fill the mail."""
    old = [f"The truce held on day {number}, as it had before." for number in range(5)]
    house.visit(new(title=TITLE))
    await read(house, 1, page("\n\n".join(old)))
    await house.round()
    before = len(house.notifier.sent)
    await grow(house, *old, "The truce was broken at noon.")
    house.clock.advance(3600)
    await house.round()
    raw = house.notifier.sent[before].raw
    assert b"broken at noon" in raw
    assert b"held on day" not in raw


async def test_a_new_passage_may_be_the_last_part_of_what_a_rule_asks_for(tmp_path: Path) -> None:
    """The valley is in the first passage, the truce in the one that comes later; the other way round nothing is new."""
    both = rule("both", "truce valley", when=("new", "update"))
    house = House(tmp_path / "monitor.db", sources=(SITE,), rules=(*RULES, both))
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads of the valley were mended."))
    await grow(house, "Roads of the valley were mended.", "The truce was signed.")
    assert [row[:2] for row in alerts(house)] == [(1, '["truce", "both"]')]
    await grow(house, "Roads of the valley were mended.", "The truce was signed.", "The valley was quiet.")
    assert len(alerts(house)) == 1
    house.store.close()


async def test_a_reading_that_went_wrong_makes_no_news_of_the_next_one(house: House) -> None:
    """A consent wall for once, then the page as it was: nothing of it is new."""
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    await grow(house, "Roads were mended.", "The truce was signed.")
    assert len(alerts(house)) == 1
    await grow(house, "We value your privacy.")
    await grow(house, "Roads were mended.", "The truce was signed.")
    assert len(alerts(house)) == 1


@pytest.mark.parametrize("error", ["http_410", "http_503"])
async def test_a_page_that_cannot_be_read_again_keeps_its_text_and_is_shown(house: House, error: str) -> None:
    """Its failure stands beside it until the source shows it anew and it can be read."""
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    shown(house)
    for _ in range(6):
        await read(house, 1, failed(error))
        house.clock.advance(13 * 3600)
    assert texts(house)[0][0] == "complete"
    (unread,) = ArchiveRows(house.path).unread(["one"])
    assert (unread["state"], unread["error"], unread["due_at"]) == ("outdated", f"{error}: so it was", None)
    await grow(house, "Roads were mended.", "The truce was signed.")
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    assert ArchiveRows(house.path).unread(["one"]) == []


async def test_an_outdated_page_is_wanted_again_when_somebody_asks(house: House) -> None:
    """`sources unread --again` holds for what could not be read again, too."""
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    assert house.store.want_again(["one"], now=house.clock.now()) == 0
    shown(house)
    await read(house, 1, failed("http_410"))
    assert house.store.want_again(["one"], now=house.clock.now()) == 1
    await read(house, 1, page("Roads were mended.\n\nThe truce was signed."))
    assert len(alerts(house)) == 1


async def test_a_page_that_is_shown_anew_does_not_wait_twelve_hours_for_its_next_try(house: House) -> None:
    """The plan of tries is for pages that nobody speaks of any more."""
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    shown(house)
    for wait in (60, 300, 1800, 7200):
        await read(house, 1, failed())
        house.clock.advance(wait)
    await read(house, 1, failed())
    assert texts(house)[0][:2] == ("wanted", 5)
    await grow(house, "Roads were mended.", "The truce was signed.")
    assert len(alerts(house)) == 1


async def test_a_page_that_was_never_read_is_wanted_again_when_it_is_shown_anew(house: House) -> None:
    """Its every try failed; a spider that says that it has grown says that it is there."""
    house.visit(new(title=TITLE))
    await read(house, 1, failed("http_410"))
    assert texts(house)[0][0] == "failed"
    await grow(house, "The truce was signed.")
    assert texts(house)[0][0] == "complete"
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]


async def test_a_page_in_hand_is_not_taken_from_its_reader(house: House) -> None:
    """Shown anew while it is read, it is wanted once: its lease and its due time stay."""
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    shown(house)
    house.store.claim_pages(now=house.clock.now(), limit=1, lease=timedelta(minutes=9), only=["one"])
    before = house.rows("SELECT text_due_at, text_lease_owner, text_lease_until FROM articles")
    shown(house, minutes=1)
    assert house.rows("SELECT text_due_at, text_lease_owner, text_lease_until FROM articles") == before


async def test_the_titles_that_a_page_had_are_not_heaped_up(house: House) -> None:
    """Only a pointer's own title is kept beside the page's; the page's change all day."""
    house.visit(new(title=TITLE))
    for number in range(4):
        shown(house)
        await read(house, 1, page(f"Bridge {number} was painted.", title=f"Topics, part {number}"))
    assert house.rows("SELECT title, summary FROM articles") == [("Topics, part 3", TITLE)]


async def test_a_page_that_is_wanted_again_stays_so_whatever_its_feed_says(tmp_path: Path) -> None:
    """The feed's text does not replace the page's, so it cannot stand for it."""
    site = feed("site", kind=SourceKind.SPIDER, spider="jamnews")
    house = House(tmp_path / "monitor.db", sources=(feed(), site))
    house.visit(new(title=TITLE))
    await read(house, 1, page("Roads were mended."))
    house.clock.advance(3600)
    house.visit(new(title=TITLE, updated_at=house.clock.now()), now_minutes=60, name="site")
    house.visit(new(title=TITLE, text="Roads. " * 100), now_minutes=61)
    assert house.rows("SELECT text_state, revision FROM articles") == [("wanted", 1)]
    house.clock.advance(60)
    await read(house, 1, page("Roads were mended.\n\nThe truce was signed."))
    assert [row[:2] for row in alerts(house)] == [(1, '["truce"]')]
    house.store.close()


async def test_a_page_that_still_grows_is_not_purged(house: House) -> None:
    """Its address is older than any retention; without its text everything on it would be news again."""
    day = timedelta(days=1)
    house.visit(new(title=TITLE))
    await read(house, 1, page("The truce was signed."))
    for number in range(5):
        shown(house, minutes=24 * 60)
        await read(house, 1, page(f"The truce was signed.\n\nBridge {number} was painted."))
        house.store.purge(now=house.clock.now(), retention=Retention(articles=2 * day))
    assert house.rows("SELECT count(*) FROM alerts WHERE revision > 0") == [(0,)]
    house.store.purge(now=house.clock.now() + 3 * day, retention=Retention(articles=2 * day))
    assert house.rows("SELECT text FROM articles") == [("",)]
