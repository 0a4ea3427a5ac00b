"""From drafts to stored articles, matches and alerts: one visit, one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.model import (
    Article,
    Collected,
    Draft,
    FirstVisit,
    IdentityKey,
    IndexedText,
    KeyKind,
    Match,
    Settled,
    Source,
    SourceKind,
    SourceState,
    TextState,
    Visit,
    VisitOutcome,
)
from monitor.normalise import (
    Known,
    New,
    Verdict,
    changed,
    identity_keys,
    is_baseline,
    is_flood,
    normalise,
    with_lasting_print,
)
from monitor.pipeline.alerting import digest_of, due_at, is_of_an_archive
from monitor.pipeline.elsewhere import show_elsewhere
from monitor.pipeline.judge import Judge
from monitor.pipeline.known import find_known
from monitor.pipeline.revising import revise
from monitor.pipeline.revisits import Revisits
from monitor.polling.gap import is_gap
from monitor.polling.remembered import CUT_SHORT, is_edited, is_reread
from monitor.protocols import Articles, Failpoint, Pages, Sources

_NOTHING = IndexedText(title="", body="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A draft on its way in."""

    article: Article
    keys: tuple[IdentityKey, ...]
    matches: tuple[Match, ...] = ()
    indexed: IndexedText = _NOTHING
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetch:
    """What every entry of one visit shares."""

    source: Source
    state: SourceState
    flood: bool
    now: datetime
    stamps: Mapping[datetime | None, int]  # how many entries say that they were updated then
    reread: bool  # what differs may be our reading: another version of the parser read it before


