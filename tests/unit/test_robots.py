"""robots.txt as anybody may write it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.robots import RobotsRules, is_fresh
from monitor.model import RobotsFile
from tests.factories import NOW

FIELDS = st.sampled_from(
    ["User-agent", "Disallow", "Allow", "Crawl-delay", "Sitemap", "Request-rate", "Visit-time", "\0", "\ufeff"]
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "*",
            "/",
            "news-coverage-monitor",
            "1e308",
            "nan",
            "-inf",
            "9" * 400,
            "%",
            "%zz",
            "/*$*$",
            "\u0663",
            "5/0",
            "1200-",
        ]
    ),
)
LINES = st.lists(st.tuples(FIELDS, st.sampled_from([":", " : ", ""]), VALUES), max_size=12)


def rules(body: str, status: int | None = 200) -> RobotsRules:
    return RobotsRules(RobotsFile(status=status, body=body, read_at=NOW))


@given(st.one_of(st.text(), LINES.map(lambda lines: "\n".join(map("".join, lines)))), st.text(max_size=20))
def test_case_33_no_robots_txt_makes_its_reader_fail(body: str, path: str) -> None:
    """What it says is a yes or a no, and a wait of a minute at most (case 33)."""
    found = rules(body)
    assert found.allow(f"https://one.example/{path}") in {True, False}
    assert 0 <= found.delay() <= 60
    assert not math.isnan(found.delay())


@given(st.one_of(st.none(), st.integers(0, 999)), st.text())
def test_case_33_no_status_makes_its_reader_fail(status: int | None, body: str) -> None:
    """(case 33)"""
    file = RobotsFile(status=status, body=body, read_at=NOW)
    assert is_fresh(file, NOW)
    assert RobotsRules(file).allow("https://one.example/") in {True, False}


@pytest.mark.parametrize(
    "pattern", ["/" + "*a" * 200 + "b$", "/" + "*" * 20_000 + "x", "/" + "(a+)+" * 50 + "$", "/" + "a*" * 5000]
)
def test_case_33_a_pattern_that_backtracks_without_end_is_answered(pattern: str) -> None:
    """In this process there is nobody who would end it (case 33)."""
    found = rules(f"User-agent: *\nDisallow: {pattern}\n")
    assert found.allow("https://one.example/" + "a" * 1900) in {True, False}


def test_case_33_a_robots_txt_of_half_a_mebibyte_is_read() -> None:
    """As many groups, rules and blanks as fit (case 33)."""
    for line in (
        "User-agent: x\n",
        "Disallow: /a\n",
        "User-agent: *\nDisallow: /*a*b*c\n",
        "\n",
        "#" * 200 + "\n",
        ":\n",
    ):
        found = rules(line * (512 * 1024 // len(line)) + "User-agent: *\nDisallow: /no\n")
        assert found.allow("https://one.example/yes") in {True, False}
