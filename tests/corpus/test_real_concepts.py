"""The shipped concepts on real sentences: words are found in every form, and words that look like them are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.language import Analyser, WordForms
from tests.corpus.gold import LANGUAGES, near_misses, parallel, sentences, tally

MEASURED = ("en", "ru", "hy", "tr")


@pytest.fixture(scope="module")
def analyser(words: Path) -> Analyser:
    return Analyser(WordForms(words))


@pytest.mark.slow
@pytest.mark.corpus
def test_concepts_find_their_words_and_no_others(corpus: Path, analyser: Analyser, words: Path) -> None:
    """Word by word on marked sentences; forms that are spelled like the concept's own are counted apart."""
    tallies = tally(corpus, analyser, words)
    for lang in MEASURED:
        counts = tallies[lang]
        assert counts.found > 50
        assert counts.recall >= 0.97, counts.missed
        assert counts.precision >= 0.97, counts.wrong
        assert len(counts.same_form) < counts.found / 5, counts.same_form


@pytest.mark.slow
@pytest.mark.corpus
def test_what_is_counted_apart_is_little_of_what_could_be_wrong(corpus: Path, analyser: Analyser, words: Path) -> None:
    """Else a concept that matched everything would look precise."""
    asked = sum(len(mark.concepts) for sentence in sentences(corpus) for mark in sentence.lookalikes)
    apart = sum(len(counts.same_form) for counts in tally(corpus, analyser, words).values())
    assert asked > 500
    assert apart < asked / 20


@pytest.mark.corpus
def test_near_misses_are_not_matched_but_for_homographs(corpus: Path, analyser: Analyser) -> None:
    asked, wrong, homographs = near_misses(corpus, analyser)
    assert asked > 50
    assert len(wrong) <= 0.05 * (asked - len(homographs)), wrong
    assert len(homographs) <= 8, homographs


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("concept", ["peacekeeper", "troops_army", "president", "war", "border"])
def test_a_concept_found_in_english_is_mostly_found_in_the_translations(
    concept: str, corpus: Path, analyser: Analyser
) -> None:
    """Translators choose other words now and then: two of three at least, all languages together."""
    found = parallel(corpus, analyser)[concept]
    english, _ = found["en"]
    both = sum(found[lang][1] for lang in LANGUAGES if lang != "en")
    assert both >= 5 * english * 2 / 3, found
