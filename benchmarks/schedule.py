"""The delay of news under the adaptive schedule and under a fixed interval, with as many visits; and what it costs.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/schedule.py [SOURCES] [DAYS]

Sources publish as real feeds do (benchmarks/rates.py says how they are made). A schedule knows of a source what its
first visit shows, and then what its visits bring; nothing of the future. Both sides are decided by the program's own
`after_visit`. Then an hour of visits is claimed, decided and settled in a real store, without HTTP.
"""

from __future__ import annotations

import heapq
import multiprocessing
import os
import random
import sys
import tempfile
import time
from bisect import bisect_right
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean

import numpy as np
from rates import DAY, Outlet, outlets

from monitor.model import Limits, Settled, Source, SourceState, Visit, VisitOutcome
from monitor.polling.pace import share_out
from monitor.polling.remembered import after_visit
from monitor.polling.visits import first_due
from monitor.store import Store, current_owner, open_store

EVERY = timedelta(minutes=30)
START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
SEED = 20261102
LIMITS = Limits()
HOUR = 3600
P95 = 3.0  # hours
_MISSED = 3  # entries: a feed that shows fewer tells nothing of a gap


@dataclass(slots=True)
class Tally:
    """What a schedule came to."""

    visits: int = 0
    missed: int = 0
    delays: dict[int, list[float]] = field(default_factory=dict)

    def mean(self) -> float:
        """Give the mean delay over articles in minutes."""
        return fmean(delay for delays in self.delays.values() for delay in delays) / 60

    def p95(self, number: int) -> float:
        """Give a source's 95th percentile in hours."""
        return float(np.percentile(self.delays[number], 95)) / HOUR


class Simulation:
    """Visits every source for some days."""

    def __init__(self, made: list[Outlet], *, days: float, fixed: bool) -> None:
        """Begin with sources that were never visited."""
        self._made = made
        self._end = days * DAY
        self._fixed = fixed
        self._sources = [
            Source(name=f"s{number}", outlet="O", url=f"https://s{number}.example/", every=EVERY, every_given=fixed)
            for number in range(len(made))
        ]
        due = first_due(self._sources, now=START, limits=LIMITS)
        self._states = [SourceState(source=s.name, added_at=START, due_at=due[s.name]) for s in self._sources]
        self._shown = [0] * len(made)
        self._pace: timedelta | None = None
        self._shared_at = -DAY
        self._chance = random.Random(SEED)
        self.tally = Tally()

    def run(self) -> Tally:
        """Run to the end, and on until every article is found; visits after the end do not count."""
        queue = [((state.due_at - START).total_seconds(), number) for number, state in enumerate(self._states)]
        heapq.heapify(queue)
        while queue:
            at, number = queue[0]
            if at - self._shared_at >= HOUR and not self._fixed:
                self._share_out(at)
            state = self._visit(number, at)
            later = (state.due_at - START).total_seconds()
            if at < self._end:
                self.tally.visits += 1
            elif self._shown[number] == len(self._made[number].moments):
                heapq.heappop(queue)
                continue
            heapq.heapreplace(queue, (later, number))
        return self.tally

    def _share_out(self, at: float) -> None:
        """As the daemon does it; there it is done more often."""
        known = [state.weight for state in self._states if state.weight is not None]
        self._pace = share_out(known, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap)
        self._shared_at = at if at > HOUR else at - HOUR * 0.8

    def _visit(self, number: int, at: float) -> SourceState:
        outlet, state, moment = self._made[number], self._states[number], START.timestamp() + at
        before = self._shown[number]
        self._shown[number] = upto = bisect_right(outlet.moments, moment, lo=before)
        new = outlet.moments[before:upto]
        gap = len(new) >= outlet.window >= _MISSED and state.last_good_at is not None
        if state.last_good_at is None:
            new = new[-outlet.window :]
        elif new:
            self.tally.delays.setdefault(number, []).extend(moment - article for article in new)
            self.tally.missed += max(0, len(new) - outlet.window)
        now = START + timedelta(seconds=at)
        visit = Visit(
            source=state.source,
            started_at=now,
            finished_at=now,
            outcome=VisitOutcome.READ if new else VisitOutcome.NOT_MODIFIED,
            entries=min(outlet.window, upto),
            arrivals=tuple(datetime.fromtimestamp(one, UTC) if outlet.dated else None for one in new),
            gap=gap,
        )
        jitter = self._chance.uniform(-1, 1)
        after = after_visit(self._sources[number], state, visit, limits=LIMITS, jitter=jitter, pace=self._pace)
        self._states[number] = after
        return after


