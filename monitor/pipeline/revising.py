"""An edited article: the earlier version is kept, and only what is new in it is matched, as an update."""

from __future__ import annotations

from datetime import datetime

from monitor.model import AlertKind, Article
from monitor.normalise import new_passages
from monitor.pipeline.judge import Judge
from monitor.protocols import Articles

MOST_REVISIONS = 24  # case 105: a clock inside a text is not news for ever


def may_be_revised(stored: Article) -> bool:
    """Tell whether an article may get another version."""
    return stored.revision < MOST_REVISIONS


def revise(articles: Articles, judge: Judge, stored: Article, article: Article, *, now: datetime) -> int:
    """Put a new version in the place of the stored one; gives how many alerts its new passages added."""
    assert stored.id is not None
    matches, indexed = judge.read(article)
    revision = articles.revise(article, indexed)
    news = {match.rule for match in judge.read(new_passages(stored, article))[0]}
    matches = tuple(match for match in matches if match.rule in news)
    articles.record(stored.id, revision, matches)
    return articles.alert(
        judge.audience.alerts(matches, article_id=stored.id, revision=revision, kind=AlertKind.UPDATE, now=now)
    )
