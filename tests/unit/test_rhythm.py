from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Limits, Rhythm, SourceKind, VisitOutcome
from monitor.polling.pace import SURE, interval, longest, share_out, wait, weight
from monitor.polling.rhythm import (
    after,
    begin,
    by_hour,
    by_weekday,
    expected,
    fills_in,
    heard,
    is_known,
    quiet_for,
    rate,
)
from tests.factories import NOW, source, state, visit

LIMITS = Limits()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PACE = timedelta(hours=2)
EVERY = timedelta(minutes=30)


def every(step: timedelta, number: int, *, until: datetime = NOW) -> list[datetime | None]:
    """Give the dates of so many articles, newest first."""
    return [until - step * count for count in range(number)]


def waits(rhythm: Rhythm, *, now: datetime = NOW) -> timedelta:
    return wait(rhythm, now=now, pace=PACE, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap)


moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2027, 1, 1)).map(  # noqa: DTZ001 - made aware
    lambda moment: moment.replace(tzinfo=NOW.tzinfo)
)


@pytest.mark.parametrize(("step", "number", "per_day"), [(HOUR, 20, 24), (6 * HOUR, 30, 4), (3 * DAY, 10, 1 / 3)])
def test_a_first_visit_tells_how_much_a_source_publishes(step: timedelta, number: int, per_day: float) -> None:
    known = begin(every(step, number), now=NOW)
    assert rate(known, now=NOW) == pytest.approx(per_day, rel=0.2)
    assert is_known(known, now=NOW)


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [None] * 20,
        [NOW] * 20,  # the moment at which the feed was made
        [NOW - timedelta(seconds=count) for count in range(20)],
        [NOW - DAY, *[None] * 19],
        [NOW + DAY * count for count in range(1, 20)],
    ],
)
def test_dates_that_cannot_be_true_tell_nothing(shown: list[datetime | None]) -> None:
    known = begin(shown, now=NOW)
    assert not is_known(known, now=NOW)
    assert weight(known, now=NOW) is None
    assert interval(source(), state(rhythm=known), visit(), now=NOW, limits=LIMITS, pace=PACE) == timedelta(
        minutes=30
    ), "until it is known, the default"


def test_entries_that_are_pinned_do_not_make_a_source_slow() -> None:
    pinned = begin([*every(HOUR, 20), NOW - 900 * DAY], now=NOW)
    assert rate(pinned, now=NOW) == pytest.approx(24, rel=0.2)


def test_a_source_that_has_ended_is_left_alone_for_long() -> None:
    assert waits(begin(every(HOUR, 20, until=NOW - 400 * DAY), now=NOW)) > 12 * HOUR


def test_the_wait_is_shorter_by_the_square_root_of_the_rate() -> None:
    """Four times the articles, half the wait: with what came in the last hours out of sight."""
    slow, fast = (Rhythm(at=NOW, articles=21 * per_day, days=21, last_at=NOW - DAY) for per_day in (4, 16))
    assert waits(slow) / waits(fast) == pytest.approx(2, rel=0.02)


def test_visits_are_dense_when_articles_come_and_rare_at_night() -> None:
    by_day = [NOW.replace(hour=hour) - DAY * day for day in range(1, 20) for hour in range(8, 18)]
    known = begin(sorted(by_day, reverse=True), now=NOW)
    noon, night = NOW.replace(hour=12), NOW.replace(hour=22)
    assert 3 * waits(known, now=noon) < waits(known, now=night)
    woken = night + waits(known, now=night)
    assert woken < (NOW + DAY).replace(hour=10), "the first article of the morning is not slept through"


def test_weekends_are_learned() -> None:
    weeks = [NOW - DAY * day for day in range(1, 60) if (NOW - DAY * day).weekday() < 5]
    days = by_weekday(begin(weeks, now=NOW))
    assert min(days[:5]) > 1.5 * max(days[5:])


def test_days_without_an_hour_say_nothing_of_hours() -> None:
    known = begin([NOW.replace(hour=0) - DAY * day for day in range(20)], now=NOW)
    assert set(by_hour(known)) == {1.0}
    assert rate(known, now=NOW) == pytest.approx(1, rel=0.2)


def test_an_article_shortens_the_next_waits_at_once() -> None:
    known = begin(every(DAY, 20, until=NOW - DAY), now=NOW)
    before = waits(known)
    burst = heard(known, [NOW - timedelta(minutes=5)] * 4, now=NOW, window=20)
    assert waits(burst) < before / 2
    assert waits(burst, now=NOW + DAY) > waits(burst) * 2, "and it passes"


def test_a_rate_falls_while_nothing_comes_and_visits_become_rare() -> None:
    known = begin(every(HOUR, 20), now=NOW)
    assert rate(known, now=NOW + 20 * DAY) < rate(known, now=NOW) / 2
    assert waits(known, now=NOW + 20 * DAY) > waits(known)


