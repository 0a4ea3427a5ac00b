"""An edited article: the earlier version is kept, and only what is new in it is matched, as an update."""

from __future__ import annotations

from datetime import datetime

from monitor.model import AlertKind, Article, Match
from monitor.normalise import new_passages
from monitor.pipeline.judge import Judge
from monitor.protocols import Articles

# Case 105: a clock inside a text must not fill the disk. What is bounded is what is kept, never what is read.
KEPT_REVISIONS = 24


def revise(articles: Articles, judge: Judge, stored: Article, article: Article, *, now: datetime) -> int:
    """Put a new version in the place of the stored one; gives how many alerts its new passages added."""
    assert stored.id is not None
    earlier = articles.versions(stored.id)
    matches, indexed = judge.read(article)
    news = _news(judge, stored, new_passages(stored, article, earlier), matches)
    revision = articles.revise(article, indexed, now=now, keep=KEPT_REVISIONS)
    articles.record(stored.id, revision, news)
    return articles.alert(
        judge.audience.alerts(news, article_id=stored.id, revision=revision, kind=AlertKind.UPDATE, now=now)
    )


def _news(judge: Judge, stored: Article, fresh: Article, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """Give the rules that the new passages match, by their words there, or that they are the last part of.

    The whole article must match as well: a `-word` counts wherever it stands.
    """
    if not (fresh.title or fresh.summary.strip() or fresh.text.strip()):
        return ()
    alone = {match.rule: match for match in judge.read_passages(fresh)}
    before = {match.rule for match in judge.read(stored)[0]}
    completed = {match.rule for match in matches if match.rule not in before and _has_words_in(fresh, match)}
    return tuple(alone.get(match.rule, match) for match in matches if match.rule in alone or match.rule in completed)


def _has_words_in(fresh: Article, match: Match) -> bool:
    texts = {"title": fresh.title, "summary": fresh.summary, "text": fresh.text}
    return any(texts[word.field][word.start : word.end] == word.form for word in match.words)
