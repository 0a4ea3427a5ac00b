"""The walk through an outlet's past: where it begins, what is next, when it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from monitor.backfill.scope import root_of
from monitor.model import Lead, Look, Period, Source, SourceKind, Step, StepState, Way
from monitor.urls import web_url

# Those of whole sites first: a sitemap of news holds two days.
USUAL_SITEMAPS = ("sitemap.xml", "sitemap_index.xml", "wp-sitemap.xml", "news-sitemap.xml", "sitemap-news.xml")
REQUESTS = 500  # of one walk
_MOST_FILES = 2000  # steps that are remembered: sitemap files of one outlet
_PAGES = {Way.FEED: 200, Way.LISTING: 100, Way.ARCHIVE: 20}
_DAYS = 400
_DEPTH = 4  # levels of sitemaps
_ATTEMPTS = 4
_ATTEMPTS_IN_DOUBT = 2  # where nobody has said that something is there
_EARLIER = 3  # entries before the period that tell that a sitemap goes back beyond it
_VAIN = 2  # days without an archive after which the outlet has none
# One way after the other, until one has come back to the beginning of the period.
_ORDER = {
    SourceKind.FEED: ((Way.FEED,), (Way.ROBOTS, Way.SITEMAP), (Way.ARCHIVE,)),
    SourceKind.LISTING: ((Way.LISTING,), (Way.ROBOTS, Way.SITEMAP), (Way.ARCHIVE,)),
    SourceKind.SITEMAP: ((Way.SITEMAP, Way.ROBOTS), (Way.ARCHIVE,)),
    SourceKind.SPIDER: ((Way.ROBOTS, Way.SITEMAP), (Way.ARCHIVE,)),
}
_OWN = {SourceKind.FEED: Way.FEED, SourceKind.LISTING: Way.LISTING, SourceKind.SITEMAP: Way.SITEMAP}


@dataclass(frozen=True, slots=True)
class Walk:
    """All steps of one walk, done and open."""

    source: Source
    period: Period
    steps: tuple[Step, ...]

    @property
    def requests(self) -> int:
        """How many pages were asked for."""
        return sum(step.attempts for step in self.steps)

    @property
    def reached(self) -> bool:
        """Whether one of the ways has come back to the beginning of the period."""
        return any(self._reached(ways) for ways in _ORDER[self.source.kind])

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return not self.next(1)

    @property
    def failing(self) -> tuple[Step, ...]:
        """Steps that failed and are to be tried again."""
        return tuple(step for step in self.steps if step.state is StepState.OPEN and step.error is not None)

    def wait(self, waits: Sequence[timedelta]) -> timedelta:
        """Give how long to leave the outlet alone before the next steps: nothing, unless they failed just now."""
        told = [
            max(waits[min(max(step.attempts, 1), len(waits)) - 1], (step.look and step.look.retry_after) or timedelta())
            for step in self.failing
        ]
        upcoming = {step.url for step in self.next(1)}
        return max(told, default=timedelta()) if upcoming & {step.url for step in self.failing} else timedelta()

    def next(self, most: int) -> tuple[Step, ...]:
        """Give the next steps, all of one way, in their order; none where the walk is over."""
        if self.requests >= REQUESTS:
            return ()
        for ways in _ORDER[self.source.kind]:
            if self._reached(ways) and not self._unfinished(ways):
                return ()
            if found := [step for way in ways for step in self._open(way)]:
                return self._together([step for step in found if not step.guess] or found, most)
        return ()

    @staticmethod
    def _together(found: Sequence[Step], most: int) -> tuple[Step, ...]:
        """Give those that one look can take; a guess is tried alone: if it is right, the others are needless."""
        first = found[0]
        alone = first.guess or first.way in {Way.FEED, Way.ROBOTS}
        return tuple(step for step in found if step.way is first.way)[: 1 if alone else most]

    def learned(self, looks: Iterable[Look], *, new: int) -> Walk:
        """Give the walk with what the steps of one stretch showed; `new` is how many articles they brought.

        A page that a crawl did not come to was not asked for, unless it came to none: then it would go on for ever.
        """
        walk, looks = self, [*looks]
        idle = all(look.error == _NOT_REACHED for look in looks)
        for look in looks:
            walk = walk.learned_one(look, new=new, asked=idle or look.error not in _NOT_ASKED)
        return walk

    def learned_one(self, look: Look, *, new: int, asked: bool) -> Walk:
        """Give the walk with what one look showed."""
        step = next((step for step in self.steps if step.url == look.url), None)
        step = step or Step(url=look.url, way=look.way, page=1 + max((s.page for s in self._of(look.way)), default=0))
        if look.error is not None:
            return self._with(_failed(step, look, asked=asked))
        found = replace(step, state=StepState.DONE, attempts=step.attempts + 1, error=None, look=look)
        again = any(s.look and s.look.mark == look.mark and s.url != look.url for s in self._of(look.way) if look.mark)
        walk = self._with(found)
        if look.way in _PAGES and (look.passed or again or _is_vain(look, new) or step.page >= _PAGES[look.way]):
            return walk
        return _without_guesses(_led_on(walk, found, look.leads), look)

    def _with(self, step: Step) -> Walk:
        known = any(other.url == step.url for other in self.steps)
        kept = (step if other.url == step.url else other for other in self.steps)
        return Walk(self.source, self.period, (*kept,) if known else (*self.steps, step))

    def _of(self, way: Way) -> list[Step]:
        return [step for step in self.steps if step.way is way]

    def _open(self, way: Way) -> list[Step]:
        found = [step for step in self._of(way) if step.state is StepState.OPEN]
        if way is Way.ARCHIVE:
            found = [] if self._has_no_archive() else [*found, *self._days_left()]
        return sorted(found, key=lambda step: (step.guess, step.place, step.page))

    def _days_left(self) -> list[Step]:
        known = {step.url for step in self._of(Way.ARCHIVE)}
        days = enumerate(_days(root_of(self.source), self.period))
        return [Step(url=url, way=Way.ARCHIVE, place=number) for number, url in days if url not in known]

    def _has_no_archive(self) -> bool:
        """Tell whether the days asked for until now had nothing of their own: no page, or all the same one."""
        looks = [step.look for step in self._of(Way.ARCHIVE) if step.look is not None]
        marks = Counter(look.mark for look in looks)
        vain = [look for look in looks if not look.within or marks[look.mark] > 1]
        return len(vain) >= _VAIN and len(vain) == len(looks)

    def _unfinished(self, ways: Sequence[Way]) -> bool:
        """Tell whether something is open that must be read although the beginning is reached: files are in no order."""
        return any(step for way in ways if way not in _PAGES for step in self._open(way) if not step.guess)

    def _reached(self, ways: Sequence[Way]) -> bool:
        if ways == (Way.ARCHIVE,):
            done = self._of(Way.ARCHIVE)
            return bool(done) and not self._open(Way.ARCHIVE) and not self._has_no_archive()
        looks = [step.look for way in ways for step in self._of(way) if step.look and step.look.error is None]
        if any(way in _PAGES for way in ways):
            return any(look.passed for look in looks)
        failed = any(step.state is StepState.FAILED and not step.guess for way in ways for step in self._of(way))
        earlier = sum(look.older for look in looks) >= _EARLIER or any(look.left for look in looks)
        return earlier and not failed


def _led_on(walk: Walk, step: Step, leads: Sequence[Lead]) -> Walk:
    """Take on what a step leads to, and is not known yet."""
    if step.way is Way.SITEMAP and step.page >= _DEPTH:
        return walk
    known = {known.url for known in walk.steps}
    base = step.place * _MOST_FILES if step.way is Way.SITEMAP else step.place
    page = 1 if step.way is Way.ROBOTS else step.page + 1
    fresh = [lead for lead in dict.fromkeys(leads) if lead.url not in known][: max(0, _MOST_FILES - len(known))]
    further = [Step(url=lead.url, way=lead.way, place=base + n, page=page) for n, lead in enumerate(fresh)]
    steps = [*walk.steps, *further]
    if step.way is Way.ROBOTS and leads:
        named = {lead.url for lead in leads}  # most sites have theirs at a usual place, and say so
        steps = [replace(other, guess=False) if other.url in named else other for other in steps]
        steps = [_skipped(other) if other.guess else other for other in steps]
    return Walk(walk.source, walk.period, tuple(steps))


def _without_guesses(walk: Walk, look: Look) -> Walk:
    """Leave out the other places where a sitemap might be, once one is found."""
    if look.way is not Way.SITEMAP or not (
        look.leads or look.left or look.within or look.older or look.newer or look.undated
    ):
        return walk
    return Walk(walk.source, walk.period, tuple(_skipped(step) if step.guess else step for step in walk.steps))


def begin(source: Source, period: Period, *, remembered: Sequence[str] = ()) -> Walk:
    """Give a walk that has not begun; `remembered` are sitemaps of the source that were good before."""
    own = _OWN.get(source.kind)
    start = [web_url(url) or url for url in source.start or (source.url,)]
    steps = [Step(url=url, way=own, place=n) for n, url in enumerate(start)] if own else []
    site = f"{urlsplit(source.url).scheme}://{urlsplit(source.url).netloc}/"
    steps.append(Step(url=urljoin(site, "robots.txt"), way=Way.ROBOTS))
    steps += [Step(url=url, way=Way.SITEMAP, place=n) for n, url in enumerate(remembered)]
    steps += [
        Step(url=urljoin(site, name), way=Way.SITEMAP, place=n, guess=True) for n, name in enumerate(USUAL_SITEMAPS)
    ]
    once = {step.url: step for step in reversed(steps)}
    return Walk(source, period, tuple(reversed(once.values())))


def _days(root: str, period: Period) -> list[str]:
    """Give the archives of each day, the last one first, as most systems for newsrooms have them."""
    days = min((period.until.date() - period.since.date()).days + 1, _DAYS)
    return [f"{root}{period.until - timedelta(days=number):%Y/%m/%d}/" for number in range(days)]


def _failed(step: Step, look: Look, *, asked: bool) -> Step:
    attempts = step.attempts + asked
    doubtful = step.guess or step.way is Way.ARCHIVE or (step.way is Way.FEED and step.page > 1)
    final = look.error in _FINAL or attempts >= (_ATTEMPTS_IN_DOUBT if doubtful else _ATTEMPTS)
    state = StepState.FAILED if final else StepState.OPEN
    return replace(step, state=state, attempts=attempts, error=look.error, look=look)


def _is_vain(look: Look, new: int) -> bool:
    """Tell whether a page without any date showed nothing that was not known."""
    return not (look.older or look.within or look.newer) and new == 0


def _skipped(step: Step) -> Step:
    return replace(step, state=StepState.SKIPPED) if step.state is StepState.OPEN else step


_NOT_REACHED = "not_reached"
_NOT_ASKED = frozenset({"host_paused", _NOT_REACHED})
_FINAL = frozenset(
    """bad_address blocked_address http_400 http_401 http_403 http_404 http_405 http_406 http_410
    redirect_downgrade redirect_loop
    robots_disallowed not_a_feed not_a_sitemap not_a_page too_large""".split()
)
