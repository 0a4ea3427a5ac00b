from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.health import Circuit, Rate
from monitor.model import NO_HINTS, Hints, Limits, RetryPlan, SourceState, Validators, VisitOutcome
from monitor.polling.remembered import after_visit
from monitor.polling.visits import first_due, next_visit
from monitor.schedule import next_try
from tests.factories import NOW, source, state, visit

LIMITS = Limits()
MINUTES = tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 30, 60))
PLAN = RetryPlan(waits=MINUTES, give_up=timedelta(days=5))


def due(**facts: object) -> timedelta:
    known = state(failures=facts.pop("failures", 0), last_visit_at=NOW)
    chosen = source(every=timedelta(minutes=30), every_given=bool(facts.pop("given", False)))
    jitter, hints = float(str(facts.pop("jitter", 0))), Hints(**facts.pop("hints", {}))  # type: ignore[arg-type] # of a table
    return next_visit(chosen, known, visit(**facts), hints=hints, now=NOW, limits=LIMITS, jitter=jitter) - NOW


def test_the_interval_is_kept_and_jittered() -> None:
    assert due() == timedelta(minutes=30)
    assert due(jitter=1) == timedelta(minutes=33)
    assert due(jitter=-1) == timedelta(minutes=27)


def test_failures_double_the_wait_up_to_the_cap() -> None:
    failed = VisitOutcome.FAILED
    assert [due(outcome=failed, failures=n) // timedelta(minutes=30) for n in (0, 1, 2, 9)] == [1, 2, 4, 48]


def test_what_the_server_asks_for_only_lengthens_the_wait() -> None:
    failed = VisitOutcome.FAILED
    assert due(outcome=failed, wait=timedelta(hours=2)) == timedelta(hours=2)
    assert due(outcome=failed, wait=timedelta(seconds=1)) == timedelta(minutes=30)
    assert due(outcome=failed, wait=timedelta(days=9)) == timedelta(hours=24)
    assert due(outcome=failed, status=429) == timedelta(hours=1)


def test_first_visits_are_spread_and_stable() -> None:
    sources = [source(f"s{number}") for number in range(100)]
    first = first_due(sources, now=NOW, limits=LIMITS)
    assert first == first_due(sources, now=NOW, limits=LIMITS)
    assert max(first.values()) - min(first.values()) > timedelta(minutes=8)
    assert max(first.values()) <= NOW + LIMITS.spread


EVERY = timedelta(minutes=30)
MANY = {name: source(name, every=EVERY) for name in (f"s{number:03}" for number in range(500))}


def polled(states: dict[str, SourceState], due: Mapping[str, datetime], *, days: float = 1) -> list[tuple[float, str]]:
    """Visit 500 sources as they fall due; gives the second of each visit and its source."""
    chance = random.Random(92)
    queue = [(max(at, NOW), name) for name, at in due.items()]
    heapq.heapify(queue)
    log: list[tuple[float, str]] = []
    while queue[0][0] < NOW + timedelta(days=days):
        at, name = heapq.heappop(queue)
        log.append(((at - NOW).total_seconds(), name))
        seen = visit(name, started_at=at, finished_at=at, outcome=VisitOutcome.NOT_MODIFIED)
        states[name] = after_visit(MANY[name], states[name], seen, limits=LIMITS, jitter=chance.uniform(-1, 1))
        heapq.heappush(queue, (states[name].due_at, name))
    return log


@pytest.mark.slow
def test_case_92_five_hundred_sources_with_one_interval_keep_the_load_flat() -> None:
    """After the first wave, no five minutes see twice the mean; no minute of the hour is preferred; nor is an order.

    The first wave takes ten minutes, and is flat in itself (case 92).
    """
    due = first_due(list(MANY.values()), now=NOW, limits=LIMITS)
    log = polled({name: state(name, due_at=at) for name, at in due.items()}, due)
    begin = LIMITS.spread.total_seconds()
    assert max(Counter(at // 60 for at, _ in log if at < begin).values()) <= 2 * 500 / 10
    assert max(Counter(at // 300 for at, _ in log if at >= begin).values()) <= 2 * 500 / 6
    for of in (60, 3600):
        hits = Counter(at % of // (of / 60) for at, _ in log)
        assert max(hits.values()) <= 1.5 * len(log) / 60
    asked = [name for _, name in log]
    assert asked[:500] != sorted(MANY)
    assert asked[500:1000] != asked[:500]


@pytest.mark.slow
def test_case_92_sources_that_were_late_together_are_not_due_together_again() -> None:
    """After a night without the daemon all are asked at once, and spread over their interval from then on (case 92)."""
    night = {name: NOW - timedelta(hours=8, minutes=number % 30) for number, name in enumerate(MANY)}
    log = polled({name: state(name, due_at=at, last_visit_at=at - EVERY) for name, at in night.items()}, night)
    assert {at for at, _ in log[:500]} == {0.0}
    assert max(Counter(at // 300 for at, _ in log[500:]).values()) <= 2 * 500 / 6


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
    due = next_visit(source(every=every), state(), told, hints=NO_HINTS, now=NOW, limits=LIMITS, jitter=0)
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
