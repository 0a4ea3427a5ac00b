from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Hints
from monitor.polling.hints import freshness, outside_windows, retry_after, wished
from tests.factories import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AHEAD = "Tue, 24 Nov 2026 12:02:00 GMT"
BEFORE = "Tue, 24 Nov 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 120 ", 120), (AHEAD, 120), (BEFORE, None), ("Fri, 31 Dec 9999 23:59:59 GMT", 86400), ("0", 0),
        ("-5", None), ("1e3", None), ("9" * 20, 86400), ("9" * 5000, 86400), ("٣٠", None), (None, None), ("", None), ("soon", None),
        ("99999999", 86400), ("3.5", None), ("0x10", None), ("120, 60", None), ("12 0", None),
    ],
)  # fmt: skip # a table
def test_retry_after_is_read_in_all_its_forms(value: str | None, seconds: int | None) -> None:
    """(cases 34, 88)"""
    found = retry_after(value, None, now=NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


def test_case_88_a_date_is_measured_against_the_servers_own_clock() -> None:
    wait = retry_after("Tue, 24 Nov 2026 15:02:00 GMT", "Tue, 24 Nov 2026 15:00:00 GMT", now=NOW)
    assert wait == timedelta(seconds=120)


@given(st.text(), st.text(), st.text())
def test_no_header_makes_the_schedule_fail(value: str, date: str, other: str) -> None:
    """(case 34)"""
    for found in (
        retry_after(value, date, now=NOW),
        freshness(cache_control=value, age=date, expires=other, date=date, now=NOW),
        freshness(cache_control=f"max-age={value}", age=date, expires=None, date=None, now=NOW),
    ):
        assert found is None or timedelta() <= found <= DAY


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache_control": "max-age=3600"}, 3600),
        ({"cache_control": "public, MAX-AGE = 3600 , must-revalidate"}, 3600),
        ({"cache_control": 'max-age="3600"'}, 3600),
        ({"cache_control": "max-age=3600", "age": "600"}, 3000),
        ({"cache_control": "max-age=3600", "age": "9999999999999"}, 0),
        ({"cache_control": "max-age=3600", "age": "-1"}, 3600),
        ({"cache_control": "max-age=3600", "age": "garbage"}, 3600),
        ({"cache_control": "public, s-maxage=7200", "age": "100"}, 7100),
        ({"cache_control": "s-maxage=31536000, max-age=600"}, 600),  # the shared cache is told when to forget
        ({"cache_control": "max-age=31536000"}, 86400),
        ({"cache_control": "max-age=" + "9" * 400}, 86400),
        ({"cache_control": "max-age=0"}, 0),
        ({"cache_control": "max-age=3600, max-age=7200"}, 3600),
        ({"cache_control": "no-cache"}, 0),
        ({"cache_control": "no-cache, max-age=3600"}, 0),
        ({"cache_control": 'no-cache="Set-Cookie", max-age=3600'}, 3600),  # about one header alone
        ({"cache_control": "no-store, max-age=3600"}, 0),
        ({"cache_control": "max-age=-3600"}, None),
        ({"cache_control": "max-age=1e4"}, None),
        ({"cache_control": "max-age=٣٠"}, None),
        ({"cache_control": "x-max-age=3600"}, None),
        ({"cache_control": "===,,;"}, None),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"expires": BEFORE}, 0),
        ({"expires": AHEAD}, 120),
        ({"expires": "Tue, 24 Nov 2026 16:00:00 GMT", "date": "Tue, 24 Nov 2026 15:00:00 GMT"}, 3600),
        ({"expires": "Tue, 24 Nov 2026 13:00:00 GMT", "age": "600"}, 3000),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86400),
        ({"expires": "Fri, 31 Dec 99999 23:59:59 GMT"}, 0),
        ({"cache_control": "max-age=600", "expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 600),
        ({"cache_control": "public, s-maxage=7200", "expires": "0"}, 0),
    ],
)  # fmt: skip # a table
def test_case_90_freshness_is_what_is_left_of_it(headers: dict[str, str], seconds: int | None) -> None:
    told = {"cache_control": None, "age": None, "expires": None, "date": None} | headers
    found = freshness(**told, now=NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("hints", "by_feed", "wait"),
    [
        (Hints(), True, timedelta()),
        (Hints(fresh=HOUR), False, HOUR),
        (Hints(fresh=14 * MINUTE), False, timedelta()),
        (Hints(fresh=15 * MINUTE), False, 15 * MINUTE),
        (Hints(fresh=30 * DAY), False, DAY),
        (Hints(every=3 * HOUR), True, 3 * HOUR),
        (Hints(every=3 * HOUR), False, timedelta()),
        (Hints(every=timedelta(minutes=999_999_999)), True, DAY),
        (Hints(fresh=2 * HOUR, every=HOUR), True, 2 * HOUR),
    ],
)
def test_case_90_wishes_hold_between_a_quarter_of_an_hour_and_the_cap(
    hints: Hints, *, by_feed: bool, wait: timedelta
) -> None:
    """What the feed says counts only where the user gave no interval (cases 90 and 91)."""
    assert wished(hints, by_feed=by_feed, cap=DAY) == wait


def at(hour: int, minute: int = 30, day: int = 24) -> datetime:
    """A minute of a day; the 24th is a Tuesday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "hours", "days", "found"),
    [
        (at(12), (), (), at(12)),
        (at(12), (11, 13), (), at(12)),
        (at(12), (12,), (), at(13, 0)),
        (at(22), (22, 23, 0, 1), (), at(2, 0, day=25)),  # over midnight
        (at(12), tuple(range(24)), (), at(12)),  # every hour: it can mean none
        (at(12), tuple(range(23)), (), at(23, 0)),
        (at(12), (), (1,), at(0, 0, day=25)),
        (at(12), (), (0, 2), at(12)),
        (at(12), (), tuple(range(7)), at(12)),
        (at(12), (0, 1, 2), (1,), at(3, 0, day=25)),  # a day and the hours after it
        (at(12), (), (1, 2), at(12, day=25)),  # longer than the cap: once a day it is asked all the same
    ],
)
def test_case_91_a_feed_is_left_alone_in_the_hours_and_days_that_it_names(
    due: datetime, hours: tuple[int, ...], days: tuple[int, ...], found: datetime
) -> None:
    hints = Hints(skip_hours=hours, skip_days=days)
    assert outside_windows(due, hints, latest=at(12, day=25), share=0) == found


def test_case_91_feeds_that_wait_for_the_same_hour_are_spread_over_ten_minutes() -> None:
    hints = Hints(skip_hours=(12,))
    found = [outside_windows(at(12), hints, latest=at(12, day=25), share=share) for share in (0, 0.5, 1)]
    assert found == [at(13, 0), at(13, 5), at(13, 10)]
