"""Whether an article matches a query, and by which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from monitor.language import EXACT, Analyser
from monitor.model import MatchedWord
from monitor.query.asked import asked_keys
from monitor.query.document import NAMED, TITLE, Document
from monitor.query.facets import fits
from monitor.query.hits import Hit, Span, near
from monitor.query.tree import And, AtLeast, Dated, Facet, Near, Node, Not, Or, Regex, Term, Within, Word

_Fields = frozenset[str] | None
_Shown = tuple[int, int, str, MatchedWord]  # the number of its field, its start, its term, and the word itself
_ORDER = itemgetter(0, 1, 2)


def evaluate(node: Node, document: Document, analyser: Analyser) -> tuple[MatchedWord, ...] | None:
    """Give the words that make the article match, in reading order; None where it does not match."""
    reading = Reading(document, analyser)
    return reading.matched(node) if reading.holds(node) else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where words stand in an article, by their numbers; the numbers of words, and of terms of one, by identity."""

    numbers: Mapping[int, int]
    single: Mapping[int, int]
    places: Mapping[int, Sequence[int]]


class Reading:
    """One article being asked. What it was asked once it knows: rules share terms."""

    def __init__(self, document: Document, analyser: Analyser, standing: Standing | None = None) -> None:
        """Take the article and, if known, where all words that it will be asked for stand."""
        self._document = document
        self._analyser = analyser
        self._standing = standing
        self._single = standing.single if standing else {}
        self._there = standing.places if standing else {}
        # By identity: whoever asks keeps the nodes.
        self._looked: dict[int, list[int]] = {}
        self._spans: dict[int, list[Span]] = {}
        self._hits: dict[int, list[Hit]] = {}
        self._words: dict[int, list[_Shown]] = {}

    def holds(self, node: Node, fields: _Fields = None) -> bool:
        """Tell whether a part is true of the article, or of some of its fields."""
        if isinstance(node, Term):
            true = self._stands(node, fields)
        elif isinstance(node, And | Or):
            true = self._decided(node, fields)
        elif isinstance(node, Not):
            true = not self.holds(node.part, fields)
        elif isinstance(node, Within):
            true = self.holds(node.part, NAMED[node.field])
        elif isinstance(node, AtLeast):
            true = self._count(self.hits(node.part, fields)) >= node.count
        elif isinstance(node, Facet | Dated):
            true = fits(node, self._document)
        else:
            true = bool(self.hits(node, fields))
        return true

    def _decided(self, node: And | Or, fields: _Fields) -> bool:
        """Ask parts until one decides; no generator, as this is asked for every rule that the index proposes."""
        deciding = isinstance(node, Or)
        for part in node.parts:
            number = self._single.get(id(part)) if fields is None else None
            true = number in self._there if number is not None else self.holds(part, fields)
            if true is deciding:
                return deciding
        return not deciding

    def matched(self, node: Node) -> tuple[MatchedWord, ...]:
        """Give the words of a query that holds, in reading order, each once."""
        found: list[_Shown] = []
        self._gather(node, None, found)
        return _in_order(found)

    def any_of(self, terms: Iterable[tuple[int, Term]]) -> tuple[MatchedWord, ...]:
        """Give the words of a query that asks for any of some single words, with their numbers; none: no match.

        What most rules are, and so without asking first whether it holds.
        """
        found: list[_Shown] = []
        for number, term in terms:
            if number in self._there:
                found += self._words.get(id(term)) or self._words_of(term)
        return _in_order(found)

    def hits(self, node: Node, fields: _Fields = None) -> list[Hit]:
        """Give the places of a part that has any, by their first word."""
        if isinstance(node, Within):
            return self.hits(node.part, NAMED[node.field])
        if isinstance(node, Or):
            return sorted((hit for part in node.parts for hit in self.hits(part, fields)), key=_ends)
        if id(node) not in self._hits:
            self._hits[id(node)] = self._found(node)
        found = self._hits[id(node)]
        return found if fields is None else [hit for hit in found if self._document.is_within(hit.first, fields)]

    def _gather(self, node: Node, fields: _Fields, found: list[_Shown]) -> None:
        """Gather the words that made a part that holds do so."""
        if isinstance(node, And | Or):
            self._gather_parts(node, fields, found)
        elif isinstance(node, Term) and fields is None:
            found += self._words_of(node) if self._stands(node, None) else ()
        elif isinstance(node, Within):
            self._gather(node.part, NAMED[node.field], found)
        elif isinstance(node, AtLeast):
            found += self._shown(self.hits(node.part, fields))
        elif isinstance(node, Term | Regex | Near):
            found += self._shown(self.hits(node, fields))

    def _gather_parts(self, node: And | Or, fields: _Fields, found: list[_Shown]) -> None:
        for part in node.parts:
            number = self._single.get(id(part)) if fields is None else None
            if number is not None:
                if number in self._there:
                    found += self._words.get(id(part)) or self._words_of(part)
            elif isinstance(node, And) or self.holds(part, fields):
                self._gather(part, fields, found)

    def _shown(self, hits: list[Hit]) -> list[_Shown]:
        number_of = self._document.number_of_field
        return [(number_of(hit.first), word.start, word.term, word) for hit in hits for word in hit.words]

    def _words_of(self, node: Node) -> list[_Shown]:
        shown = self._words.get(id(node))
        if shown is None:
            if isinstance(node, Term) and len(node.words) == 1:
                shown = self._of_one(node)
            else:
                shown = self._shown(self.hits(node))
            self._words[id(node)] = shown
        return shown

    def _of_one(self, term: Term) -> list[_Shown]:
        """Do the same without hits for a term of one word, as most are."""
        document, word = self._document, term.words[0]
        places = self._places(word)
        shown: list[_Shown] = []
        for place in places if len(places) == 1 else sorted(set(places)):
            field = document.number_of_field(place)
            last = self._last(place, word) if place in document.compounds else place
            shown += [(field, one.start, one.term, one) for one in document.words(place, last, term.text, term.concept)]
        return shown

    def _stands(self, term: Term, fields: _Fields) -> bool:
        if fields is None and len(term.words) == 1:
            return bool(self._places(term.words[0]))
        if not all(map(self._places, term.words)):
            return False
        spans = self._spans_of(term)
        return bool(spans) and (fields is None or any(self._document.is_within(at, fields) for at, _ in spans))

    def _found(self, node: Node) -> list[Hit]:
        if isinstance(node, Near):
            return near(self.hits(node.left), self.hits(node.right), node.distance, self._document.number_of_field)
        if isinstance(node, Regex):
            return sorted(self._expressed(node), key=_ends)
        if not isinstance(node, Term):
            raise TypeError(node)  # the parser lets no other part be counted or measured
        words = self._document.words
        return [
            Hit(first, last, ((first, last),), tuple(words(first, last, node.text, node.concept)))
            for first, last in self._spans_of(node)
        ]

    def _expressed(self, node: Regex) -> Iterator[Hit]:
        for name, readable in self._document.readable.items():
            for start, end in node.expression.spans(readable):
                first, last = self._document.stretch(name, start, end)
                form = self._document.fields[name][0][start:end]
                word = MatchedWord(field=name, start=start, end=end, form=form, term=node.text)
                yield Hit(first, last, ((first, last),), (word,))

    def _spans_of(self, term: Term) -> list[Span]:
        found = self._spans.get(id(term))
        if found is None:
            found = self._spans[id(term)] = list(self._sequences(term.words))
        return found

    def _sequences(self, words: tuple[Word, ...]) -> Iterator[Span]:
        """Give the places where words stand side by side, in reading order."""
        first, *rest = words
        starts = sorted(set(self._places(first)))
        following = [(word, set(self._places(word))) for word in rest] if starts else []
        for start in starts:
            last = self._last(start, first)
            for word, places in following:
                if last + 1 not in places:
                    break
                last = self._last(last + 1, word)
            else:
                yield start, last

    def _last(self, place: int, word: Word) -> int:
        """Give where a word that stands at a place ends: as itself, or as the compound that begins there."""
        if place not in self._document.compounds:
            return place
        asked = asked_keys(word, self._document.language(place), self._analyser)
        own, _ = self._document.own_and_joined(place)
        return place if _meet(own, asked, prefix=word.prefix) else self._document.compounds[place]

    def _places(self, word: Word) -> Sequence[int]:
        """Give the places of a word."""
        if self._standing is not None:
            return self._there.get(self._standing.numbers[id(word)], ())
        if id(word) not in self._looked:
            self._looked[id(word)] = list(self._found_in_text(word))
        return self._looked[id(word)]

    def _found_in_text(self, word: Word) -> set[int]:
        document, found = self._document, set[int]()
        for lang in document.languages:
            keys: Iterable[str] = asked_keys(word, lang, self._analyser)
            if word.prefix:
                keys = [form for form in document.forms if form.startswith(tuple(keys))]
            places = {place for key in keys for place in document.places.get(key, ())}
            found |= places if len(document.languages) == 1 else {at for at in places if document.language(at) == lang}
        return found

    def _count(self, hits: list[Hit]) -> int:
        """Count places that share no word: those of the title, and of summary or text, whichever has more."""
        counts, at = Counter[str](), -1
        for hit in sorted(hits, key=_last_first):
            if hit.first > at:
                counts[self._document.field_of(hit.first)] += 1
                at = hit.last
        return counts.pop(TITLE, 0) + max(counts.values(), default=0)


def _meet(keys: tuple[str, ...], asked: tuple[str, ...], *, prefix: bool) -> bool:
    if prefix:
        return any(key.startswith(asked) for key in keys if key.startswith(EXACT))
    return not {*keys}.isdisjoint(asked)


def _in_order(found: list[_Shown]) -> tuple[MatchedWord, ...]:
    """Give words in reading order, each once."""
    if len(found) > 1:
        found = sorted({shown[:3]: shown for shown in found}.values(), key=_ORDER)
    return tuple([shown[3] for shown in found])


def _ends(hit: Hit) -> Span:
    return hit.first, hit.last


def _last_first(hit: Hit) -> Span:
    return hit.last, -hit.first
