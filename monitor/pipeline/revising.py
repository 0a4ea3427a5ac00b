"""An edited article: the earlier version is kept, and only what is new in it is matched, as an update."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.model import Article, Match
from monitor.normalise import new_passages
from monitor.pipeline.judge import Judge
from monitor.protocols import Articles

# Case 105: a clock inside a text must not fill the disk. What is bounded is what is kept, never what is read.
KEPT_REVISIONS = 24


def revise(
    articles: Articles, judge: Judge, stored: Article, article: Article, *, now: datetime, reread: bool = False
) -> int:
    """Put a new version in the place of the stored one; gives how many alerts its new passages added.

    A rule that no earlier version matched is told of the article as of a new one, be it baseline; one that had matched,
    or been told, only if it wants updates. With `reread` it is our reading that has changed: that is no update.
    """
    assert stored.id is not None
    earlier = articles.versions(stored.id)
    matches, indexed = judge.read(article)
    before = {match.rule for match in judge.read(stored)[0]}
    news = _news(judge, before, new_passages(stored, article, earlier), matches)
    first = {match.rule for match in news} - before - articles.matched(stored.id)
    if reread:
        news = tuple(match for match in news if match.rule in first)
    revision = articles.revise(article, indexed, now=now, keep=KEPT_REVISIONS)
    articles.record(stored.id, revision, news)
    return articles.alert(judge.audience.of_edit(news, first, article_id=stored.id, revision=revision, now=now))


def where_it_stands(stored: Article, match: Match) -> Match:
    """Give a match with those of its words that the stored article has in the same place: it is what a mail shows."""
    texts = {"title": stored.title, "summary": stored.summary, "text": stored.text}
    words = tuple(word for word in match.words if texts[word.field][word.start : word.end] == word.form)
    return replace(match, words=words)


def _news(judge: Judge, before: set[str], fresh: Article, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """Give the rules that the new passages match, by their words there, or that they are the last part of.

    The whole article must match as well: a `-word` counts wherever it stands.
    """
    if not (fresh.title or fresh.summary.strip() or fresh.text.strip()):
        return ()
    alone = {match.rule: match for match in judge.read_passages(fresh)}
    completed = {match.rule for match in matches if match.rule not in before and _has_words_in(fresh, match)}
    return tuple(alone.get(match.rule, match) for match in matches if match.rule in alone or match.rule in completed)


def _has_words_in(fresh: Article, match: Match) -> bool:
    texts = {"title": fresh.title, "summary": fresh.summary, "text": fresh.text}
    return any(texts[word.field][word.start : word.end] == word.form for word in match.words)