def main(number: int, days: float) -> None:
    """Print the figures."""
    corpus = Path(os.environ["MONITOR_CORPUS"])
    made = list(outlets(corpus, number, start=START.timestamp(), days=days, seed=SEED))
    rates = sorted(outlet.per_day for outlet in made)
    marks = [rates[int(share * (len(rates) - 1))] for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    told = " / ".join(f"{rate:.2g}" for rate in marks)
    print(f"{number} sources, {days:.0f} days; articles a day at 5 / 25 / 50 / 75 / 95 %: {told}")
    sides = {}
    for name, fixed in (("fixed, 30 min", True), ("adaptive", False)):
        sides[name] = Simulation(made, days=days, fixed=fixed)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
        tallies = dict(zip(sides, pool.map(Simulation.run, sides.values()), strict=True))
    _print(tallies, made, days)
    _print_store(made)


def _print(sides: dict[str, Tally], made: list[Outlet], days: float) -> None:
    start = START.timestamp()
    daily = [
        number
        for number, outlet in enumerate(made)
        if len(outlet.moments) - bisect_right(outlet.moments, start) >= days
    ]
    print(f"{'':14} {'visits':>9} {'mean delay':>10} {'p95':>7} {'missed':>7}  p95 of the {len(daily)} with one a day")
    for name, tally in sides.items():
        every = np.concatenate([np.array(delays) for delays in tally.delays.values()])
        late = sorted(tally.p95(number) for number in daily if number in tally.delays)
        print(
            f"{name:14} {tally.visits:9} {tally.mean():6.1f} min {np.percentile(every, 95) / 60:3.0f} min"
            f" {tally.missed:7}  median {late[len(late) // 2]:.2f} h, worst {late[-1]:.2f} h,"
            f" {sum(p95 > P95 for p95 in late)} over 3 h"
        )
    fixed, adaptive = sides.values()
    visits, delay = adaptive.visits / fixed.visits, adaptive.mean() / fixed.mean()
    print(f"adaptive / fixed: visits {visits:.3f}, mean delay {delay:.3f}")


def _print_store(made: list[Outlet]) -> None:
    """Claim, decide and settle an hour of visits, second by second, as the daemon's tick does."""
    names = [f"s{number}" for number in range(len(made))]
    sources = {name: Source(name=name, outlet="O", url=f"https://{name}.example/", every=EVERY) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "monitor.db", current_owner())
        due = first_due(list(sources.values()), now=START, limits=replace(LIMITS, spread=EVERY))
        store.sync(list(sources.values()), now=START, first_due=due)
        _hour(store, sources, made, START)  # the first visits, at which the sources become known
        started = time.process_time()
        visits = _hour(store, sources, made, START + timedelta(hours=1))
        spent = time.process_time() - started
        store.close()
    cost = f"{1e6 * spent / visits:.0f} µs a visit, {visits} visits in an hour"
    print(f"scheduler: {cost}: {100 * spent / HOUR:.2f} % of a core")


def _hour(store: Store, sources: dict[str, Source], made: list[Outlet], start: datetime) -> int:
    chance, visits, pace = random.Random(SEED), 0, EVERY
    for second in range(HOUR):
        now = start + timedelta(seconds=second)
        if second % 600 == 0:
            weights = [weight for weight in store.weights().values() if weight is not None]
            pace = share_out(weights, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap)
        settled = []
        for state in store.claim(now=now, limit=4 * LIMITS.total, lease=timedelta(hours=1)):
            outlet = made[int(state.source[1:])]
            since = (state.last_good_at or datetime.fromtimestamp(outlet.moments[0] - 1, UTC)).timestamp()
            new = outlet.moments[bisect_right(outlet.moments, since) : bisect_right(outlet.moments, now.timestamp())]
            visit = Visit(
                source=state.source,
                started_at=now,
                finished_at=now,
                outcome=VisitOutcome.READ if new else VisitOutcome.NOT_MODIFIED,
                entries=outlet.window,
                arrivals=tuple(datetime.fromtimestamp(one, UTC) for one in new[-outlet.window :]),
            )
            after = after_visit(
                sources[state.source], state, visit, limits=LIMITS, jitter=chance.uniform(-1, 1), pace=pace
            )
            settled.append(Settled(visit=visit, state=after))
        if settled:
            store.settle(settled)
        visits += len(settled)
    return visits


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, float(sys.argv[2]) if len(sys.argv) > 2 else 14)
