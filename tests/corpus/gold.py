"""Sentences in which each form of a concept's word is marked, and words that only look like one; how rules do on them.

How it is counted: every pair of a concept and a marked word once. A *hit* (the treebank gives the word a lemma of the
glossary) that the rule `@concept` matched is found, else missed. A *look-alike* (the treebank gives it another lemma) that
was matched is wrong, unless its form, letter for letter, is a form of the concept's word as well: by the glossary, by
`forms.tsv`, by a hit of the same form elsewhere in the file, or by simplemma's dictionary. The last is not independent of
what is tried for English, Armenian and Turkish, whose words are looked up there as well; so the other count is printed.
Such a form (*troops*, to the treebank a word of its own; *погибший*, here a participle, there a noun; *Savaşı'nın*, given
the lemma *Savaşı*) cannot be told by anyone who sees the form alone. It is counted apart, and printed. Matched words that
the file marks neither way (the second word of a phrase, words that the packs have beside the glossary's) count nowhere.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config import shipped_glossary
from monitor.language import Analyser, fold, terms_of
from monitor.language.analyse import WORD
from monitor.language.dictionary import Dictionary
from monitor.rules import RuleSet, read_article
from tests.factories import article, rule

GROUPS = frozenset({"prisoners", "peacekeepers", "exchange"})  # ceasefire is in the glossary under this name
LANGUAGES = ("en", "ru", "hy", "az", "ka", "tr")


@dataclass(frozen=True, slots=True)
class Mark:
    """A word of a sentence, marked as a form of a word of some concepts, or as no such form."""

    form: str
    lemma: str
    start: int
    concepts: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.form)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a treebank; `lang` is hyw for Western Armenian."""

    lang: str
    text: str
    hits: tuple[Mark, ...]
    lookalikes: tuple[Mark, ...]

    @property
    def spoken(self) -> str:
        """The language as the program knows it."""
        return "hy" if self.lang == "hyw" else self.lang


@dataclass(slots=True)
class Tally:
    """What came of the marked words of one language; the lists hold `concept: form (lemma) … context`."""

    found: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    same_form: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / (self.found + len(self.missed) or 1)

    @property
    def precision(self) -> float:
        return self.found / (self.found + len(self.wrong) or 1)


class Concepts:
    """The shipped concepts as rules, one each."""

    def __init__(self, analyser: Analyser, names: Sequence[str] = ()) -> None:
        glossary = shipped_glossary()
        self.names = names or [concept.name for concept in glossary if concept.name not in GROUPS]
        rules = [rule(name, f"@{name}") for name in self.names]
        self._rules = RuleSet(rules, analyser, terms_of(glossary))
        self._analyser = analyser

    def matched(self, text: str, lang: str) -> dict[str, list[tuple[int, int]]]:
        """Give the places of the words that each concept matched."""
        told = article(title="", text=text, language=lang)
        found = self._rules.match(told, read_article(told, self._analyser))
        return {match.rule: [(word.start, word.end) for word in match.words] for match in found}


