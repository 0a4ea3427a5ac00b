"""From what was read of an article's page to its text, a second match and its alerts: one page, one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.blocks import fingerprints, learned, left_out, sightings, without
from monitor.churn import lasting
from monitor.fulltext import with_page
from monitor.model import (
    Alert,
    AlertKind,
    Article,
    Draft,
    FirstVisit,
    IdentityKey,
    KeyKind,
    Match,
    PageRead,
    Seen,
    Snapshots,
    Source,
    TextState,
    WantedPage,
)
from monitor.normalise import claim_of
from monitor.pipeline.alerting import FIRST_VISIT, due_at, tells_of
from monitor.pipeline.judge import Judge
from monitor.pipeline.revising import revise
from monitor.pipeline.revisits import Revisits, seen_in
from monitor.protocols import Articles, Backfills, Failpoint, Pages, Sites
from monitor.text import blanked, paragraphs
from monitor.urls import canonical_url, host_of

Told = Mapping[str, set[str]]  # recipients with the rules that they were told of


class PageIngest:
    """Stores what pages say. Runs on the store's thread; does not wait for anything."""

    def __init__(
        self,
        *,
        articles: Articles,
        pages: Pages,
        sites: Sites,
        revisits: Revisits,
        backfills: Backfills,
        judge: Judge,
        failpoint: Failpoint,
    ) -> None:
        """Take the store's faces and the pure parts that decide."""
        self._articles = articles
        self._backfills = backfills
        self._pages = pages
        self._sites = sites
        self._revisits = revisits
        self._judge = judge
        self._failpoint = failpoint

    def fail(self, page: WantedPage, *, error: str, attempts: int, due_at: datetime | None, now: datetime) -> None:
        """Write down a failed try; alerts that waited for this text go if the next try comes too late for them."""
        with self._articles.transaction():
            if not self._pages.holds_page(page.article_id):
                return
            self._pages.fail_page(page, error=error, attempts=attempts, due_at=due_at)
            if due_at is None:
                self._revisits.lost(page.article_id, error, now)
            self._pages.release_alerts(page.article_id, now=now)

    def __call__(self, page: WantedPage, read: PageRead, source: Source, now: datetime) -> int:
        """Store a page's text, match the article again, and bring its alerts up to it; gives how many are new.

        The text is of the version that is stored: it is never an update, and nobody is told of a version twice.
        """
        self._failpoint("before_page_commit")
        with self._articles.transaction():
            if not self._pages.holds_page(page.article_id):
                return 0  # its time was up, and another process has read it
            stored = self._articles.get([page.article_id]).get(page.article_id)
            added = self._complete(page, stored, read, source, now) if stored else 0
            self._pages.release_alerts(page.article_id, now=now)
        self._failpoint("after_page_commit")
        return added

    def look(self, page: WantedPage, read: PageRead, source: Source, now: datetime) -> int:
        """Store what a look at a page came to that was read before; gives how many alerts are new."""
        with self._articles.transaction():
            if not self._revisits.holds(page.article_id):
                return 0
            wished = self._revisits.is_wished_again(page)
            stored = self._articles.get([page.article_id]).get(page.article_id)
            if stored is None or not stored.text or stored.text_state is TextState.WANTED:
                # Its text is purged: all of it would be news. Or it is wanted, and will be read once more anyway.
                self._revisits.give_back(page.article_id, over=stored is None or not stored.text)
                return 0
            added = 0
            if read.draft is None:
                self._revisits.looked(stored, source, seen_in(read), read, now)
            else:
                article = with_page(stored, read.draft, source, now=now, detect=self._judge.detect)
                added = self._read_again(stored, article, read, source, now)
            if wished and (read.draft or seen_in(read) is not Seen.FAILED):
                self._revisits.look_again(page.article_id, now)
            return added

    def _complete(self, page: WantedPage, stored: Article, read: PageRead, source: Source, now: datetime) -> int:
        draft = _draft_of(read)
        host = host_of(draft.url or page.url)
        missed = {name: str(getattr(source.selectors, name)) for name in draft.unmatched}
        self._pages.keep_missed(page.article_id, missed)
        article = with_page(stored, draft, source, now=now, detect=self._judge.detect)
        article = replace(article, baseline=_was_there_before(stored, article, page))
        if stored.page_read_at is not None:
            return self._read_again(stored, article, read, source, now)
        prints = fingerprints(draft.text or "")
        site = self._sites.site(host, article.language, prints.values())
        article = replace(article, left_out=_left_out(stored, article, prints, learned(site)))
        matches, indexed = self._judge.read(article)
        self._sites.count_page(host, article.language, sightings(article, matches, prints, site), prints.values())
        self._pages.complete_page(article, indexed)
        twin = self._learn_address(article, draft.canonical_url, source)
        # Nothing that was told before is lost but what the page itself rules out (a `-word` that stands there).
        withdrawn = {match.rule for match in self._judge.read(stored)[0]} - {match.rule for match in matches}
        renewed = withdrawn | {match.rule for match in matches}
        self._articles.record(page.article_id, stored.revision, matches, withdrawn=renewed)
        self._revisits.begin(article, source, read, now)
        self._keep_raw(article, stored.revision, read, source, now)
        self._failpoint("between_page_and_alert")
        told = self._pages.told(twin) if twin else {}
        if twin:
            withdrawn |= {match.rule for match in matches}
        return self._tell(article, matches, source, now, told=told, withdrawn=withdrawn)

    def _read_again(self, stored: Article, article: Article, read: PageRead, source: Source, now: datetime) -> int:
        """A page that was read before: its new passages are an update. A banner, clock or counter is no edit."""
        draft = _draft_of(read)
        prints = {**fingerprints(stored.text), **fingerprints(draft.text or "")}
        host = host_of(draft.url or stored.url or "")
        known = learned(self._sites.site(host, article.language, prints.values()))
        before, after = (lasting(one.title, without(one.text, prints, known)) for one in (stored, article))
        added, seen = 0, Seen.SAME
        if before == after:
            article = replace(article, title=stored.title, text=stored.text, left_out=stored.left_out)
        else:
            article = replace(article, left_out=_left_out(stored, article, prints, known))
            added, seen = revise(self._articles, self._judge, stored, article, now=now), Seen.GROWN
            self._keep_raw(article, stored.revision + 1, read, source, now)
        if seen is Seen.GROWN or stored.text_state is TextState.WANTED:
            self._pages.complete_page(article, self._judge.index(article))
        self._revisits.looked(stored, source, seen, read, now)
        return added

    def _keep_raw(self, article: Article, revision: int, read: PageRead, source: Source, now: datetime) -> None:
        """Keep the page that a version was read from, where that is asked for."""
        assert article.id is not None
        wanted = source.snapshots is Snapshots.ALWAYS or (
            source.snapshots is Snapshots.MATCHED and self._articles.matched(article.id)
        )
        if wanted and read.snapshot is not None:
            self._revisits.keep_snapshot(article.id, revision, read.snapshot, now=now)

    def _learn_address(self, article: Article, address: str | None, source: Source) -> int | None:
        """Know the article by the address that its page gives as its own; gives the same article under another id."""
        assert article.id is not None
        if address is None or _site(address) != _site(article.url or ""):
            return None  # no page speaks for another site's addresses
        claim = claim_of(article, address)
        if claim is None:
            return None
        there = IdentityKey(kind=KeyKind.URL, value=canonical_url(address))
        found = self._articles.find([claim, there])
        self._articles.learn(article.id, source.name, [claim])
        other = found.get(claim, found.get(there, article.id))
        twin = self._articles.get([other]).get(other)
        same = twin is not None and other != article.id and claim_of(twin, address) == claim
        return other if same else None

    def _tell(
        self,
        article: Article,
        matches: tuple[Match, ...],
        source: Source,
        now: datetime,
        *,
        told: Told,
        withdrawn: set[str],
    ) -> int:
        """Bring the article's alerts up to its text; whom its twin tells the same is not told by it."""
        assert article.id is not None
        alerts: tuple[Alert, ...] = ()
        digest = self._digest(article, source)
        if digest is not None:
            alerts = self._judge.audience.alerts(
                matches,
                article_id=article.id,
                revision=article.revision,
                kind=digest[0],
                group=digest[1],
                now=now,
                due_at=max(now, due_at(article, self._judge.settings, waits=True)),
            )
        alerts = tuple(
            alert for alert in alerts if not {match.rule for match in alert.matches} <= told.get(alert.recipient, set())
        )
        # A first visit is one summary: what its texts bring after it was sent is stored and listed, not mailed. So is
        # what was read back. Of an article of another time nobody is told.
        once = article.baseline or article.backfill is not None
        withdrawn = withdrawn | {match.rule for match in matches} if digest is None else withdrawn
        return self._pages.renew(article.id, article.revision, alerts, told_once=once, withdrawn=withdrawn)

    def _digest(self, article: Article, source: Source) -> tuple[AlertKind, str | None] | None:
        """Give what kind of news an article is, and the digest it belongs to, if any; None where nobody is told."""
        if article.backfill is not None:
            backfill = self._backfills.backfill(article.backfill)
            told = backfill is not None and tells_of(backfill, article)
            return (AlertKind.BACKFILL, backfill.group) if told and backfill else None
        if article.baseline:
            return None if source.first_visit is FirstVisit.SILENT else (AlertKind.BASELINE, FIRST_VISIT)
        return AlertKind.NEW, None


def _draft_of(read: PageRead) -> Draft:
    assert read.draft is not None
    return read.draft


def _left_out(
    stored: Article, article: Article, prints: Mapping[str, str], known: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Give what of a page's text is not matched; what has been before, be it from its feed, is for good."""
    matched = set(paragraphs(blanked(stored.text, stored.left_out)))
    return left_out(article.text, prints, known, matched=matched)


def _was_there_before(stored: Article, article: Article, page: WantedPage) -> bool:
    """Tell whether an article is baseline: for one that its source gave no date for, the page's date decides."""
    undated = stored.baseline and stored.published_at is None and article.published_at is not None
    return article.published_at <= page.added_at if undated and article.published_at else stored.baseline


def _site(url: str) -> str:
    return host_of(url).removeprefix("www.")
