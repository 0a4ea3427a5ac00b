"""What a rule would have caught among the stored articles, and how two versions of a rule differ in that.

The index proposes and the rule itself decides, as in `monitor search`. Articles are read a few at a time; what is kept
are counts and a few samples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest

from monitor.app.words import analyser_of
from monitor.config import Config
from monitor.errors import QueryError
from monitor.language import Concepts, ConceptTerm, terms_in
from monitor.model import Article, Filters, Match, Rule, RuleVersion
from monitor.query import parse, to_fts
from monitor.render import asked_by, sentences
from monitor.rules import RuleSet, read_article
from monitor.store import EvidenceRows

Tell = Callable[[int, int], None]  # articles looked at, of how many
_STEP = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rule to be tried on the past, and the version that it is compared with, if any."""

    rule: Rule
    against: RuleVersion | None = None


class Catch:
    """Articles counted by source, language and day, with a few samples of each language."""

    def __init__(self, samples: int, marked: Mapping[int, bool]) -> None:
        """Keep so many samples; `marked` says what people think of articles."""
        self._most = samples
        self._marked = marked
        self._samples: dict[str, list[tuple[Article, Match]]] = {}
        self._sources: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._days: Counter[str] = Counter()
        self._marks: Counter[bool] = Counter()

    def add(self, article: Article, match: Match) -> None:
        """Count an article; the newest ones must come first."""
        assert article.id is not None
        self._sources[article.source] += 1
        self._languages[article.language] += 1
        self._days[f"{article.first_seen_at:%Y-%m-%d}"] += 1
        if article.id in self._marked:
            self._marks[self._marked[article.id]] += 1
        kept = self._samples.setdefault(article.language, [])
        if len(kept) < self._most:
            kept.append((article, match))

    def told(self) -> dict[str, object]:
        """Give counts and samples as plain values."""
        return {
            "articles": self._sources.total(),
            "by_source": dict(self._sources.most_common()),
            "by_language": dict(self._languages.most_common()),
            "by_day": dict(sorted(self._days.items())),
            "marked_relevant": self._marks[True],
            "marked_irrelevant": self._marks[False],
            "samples": [_sample(article, match) for article, match in self._chosen()],
        }

    def _chosen(self) -> list[tuple[Article, Match]]:
        """Take the newest of each language in turn, so that one language does not hide the others."""
        turns = zip_longest(*(self._samples[lang] for lang, _ in self._languages.most_common()))
        chosen = [item for turn in turns for item in turn if item is not None]
        return sorted(chosen[: self._most], key=lambda item: item[0].id or 0, reverse=True)


def _sample(article: Article, match: Match) -> dict[str, object]:
    return {
        "id": article.id,
        "first_seen_at": article.first_seen_at,
        "source": article.source,
        "outlet": article.outlet,
        "language": article.language,
        "title": article.title,
        "url": article.url,
        "words": [asdict(word) for word in match.words],
        "sentences": sentences(article, match),
    }