def test_a_source_is_visited_before_what_it_shows_is_gone() -> None:
    few = Rhythm(at=NOW, articles=21 * 40, days=21, last_at=NOW, window=6)
    many = Rhythm(at=NOW, articles=21 * 40, days=21, last_at=NOW, window=600)
    far = timedelta(days=2)
    waited = [wait(known, now=NOW, pace=far, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap) for known in (few, many)]
    assert waited[0] == pytest.approx(DAY / 40 * 2, rel=0.6)
    assert waited[0] < waited[1]


BATCH = [NOW - 4 * DAY - timedelta(minutes=2 * count) for count in range(15)]


def test_one_burst_seen_keeps_the_wait_near_the_fixed_one_though_little_comes() -> None:
    """Two sources show as many articles; one of them has brought half of these within minutes."""
    even = begin(every(12 * HOUR, 30), now=NOW)
    bursty = begin(sorted([*BATCH, *every(DAY, 14), NOW - 15 * DAY], reverse=True), now=NOW)
    far = timedelta(days=2)
    assert rate(bursty, now=NOW) < 1.6 * rate(even, now=NOW)
    calm, guarded = (
        wait(known, now=NOW, pace=far, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap) for known in (even, bursty)
    )
    assert calm > 4 * EVERY
    assert SURE * EVERY <= guarded < EVERY


def test_a_burst_is_measured_by_what_the_source_shows() -> None:
    few, many = (heard(Rhythm(at=NOW - HOUR), BATCH, now=NOW, window=window) for window in (15, 600))
    assert fills_in(few, now=NOW) < fills_in(many, now=NOW) / 30


def test_a_burst_that_two_visits_bring_is_one() -> None:
    half = [NOW - timedelta(minutes=count) for count in range(10)]
    first = heard(Rhythm(at=NOW - DAY), half, now=NOW, window=20)
    second = heard(first, [NOW + timedelta(minutes=count) for count in range(10)], now=NOW + HOUR, window=20)
    assert second.burst > 1.7 * first.burst


def test_a_burst_is_forgotten_in_weeks_not_in_hours() -> None:
    known = heard(Rhythm(at=NOW - HOUR), BATCH, now=NOW, window=20)
    assert fills_in(known, now=NOW + DAY) < 1.1 * fills_in(known, now=NOW)
    assert fills_in(known, now=NOW + 60 * DAY) > 10 * fills_in(known, now=NOW)


def test_a_source_without_dates_may_have_brought_all_at_once() -> None:
    """It is visited as at the fixed interval, however little comes in its first days."""
    silent = begin([None] * 20, now=NOW)
    waited = interval(source(), state(rhythm=silent), visit(), now=NOW + 5 * DAY, limits=LIMITS, pace=12 * HOUR)
    assert waited <= EVERY
    assert fills_in(begin([], now=NOW), now=NOW) == inf, "of what shows nothing, nothing can go"


def test_no_burst_calls_for_more_crawls_than_feeds_get_visits() -> None:
    unknown = begin([None] * 20, now=NOW)
    feed, listing = (
        interval(source(kind=kind), state(rhythm=unknown), visit(), now=NOW + 5 * DAY, limits=LIMITS, pace=12 * HOUR)
        for kind in (SourceKind.FEED, SourceKind.LISTING)
    )
    assert listing == 3 * feed


def test_a_source_with_an_article_a_day_is_looked_after_every_three_hours() -> None:
    assert longest(1, cap=LIMITS.cap) * 1.1 < 3 * HOUR
    assert longest(0.1, cap=LIMITS.cap) * 1.1 < 3 * HOUR
    assert longest(0.01, cap=LIMITS.cap) == LIMITS.cap


@given(st.lists(moments | st.none(), max_size=40), moments, st.floats(0.001, 10), st.integers(0, 500))
def test_a_wait_is_between_floor_and_cap_whatever_was_seen(
    shown: list[datetime | None], now: datetime, hours: float, window: int
) -> None:
    known = begin(shown, now=now)
    for rhythm in (known, heard(known, [now], now=now + HOUR, window=window)):
        for later in (timedelta(), 30 * DAY):
            at = rhythm.at + later
            chosen = wait(rhythm, now=at, pace=hours * HOUR, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap)
            assert LIMITS.floor <= chosen <= LIMITS.cap
            assert quiet_for(rhythm, now=at) >= 0
            assert (weight(rhythm, now=at) or 1) > 0


@given(st.lists(moments, min_size=3, max_size=40), moments)
def test_a_profile_moves_articles_and_makes_none(shown: list[datetime], now: datetime) -> None:
    known = begin(shown, now=now)
    assert sum(by_hour(known)) == pytest.approx(24)
    assert sum(by_weekday(known)) == pytest.approx(7)


