"""Words as real texts have them: forms are found from their dictionary form, look-alikes are not."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from monitor.language import Analyser
from tests.language_fixtures import dictionaries

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

# Spelled like a keyword or one of its forms; only the sentence tells them apart.
_HOMOGRAPHS = {"mine", "missing", "война", "girov qoymaq", "şəhid adı küçə", "danışıq dili", "kayıp eşya"}
_HOMOGRAPHS |= {"-ական", "-ომ-", "სამშვიდობო ხელშეკრულება"}


@pytest.fixture(scope="module")
def analyser(words: Path) -> Analyser:
    """Give the analyser with its dictionaries, which `words` has built."""
    assert words.is_dir()
    return dictionaries()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _finds(analyser: Analyser, term: str, text: str, lang: str) -> bool:
    """Tell whether words of the text stand side by side that the words of the term ask for."""
    words = analyser.analyse(text, lang).keys
    wanted = [re.sub(r"[\W]", "", word) for word in re.split(r"[\s-]+", term)]
    asked = [set(analyser.word_keys(word, lang, loosely=len(wanted) > 1)) for word in wanted]
    starts = range(len(words) - len(asked) + 1)
    return any(all(asked[i] & set(words[start + i]) for i in range(len(asked))) for start in starts)


@pytest.mark.parametrize(
    ("sources", "least"),
    [
        ("CORP|UD:", {"en": 0.98, "ru": 0.98, "hy": 0.98, "az": 0.98, "ka": 0.98, "tr": 0.98}),
        ("", {"en": 0.97, "ru": 0.97, "tr": 0.97, "hy": 0.96, "az": 0.95, "ka": 0.95}),
    ],
)
def test_forms_are_found_from_their_dictionary_form(
    corpus: Path, analyser: Analyser, sources: str, least: dict[str, float]
) -> None:
    """In each language that share, or all but one."""
    asked, missed = Counter[str](), defaultdict[str, list[str]](list)
    for row in _rows(corpus / "language" / "forms.tsv"):
        if not re.search(sources, row["sources"]):
            continue
        asked[row["lang"]] += 1
        if not _finds(analyser, row["lemma"], row["form"], row["lang"]):
            missed[row["lang"]].append(f"{row['lemma']}: {row['form']}")
    assert asked.keys() == least.keys()
    assert {lang: forms for lang, forms in missed.items() if len(forms) > max(1, (1 - least[lang]) * asked[lang])} == {}


def test_look_alikes_are_not_matched(corpus: Path, analyser: Analyser) -> None:
    """Not more than one in twenty, homographs aside."""
    terms = {row["concept"]: row for row in _rows(corpus / "language" / "glossary.tsv")}
    rows = _rows(corpus / "language" / "near_misses.tsv")
    wrong = []
    for row in rows:
        text = re.sub(r"\s*(?:\(.*|contains .*)$", "", row["must_not_match"].strip('"'))
        words = [word.strip() for word in terms[row["concept"]][row["lang"]].split("|")]
        if text not in _HOMOGRAPHS and any(_finds(analyser, word, text, row["lang"]) for word in words):
            wrong.append(f"{row['lang']} {row['concept']}: {text}")
    assert len(wrong) <= 0.05 * len(rows), wrong
