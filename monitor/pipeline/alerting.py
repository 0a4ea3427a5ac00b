"""Who is told of an article: pure decisions from matches, rules and channels to alerts (decision 7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import (
    Alert,
    AlertKind,
    AlertSettings,
    Article,
    Backfill,
    Channel,
    Match,
    Rule,
    Source,
    TextState,
    When,
)
from monitor.model.settings import DAY

FIRST_VISIT = "first-visit"  # the digest of all sources' first visits: forty new sources are not forty mails
_PATIENCE = 5  # times `wait_for_text`: nobody is in a hurry for a summary of what was there before


def due_at(article: Article, settings: AlertSettings, *, waits: bool | None = None) -> datetime:
    """Give when an article's alerts may go at the latest: at once, or after the wait for a text that is wanted."""
    if not (article.text_state is TextState.WANTED if waits is None else waits):
        return article.first_seen_at
    return article.first_seen_at + settings.wait_for_text * (_PATIENCE if article.baseline else 1)


def digest_of(article: Article, source: Source, *, flood: bool, now: datetime) -> tuple[AlertKind, str | None]:
    """Give what kind of news a new article is, and the digest it belongs to, if any."""
    if article.baseline:
        return AlertKind.BASELINE, FIRST_VISIT
    if flood:
        return AlertKind.FLOOD, f"flood:{source.name}:{now:%Y%m%dT%H%M%S}"
    return AlertKind.NEW, None


def is_of_an_archive(article: Article, last_good_at: datetime | None) -> bool:
    """Tell whether an article is dated long before its source was read last: many of these are one summary, no news."""
    dated = article.published_at
    return dated is not None and last_good_at is not None and dated < last_good_at - DAY


def tells_of(backfill: Backfill, article: Article) -> bool:
    """Tell whether an article that a back-filling has brought is of its period, so that people are told of it.

    A day more at both ends: many pages tell the day alone.
    """
    if not backfill.mails:
        return False
    at = article.published_at
    return at is None or backfill.since - DAY <= at <= backfill.until + DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The rules in config order and the channels by name: all that is needed to know who is told."""

    rules: tuple[Rule, ...]
    channels: Mapping[str, Channel]

    def alerts(
        self,
        matches: Sequence[Match],
        *,
        article_id: int,
        revision: int = 0,
        kind: AlertKind = AlertKind.NEW,
        group: str | None = None,
        now: datetime,
        due_at: datetime | None = None,
    ) -> tuple[Alert, ...]:
        """Give one alert for each recipient, naming every rule of theirs that matched.

        `group` is the digest that all of them belong to; without one, each alert belongs to the first of its rules.
        Without `due_at` they may go now.
        """
        return tuple(
            Alert(
                recipient=recipient,
                channel=channel,
                group=group or f"rule:{next(iter(told))}",
                kind=kind,
                article_id=article_id,
                revision=revision,
                matches=tuple(told.values()),
                created_at=now,
                due_at=due_at or now,
            )
            for recipient, (channel, told) in self._recipients(self._wanted(matches, kind)).items()
        )

    def of_edit(
        self, matches: Sequence[Match], first: Collection[str], *, article_id: int, revision: int, now: datetime
    ) -> tuple[Alert, ...]:
        """Give one alert for each recipient of what an edit brought.

        A rule in `first` is one that the article is new to: it hears of it if it wants what is new, like any other that
        wants updates. An alert that names such a rule is news.
        """
        by_name = {match.rule: match for match in matches}
        new = {rule.name for rule in self.rules if rule.name in first and When.NEW in rule.when}
        wanted = [
            (rule, by_name[rule.name])
            for rule in self.rules
            if rule.name in by_name and (rule.name in new or When.UPDATE in rule.when)
        ]
        return tuple(
            Alert(
                recipient=recipient,
                channel=channel,
                group=f"rule:{next(iter(told))}",
                kind=AlertKind.NEW if new & told.keys() else AlertKind.UPDATE,
                article_id=article_id,
                revision=revision,
                matches=tuple(told.values()),
                created_at=now,
                due_at=now,
                edited_at=now,
            )
            for recipient, (channel, told) in self._recipients(wanted).items()
        )

    def _recipients(self, wanted: Sequence[tuple[Rule, Match]]) -> dict[str, tuple[str, dict[str, Match]]]:
        """Give the channel of everyone to be told, and the matches by rule."""
        found: dict[str, tuple[str, dict[str, Match]]] = {}
        for rule, match in wanted:
            for name in rule.to:
                for recipient in self.channels[name].recipients:
                    found.setdefault(recipient, (name, {}))[1].setdefault(rule.name, match)
        return found

    def _wanted(self, matches: Sequence[Match], kind: AlertKind) -> list[tuple[Rule, Match]]:
        """Pair the matches with their rules, in config order, where the rule wants this kind of news."""
        by_name = {match.rule: match for match in matches}
        when = When.UPDATE if kind is AlertKind.UPDATE else When.NEW
        return [(rule, by_name[rule.name]) for rule in self.rules if rule.name in by_name and when in rule.when]
