"""How real feeds publish, and sources that publish alike: what the simulation of the schedule is fed with.

Taken from the captured feeds of the corpus are, feed by feed, the rate and the times between articles; from all of them
together the hours of the day (of those with an article a day and of the others) and the days of the week, since one
feed shows too few articles to have a profile of its own. A made source takes one feed's rate, moved a little, and
strings together stretches of its times between articles, measured and laid out on that profile's own clock: so bursts
stay bursts, and nights are quiet.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from monitor.collect.parse import parse_feed
from monitor.errors import SourceError

Floats = npt.NDArray[np.float64]
DAY = 86400.0
WEEK = 168  # hours
MONDAY = 4 * DAY  # the first one after 1970-01-01
_LATER = datetime(2100, 1, 1, tzinfo=UTC)
_ENOUGH = 8  # dated articles
_LONG_ENOUGH = 3600  # a feed that shows less than an hour is a search, and its rate a guess
_EVEN = 24.0  # articles without any pattern, in a profile
_BLOCK = 10  # articles in a row that are taken over as they came


@dataclass(frozen=True, slots=True)
class Feed:
    """One real feed: the moments of its articles in seconds, oldest first, and how many entries it shows."""

    moments: Floats
    entries: int

    @property
    def per_day(self) -> float:
        """Give articles a day."""
        return (len(self.moments) - 1) / (self.moments[-1] - self.moments[0]) * DAY


@dataclass(frozen=True, slots=True)
class Outlet:
    """A made source: the moments of its articles in seconds, those before the first visit included."""

    moments: list[float]
    window: int
    dated: bool
    per_day: float


def real_feeds(corpus: Path) -> tuple[list[Feed], float]:
    """Give the feeds whose dates tell something, and the share of all feeds with entries that tell no dates."""
    with (corpus / "feeds" / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["class"] == "real"]
    feeds, undated, read = [], 0, 0
    for row in rows:
        try:
            drafts = parse_feed(
                (corpus / "feeds" / row["file"]).read_bytes(), "https://one.example/", None, _LATER
            ).drafts
        except SourceError:
            continue
        moments = np.array(sorted({draft.published_at.timestamp() for draft in drafts if draft.published_at}))
        read += bool(drafts)
        undated += bool(drafts) and not len(moments)
        told = len(moments) >= max(_ENOUGH, 0.6 * len(drafts)) and moments[-1] - moments[0] > _LONG_ENOUGH
        if told and np.mean(moments % DAY == 0) < 0.3:
            feeds.append(Feed(moments, len(drafts)))
    return feeds, undated / read


class Clock:
    """Time that runs as articles come: fast by day, slowly by night and at weekends; a day has 1 on average."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        """Count the hours of some feeds; each weighs the same."""
        hours, days = np.full(24, _EVEN / 24), np.full(7, _EVEN / 7)
        for feed in feeds:
            weights = np.ones(len(feed.moments)) / len(feed.moments)
            hours += np.bincount((feed.moments % DAY // 3600).astype(int), weights, 24)
            if feed.moments[-1] - feed.moments[0] > 14 * DAY:
                days += np.bincount(((feed.moments - MONDAY) // DAY % 7).astype(int), weights, 7)
        table = np.outer(days / days.mean(), hours / hours.mean()).ravel()
        self._passed = np.concatenate([[0.0], np.cumsum(table)]) / 24

    def passed(self, moments: Floats) -> Floats:
        """Give the readings at moments."""
        weeks, rest = np.divmod((moments - MONDAY) / 3600, WEEK)
        return weeks * 7 + np.interp(rest, np.arange(WEEK + 1), self._passed)

    def moments(self, readings: Floats) -> Floats:
        """Give the moments of readings."""
        weeks, rest = np.divmod(readings, 7)
        return MONDAY + 3600 * (weeks * WEEK + np.interp(rest, self._passed, np.arange(WEEK + 1)))


def outlets(corpus: Path, number: int, *, start: float, days: float, seed: int) -> Iterator[Outlet]:
    """Make so many sources that publish until `days` after `start`, and have published before."""
    feeds, undated = real_feeds(corpus)
    busy = Clock([feed for feed in feeds if feed.per_day >= 1])
    slow = Clock([feed for feed in feeds if feed.per_day < 1])
    chance = np.random.default_rng(seed)
    for _ in range(number):
        feed = feeds[chance.integers(len(feeds))]
        clock = busy if feed.per_day >= 1 else slow
        per_day = feed.per_day * chance.lognormal(0, 0.3)
        gaps = np.diff(clock.passed(feed.moments))
        gaps /= gaps.mean() * per_day
        before = 2 * feed.entries / per_day
        wanted = int((before + days) * per_day * 2) + 4 * _BLOCK
        first = chance.integers(len(gaps), size=wanted // _BLOCK + 1)
        chosen = gaps[(first[:, None] + np.arange(_BLOCK)) % len(gaps)].ravel()
        readings = clock.passed(np.array([start - before * DAY])) + np.cumsum(chosen)
        moments = clock.moments(readings)
        yield Outlet(
            moments=moments[moments < start + days * DAY].tolist(),
            window=feed.entries,
            dated=bool(chance.random() >= undated),
            per_day=per_day,
        )
