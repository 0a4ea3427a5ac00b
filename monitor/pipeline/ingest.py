"""From drafts to stored articles, matches and alerts: one visit, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.language import Analyser
from monitor.model import (
    AlertKind,
    Article,
    Collected,
    FirstVisit,
    IdentityKey,
    IndexedText,
    Match,
    Settled,
    Source,
    SourceState,
    Visit,
)
from monitor.normalise import (
    Known,
    Verdict,
    changed,
    identify,
    identity_keys,
    is_baseline,
    is_flood,
    new_passages,
    normalise,
)
from monitor.pipeline.alerting import Audience
from monitor.protocols import Articles, Failpoint, Sources
from monitor.rules import RuleSet, index_text, read_article

MOST_REVISIONS = 24  # case 105: a clock inside a text is not news for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A draft on its way in."""

    article: Article
    keys: tuple[IdentityKey, ...]
    matches: tuple[Match, ...] = ()
    indexed: IndexedText = IndexedText(title="", body="")


@dataclass(slots=True)
class _Tally:
    """What one visit came to, counted while it is stored."""

    new: int = 0
    revisions: int = 0
    alerts: int = 0
    flood: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one visit brought: new articles, revised ones, alerts added, and whether it looked like an import."""

    visit: Visit
    alerts: int
    matched: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Ingest:
    """Stores what a visit brought. Runs on the store's thread; does not wait for anything."""

    def __init__(
        self,
        *,
        articles: Articles,
        sources: Sources,
        rules: RuleSet,
        audience: Audience,
        analyser: Analyser,
        detect: Callable[[str, str | None], str],
        failpoint: Failpoint,
    ) -> None:
        """Take the store's faces and the pure parts that decide."""
        self._articles = articles
        self._sources = sources
        self._rules = rules
        self._audience = audience
        self._analyser = analyser
        self._detect = detect
        self._failpoint = failpoint

    def __call__(
        self,
        source: Source,
        collected: Collected,
        before: SourceState,
        after: SourceState,
        now: datetime,
    ) -> Ingested:
        """Store articles, revisions, matches, alerts and, in the same transaction, the source's new state.

        Analysis and matching come first, so that the write lock is held for the writing alone.
        """
        entries = [self._entry(source, draft, collected.language, before, now) for draft in collected.drafts]
        found = self._articles.find([key for entry in entries for key in entry.keys])
        verdicts, unusable = self._verdicts(entries, found, before)
        entries = [
            entry if isinstance(verdict, Known) else self._matched(entry)
            for entry, verdict in zip(entries, verdicts, strict=True)
        ]
        self._failpoint("before_commit")
        with self._articles.transaction():
            # Another process may have stored some of them in between: what counts is what is known now.
            found = self._articles.find([key for entry in entries for key in entry.keys])
            verdicts, unusable = self._verdicts(entries, found, before)
            tally = self._store(source, entries, verdicts, before, now)
            visit = replace(
                collected.visit,
                entries=len(entries),
                new_articles=tally.new,
                revisions=tally.revisions,
                flood=tally.flood,
            )
            state = replace(after, guids_unusable=unusable)
            self._sources.settle([Settled(visit=visit, state=state)])
        self._failpoint("after_commit")
        matched = tuple(
            (entry.article.title, tuple(m.rule for m in entry.matches)) for entry in entries if entry.matches
        )
        return Ingested(visit=visit, alerts=tally.alerts, matched=matched)
