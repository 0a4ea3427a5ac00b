"""The delay of news under the adaptive schedule and under a fixed interval, with as many visits; and what it costs.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/schedule.py [SOURCES] [DAYS]

Sources publish as real feeds do (benchmarks/rates.py says how they are made), by default for a week: there are more
visits on weekdays than at weekends. A schedule knows of a source what its first visit shows, and then what its visits
bring; nothing of the future. The adaptive side is decided by the program's own functions, of which `after_visit` is
made; the fixed one is its interval and its jitter. An article is lost if it had left its feed before a visit came;
where a feed changes as a whole at once no schedule finds all, so that the two sides are to be compared. Then an hour
of visits is claimed, decided and settled in a real store, without HTTP.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rates import DAY, Floats, Outlet, outlets

from monitor.model import NO_HINTS, Limits, Rhythm, Settled, Source, SourceState, Visit, VisitOutcome
from monitor.polling.gap import FEW
from monitor.polling.pace import share_out, weight
from monitor.polling.remembered import after_visit
from monitor.polling.rhythm import after
from monitor.polling.visits import first_due, next_visit
from monitor.schedule import JITTER
from monitor.store import Store, current_owner, open_store

EVERY = timedelta(minutes=30)
START = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
SEED = 20261102
LIMITS = Limits()
HOUR = 3600
P95 = 3.0  # hours
FIRST_BUDGETS, BUDGETS = HOUR, 4 * HOUR  # between two; the daemon shares out every ten minutes, to the same effect


@dataclass(slots=True)
class Tally:
    """What a schedule came to."""

    visits: int = 0
    lost: int = 0
    delays: dict[int, Floats] = field(default_factory=dict)

    def mean(self) -> float:
        """Give the mean delay over articles in minutes."""
        return sum(float(delays.sum()) for delays in self.delays.values()) / self.articles() / 60

    def articles(self) -> int:
        """Give how many articles there were to be found, those that were lost included."""
        return sum(len(delays) for delays in self.delays.values())

    def p95(self, number: int) -> float:
        """Give a source's 95th percentile in hours."""
        return float(np.percentile(self.delays[number], 95)) / HOUR


def fixed(made: Sequence[Outlet], days: float) -> Tally:
    """Visit every source at the fixed interval, moved as the program moves it."""
    tally, chance = Tally(), np.random.default_rng(SEED)
    end = days * DAY
    number = int(end / EVERY.total_seconds() * 1.2) + 10
    first = first_due([_source(one) for one in range(len(made))], now=START, limits=LIMITS)
    for one, outlet in enumerate(made):
        waits = EVERY.total_seconds() * (1 + JITTER * chance.uniform(-1, 1, number))
        visits = _seconds(first[f"s{one}"]) + np.concatenate([[0.0], np.cumsum(waits)])
        _count(tally, one, outlet, visits, end)
    return tally


def _count(tally: Tally, number: int, outlet: Outlet, visits: Floats, end: float) -> None:
    """Count what a source's visits found; those after the end only find what had come before it."""
    tally.visits += int(np.searchsorted(visits, end))
    moments = np.array(outlet.moments) - START.timestamp()
    found = np.searchsorted(visits, moments)
    found, moments = found[found > 0], moments[found > 0]  # the rest is what the first visit shows
    if len(found):
        tally.delays[number] = visits[found] - moments
        tally.lost += int(np.maximum(np.bincount(found) - outlet.window, 0).sum())


def _source(number: int) -> Source:
    return Source(name=f"s{number}", outlet="O", url=f"https://s{number}.example/", every=EVERY)


