from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import Draft, FullText, TextState
from monitor.normalise import (
    Known,
    New,
    Twin,
    changed,
    identify,
    identity_keys,
    is_baseline,
    is_flood,
    new_passages,
    normalise,
)
from tests.factories import NOW, article, draft, source, state


def keys(**changes: object) -> tuple[object, ...]:
    return identity_keys(article(**changes))


def decide(
    *entries: dict[str, object], known: dict[int, dict[str, object]] | None = None, unusable: bool = False
) -> object:
    found = {key: number for number, facts in (known or {}).items() for key in identity_keys(article(**facts))}
    return identify([identity_keys(article(**facts)) for facts in entries], found, guids_unusable=unusable)


URL = {"canonical_url": "https://one.example/1"}
OTHER = {"canonical_url": "https://one.example/2"}
GUID = {"guid": "g"}
DATED = {"published_at": NOW, "title": "T"}


def test_the_same_address_is_the_same_article_whatever_its_guid() -> None:
    """(case 103)"""
    assert decide(URL | {"guid": "new"}, known={7: URL | {"guid": "old"}}) == ((Known(7),), False)


def test_the_same_guid_with_another_address_is_the_same_article() -> None:
    assert decide(OTHER | GUID, known={7: URL | GUID}) == ((Known(7),), False)


def test_a_guid_on_two_entries_of_one_fetch_tells_nothing_from_then_on() -> None:
    """(case 102)"""
    assert decide(URL | GUID, OTHER | GUID) == ((New(), New()), True)
    assert decide(OTHER | GUID, known={7: URL | GUID}, unusable=True) == ((New(),), True)


def test_the_same_entry_twice_in_a_fetch_is_one_article() -> None:
    assert decide(URL | GUID, URL | GUID) == ((New(), Twin(0)), False)


def test_title_and_time_count_only_where_address_or_guid_is_missing() -> None:
    assert decide(URL | DATED, known={7: DATED}) == ((Known(7),), False)
    assert decide(URL | GUID | DATED, known={7: OTHER | {"guid": "h"} | DATED}) == ((New(),), False)
    assert decide(DATED | {"published_at": NOW + timedelta(seconds=1)}, known={7: DATED}) == ((New(),), False)


def test_content_counts_only_where_nothing_else_is_there() -> None:
    """(case 106)"""
    assert decide({"title": "x", "text": "y"}, known={7: {"title": "x", "text": "y"}}) == ((Known(7),), False)
    assert decide({"title": "x", "text": "y"}, {"title": "x", "text": "z"}) == ((New(), New()), False)


def test_one_guid_for_all_without_addresses_keeps_them_apart_by_content() -> None:
    """(case 102)"""
    entries = [{"title": "a"} | GUID, {"title": "b"} | GUID]
    verdicts, unusable = identify([identity_keys(article(**facts)) for facts in entries], {}, guids_unusable=True)
    assert (verdicts, unusable) == ((New(), New()), True)
    assert decide(entries[0], known={7: entries[0]}, unusable=True) == ((Known(7),), True)


def test_the_same_guid_in_two_feeds_is_two_articles() -> None:
    """(case 104)"""
    assert decide({"source": "two"} | GUID | OTHER, known={7: URL | GUID}) == ((New(),), False)


def test_a_draft_becomes_an_article() -> None:
    found = normalise(
        draft(url="http://www.one.example/1?utm_source=x", text="a" * 700, author="A"),
        source(country="ge"),
        now=NOW,
        feed_language="en-us",
        detect=lambda text, hint: f"{hint}-{text[:7]}",
        baseline=True,
    )
    assert found.canonical_url == "https://one.example/1"
    assert (found.text_state, found.language, found.country, found.baseline) == (
        TextState.COMPLETE,
        "en-Title 1",
        "ge",
        True,
    )


@pytest.mark.parametrize(
    ("text", "full_text", "expected"),
    [("x" * 600, FullText.AUTO, TextState.COMPLETE), ("x", FullText.AUTO, TextState.WANTED), ("x", FullText.NEVER, TextState.COMPLETE), (None, FullText.NEVER, TextState.NONE)],
)  # fmt: skip # a table
def test_text_states_follow_what_the_feed_gave(text: str | None, full_text: FullText, expected: TextState) -> None:
    found = normalise(
        draft(text=text),
        source(full_text=full_text),
        now=NOW,
        feed_language=None,
        detect=lambda *_: "en",
        baseline=False,
    )
    assert found.text_state is expected


def test_a_draft_without_title_is_named_after_what_it_has() -> None:
    found = normalise(
        Draft(summary="Only this"), source(), now=NOW, feed_language=None, detect=lambda *_: "en", baseline=False
    )
    assert found.title == "Only this"


def test_white_space_and_missing_fields_are_no_edits() -> None:
    old = article(title="A b", summary="s", text="t")
    assert not changed(old, article(title="A  b", summary="", text="t"))
    assert changed(old, article(title="A b, updated", summary="s", text="t"))


def test_an_update_is_what_was_not_there_before() -> None:
    """What is new stays in its place, so that its words are found in the article."""
    old = article(title="T", text="one\n\ntwo")
    fresh = new_passages(old, article(title="T", text="one\n\nthree\n\ntwo"))
    assert (fresh.title, fresh.text) == ("", "   \n\nthree\n\n   ")
    back = new_passages(old, article(title="T", text="zero\n\none"), ["zero\n\nhalf"])
    assert back.text.split() == [], "what comes back is not new"


def test_a_clock_inside_a_passage_makes_no_news_of_it() -> None:
    """Only the time of day, and only where the passage replaces another: all other figures are news (case 105)."""
    old = article(text="Updated at 12:05. Talks go on.\n\n12:05 Shelling.\n\nEight prisoners are home.")
    fresh = new_passages(
        old, article(text="Updated at 12:20. Talks go on.\n\n12:05 Shelling.\n\nNine prisoners are home.")
    )
    assert fresh.text.split("\n\n")[0].strip() == ""
    assert fresh.text.endswith("Nine prisoners are home.")
    fresh = new_passages(old, article(text="12:05 Shelling.\n\n12:20 Shelling."))
    assert fresh.text.strip() == "12:20 Shelling.", "what stands beside the earlier one is new"


def test_entries_dated_before_the_source_was_added_are_its_baseline() -> None:
    """(case 18)"""
    fresh = state(added_at=NOW)
    assert is_baseline(NOW - timedelta(hours=1), fresh)
    assert is_baseline(None, fresh)
    assert not is_baseline(NOW + timedelta(seconds=1), fresh)
    assert not is_baseline(None, state(first_good_at=NOW))


def test_a_burst_of_old_entries_is_a_flood_and_a_backlog_is_not() -> None:
    """(case 19)"""
    known = state(last_good_at=NOW - timedelta(days=3))
    old = [article(published_at=NOW - timedelta(days=9))] * 30
    assert is_flood(old, known)
    assert is_flood([article()] * 30, known)
    assert not is_flood(old[:29], known)
    assert not is_flood([article(published_at=NOW - timedelta(days=1))] * 300, known)
    assert not is_flood(old, state())
