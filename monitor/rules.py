"""Rules behind an index: which rules an article can match at all, and which of those it does.

The words that rules ask for are numbered once for all rules, and an article is asked for all of them in one look; the
index leads from those that stand in it to the rules that need them. So an article costs its own words and the rules
that it is about, not the number of rules. A rule is added or removed without touching the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from monitor.language import Analyser, Concepts, Detector
from monitor.model import Article, IndexedText, Match, MatchedWord, Rule
from monitor.query import (
    Document,
    Index,
    Lexicon,
    Node,
    Or,
    Parser,
    Reading,
    Standing,
    Term,
    evaluate,
    folded,
    parse,
    terms,
)
from monitor.text import blanked, side_by_side

# A rule that is any of some single words, as most are; it is asked in a shorter way.
_Plain = tuple[tuple[int, Term], ...]


class RuleSet:
    """All rules, ready to be asked about articles."""

    def __init__(self, rules: Sequence[Rule], analyser: Analyser, concepts: Concepts | None = None) -> None:
        """Read the rules; raises QueryError where one cannot be read."""
        self._analyser = analyser
        self._parser = Parser(concepts)
        self._lexicon = Lexicon(analyser)
        self._index = Index(self._lexicon)
        self._rules: list[Rule | None] = []
        self._asked: list[Node | _Plain | None] = []
        self._numbers: dict[str, int] = {}
        for rule in rules:
            self.add(rule)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they came."""
        return tuple(rule for rule in self._rules if rule is not None)

    def add(self, rule: Rule) -> None:
        """Add a rule, last in order, in place of one of the same name; raises QueryError where it cannot be read."""
        node = self._parser.parse(rule.query)
        self.remove(rule.name)
        number = self._numbers[rule.name] = len(self._rules)
        self._rules.append(rule)
        for term in terms(node):
            self._lexicon.add_term(term)
        self._index.add(number, node)
        self._asked.append(self._plain(node) or node)

    def remove(self, name: str) -> None:
        """Remove a rule, if it is there. What it was filed under stays, and costs eight bytes a word."""
        number = self._numbers.pop(name, None)
        if number is not None:
            self._rules[number] = self._asked[number] = None

    def _plain(self, node: Node) -> _Plain | None:
        parts = node.parts if isinstance(node, Or) else (node,)
        found = [
            (self._lexicon.single[id(part)], part) for part in parts if isinstance(part, Term) and len(part.words) == 1
        ]
        return tuple(found) if len(found) == len(parts) else None

    @staticmethod
    def _answer(reading: Reading, asked: Node | _Plain) -> tuple[MatchedWord, ...] | None:
        """Give the words by which a rule matches; None where it does not."""
        if isinstance(asked, tuple):
            return reading.any_of(asked) or None
        return reading.matched(asked) if reading.holds(asked) else None

    def match(self, article: Article, document: Document, *, counting: bool = True) -> tuple[Match, ...]:
        """Give the rules that match an article, in their order, with the words that made them match.

        Without `counting`, one mention is enough for any rule: a part of an article need not have them all.
        """
        places = self._lexicon.find(document)
        reading = Reading(document, self._analyser, Standing(self._lexicon.numbers, self._lexicon.single, places))
        found = []
        for number in self._index.candidates(places.keys()):
            rule, asked = self._rules[number], self._asked[number]
            if rule is None or asked is None or not _covers(rule, article):
                continue
            words = self._answer(reading, asked)
            if words is None:
                continue
            if rule.mentions == 1 or not counting or mentions(words) >= rule.mentions:
                found.append(Match(rule=rule.name, version=rule.version, words=words))
        return tuple(found)


def mentions(words: Iterable[MatchedWord]) -> int:
    """Count the mentions that matched words make: words that stand side by side, as a mail marks them, are one.

    Those of the title count, and those of the summary or the text, whichever has more: most summaries repeat the text.
    """
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for word in words:
        places[word.field].append((word.start, word.end))
    counts = {name: len(side_by_side(found)) for name, found in places.items()}
    return counts.pop("title", 0) + max(counts.values(), default=0)


def _covers(rule: Rule, article: Article) -> bool:
    """Tell whether an article lies in a rule's own scope."""
    return (not rule.languages or article.language in rule.languages) and (
        not rule.sources or article.source in rule.sources
    )


def read_article(article: Article, analyser: Analyser) -> Document:
    """Analyse an article once, for every rule and for the search index; not what was left out of its text."""
    text = blanked(article.text, article.left_out)
    fields = {"title": article.title, "summary": article.summary, "text": text}
    facets = {
        "lang": article.language,
        "source": article.source,
        "outlet": article.outlet,
        "country": article.country or "",
        "author": article.author or "",
    }
    return Document(
        article.language,
        {name: (text, analyser.analyse(text, article.language)) for name, text in fields.items() if text},
        {name: frozenset({folded(name, value)}) for name, value in facets.items()},
        at=article.published_at or article.first_seen_at,
    )


def index_text(document: Document) -> IndexedText:
    """Give the search keys of an analysed article, title and the rest apart."""
    title = _keys(document, ["title"])
    return IndexedText(title=title, body=_keys(document, ["summary", "text"]))


def _keys(document: Document, names: Iterable[str]) -> str:
    """Give the distinct keys of some fields: search asks whether a key is there, not how often or where."""
    words = {word for name in names if name in document.fields for word in document.fields[name][1].keys}
    return " ".join(sorted(set().union(*words)))


def try_query(
    query: str,
    lines: Iterable[str],
    *,
    lang: str | None,
    analyser: Analyser,
    detect: Detector,
    concepts: Concepts | None = None,
) -> Iterator[dict[str, object]]:
    """Match a query against texts, one object a text, lines from 1; each text is title and text in one.

    `spans` are `[start, end, form]` in code points of the text, end exclusive. Without `lang` each text's own language
    is found.
    """
    node = parse(query, concepts)
    for number, line in enumerate(lines, 1):
        spoken = lang or detect(line)
        facets = {"lang": frozenset({spoken.casefold()})}
        document = Document(spoken, {"text": (line, analyser.analyse(line, spoken))}, facets, whole=True)
        words = evaluate(node, document, analyser)
        spans = {(word.start, word.end, word.form) for word in words or ()}
        yield {"line": number, "matched": words is not None, "spans": [list(span) for span in sorted(spans)]}