def test_what_is_expected_runs_on_through_days_and_weeks() -> None:
    known = begin(every(HOUR, 20), now=NOW)
    passed = came = 0.0
    for step, per_day in expected(known, NOW + timedelta(minutes=17, seconds=3)):
        passed, came = passed + step, came + step * per_day
        if passed >= 7:
            break
    assert came / passed == pytest.approx(rate(known, now=NOW), rel=0.6)


@given(
    st.lists(st.floats(0.01, 40), min_size=1, max_size=50),
    st.floats(10, 300).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_the_budget_is_kept_where_floor_and_cap_leave_room(weights: list[float], mean: timedelta) -> None:
    pace = share_out(weights, every=mean, floor=LIMITS.floor, cap=LIMITS.cap)
    chosen = [max(LIMITS.floor, min(pace / worth, longest(worth**2, cap=LIMITS.cap))) for worth in weights]
    visits, budget = sum(DAY / one for one in chosen), len(weights) * (DAY / mean)
    least = sum(DAY / longest(worth**2, cap=LIMITS.cap) for worth in weights)
    assert visits == pytest.approx(max(budget, least), rel=0.001)


def test_a_lone_source_is_visited_as_often_as_asked() -> None:
    """The mean over a week of articles that come evenly is the default interval."""
    known = Rhythm(at=NOW, articles=21 * 10, days=21, last_at=NOW - DAY)
    worth = weight(known, now=NOW)
    assert worth is not None
    pace = share_out([worth], every=timedelta(minutes=30), floor=LIMITS.floor, cap=LIMITS.cap)
    chosen = wait(known, now=NOW, pace=pace, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap)
    assert chosen == pytest.approx(timedelta(minutes=44), rel=0.1), (
        "fewer while nothing is going on: bursts take the rest"
    )


def test_an_interval_of_the_users_is_kept_and_learned_from_all_the_same() -> None:
    known = begin(every(HOUR, 20), now=NOW)
    asked = source(every=HOUR, every_given=True)
    assert interval(asked, state(rhythm=known), visit(), now=NOW, limits=LIMITS, pace=PACE) == HOUR
    assert after(state(), visit(arrivals=tuple(every(HOUR, 20)))) == begin(every(HOUR, 20), now=NOW)


def test_a_crawl_is_never_as_frequent_as_a_feed() -> None:
    busy = Rhythm(at=NOW, articles=21_000, days=21, last_at=NOW, lately=60)
    kinds = (SourceKind.FEED, SourceKind.LISTING)
    chosen = [
        interval(source(kind=kind), state(rhythm=busy), visit(), now=NOW, limits=LIMITS, pace=PACE) for kind in kinds
    ]
    assert chosen == [LIMITS.floor, 3 * LIMITS.floor]


def test_a_gap_halves_the_wait_that_led_to_it() -> None:
    slow = begin(every(3 * DAY, 10, until=NOW - DAY), now=NOW)
    before = state(rhythm=slow, last_good_at=NOW - 2 * HOUR)
    assert interval(source(), before, visit(gap=True), now=NOW, limits=LIMITS, pace=PACE) <= HOUR
    assert interval(source(), before, visit(), now=NOW, limits=LIMITS, pace=PACE) > HOUR


def test_an_article_came_between_two_visits_whatever_its_date_says() -> None:
    before = state(rhythm=Rhythm(at=NOW - HOUR, days=5, articles=5), last_good_at=NOW - HOUR, first_good_at=NOW - DAY)
    for told in (None, NOW - 900 * DAY, NOW + DAY):
        learned = after(before, visit(arrivals=(told,), new_articles=1))
        assert learned is not None
        assert learned.last_at is not None
        assert NOW - HOUR <= learned.last_at <= NOW


@pytest.mark.parametrize(
    "seen",
    [
        visit(outcome=VisitOutcome.NOT_MODIFIED),
        visit(outcome=VisitOutcome.FAILED),
        visit(arrivals=(NOW,) * 40, flood=True),
    ],
)
def test_visits_without_news_leave_a_rhythm_as_it_is(seen: object) -> None:
    known = begin(every(HOUR, 20), now=NOW)
    assert after(state(rhythm=known, last_good_at=NOW), seen) is known  # type: ignore[arg-type] # of a table


def test_silence_is_measured_in_articles_that_were_to_be_expected() -> None:
    """A quiet weekend of a source that never publishes then is no silence."""
    weeks = [NOW - HOUR * hours for hours in range(1, 24 * 40) if (NOW - HOUR * hours).weekday() < 5]
    known = begin(weeks, now=NOW)
    friday, sunday, tuesday = NOW + 3 * DAY + 11 * HOUR, NOW + 5 * DAY, NOW + 7 * DAY
    known = heard(known, [friday], now=friday, window=len(weeks))
    weekend = quiet_for(known, now=sunday)
    assert quiet_for(known, now=tuesday) > 2 * weekend
