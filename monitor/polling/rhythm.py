"""Each source's own rhythm of publishing, counted from what it shows: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp, inf

from monitor.model import HOURS, WEEKDAYS, Rhythm, SourceState, Visit, VisitOutcome

DAY = timedelta(days=1)
MEMORY = 21.0  # days after which an article counts for a third
LATELY = 1.5 / 24  # days after which the news of the hour counts for a third
FEW = 3  # articles, or one day, before a rate is believed
STEP = 1 / 48  # days
# Of all articles, those that come because others just came (A. G. Hawkes, "Spectra of some self-exciting and mutually
# exciting point processes", Biometrika 58(1), 1971). This share and LATELY fit the dates in 84 real feeds best.
SHARE = 0.35
EVEN_HOURS = 12.0  # articles that a day without any pattern weighs against those that were counted by hour
EVEN_WEEK = 14.0
PRIOR_ARTICLES, PRIOR_DAYS = 0.3, 0.1


def after(state: SourceState, visit: Visit) -> Rhythm | None:
    """Give the rhythm that is remembered after a visit; a flood tells nothing of it.

    An article came when it says it was published, if that is after the last good visit; else by now at the latest.
    """
    now, before = visit.finished_at, state.last_good_at
    if visit.flood or (visit.outcome is not VisitOutcome.READ and not visit.arrivals):
        return state.rhythm
    if before is None:
        return begin(visit.arrivals, now=now)
    came = [min(max(date or now, before), now) for date in visit.arrivals]
    return heard(state.rhythm or Rhythm(at=now), came, now=now, window=visit.entries)


def begin(shown: Sequence[datetime | None], *, now: datetime) -> Rhythm:
    """Give what a first visit tells: the dates of what a source shows are its past, if they can be true.

    Dates that are all alike, or all of this moment, are made up: then nothing is known but by watching.
    """
    # Where no dates say otherwise, all of it may have come at once, and may again.
    unknown = Rhythm(at=now, window=len(shown), burst=len(shown))
    dates = sorted((date for date in shown if date is not None and date <= now), reverse=True)
    if len(dates) < FEW or 2 * len(set(dates)) < len(shown):
        return unknown
    # The oldest ones may be pinned: they do not say how long the others took.
    dates = dates[: max(FEW, -(-4 * len(dates) // 5))]
    span = (now - dates[-1]) / DAY
    if span < STEP:
        return unknown
    rhythm = _counted(replace(unknown, days=MEMORY * (1 - exp(-span / MEMORY))), dates[:-1], now)
    rhythm = replace(rhythm, burst=_peak(Rhythm(at=dates[-1]), dates, now=now))
    silence = max((new - old) / DAY for new, old in pairwise(dates))
    return replace(rhythm, silence=silence * rate(rhythm, now=now))


def heard(rhythm: Rhythm, arrivals: Sequence[datetime], *, now: datetime, window: int) -> Rhythm:
    """Give what is known after a visit that was read: `arrivals` are the moments at which its new articles came."""
    if not arrivals:
        return rhythm if window == rhythm.window else replace(rhythm, window=window)
    passed = (now - rhythm.at) / DAY
    kept = exp(-passed / MEMORY)
    aged = replace(
        rhythm,
        at=now,
        window=window,
        silence=max(rhythm.silence * kept, quiet_for(rhythm, now=min(arrivals))),
        articles=rhythm.articles * kept,
        days=rhythm.days * kept + MEMORY * (1 - kept),
        lately=rhythm.lately * exp(-passed / LATELY),
        burst=_peak(rhythm, arrivals, now=now),
        hours=tuple(count * kept for count in rhythm.hours),
        weekdays=tuple(count * kept for count in rhythm.weekdays),
    )
    return _counted(aged, arrivals, now)


def _counted(rhythm: Rhythm, dates: Sequence[datetime], now: datetime) -> Rhythm:
    """Count articles; midnight to the second is a day without an hour."""
    hours, weekdays = list(rhythm.hours), list(rhythm.weekdays)
    articles, lately = rhythm.articles, rhythm.lately
    for date in dates:
        age = (now - date) / DAY
        counts = exp(-age / MEMORY)
        articles += counts
        lately += exp(-age / LATELY)
        weekdays[date.weekday()] += counts
        if date.hour or date.minute or date.second:
            hours[date.hour] += counts
    last = max(dates) if rhythm.last_at is None else max(rhythm.last_at, *dates)
    return replace(rhythm, articles=articles, lately=lately, hours=tuple(hours), weekdays=tuple(weekdays), last_at=last)


def _peak(before: Rhythm, dates: Sequence[datetime], *, now: datetime) -> float:
    """Give the most that `lately` was, up to `now`; as time goes by a burst counts less."""
    lately, at, most = before.lately, before.at, before.burst
    for date in sorted(dates):
        passed = max(date - at, timedelta()) / DAY
        lately = lately * exp(-passed / LATELY) + 1
        at, most = max(at, date), max(most * exp(-passed / MEMORY), lately)
    return most * exp(-((now - at) / DAY) / MEMORY)


def is_known(rhythm: Rhythm, *, now: datetime) -> bool:
    """Tell whether enough was seen of a source to follow it."""
    return rhythm.articles >= FEW or rhythm.days + (now - rhythm.at) / DAY >= 1


def rate(rhythm: Rhythm, *, now: datetime) -> float:
    """Give articles a day, over the last weeks; it falls while nothing comes."""
    kept = exp(-((now - rhythm.at) / DAY) / MEMORY)
    days = rhythm.days * kept + MEMORY * (1 - kept)
    return (rhythm.articles * kept + PRIOR_ARTICLES) / (days + PRIOR_DAYS)


def fills_in(rhythm: Rhythm, *, now: datetime) -> float:
    """Give the days in which all that a source shows would be new, if it came as in the greatest burst seen of it."""
    burst = rhythm.burst * exp(-((now - rhythm.at) / DAY) / MEMORY)
    return LATELY * rhythm.window / burst if burst and rhythm.window else inf


def expected(rhythm: Rhythm, start: datetime) -> Iterator[tuple[float, float]]:
    """Give what is expected from `start` on, without end: stretches of days, each with its rate in articles a day."""
    steady = (1 - SHARE) * rate(rhythm, now=start)
    fading = exp(-STEP / LATELY)
    lately = rhythm.lately * exp(-((start - rhythm.at) / DAY) / LATELY) * SHARE / LATELY * (1 + fading) / 2
    hours, weekdays = sum(rhythm.hours) + EVEN_HOURS, by_weekday(rhythm)
    hour, weekday, halves = start.hour, start.weekday(), 2 - start.minute // 30
    factor = _in_hour(rhythm.hours, hour, total=hours)
    step = STEP - (start.minute % 30 * 60 + start.second) / 86400
    while True:
        yield step, steady * factor * weekdays[weekday] + lately
        lately *= fading
        step = STEP
        halves -= 1
        if not halves:
            halves, hour = 2, (hour + 1) % HOURS
            weekday = (weekday + (hour == 0)) % WEEKDAYS
            factor = _in_hour(rhythm.hours, hour, total=hours)


def by_hour(rhythm: Rhythm) -> list[float]:
    """Give how much more or less than usual comes in each hour; neighbours count in, few articles change little."""
    total = sum(rhythm.hours) + EVEN_HOURS
    return [_in_hour(rhythm.hours, hour, total=total) for hour in range(HOURS)]


def _in_hour(counts: Sequence[float], hour: int, *, total: float) -> float:
    near = counts[hour - 1] + 2 * counts[hour] + counts[hour - HOURS + 1]
    return (EVEN_HOURS + HOURS / 4 * near) / total


def by_weekday(rhythm: Rhythm) -> list[float]:
    """Give how much more or less than usual comes on each day of the week."""
    total = sum(rhythm.weekdays) + EVEN_WEEK
    return [(EVEN_WEEK + WEEKDAYS * count) / total for count in rhythm.weekdays]


def quiet_for(rhythm: Rhythm, *, now: datetime) -> float:
    """Give how many articles were to be expected since the last one came: nights and weekends count for little."""
    if rhythm.last_at is None or now <= rhythm.last_at:
        return 0.0
    weeks, rest = divmod((now - rhythm.last_at) / DAY, WEEKDAYS)
    hours, weekdays = by_hour(rhythm), by_weekday(rhythm)
    start, came = rhythm.last_at, weeks * WEEKDAYS
    while rest > 0:
        step = min(rest, (3600 - start.minute * 60 - start.second) / 86400)
        came += step * hours[start.hour] * weekdays[start.weekday()]
        start, rest = start + step * DAY, rest - step
    return came * rate(rhythm, now=rhythm.at)