class Adaptive:
    """Visits every source in its own rhythm, a stretch of time between two budgets after the other."""

    def __init__(self, made: Sequence[Outlet], *, days: float) -> None:
        """Begin with sources that were never visited."""
        self._made = made
        self._end = days * DAY
        self._sources = [_source(number) for number in range(len(made))]
        due = first_due(self._sources, now=START, limits=LIMITS)
        self._due = [due[one.name] for one in self._sources]
        self._last: list[datetime | None] = [None] * len(made)
        self._rhythms: list[Rhythm | None] = [None] * len(made)
        self._visits: list[list[float]] = [[] for _ in made]
        self._shown = [0] * len(made)
        self._pace: timedelta | None = None
        self._chance = random.Random(SEED)

    def run(self) -> Tally:
        """Run to the end, and on until every article is found."""
        at, tally = 0.0, Tally()
        while at < self._end:
            at = min(at + (FIRST_BUDGETS if at < DAY else BUDGETS), self._end)
            now = START + timedelta(seconds=at)
            for number in range(len(self._made)):
                while self._due[number] < now:
                    self._visit(number)
            known = [worth for one in self._rhythms if (worth := weight(one, now=now)) is not None]
            self._pace = share_out(known, every=EVERY, floor=LIMITS.floor, cap=LIMITS.cap)
        for number, outlet in enumerate(self._made):
            visits = np.array([*self._visits[number], _seconds(self._due[number])])
            _count(tally, number, outlet, visits, self._end)
        return tally

    def _visit(self, number: int) -> None:
        """Do with the program's own functions what `after_visit` does with a good visit, as far as time goes."""
        outlet, now, last, before = self._made[number], self._due[number], self._last[number], self._shown[number]
        self._shown[number] = upto = bisect_right(outlet.moments, now.timestamp(), lo=before)
        new = outlet.moments[max(before, upto - outlet.window) : upto]
        visit = Visit(
            source=self._sources[number].name,
            started_at=now,
            finished_at=now,
            outcome=VisitOutcome.READ if new else VisitOutcome.NOT_MODIFIED,
            entries=min(outlet.window, upto),
            arrivals=tuple(datetime.fromtimestamp(one, UTC) if outlet.dated else None for one in new),
            gap=upto - before >= outlet.window >= FEW and last is not None,
        )
        state = SourceState(
            source=visit.source,
            added_at=START,
            due_at=now,
            last_visit_at=last,
            last_good_at=last,
            rhythm=self._rhythms[number],
        )
        if new:
            self._rhythms[number] = rhythm = after(state, visit)
            state = replace(state, rhythm=rhythm)
        self._due[number] = next_visit(
            self._sources[number],
            state,
            visit,
            hints=NO_HINTS,
            now=now,
            limits=LIMITS,
            jitter=self._chance.uniform(-1, 1),
            pace=self._pace,
        )
        self._last[number] = now
        self._visits[number].append(_seconds(now))


def _seconds(moment: datetime) -> float:
    return (moment - START).total_seconds()


def main(number: int, days: float) -> None:
    """Print the figures."""
    corpus = Path(os.environ["MONITOR_CORPUS"])
    made = list(outlets(corpus, number, start=START.timestamp(), days=days, seed=SEED))
    rates = sorted(outlet.per_day for outlet in made)
    marks = [rates[int(share * (len(rates) - 1))] for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    told = " / ".join(f"{rate:.2g}" for rate in marks)
    print(f"{number} sources, {days:.0f} days; articles a day at 5 / 25 / 50 / 75 / 95 %: {told}")
    _print({"fixed, 30 min": fixed(made, days), "adaptive": Adaptive(made, days=days).run()}, made, days)
    _print_store(made)


def _print(sides: dict[str, Tally], made: Sequence[Outlet], days: float) -> None:
    start = START.timestamp()
    daily = [
        number
        for number, outlet in enumerate(made)
        if len(outlet.moments) - bisect_right(outlet.moments, start) >= days
    ]
    print(f"{'':14} {'visits':>9} {'mean delay':>10} {'p95':>7}  p95 of the {len(daily)} with one a day")
    for name, tally in sides.items():
        every = np.concatenate(list(tally.delays.values()))
        late = sorted(tally.p95(number) for number in daily if number in tally.delays)
        print(
            f"{name:14} {tally.visits:9} {tally.mean():6.1f} min {np.percentile(every, 95) / 60:3.0f} min"
            f"  median {late[len(late) // 2]:.2f} h, worst {late[-1]:.2f} h, {sum(p95 > P95 for p95 in late)} over 3 h"
        )
    before, now = sides.values()
    print(f"adaptive / fixed: visits {now.visits / before.visits:.3f}, mean delay {now.mean() / before.mean():.3f}")
    lost = ", ".join(f"{name} {tally.lost}" for name, tally in sides.items())
    print(f"articles gone from their feed before a visit came, of {now.articles()}: {lost}")


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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, float(sys.argv[2]) if len(sys.argv) > 2 else 7)