@dataclass(slots=True)
class _Tally:
    """What one visit came to, counted while it is stored."""

    new: int = 0
    revisions: int = 0
    alerts: int = 0
    first: set[int] = field(default_factory=set)  # known articles that this source shows for the first time


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one visit brought: the visit with its counts, what is remembered, and how many alerts were added."""

    visit: Visit
    state: SourceState
    alerts: int


class Ingest:
    """Stores what a visit brought. Runs on the store's thread; does not wait for anything."""

    def __init__(
        self,
        *,
        articles: Articles,
        pages: Pages,
        sources: Sources,
        revisits: Revisits,
        judge: Judge,
        failpoint: Failpoint,
    ) -> None:
        """Take the store's faces and the pure parts that decide."""
        self._articles = articles
        self._pages = pages
        self._sources = sources
        self._revisits = revisits
        self._judge = judge
        self._failpoint = failpoint

    def __call__(
        self,
        source: Source,
        collected: Collected,
        before: SourceState,
        remember: Callable[[Visit], SourceState],
        now: datetime,
    ) -> Ingested:
        """Store articles, revisions, matches, alerts and, in the same transaction, the source's new state.

        `remember` gives that state for the visit as it turns out here. Analysis and matching come first, so that the
        write lock is held for the writing alone.
        """
        entries = [self._entry(source, draft, collected.language, before, now) for draft in collected.drafts]
        verdicts, _ = self._identify(entries, before)
        entries = [
            self._matched(entry) if isinstance(verdict, New) else entry
            for entry, verdict in zip(entries, verdicts, strict=True)
        ]
        self._failpoint("before_commit")
        with self._articles.transaction():
            # Another process may have stored some of them in between: what counts is what is known now.
            verdicts, unusable = self._identify(entries, before)
            new = [entry.article for entry, verdict in zip(entries, verdicts, strict=True) if isinstance(verdict, New)]
            stamps = Counter(entry.updated_at for entry in entries)
            reread = is_reread(before, collected.visit)
            flood = is_flood(new, before)
            fetch = _Fetch(source=source, state=before, flood=flood, now=now, stamps=stamps, reread=reread)
            familiar = self._is_familiar(fetch, collected.visit, entries)
            tally = self._store(fetch, entries, verdicts)
            visit = replace(
                collected.visit,
                entries=len(entries),
                new_articles=tally.new,
                revisions=tally.revisions,
                arrivals=tuple(article.published_at for article in new),
                flood=fetch.flood,
                familiar=familiar,
                gap=_is_gap(fetch, collected.visit, entries, verdicts, tally.first),
            )
            after = replace(remember(visit), guids_unusable=unusable)
            self._sources.settle([Settled(visit=visit, state=after)])
        self._failpoint("after_commit")
        return Ingested(visit=visit, state=after, alerts=tally.alerts)

    def _entry(self, source: Source, draft: Draft, language: str | None, before: SourceState, now: datetime) -> _Entry:
        baseline = source.first_visit is not FirstVisit.ALERT and is_baseline(draft.published_at, before)
        detect = self._judge.detect
        article = normalise(draft, source, now=now, feed_language=language, detect=detect, baseline=baseline)
        keys = identity_keys(article, self._sources.addresses)
        return _Entry(article=article, keys=keys, updated_at=draft.updated_at)

    def _identify(self, entries: Sequence[_Entry], before: SourceState) -> tuple[tuple[Verdict, ...], bool]:
        fresh = [(entry.article, entry.keys) for entry in entries]
        return find_known(self._articles, fresh, guids_unusable=before.guids_unusable)

    def _is_familiar(self, fetch: _Fetch, visit: Visit, entries: Sequence[_Entry]) -> bool:
        """Tell whether a feed that we were led to shows an article that was known before: by guid, or by address."""
        if visit.moved_to is None:
            return True
        move = fetch.state.move
        since = move.since if move and move.to == visit.moved_to else fetch.now
        keys = [key for entry in entries for key in entry.keys]
        guids = [key for key in keys if key.kind is KeyKind.GUID]
        known = self._articles.get(list(self._articles.find(guids or keys).values()))
        return any(article.first_seen_at < since for article in known.values())

    def _matched(self, entry: _Entry) -> _Entry:
        matches, indexed = self._judge.read(entry.article)
        return replace(entry, matches=matches, indexed=indexed)

    def _store(self, fetch: _Fetch, entries: Sequence[_Entry], verdicts: Sequence[Verdict]) -> _Tally:
        """Store from the last entry to the first: feeds put the newest first, and ids rise with time."""
        tally = _Tally()
        ids = [verdict.article_id for verdict in verdicts if isinstance(verdict, Known)]
        known = self._articles.get(ids)
        speaks: dict[int, _Entry] = {}  # of several entries that are one article, the first says what it says now
        for entry, verdict in zip(entries, verdicts, strict=True):
            if isinstance(verdict, Known):
                speaks.setdefault(verdict.article_id, entry)
        backwards = list(reversed(list(zip(entries, verdicts, strict=True))))
        self._add(fetch, [entry for entry, verdict in backwards if isinstance(verdict, New)], tally)
        for entry, verdict in backwards:
            if isinstance(verdict, Known):
                stored = known.get(verdict.article_id)
                self._see_again(
                    fetch, entry, verdict.article_id, stored, tally, edits=speaks[verdict.article_id] is entry
                )
        return tally

    def _add(self, fetch: _Fetch, new: Sequence[_Entry], tally: _Tally) -> None:
        new = [entry if entry.indexed is not _NOTHING else self._matched(entry) for entry in new]
        ids = self._articles.add_all([(with_lasting_print(entry.article), entry.keys, entry.indexed) for entry in new])
        for article_id, entry in zip(ids, new, strict=True):
            self._articles.record(article_id, 0, entry.matches)
            tally.new += 1
            # Between the article and its alerts: both or none (case 4).
            self._failpoint("between_article_and_alert")
            self._tell(fetch, article_id, entry, tally)

    def _tell(self, fetch: _Fetch, article_id: int, entry: _Entry, tally: _Tally) -> None:
        article, matches = entry.article, entry.matches
        if matches and not (article.baseline and fetch.source.first_visit is FirstVisit.SILENT):
            kind, group = digest_of(article, fetch.source, flood=fetch.flood, now=fetch.now)
            due = due_at(article, self._judge.settings)
            alerts = self._judge.audience.alerts(
                matches, article_id=article_id, kind=kind, group=group, now=fetch.now, due_at=due
            )
            tally.alerts += self._articles.alert(alerts)

    def _see_again(
        self, fetch: _Fetch, entry: _Entry, article_id: int, stored: Article | None, tally: _Tally, *, edits: bool
    ) -> None:
        """A known article: another source may show it, or the outlet may have edited it."""
        first_showing = self._articles.learn(article_id, fetch.source.name, entry.keys)
        if first_showing:
            tally.first.add(article_id)
        if stored is None:
            return
        if _only_points(fetch, entry):
            self._look_again(fetch, entry, stored)
        if first_showing:
            article, rows = entry.article, (self._articles, self._pages)
            flood = fetch.flood or is_of_an_archive(article, fetch.state.last_good_at)
            digest = digest_of(article, fetch.source, flood=flood, now=fetch.now)
            tally.alerts += show_elsewhere(*rows, self._judge, stored, article, digest=digest, now=fetch.now)
        elif entry.article.source != stored.source or _only_points(fetch, entry):
            return
        elif edits:
            edited = changed(stored, entry.article)
            if edited:
                self._revise(fetch, entry, stored, tally)
            # A time that several entries bear is that of the feed.
            said = entry.updated_at if fetch.stamps[entry.updated_at] == 1 else None
            at = fetch.now if edited and not fetch.reread else said
            self._revisits.hasten(stored, fetch.source, at, fetch.now)

    def _look_again(self, fetch: _Fetch, entry: _Entry, stored: Article) -> None:
        """Want the page again that a site's own spider says has grown since it was read, or since that failed."""
        if fetch.source.kind is not SourceKind.SPIDER or entry.updated_at is None:
            return
        read_at, failed = stored.page_read_at, stored.text_state is TextState.FAILED
        if entry.updated_at > read_at if read_at else failed:
            assert stored.id is not None
            self._pages.want_page(stored.id, now=fetch.now)

    def _revise(self, fetch: _Fetch, entry: _Entry, stored: Article, tally: _Tally) -> None:
        """Keep the edited version; rules that want updates are asked about its new passages alone."""
        states = (stored.text_state, entry.article.text_state)
        article = replace(
            with_lasting_print(entry.article),
            id=stored.id,
            summary=entry.article.summary or stored.summary,
            text=stored.text if stored.page_read_at else entry.article.text or stored.text,
            left_out=stored.left_out,  # of a page's text alone, which stays
            text_state=stored.text_state
            if stored.page_read_at
            else max(states, key=lambda state: state is TextState.COMPLETE),
        )
        tally.revisions += 1
        tally.alerts += revise(self._articles, self._judge, stored, article, now=fetch.now, reread=fetch.reread)


def _is_gap(
    fetch: _Fetch, visit: Visit, entries: Sequence[_Entry], verdicts: Sequence[Verdict], first: Container[int]
) -> bool:
    """Tell whether articles may have been missed; `first` are those known from elsewhere, which say nothing of it.

    A site's own spider shows what it wants, a feed at an address that a person wrote what it showed there.
    """
    kind = fetch.source.kind
    if kind is SourceKind.SPIDER or (kind is SourceKind.FEED and is_edited(fetch.state)):
        return False
    dates = [(verdict, entry.article.published_at) for verdict, entry in zip(verdicts, entries, strict=True)]
    new = [date for verdict, date in dates if isinstance(verdict, New)]
    shown = [date for verdict, date in dates if isinstance(verdict, Known) and verdict.article_id not in first]
    in_part = visit.outcome is VisitOutcome.FAILED or visit.error == CUT_SHORT
    return is_gap(new, shown, fetch.state, flood=fetch.flood, in_part=in_part)


def _only_points(fetch: _Fetch, entry: _Entry) -> bool:
    """Tell whether an entry only says where an article is: another wording on a listing is no edit of the article."""
    return fetch.source.kind is not SourceKind.FEED and not entry.article.text
