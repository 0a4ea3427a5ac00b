"""Regular expressions that people write: what they find, in which time, and what is told of a wrong one."""

from __future__ import annotations

import time

import pytest

from monitor.errors import PatternError
from monitor.patterns import Pattern


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        (r"/news/\d+", "https://valley.example/news/17"),
        (r"/(news|life)/\d+/$", "https://valley.example/life/2/"),
        (r"(?i)/NEWS/", "https://valley.example/news/"),
        ("/լուր/", "https://valley.example/%D5%AC%D5%B8%D6%82%D6%80/1"),
        (r"/\pL+/1", "https://valley.example/լուր/1"),
        ("%D5%AC", "https://valley.example/%D5%AC%D5%B8"),
        (r"(?P<year>20\d\d)", "https://valley.example/2026/a"),
    ],
)
def test_a_pattern_fits_where_it_is_found(pattern: str, url: str) -> None:
    assert Pattern(pattern).fits(url)
    assert not Pattern(pattern).fits("https://valley.example/tag/x")


def test_an_address_that_no_encoding_takes_does_no_harm() -> None:
    assert not Pattern("/a").fits("https://valley.example/\ud800")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*)*x", "(a?){40}a{40}b"])
def test_no_pattern_takes_longer_than_its_text(pattern: str) -> None:
    """Each would hang in a backtracking engine."""
    ready = Pattern(pattern)
    began = time.process_time()
    ready.found_in("a" * 100_000 + "!")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("pattern", "position", "told"),
    [
        ("/news/(?=x)", 6, "(?= looks around"),
        ("/новости/(?!x)", 9, "(?! looks around"),
        ("a(?<=b)", 1, "(?<= looks around"),
        ("[(?=]/(?=x)", 6, "(?= looks around"),
        (r"(a)/\1", 4, "\\1 means nothing here; there are no back references"),
        (r"/news/\Z", 6, "\\Z means nothing here; write $ for the end"),
        (r"a\y", 1, "\\y means nothing here; leave the \\ out"),
        ("/(news", 6, "a ( has no )"),
        ("/[a-z", 5, "a [ has no ]"),
        ("(a)/b)", 5, "a ) has no ("),
        ("*/news", 0, "nothing stands before this"),
        ("/a++", 2, "a thing is repeated once"),
        ("a{5000}", 1, "a repetition goes from 0 to 1000"),
        ("[z-a]", 1, "there is no such range"),
        ("(?P<x", 0, "write (?P<name>...)"),
        ("a\\", 1, "a \\ at the end means nothing"),
        ("a" * 1001, 1000, "it is longer than 1000 characters"),
    ],
)
def test_a_wrong_pattern_is_told_with_its_place_and_a_remedy(pattern: str, position: int, told: str) -> None:
    with pytest.raises(PatternError) as error:
        Pattern(pattern)
    assert str(error.value).startswith(told)
    assert error.value.position == position


def test_a_pattern_that_is_too_large_is_refused_at_once() -> None:
    with pytest.raises(PatternError):
        Pattern("((a{100}){100}){100}")