class Backtest:
    """Tries rules on the stored articles of a time."""

    def __init__(self, config: Config, evidence: EvidenceRows, span: Filters) -> None:
        """Take the store's reading side and the time in which articles were first seen."""
        self._evidence = evidence
        self._span = span
        self._concepts = config.concepts
        self._digests = {concept.name: concept.digest for concept in config.concept_versions}
        self._analyser = analyser_of(config)

    def __call__(self, trial: Trial, *, samples: int, tell: Tell) -> dict[str, object]:
        """Give what the rule would have caught, and what it caught more and less than the version it is compared with.

        Raises:
            QueryError: the rule, or the version that it is compared with, cannot be read.
        """
        marked = self._evidence.marked(trial.rule.name)
        caught, added, lost = (Catch(samples, marked) for _ in range(3))
        before = trial.against.rule if trial.against else None
        for article, now, then in self._both(trial.rule, before, tell):
            if now:
                caught.add(article, now)
            if now and not then:
                added.add(article, now)
            elif then and not now:
                lost.add(article, then)
        stored = self._evidence.stored(self._span)
        compared = {
            "against": _against(trial.against),
            "concepts": self._changed_concepts(trial.rule, before) if before else [],
            "added": added.told(),
            "lost": lost.told(),
        }
        return {
            **_rule(trial.rule),
            "since": self._span.since,
            "until": self._span.until,
            "stored": stored.articles,
            "stored_since": stored.first_seen_at,
            "purged": stored.purged,
            "caught": caught.told(),
            "compared": compared if trial.against else None,
        }

    def unreadable(self, version: RuleVersion | None) -> str | None:
        """Say why a version cannot be read any more; None where it can be."""
        try:
            if version:
                parse(version.rule.query, self._words_for(version.rule))
        except QueryError as error:
            return str(error)
        return None

    def _both(
        self, rule: Rule, before: Rule | None, tell: Tell
    ) -> Iterator[tuple[Article, Match | None, Match | None]]:
        """Give each article that either may match, with the match of each."""
        rules = [rule, before] if before else [rule]
        sets = [RuleSet([item], self._analyser, self._words_for(item)) for item in rules]
        ids = self._evidence.candidates(self._proposal(rules), self._span)
        for number, article in enumerate(self._evidence.articles(ids)):
            if number % _STEP == 0:
                tell(number, len(ids))
            document = read_article(article, self._analyser)
            found = [next(iter(one.match(article, document)), None) for one in sets]
            yield article, found[0], found[1] if before else None

    def _words_for(self, rule: Rule) -> Concepts:
        """Give the words of concepts as a version of a rule had them; of those it does not name, as they are now."""
        kept = {
            name: terms_in(version)
            for name, digest in rule.concepts
            if digest != self._digests.get(name) and (version := self._evidence.concept(name, digest))
        }
        return {**self._concepts, **kept}

    def _changed_concepts(self, rule: Rule, before: Rule) -> list[dict[str, object]]:
        """Give the words that concepts, which both versions name, have got or lost in between."""
        now, then = dict(rule.concepts), dict(before.concepts)
        changed = [name for name in now.keys() & then.keys() if now[name] != then[name]]
        pairs = {name: (self._words_for(rule)[name], self._words_for(before)[name]) for name in sorted(changed)}
        return [
            {"concept": name, "added": _words(set(new) - set(old)), "lost": _words(set(old) - set(new))}
            for name, (new, old) in pairs.items()
        ]

    def _proposal(self, rules: list[Rule]) -> str | None:
        """Give an FTS5 expression that finds all that any of the rules matches; None where that is anything."""
        parts = [to_fts(parse(rule.query, self._words_for(rule)), self._analyser) for rule in rules]
        return None if None in parts else " OR ".join(f"({part})" for part in parts)


def _words(terms: Iterable[ConceptTerm]) -> list[str]:
    return sorted(f"{term.text} ({term.lang})" if term.lang else term.text for term in terms)


def _against(version: RuleVersion | None) -> dict[str, object] | None:
    return {**_rule(version.rule), "version": version.rule.version, "since": version.since} if version else None


def _rule(rule: Rule) -> dict[str, object]:
    return {"rule": rule.name, **asked_by(rule)}


def try_on_the_past(config: Config, trial: Trial, span: Filters, *, samples: int, tell: Tell) -> dict[str, object]:
    """Try a rule on the stored articles of a time.

    An earlier version whose query cannot be read any more is named in `unreadable` instead of being compared with.

    Raises:
        QueryError: the rule cannot be read. StoreError: there is no database yet.
    """
    evidence = EvidenceRows(config.database)
    backtest = Backtest(config, evidence, span)
    unreadable = backtest.unreadable(trial.against)
    found = backtest(replace(trial, against=None) if unreadable else trial, samples=samples, tell=tell)
    marks = evidence.precision(trial.rule.name)
    precision = [{"version": version, **asdict(one), "precision": one.share} for (_, version), one in marks.items()]
    return {**found, "precision": precision, "unreadable": unreadable}
