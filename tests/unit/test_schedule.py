from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health import Circuit, Rate
from monitor.model import Limits, RetryPlan, Validators, VisitOutcome
from monitor.schedule import after_visit, first_due, max_age, next_try, next_visit, retry_after
from tests.factories import NOW, source, state, visit

LIMITS = Limits()
MINUTES = tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 30, 60))
PLAN = RetryPlan(waits=MINUTES, give_up=timedelta(days=5))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 120 ", 120), ("Tue, 24 Nov 2026 12:02:00 GMT", 120), ("Tue, 24 Nov 2026 11:00:00 GMT", None),
        ("-5", None), ("1e3", None), ("9" * 20, 86400), ("9" * 5000, 86400), ("٣٠", None), (None, None), ("", None), ("soon", None),
        ("99999999", 86400),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_all_its_forms(value: str | None, seconds: int | None) -> None:
    """(cases 34, 88)"""
    found = retry_after(value, None, now=NOW)
    assert found == (timedelta(seconds=seconds) if seconds else None)


def test_a_date_is_measured_against_the_servers_own_clock() -> None:
    wait = retry_after("Tue, 24 Nov 2026 15:02:00 GMT", "Tue, 24 Nov 2026 15:00:00 GMT", now=NOW)
    assert wait == timedelta(seconds=120)


@given(st.text(), st.text())
def test_no_header_makes_the_schedule_fail(value: str, date: str) -> None:
    """(case 34)"""
    found = retry_after(value, date, now=NOW)
    assert found is None or timedelta() <= found <= timedelta(hours=24)
    assert max_age(value, date) is None or timedelta() <= (max_age(value, date) or timedelta()) <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("header", "age", "seconds"),
    [("max-age=600", None, 600), ("public, s-maxage=600", "100", 500), ("no-cache", None, None), ("max-age=1e400", None, 1), ("max-age=99999999999", None, 86400), ("max-age=10", "50", 0)],
)  # fmt: skip
def test_freshness_is_what_is_left_of_it(header: str, age: str | None, seconds: int | None) -> None:
    assert max_age(header, age) == (None if seconds is None else timedelta(seconds=seconds))


def due(**facts: object) -> timedelta:
    known = state(failures=facts.pop("failures", 0))
    chosen = source(every=timedelta(minutes=30), every_given=bool(facts.pop("given", False)))
    jitter = float(str(facts.pop("jitter", 0)))
    return next_visit(chosen, known, visit(**facts), now=NOW, limits=LIMITS, jitter=jitter) - NOW


def test_the_interval_is_kept_and_jittered() -> None:
    assert due() == timedelta(minutes=30)
    assert due(jitter=1) == timedelta(minutes=33)
    assert due(jitter=-1) == timedelta(minutes=27)


def test_failures_double_the_wait_up_to_the_cap() -> None:
    failed = VisitOutcome.FAILED
    assert [due(outcome=failed, failures=n) // timedelta(minutes=30) for n in (0, 1, 2, 9)] == [1, 2, 4, 48]


def test_what_the_server_asks_for_only_lengthens_the_wait() -> None:
    assert due(wait=timedelta(hours=2)) == timedelta(hours=2)
    assert due(wait=timedelta(seconds=1)) == timedelta(minutes=30)
    assert due(wait=timedelta(days=9)) == timedelta(hours=24)
    assert due(outcome=VisitOutcome.FAILED, status=429) == timedelta(hours=1)


def test_hints_of_the_feed_count_only_without_an_interval_of_the_users() -> None:
    assert due(hint=timedelta(hours=3)) == timedelta(hours=3)
    assert due(hint=timedelta(hours=3), given=True) == timedelta(minutes=30)


def test_first_visits_are_spread_and_stable() -> None:
    sources = [source(f"s{number}") for number in range(100)]
    first = first_due(sources, now=NOW, limits=LIMITS)
    assert first == first_due(sources, now=NOW, limits=LIMITS)
    assert max(first.values()) - min(first.values()) > timedelta(minutes=8)
    assert max(first.values()) <= NOW + LIMITS.spread


def test_case_88_a_source_whose_host_is_paused_waits_and_has_not_failed() -> None:
    """It is due when the pause ends; failures, last error and validators stay as they are (case 88)."""
    before = state(failures=2, last_error="timeout", validators=Validators(etag=b'"1"'))
    paused = visit(outcome=VisitOutcome.FAILED, error="host_paused", wait=timedelta(minutes=7), finished_at=NOW)
    after = after_visit(source(), before, paused, limits=LIMITS, jitter=1)
    assert after == replace(before, due_at=NOW + timedelta(minutes=7))


def test_case_88_a_server_that_says_at_once_is_not_left_alone_for_an_hour() -> None:
    """Retry-After: 0 with a 429: the usual wait of a failure (case 88)."""
    told = visit(outcome=VisitOutcome.FAILED, error="http_429", status=429, wait=timedelta(), finished_at=NOW)
    every = timedelta(minutes=15)
    due = next_visit(source(every=every), state(), told, now=NOW, limits=LIMITS, jitter=0)
    assert due == NOW + every


def test_a_good_visit_replaces_memory_and_a_failed_one_keeps_it() -> None:
    """(case 20)"""
    before = state(validators=Validators(etag=b"old"), failures=2)
    good = after_visit(
        source(), before, visit(validators=Validators(etag=b"new"), body_hash=b"h"), limits=LIMITS, jitter=0
    )
    assert (good.validators.etag, good.body_hash, good.failures, good.first_good_at) == (b"new", b"h", 0, NOW)
    failed = visit(outcome=VisitOutcome.FAILED, error="dns", detail="no such name", validators=Validators(etag=b"new"))
    bad = after_visit(source(), before, failed, limits=LIMITS, jitter=0)
    assert (bad.validators.etag, bad.failures, bad.last_error) == (b"old", 3, "dns: no such name")
    assert (
        after_visit(
            source(), before, visit(outcome=VisitOutcome.FAILED, error="dns"), limits=LIMITS, jitter=0
        ).last_error
        == "dns"
    )


def test_attempts_wait_longer_and_longer_and_end_after_the_last_day() -> None:
    """(case 9)"""
    waits = [next_try(n, PLAN, created_at=NOW, now=NOW, jitter=0) for n in (1, 2, 3, 4, 5, 6)]
    assert [wait - NOW for wait in waits if wait] == [*MINUTES, MINUTES[-1]]
    old = NOW - timedelta(days=6)
    assert next_try(6, PLAN, created_at=old, now=NOW, jitter=0) is None
    # A transport that was down for days uses up no attempts: the first refusal after it is not the last word.
    assert next_try(1, PLAN, created_at=old, now=NOW, jitter=0) == NOW + timedelta(minutes=1)
    assert next_try(4, PLAN, created_at=NOW, now=NOW, jitter=1, unknown=True) == NOW + timedelta(seconds=72)
    assert next_try(6, PLAN, created_at=NOW, now=NOW, jitter=0, unknown=True) == NOW + MINUTES[-1]


def test_the_rate_holds_for_any_minute() -> None:
    rate = Rate(2)
    assert rate.wait(0) == 0
    rate.count(0)
    rate.count(10)
    assert rate.wait(10) == 50
    assert rate.wait(60) == 0


def test_the_circuit_opens_once_and_closes_once() -> None:
    circuit = Circuit()
    assert circuit.open(0, timedelta(seconds=45))
    assert circuit.blocked(44)
    assert not circuit.blocked(46)
    assert not circuit.open(46, timedelta(seconds=45))
    assert circuit.close()
    assert not circuit.close()
    assert not circuit.blocked(0)
