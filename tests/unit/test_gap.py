from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.polling.gap import is_gap
from tests.factories import NOW, state

LAST = NOW - timedelta(hours=1)  # the newest article that the last visit showed

STATE = state(last_good_at=LAST, newest_at=LAST)


def at(*minutes: float | None) -> list[datetime | None]:
    """Give moments, in minutes after the newest article that was known."""
    return [None if number is None else LAST + timedelta(minutes=number) for number in minutes]


@pytest.mark.parametrize(
    ("new", "known", "gap"),
    [
        (at(1, 2, 3), [], True),
        (at(1, 2, 3), at(0), False),  # the newest of before is still there
        (at(1, 2, 3), at(-9000), True),  # only a pinned entry is
        (at(1, 2, 3), at(-9000, -8000), True),
        (at(1, 2, 3), at(-1, -2, -3), False),  # the newest was withdrawn, those before it stand
        (at(1, 2), [], False),  # may be all there is
        (at(-300, -200, -100, -50), [], False),  # new addresses of old articles
        (at(-300, -200, 1, 2), [], False),
        (at(-300, 1, 2, 3, 4, 5), [], True),  # an old one among them, entered late
        (at(None, None, None), [], True),
        (at(None, None, None), at(None), False),
        (at(1, 2, 3), at(None), False),
    ],
)
def test_a_gap_is_where_nothing_stands_next_to_what_was_known(
    new: list[datetime | None], known: list[datetime | None], *, gap: bool
) -> None:
    assert is_gap(new, known, STATE) is gap


def test_a_first_visit_misses_nothing() -> None:
    assert not is_gap(at(1, 2, 3), [], state())


def test_dates_that_only_begin_now_do_not_hide_a_gap() -> None:
    assert is_gap(at(1, 2, 3), [], state(last_good_at=LAST, newest_at=None))
    assert not is_gap(at(1, 2, 3), at(None), state(last_good_at=LAST, newest_at=None))


@pytest.mark.parametrize(("new", "gap"), [(at(1), True), (at(None), True), (at(-1), False), ([], False)])
def test_of_what_is_shown_in_part_one_article_is_enough(new: list[datetime | None], *, gap: bool) -> None:
    assert is_gap(new, [], STATE, in_part=True) is gap
    assert not is_gap(new, at(0), STATE, in_part=True)


@pytest.mark.parametrize(
    ("new", "gap"),
    [
        (at(*[-60.0] * 40), False),
        (at(*[None] * 40), True),  # nothing says that they are old
        (at(*[-60.0] * 30, *[None] * 10), False),
    ],
)
def test_a_flood_is_no_gap_where_its_dates_say_so(new: list[datetime | None], *, gap: bool) -> None:
    newest = LAST - timedelta(hours=9)  # what comes late may be later than all that was known
    assert is_gap(new, [], replace(STATE, newest_at=newest), flood=True) is gap
