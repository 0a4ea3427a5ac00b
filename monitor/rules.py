"""Rules behind an index: which rules an article can match at all, and which of those it does.

The index leads from keys that a match must contain to the rules that ask for them, so that an article costs its own
words, not the number of rules. It is made for each language when the first article in it comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from monitor.language import Analyser, Detector
from monitor.model import Article, IndexedText, Match, MatchedWord, Rule
from monitor.query import Document, Node, evaluate, parse, required
from monitor.text import blanked, side_by_side


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    node: Node
    languages: frozenset[str]
    sources: frozenset[str]

    def covers(self, article: Article) -> bool:
        """Tell whether the article lies in the rule's own scope."""
        return (not self.languages or article.language in self.languages) and (
            not self.sources or article.source in self.sources
        )

    def enough(self, words: Sequence[MatchedWord]) -> bool:
        """Tell whether these are as many mentions as the rule asks for."""
        return self.rule.mentions == 1 or mentions(words) >= self.rule.mentions


@dataclass(slots=True)
class _Index:
    """From required keys and prefixes to rule numbers, for one language."""

    keys: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    prefixes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    always: list[int] = field(default_factory=list)

    def candidates(self, document: Document) -> list[int]:
        """Give the numbers of the rules that the article may match, in config order."""
        found = set(self.always)
        for key in document.places.keys() & self.keys.keys():
            found.update(self.keys[key])
        lengths = {len(prefix) for prefix in self.prefixes}
        for form in document.forms if lengths else ():
            for length in lengths:
                found.update(self.prefixes.get(form[:length], ()))
        return sorted(found)


class RuleSet:
    """All rules, ready to be asked about articles."""

    def __init__(self, rules: Sequence[Rule], analyser: Analyser) -> None:
        """Compile the rules; raises QueryError where one cannot be read."""
        self.rules = tuple(rules)
        self._analyser = analyser
        self._compiled = [
            _Compiled(rule, parse(rule.query), frozenset(rule.languages), frozenset(rule.sources)) for rule in rules
        ]
        self._indexes: dict[str, _Index] = {}

    def match(self, article: Article, document: Document, *, counting: bool = True) -> tuple[Match, ...]:
        """Give the rules that match an article, in config order, with the words that made them match.

        Without `counting`, one mention is enough for any rule: a part of an article need not have them all.
        """
        found = []
        for number in self._index(document.lang).candidates(document):
            compiled = self._compiled[number]
            if not compiled.covers(article):
                continue
            words = evaluate(compiled.node, document, self._analyser)
            if words is not None and (not counting or compiled.enough(words)):
                found.append(Match(rule=compiled.rule.name, version=compiled.rule.version, words=words))
        return tuple(found)

    def _index(self, lang: str) -> _Index:
        if lang not in self._indexes:
            self._indexes[lang] = self._build(lang)
        return self._indexes[lang]

    def _build(self, lang: str) -> _Index:
        index = _Index()
        for number, compiled in enumerate(self._compiled):
            needed = required(compiled.node, self._analyser, lang)
            if needed is None:
                index.always.append(number)
                continue
            for key in needed.keys:
                index.keys[key].append(number)
            for prefix in needed.prefixes:
                index.prefixes[prefix].append(number)
        return index


def mentions(words: Iterable[MatchedWord]) -> int:
    """Count the mentions that matched words make: words that stand side by side, as a mail marks them, are one.

    Those of the title count, and those of the summary or the text, whichever has more: most summaries repeat the text.
    """
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for word in words:
        places[word.field].append((word.start, word.end))
    counts = {name: len(side_by_side(found)) for name, found in places.items()}
    return counts.pop("title", 0) + max(counts.values(), default=0)


def read_article(article: Article, analyser: Analyser) -> Document:
    """Analyse an article once, for every rule and for the search index; not what was left out of its text."""
    text = blanked(article.text, article.left_out)
    return _document(
        {"title": article.title, "summary": article.summary, "text": text},
        article.language,
        analyser,
        source=article.source,
        outlet=article.outlet,
    )


def _document(fields: dict[str, str], lang: str, analyser: Analyser, **facets: str) -> Document:
    return Document(
        lang,
        {name: (text, analyser.analyse(text, lang)) for name, text in fields.items() if text},
        {name: frozenset({value.casefold()}) for name, value in {"lang": lang, **facets}.items()},
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
    query: str, lines: Iterable[str], *, lang: str | None, analyser: Analyser, detect: Detector
) -> Iterator[dict[str, object]]:
    """Match a query against texts, one object a text, lines from 1.

    `spans` are `[start, end, form]` in code points of the text, end exclusive. Without `lang` each text's own language
    is found.
    """
    node = parse(query)
    for number, line in enumerate(lines, 1):
        document = _document({"text": line, "title": line}, lang or detect(line), analyser)
        words = evaluate(node, document, analyser)
        spans = {(word.start, word.end, word.form) for word in words or ()}
        yield {"line": number, "matched": words is not None, "spans": [list(span) for span in sorted(spans)]}
