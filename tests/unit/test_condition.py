from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.model import Condition, Rhythm, SourceState
from monitor.polling.condition import condition, diagnosed, has_collapsed, in_vain, is_cut_off
from monitor.polling.rhythm import begin
from tests.factories import NOW, state

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REGULAR = begin([NOW - 3 * HOUR * count for count in range(40)], now=NOW)


def failing(error: str, hours: float, failures: int = 5) -> SourceState:
    return state(failures=failures, last_error=error, failing_since=NOW - timedelta(hours=hours), last_visit_at=NOW)


@pytest.mark.parametrize(
    ("error", "hours", "failures", "word"),
    [
        ("timeout: no answer", 0, 1, Condition.SLOW),
        ("timeout: no answer", 40, 9, Condition.SLOW),
        ("timeout: no answer", 50, 9, Condition.DEAD),
        ("http_500", 50, 9, Condition.DEAD),
        ("http_403: https://one.example/feed answered 403", 0, 1, Condition.BLOCKED),
        ("challenge_page", 900, 90, Condition.BLOCKED),
        ("robots_disallowed", 1, 1, Condition.BLOCKED),
        ("http_404", 1, 2, Condition.SLOW),
        ("http_404", 7, 2, Condition.SLOW),
        ("http_404", 7, 3, Condition.DEAD),
        ("dns: no such name", 7, 3, Condition.DEAD),
        ("not_a_feed: the answer is an HTML page", 7, 3, Condition.DEAD),
        ("http_429", 7, 3, Condition.SLOW),
    ],
)
def test_a_source_that_fails_is_slow_blocked_or_dead(error: str, hours: float, failures: int, word: Condition) -> None:
    assert condition(failing(error, hours, failures), now=NOW) is word


def test_a_source_is_new_until_it_was_visited_and_well_when_it_is_read() -> None:
    assert condition(state(), now=NOW) is Condition.NEW
    assert condition(state(last_good_at=NOW, first_good_at=NOW), now=NOW) is Condition.WELL


@pytest.mark.parametrize(("hours", "quiet"), [(1, False), (12, False), (72, True)])
def test_a_source_is_quiet_by_its_own_measure(hours: float, *, quiet: bool) -> None:
    """Eight articles a day: three days of nothing; for one with an article in three days that is nothing at all."""
    silent = state(rhythm=REGULAR, last_good_at=NOW, first_good_at=NOW)
    rare = replace(silent, rhythm=begin([NOW - 3 * DAY * count for count in range(20)], now=NOW))
    now = NOW + timedelta(hours=hours)
    assert (condition(silent, now=now) is Condition.QUIET) is quiet
    assert condition(rare, now=now) is Condition.WELL


def test_a_source_that_has_been_silent_for_longer_before_is_not_quiet_yet() -> None:
    moody = state(rhythm=replace(REGULAR, silence=30.0), last_good_at=NOW, first_good_at=NOW)
    assert condition(moody, now=NOW + 3 * DAY) is Condition.WELL
    assert condition(moody, now=NOW + 9 * DAY) is Condition.QUIET


def test_a_feed_that_never_shows_anything_is_quiet_after_a_week() -> None:
    empty = state(rhythm=Rhythm(at=NOW), last_good_at=NOW, first_good_at=NOW)
    assert condition(empty, now=NOW + 6 * DAY) is Condition.WELL
    assert condition(empty, now=NOW + 8 * DAY) is Condition.QUIET


def test_since_is_when_it_began_not_when_it_was_seen() -> None:
    good = diagnosed(state(rhythm=REGULAR, last_good_at=NOW, first_good_at=NOW), now=NOW)
    assert (good.condition, good.since) == (Condition.WELL, NOW)
    later = diagnosed(good, now=NOW + HOUR)
    assert later.since == NOW
    silent = diagnosed(good, now=NOW + 3 * DAY)
    assert (silent.condition, silent.since) == (Condition.QUIET, REGULAR.last_at)
    broken = diagnosed(replace(silent, failures=1, last_error="dns", failing_since=NOW + 4 * DAY), now=NOW + 5 * DAY)
    assert (broken.condition, broken.since) == (Condition.SLOW, NOW + 4 * DAY)
    dead = diagnosed(replace(broken, failures=9), now=NOW + 9 * DAY)
    assert (dead.condition, dead.since) == (Condition.DEAD, NOW + 4 * DAY)


