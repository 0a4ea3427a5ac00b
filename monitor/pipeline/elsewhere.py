"""A known article that another source shows: who is told of it only now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.model import Alert, AlertKind, Article
from monitor.pipeline.alerting import due_at
from monitor.pipeline.judge import Judge
from monitor.pipeline.revising import where_it_stands
from monitor.protocols import Articles, Pages


def show_elsewhere(
    articles: Articles,
    pages: Pages,
    judge: Judge,
    stored: Article,
    shown: Article,
    *,
    digest: tuple[AlertKind, str | None],
    now: datetime,
) -> int:
    """Tell of an article where a rule matches it as this source shows it, but not as it was stored; gives the alerts.

    `shown` is what this source shows. If that is news here, and was only there before, or read back, where it was
    found first, everything that matches counts, for those who were not told of it: as the kind, and in the digest, that
    a new article with its date would be of.
    """
    assert stored.id is not None
    if shown.baseline:
        return 0
    before = judge.read(stored)[0]
    rules = {match.rule for match in before}
    matches = [where_it_stands(stored, match) for match in judge.read(shown)[0] if match.rule not in rules]
    told: Mapping[str, Collection[str]] = {}
    kind, group, due = AlertKind.NEW, None, now
    if stored.baseline or stored.backfill is not None:
        matches = [*before, *matches]
        told, (kind, group) = pages.told(stored.id), digest
        due = max(now, due_at(replace(stored, baseline=False), judge.settings))
        # Where a rule matched that matches no more, nobody will be told of it: it stays as silent as it was.
        if told or articles.matched(stored.id) <= {match.rule for match in matches}:
            articles.count_as_news(stored.id)
    alerts = judge.audience.alerts(
        matches, article_id=stored.id, revision=stored.revision, kind=kind, group=group, now=now, due_at=due
    )
    articles.record(stored.id, stored.revision, matches)
    return articles.alert(_untold(alerts, told, group))


def _untold(alerts: Sequence[Alert], told: Mapping[str, Collection[str]], group: str | None) -> list[Alert]:
    """Give the alerts without the rules that their recipients were told of."""
    left = []
    for alert in alerts:
        matches = tuple(match for match in alert.matches if match.rule not in told.get(alert.recipient, ()))
        if matches:
            left.append(replace(alert, matches=matches, group=group or f"rule:{matches[0].rule}"))
    return left
