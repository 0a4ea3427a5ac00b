"""What decides about an article, put together: its language, its words, which rules match, who is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.language import Analyser
from monitor.model import AlertSettings, Article, IndexedText, Match
from monitor.pipeline.alerting import Audience
from monitor.rules import RuleSet, index_text, read_article


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The same for what feeds tell and for what pages say. `detect` gives a text's language, from a hint."""

    rules: RuleSet
    audience: Audience
    analyser: Analyser
    detect: Callable[[str, str | None], str]
    settings: AlertSettings

    def index(self, article: Article) -> IndexedText:
        """Give an article's search keys."""
        return index_text(read_article(article, self.analyser))

    def read(self, article: Article) -> tuple[tuple[Match, ...], IndexedText]:
        """Analyse an article once, for the rules and for the search index."""
        document = read_article(article, self.analyser)
        return self.rules.match(article, document), index_text(document)

    def read_passages(self, passages: Article) -> tuple[Match, ...]:
        """Give the rules that passages of an article match by themselves; they need not have all of its mentions."""
        return self.rules.match(passages, read_article(passages, self.analyser), counting=False)
