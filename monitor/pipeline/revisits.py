"""Which pages are looked at again, and what a look at one is taken for. Runs on the store's thread."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.looks import after_look, is_gone, watch
from monitor.model import NO_VALIDATORS, Article, Limits, PageRead, Revisit, Seen, Snapshot, Source, WantedPage
from monitor.protocols import Looks

_STILL_NEWS = timedelta(days=3)
_NOT_FOUND, _GONE = 404, 410
_SEEN = {f"http_{_NOT_FOUND}": Seen.MISSING, f"http_{_GONE}": Seen.GONE}
_STATUS = {Seen.MISSING: _NOT_FOUND, Seen.GONE: _GONE}


def seen_in(read: PageRead) -> Seen:
    """Tell what a look came to that brought no page."""
    return Seen.SAME if read.unchanged else _SEEN.get(read.error or "", Seen.FAILED)


def _is_past(article: Article, now: datetime) -> bool:
    """Tell whether an article was no news when it was stored: there before its source, or read back and days old."""
    if article.backfill is None or article.published_at is None:
        return article.baseline or article.backfill is not None
    return now - article.published_at > _STILL_NEWS


class Revisits:
    """Keeps the watch of each page. News are watched from their first reading on, all others once they have grown."""

    def __init__(
        self,
        looks: Looks,
        *,
        limits: Limits,
        jitter: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 - spreads load, protects nothing
    ) -> None:
        """Take the store's face; `jitter` gives a number from -1 to 1."""
        self._looks = looks
        self._limits = limits
        self._jitter = jitter

    def begin(self, article: Article, source: Source, read: PageRead, now: datetime) -> None:
        """Watch an article whose page was just read for the first time."""
        assert article.id is not None
        self._looks.find_again(article.id, now=now)
        if article.page_read_at is None or _is_past(article, now) or source.revisit is Revisit.NEVER:
            return
        begun = watch(
            article.id, article.source, article.first_seen_at, now=now, limits=self._limits, jitter=self._jitter()
        )
        self._looks.keep_watch(replace(begun, validators=read.validators or NO_VALIDATORS))

    def looked(self, article: Article, source: Source, seen: Seen, read: PageRead, now: datetime) -> None:
        """Remember what a page that was read before came to this time."""
        assert article.id is not None
        before = self._looks.watch(article.id)
        if before is None and (seen is not Seen.GROWN or source.revisit is Revisit.NEVER):
            return
        jitter = self._jitter()
        begun = before or watch(
            article.id, article.source, article.first_seen_at, now=now, limits=self._limits, jitter=jitter
        )
        after = after_look(
            begun,
            seen,
            now=now,
            limits=self._limits,
            jitter=jitter,
            asked=read.retry_after,
            validators=read.validators,
        )
        self._looks.keep_watch(after if source.revisit is Revisit.AUTO else replace(after, due_at=None))
        if is_gone(after, seen):
            self._looks.lose(article.id, _STATUS[seen], now=now)
        elif seen in {Seen.GROWN, Seen.SAME}:
            self._looks.find_again(article.id, now=now)

    def lost(self, article_id: int, error: str, now: datetime) -> None:
        """Write down that the last try to read a page has failed; it is gone, if that is what was said."""
        seen = _SEEN.get(error.partition(":")[0], Seen.FAILED)
        if (before := self._looks.watch(article_id)) is not None:
            after = after_look(before, Seen.FAILED, now=now, limits=self._limits, jitter=self._jitter())
            self._looks.keep_watch(after)
        if status := _STATUS.get(seen):
            self._looks.lose(article_id, status, now=now)

    def holds(self, article_id: int) -> bool:
        """Tell whether this process still is the one that looks at a page."""
        return self._looks.holds_look(article_id)

    def keep_snapshot(self, article_id: int, revision: int, snapshot: Snapshot, *, now: datetime) -> None:
        """Keep the page that a version was read from."""
        self._looks.keep_snapshot(article_id, revision, snapshot, now=now)

    def give_back(self, article_id: int, *, over: bool) -> None:
        """Give back a page that was not looked at; it is `over` where nothing is left to compare it with."""
        if (before := self._looks.watch(article_id)) is not None:
            self._looks.keep_watch(replace(before, due_at=None) if over else before)

    def is_wished_again(self, page: WantedPage) -> bool:
        """Tell whether the source said of a page that is being looked at that it was edited meanwhile."""
        watched = self._looks.watch(page.article_id)
        if watched is None or watched.due_at is None or page.due_at is None:
            return False
        return watched.due_at > page.due_at

    def look_again(self, article_id: int, now: datetime) -> None:
        """Have a page looked at once more that was looked at just now."""
        if (watched := self._looks.watch(article_id)) is not None:
            self._looks.keep_watch(replace(watched, due_at=now))

    def hasten(self, article: Article, source: Source, edited_at: datetime | None, now: datetime) -> None:
        """Have a page looked at soon that its source says was edited at that time, if that can be."""
        if article.page_read_at is None or source.revisit is Revisit.NEVER or edited_at is None:
            return
        if article.page_read_at < edited_at <= now:
            assert article.id is not None
            self._looks.hasten(article.id, article.source, edited_at=edited_at, now=now)