def sentences(corpus: Path) -> Iterator[Sentence]:
    with (corpus / "language" / "gold_sentences.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            text, lang = row["text"], row["lang"]
            hits = tuple(_mark(item, "concepts", text) for item in row["hits"])
            yield Sentence(lang, text, hits, tuple(_mark(item, "not_concepts", text) for item in row["lookalikes"]))


def _mark(item: dict[str, object], concepts: str, text: str) -> Mark:
    """Read a mark; where its place was not found because a sign stands inside the word (պատերա՞զմ), find it."""
    form, start = str(item["form"]), int(str(item["start"]))
    if start < 0:
        same = [match for match in WORD.finditer(text) if fold(match[0], "hy") == fold(form, "hy")]
        form, start = (same[0][0], same[0].start()) if same else (form, start)
    names = item[concepts]
    assert isinstance(names, list)
    return Mark(form, str(item["lemma"]), start, tuple(names))


def tally(corpus: Path, analyser: Analyser, words: Path) -> dict[str, Tally]:
    """Give what the concepts' rules found, by language."""
    rules, told = Concepts(analyser), list(sentences(corpus))
    own, tallies = _OwnForms(corpus, told, words), defaultdict[str, Tally](Tally)
    for sentence in told:
        matched = rules.matched(sentence.text, sentence.spoken)
        counts = tallies[sentence.lang]
        taken = set()
        for mark in sentence.hits:
            for concept in mark.concepts:
                places = _over(matched.get(concept, []), mark)
                taken.update((concept, place) for place in places)
                counts.found += bool(places)
                counts.missed += [] if places else [_line(concept, mark, sentence)]
        for mark in sentence.lookalikes:
            for concept in mark.concepts:
                # A treebank parts words (ordus + unun): what lies in a matched hit is no look-alike of its own.
                if {(concept, place) for place in _over(matched.get(concept, []), mark)} - taken:
                    same = own.knows(concept, mark.form, sentence.spoken)
                    (counts.same_form if same else counts.wrong).append(_line(concept, mark, sentence))
    return dict(tallies)


def _over(places: Sequence[tuple[int, int]], mark: Mark) -> list[tuple[int, int]]:
    return [place for place in places if place[0] < mark.end and mark.start < place[1]]


def _line(concept: str, mark: Mark, sentence: Sentence) -> str:
    around = sentence.text[max(0, mark.start - 25) : mark.end + 25].replace("\n", " ")
    return f"{concept}: {mark.form} ({mark.lemma}) … {around} …"


class _OwnForms:
    """What is known to be a form of a concept's word: glossary, listed forms, hits, and a foreign dictionary."""

    def __init__(self, corpus: Path, told: Sequence[Sentence], words: Path) -> None:
        self._lemmas: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._forms: Counter[tuple[str, str, str]] = Counter()
        self._dictionary = Dictionary(words, LANGUAGES)
        for row in rows(corpus / "language" / "glossary.tsv"):
            for lang in LANGUAGES:
                for term in row[lang].split("|"):
                    self._lemmas[row["concept"], lang].add(fold(term.strip(), lang))
                    self._add(row["concept"], term.strip(), lang)
        for row in rows(corpus / "language" / "forms.tsv"):
            self._add(row["concept"], row["form"], row["lang"])
        for sentence in told:
            for mark in sentence.hits:
                for concept in mark.concepts:
                    self._add(concept, mark.form, sentence.spoken)

    def _add(self, concept: str, form: str, lang: str) -> None:
        for part in {form, *re.split(r"[\s-]+", form)} if concept == "ceasefire" else {form}:
            self._forms[concept, lang, fold(part, lang)] += 1

    def knows(self, concept: str, form: str, lang: str) -> bool:
        form = fold(form, lang)
        lemma = self._dictionary.lemma(form.partition("’")[0], lang)
        return (concept, lang, form) in self._forms or lemma in self._lemmas[concept, lang]


def near_misses(corpus: Path, analyser: Analyser) -> tuple[int, list[str], list[str]]:
    """Give how many near misses there are, those that are matched, and those that are the concept's own word.

    A cell may explain itself in brackets, or say what it contains; that is cut off. A near miss one of whose words is,
    letter for letter, a word of the glossary is the same word in another meaning: a true homograph.
    """
    rules = Concepts(analyser)
    own = {
        (row["concept"], lang, fold(term.strip(), lang))
        for row in rows(corpus / "language" / "glossary.tsv")
        for lang in LANGUAGES
        for term in row[lang].split("|")
    }
    asked, wrong, homographs = 0, list[str](), list[str]()
    for row in rows(corpus / "language" / "near_misses.tsv"):
        asked += 1
        concept, lang = row["concept"], row["lang"]
        text = re.sub(r"\s*\(.*$|\s+contains .*$", "", row["must_not_match"].strip('"'))
        if not rules.matched(text, lang).get(concept):
            continue
        same = any((concept, lang, fold(word, lang)) in own for word in WORD.findall(text))
        (homographs if same else wrong).append(f"{lang} {concept}: {text}")
    return asked, wrong, homographs


def parallel(corpus: Path, analyser: Analyser) -> dict[str, dict[str, tuple[int, int]]]:
    """Give, by concept and language: in how many texts it was found, and in how many where English has it, too."""
    rules = Concepts(analyser)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    both: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with (corpus / "language" / "parallel_6lang.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            by_language = {lang: rules.matched(row[lang], lang).keys() for lang in LANGUAGES}
            for lang, concepts in by_language.items():
                for concept in concepts:
                    found[concept][lang] += 1
                    both[concept][lang] += concept in by_language["en"]
    return {
        concept: {lang: (found[concept][lang], both[concept][lang]) for lang in LANGUAGES}
        for concept in rules.names
        if found[concept]
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
