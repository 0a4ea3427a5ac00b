"""How a number of visits is shared out among sources so that news is found early: pure.

If articles come at a rate r, the mean delay over all articles is smallest, for so many visits in all, when the visits
to each source are as frequent as the square root of r; and where r changes with the hour, when they are the denser then
(K. C. Sia, J. Cho, H.-K. Cho, "Efficient Monitoring Algorithm for Fast News Alerts", IEEE Transactions on Knowledge and
Data Engineering 19(7), 2007).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from math import exp, inf, log, sqrt

from monitor.model import HOURS, WEEKDAYS, Limits, Rhythm, Source, SourceKind, SourceState, Visit
from monitor.polling.rhythm import DAY, FEW, by_hour, by_weekday, expected, fills_in, is_known, rate

LIVELY = 1.22  # how many more visits there are than an even rate would bring: news calls for more, and so may a burst
SURE = 0.8  # of the fixed interval: no burst calls for visits more often than that
DAILY = 0.1  # articles a day from which on a source is looked after every few hours
DAILY_WAIT = 0.11  # days: with the jitter, below three hours
SIGHT = 3  # a source is visited before so much of what it shows, one in three, is new
BURST = 8  # and before one in eight would be, if it came as in the greatest burst: the next may be greater
CRAWL = 3  # a crawl costs a process and many requests: never as often as a feed
_SHARE_OUT = 20  # halvings of an interval on a scale of logarithms


def interval(
    source: Source, state: SourceState, visit: Visit, *, now: datetime, limits: Limits, pace: timedelta | None
) -> timedelta:
    """Give the wait after a visit as far as the source itself goes.

    `pace` is that of its kind; None for fixed intervals. A source is visited at its own interval where the user gave
    one, or until enough is known of it. After a gap it is visited twice as often at least.
    """
    rhythm = state.rhythm
    if source.every_given or pace is None or rhythm is None or not is_known(rhythm, now=now):
        return max(source.every, limits.floor)
    floor = least(source.kind, limits)
    guard = source.every * _cost(source.kind)
    chosen = wait(rhythm, now=now, pace=pace, every=guard, floor=floor, cap=max(limits.cap, floor))
    if visit.gap and state.last_good_at is not None:
        return max(floor, min(chosen, (now - state.last_good_at) / 2))
    return chosen


def least(kind: SourceKind, limits: Limits) -> timedelta:
    """Give the shortest wait of a kind."""
    return limits.floor * _cost(kind)


def _cost(kind: SourceKind) -> int:
    return 1 if kind is SourceKind.FEED else CRAWL


def longest(per_day: float, *, cap: timedelta) -> timedelta:
    """Give how long a source may wait at most: the longer, the fewer articles it has a day."""
    return min(cap, DAILY_WAIT * DAY * max(1.0, DAILY / max(per_day, 1e-9)))


def wait(
    rhythm: Rhythm, *, now: datetime, pace: timedelta, every: timedelta, floor: timedelta, cap: timedelta
) -> timedelta:
    """Give how long a source is left alone; `pace` is what one with an even article a day would wait.

    A visit comes the sooner the more is expected at that hour, and long before all that the source shows is new. Where
    a burst could fill that unexpectedly, it comes nearly as soon as it would at the fixed interval `every`, or sooner.
    """
    sudden = max(fills_in(rhythm, now=now) / BURST, SURE * (every / DAY))
    most = min(longest(rate(rhythm, now=now), cap=cap) / DAY, sudden)
    target, room = pace / DAY, rhythm.window / SIGHT if rhythm.window >= FEW else inf
    passed = pull = came = 0.0
    for step, value in expected(rhythm, now):
        root = sqrt(value)
        left = min((target - pull) / root, (room - came) / value, most - passed)
        if left <= step:
            passed += left
            break
        pull, came, passed = pull + root * step, came + value * step, passed + step
    return max(floor, passed * DAY)


def weight(rhythm: Rhythm | None, *, now: datetime) -> float | None:
    """Give how many visits a source is worth, beside one with an even article a day; None while it is not known."""
    if rhythm is None or not is_known(rhythm, now=now):
        return None
    hours = sum(map(sqrt, by_hour(rhythm))) / HOURS
    weekdays = sum(map(sqrt, by_weekday(rhythm))) / WEEKDAYS
    return sqrt(rate(rhythm, now=now)) * hours * weekdays * LIVELY


def share_out(weights: Collection[float], *, every: timedelta, floor: timedelta, cap: timedelta) -> timedelta:
    """Give the pace at which sources are visited as often, all in all, as if each were visited `every` so often."""
    if not weights:
        return every
    visits = len(weights) * (DAY / every)
    most = DAY / floor
    bounds = [(worth, DAY / longest(worth**2, cap=cap)) for worth in weights]
    low, high = log(1e-6), log(1e6)
    for _ in range(_SHARE_OUT):
        middle = (low + high) / 2
        a_day = exp(-middle)
        if sum(min(most, max(worth * a_day, least)) for worth, least in bounds) > visits:
            low = middle
        else:
            high = middle
    return exp(high) * DAY