@pytest.mark.parametrize(
    ("newest", "before", "collapsed"),
    [
        ([0] * 5, [3000] * 10, True),
        ([80, 90, 0, 120, 60], [3000, 0] * 10, True),
        ([0, 0, 0, 0, 2900], [3000] * 10, False),
        ([0] * 5, [3000] * 9, False),  # too few to know what is usual
        ([40] * 5, [250] * 20, False),  # there never were texts
        ([], [], False),
    ],
)
def test_pages_have_lost_their_texts_when_none_of_the_newest_has_one(
    newest: list[int], before: list[int], *, collapsed: bool
) -> None:
    assert has_collapsed(newest + before) is collapsed


def began(*errors: str, hours: float = 1, at: datetime = NOW) -> list[SourceState]:
    """Sources that began to fail so many hours ago, and were asked last at a time."""
    return [
        replace(failing(error, hours), source=f"s{number}", last_visit_at=at) for number, error in enumerate(errors)
    ]


SERVERS = {f"s{number}": f"{number}.example" for number in range(40)}


def test_the_line_is_down_when_all_that_began_to_fail_cannot_even_be_reached() -> None:
    last = NOW - 2 * HOUR
    three = {name: SERVERS[name] for name in ("s0", "s1", "s2")}
    assert is_cut_off(began("dns", "timeout: x", "connect"), last_good_at=last, servers=SERVERS)
    assert is_cut_off(began("dns", "dns", "dns"), last_good_at=None, servers=three)
    assert not is_cut_off(began("dns", "dns"), last_good_at=last, servers=SERVERS)
    assert not is_cut_off(began("dns", "dns", "dns", "http_500"), last_good_at=last, servers=SERVERS), "one answered"
    assert not is_cut_off(began("dns", "dns", "dns"), last_good_at=NOW, servers=SERVERS), "one was read since"


def test_many_sources_of_one_server_say_nothing_of_the_line() -> None:
    """Editions of one outlet: it is their server that is gone."""
    last, editions = NOW - 2 * HOUR, {f"s{number}": "outlet.example" for number in range(5)}
    assert not is_cut_off(began(*["connect"] * 5), last_good_at=last, servers=editions | {"s9": "a.example"})
    assert is_cut_off(began(*["connect"] * 5), last_good_at=last, servers=editions), "there is no other to ask"
    assert not is_cut_off(began("connect", "connect"), last_good_at=last, servers=editions), "the others may be well"


def test_where_there_are_one_or_two_servers_the_line_is_down_when_all_of_them_began_to_fail() -> None:
    last, one = NOW - 2 * HOUR, {"s0": "0.example"}
    two = {**one, "s1": "1.example"}
    assert is_cut_off(began("connect"), last_good_at=last, servers=one)
    assert is_cut_off(began("connect", "connect"), last_good_at=last, servers=two)
    assert not is_cut_off(began("connect"), last_good_at=last, servers=two)
    assert not is_cut_off(began("connect", "http_500"), last_good_at=last, servers=two), "a server answered"
    assert not is_cut_off([failing("dns", hours=3)], last_good_at=last, servers=one), "it failed before"
    assert not is_cut_off([], last_good_at=None, servers=one)


def test_an_answer_of_a_source_that_failed_long_before_says_that_there_is_a_way() -> None:
    last = NOW - 2 * HOUR
    out = began("dns", "dns", "dns", at=NOW - HOUR / 2)
    refusing = replace(failing("http_403: no", hours=90), source="s9")
    assert not is_cut_off([*out, refusing], last_good_at=last, servers=SERVERS)
    before = replace(refusing, last_visit_at=NOW - HOUR)
    assert is_cut_off([*out, before], last_good_at=last, servers=SERVERS), "it answered before they were asked in vain"
    unasked = replace(refusing, last_error="robots_disallowed: as the file of yesterday says")
    assert is_cut_off([*out, unasked], last_good_at=last, servers=SERVERS)
    again = began("dns", "dns", "dns", at=NOW + HOUR)
    assert is_cut_off([*again, refusing], last_good_at=last, servers=SERVERS), "it is down again"


def test_asked_in_vain_are_those_that_could_be_reached_before() -> None:
    out = began("dns", "timeout: x", "http_500", "connect", at=NOW + HOUR)
    out[2] = replace(out[2], last_visit_at=NOW)
    dead = replace(failing("dns", hours=90), source="s8", last_visit_at=NOW + HOUR)
    assert [state.source for state in in_vain([*out, dead], last_good_at=NOW - 2 * HOUR)] == ["s0", "s1", "s3"]
