"""From drafts of the past to stored articles, matches and the alerts of one summary: some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.model import AlertKind, Article, Backfill, Draft, IdentityKey, Source
from monitor.normalise import New, identity_keys, normalise
from monitor.pipeline.judge import Judge
from monitor.pipeline.known import find_known
from monitor.protocols import Articles, Backfills, Failpoint, Sources


class BackfillIngest:
    """Stores what a back-filling found. Runs on the store's thread; does not wait for anything."""

    def __init__(
        self, *, articles: Articles, backfills: Backfills, sources: Sources, judge: Judge, failpoint: Failpoint
    ) -> None:
        """Take the store's faces and the pure parts that decide."""
        self._articles = articles
        self._backfills = backfills
        self._sources = sources
        self._judge = judge
        self._failpoint = failpoint

    def unknown(self, source: Source, drafts: Sequence[Draft], *, guids_unusable: bool, now: datetime) -> int:
        """Give how many of these drafts would be new articles; nothing is stored."""
        articles = [self._article(source, draft, None, None, now) for draft in drafts]
        return sum(new for new, _ in self._verdicts(articles, guids_unusable=guids_unusable))

    def __call__(
        self,
        source: Source,
        drafts: Sequence[Draft],
        backfill: Backfill,
        *,
        language: str | None,
        guids_unusable: bool,
        room: int,
        now: datetime,
    ) -> int:
        """Store the articles that are new, `room` at most; gives how many new ones the back-filling has in all.

        Drafts come the newest first and are stored the oldest first: ids rise with time. What is known is only known by
        more from now on: what was edited since is for the visits to find.
        """
        articles = [self._article(source, draft, language, backfill.id, now) for draft in drafts]
        self._failpoint("before_backfill_commit")
        with self._articles.transaction():
            verdicts = self._verdicts(articles, guids_unusable=guids_unusable)
            news = [(article, keys) for article, (new, keys) in zip(articles, verdicts, strict=True) if new][:room]
            for article, keys in reversed(news):
                self._add(article, keys, backfill, now)
            total = self._backfills.count_found(backfill.id, found=len(drafts), new=len(news))
        self._failpoint("after_backfill_commit")
        return total

    def _article(
        self, source: Source, draft: Draft, language: str | None, backfill: int | None, now: datetime
    ) -> Article:
        detect = self._judge.detect
        article = normalise(draft, source, now=now, feed_language=language, detect=detect, baseline=False)
        return replace(article, backfill=backfill)

    def _verdicts(
        self, articles: Sequence[Article], *, guids_unusable: bool
    ) -> list[tuple[bool, tuple[IdentityKey, ...]]]:
        keys = [identity_keys(article, self._sources.addresses) for article in articles]
        fresh = list(zip(articles, keys, strict=True))
        verdicts, _ = find_known(self._articles, fresh, guids_unusable=guids_unusable)
        return [(isinstance(verdict, New), some) for verdict, some in zip(verdicts, keys, strict=True)]

    def _add(self, article: Article, keys: tuple[IdentityKey, ...], backfill: Backfill, now: datetime) -> None:
        matches, indexed = self._judge.read(article)
        number = self._articles.add(article, keys, indexed)
        self._articles.record(number, 0, matches)
        if matches and backfill.mails:
            alerts = self._judge.audience.alerts(
                matches, article_id=number, kind=AlertKind.BACKFILL, group=backfill.group, now=now
            )
            self._articles.alert(alerts)
