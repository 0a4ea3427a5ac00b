"""Values for tests, everything filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.collect.version import parser_version
from monitor.model import Article, Draft, FullText, Match, MatchedWord, Rule, Source, SourceState, Visit, VisitOutcome

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def article(**changes: Any) -> Article:
    values: dict[str, Any] = {
        "source": "one",
        "outlet": "One",
        "language": "en",
        "title": "Title",
        "first_seen_at": NOW,
    }
    return Article(**values | changes)


def rule(name: str, query: str, **changes: Any) -> Rule:
    return Rule(name=name, query=query, **{"to": ("desk",)} | changes)


def source(name: str = "one", **changes: Any) -> Source:
    values: dict[str, Any] = {
        "outlet": name.title(),
        "url": f"https://{name}.example/feed",
        "language": "en",
        "full_text": FullText.NEVER,
    }
    return Source(name=name, **values | changes)


def state(name: str = "one", **changes: Any) -> SourceState:
    values: dict[str, Any] = {
        "source": name,
        "added_at": NOW - timedelta(days=9),
        "due_at": NOW,
        "parser": parser_version(),
        "whole_at": NOW - timedelta(days=1),
    }
    return SourceState(**values | changes)


def visit(name: str = "one", **changes: Any) -> Visit:
    values: dict[str, Any] = {"source": name, "started_at": NOW, "finished_at": NOW, "outcome": VisitOutcome.READ}
    return Visit(**values | changes)


def draft(number: int = 1, **changes: Any) -> Draft:
    values: dict[str, Any] = {"url": f"https://one.example/{number}", "guid": str(number), "title": f"Title {number}"}
    return Draft(**values | changes)


def match(name: str = "prisoners", form: str = "Title", field: str = "title", start: int = 0) -> Match:
    word = MatchedWord(field=field, start=start, end=start + len(form), form=form, term=form.lower())
    return Match(rule=name, version=1, words=(word,))
