from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import blanked, clean_line, clean_text, cut, paragraphs, reason, shorten_address, spans, unescape

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@given(ANY_TEXT)
def test_a_clean_line_has_no_control_direction_or_line_characters(text: str) -> None:
    """Whatever comes in, one safe line comes out (cases 49, 109)."""
    line = clean_line(text)
    assert not [char for char in line if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    line.encode("utf-8")


@given(ANY_TEXT)
def test_cleaning_a_text_twice_changes_nothing_more(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


def test_paragraphs_stay_apart_and_lines_are_trimmed() -> None:
    assert paragraphs(clean_text("a \n\n\n b\t c\r\n d\u2029e")) == ["a", "b c\nd", "e"]


def test_nfd_becomes_nfc_and_nul_disappears() -> None:
    """(case 109)"""
    assert clean_line("e\u0301\0x") == "éx"


def test_soft_hyphens_stay_for_matching_to_look_through() -> None:
    assert clean_line("при\u00adзнак") == "при\u00adзнак"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("ab e\u0301x", 5, "ab…"), ("a👩\u200d🚀b", 3, "a…")],
)
def test_a_cut_never_splits_what_belongs_together(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_addresses_are_shortened_for_logs() -> None:
    assert shorten_address("anna@example.org") == "a…@example.org"
    assert shorten_address("desk") == "desk"


@given(st.lists(st.text("ab \n", max_size=9).map(clean_text).filter(bool), max_size=5))
def test_paragraphs_stand_where_their_spans_say(parts: list[str]) -> None:
    """Blanks in the place of some leave the others where they were."""
    text = clean_text("\n\n".join(parts))
    found = spans(text)
    assert [text[start:end] for start, end in found] == paragraphs(text)
    without = blanked(text, found[::2])
    assert len(without) == len(text)
    assert [without[start:end] for start, end in found[1::2]] == paragraphs(text)[1::2]
    assert not any(without[start:end].strip() for start, end in found[::2])


def test_a_reason_is_one_line_that_a_terminal_can_show() -> None:
    """Servers write into errors: addresses with escapes, answers with line ends."""
    told = reason("http://one.example/\x1b]0;owned\x07\r\nsource_read \u202e" + "x" * 1000)
    assert told.isprintable()
    assert told.startswith("http://one.example/]0;owned source_read x")
    assert len(told) == 400


def test_a_reference_of_thousands_of_digits_is_no_character() -> None:
    """Found by fuzzing (case 33): Python raises on it, and the feed was lost."""
    assert unescape(f"a &#{'1' * 5000}; b &#{'9' * 9} c &amp;&#1055;&#x41f;") == "a \ufffd b \ufffd c &ПП"
