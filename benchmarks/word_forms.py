"""How many attested forms of a word one query finds, and how many look-alikes it matches wrongly.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/word_forms.py

Forms: `language/forms.tsv`, those that were seen in real text. Look-alikes: `language/near_misses.tsv`, each tried
against the words of its concept in `language/glossary.tsv`.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path

from monitor.language import Analyser, Detector, WordForms
from monitor.rules import try_query

LANGUAGES = ("az", "en", "hy", "ka", "ru", "tr")


def main(corpus: Path) -> None:
    """Print recall by language and the share of look-alikes that were matched."""
    analyser = Analyser(WordForms(Path(".cache/words")))
    detect = Detector(LANGUAGES)

    def matches(query: str, text: str, lang: str) -> bool:
        return bool(next(iter(try_query(query, [text], lang=lang, analyser=analyser, detect=detect)))["matched"])

    found, asked = Counter[str](), Counter[str]()
    for row in _rows(corpus / "language" / "forms.tsv"):
        if re.search(r"CORP|UD:", row["sources"]):
            asked[row["lang"]] += 1
            found[row["lang"]] += matches(_quoted(row["lemma"]), row["form"], row["lang"])
    print("forms found: " + ", ".join(f"{lang} {found[lang] / asked[lang]:.2f}" for lang in sorted(asked)))
    words = {row["concept"]: row for row in _rows(corpus / "language" / "glossary.tsv")}
    wrong = total = 0
    for row in _rows(corpus / "language" / "near_misses.tsv"):
        text = re.sub(r"\s*\(.*?\)", "", row["must_not_match"])
        query = " OR ".join(_quoted(word.strip()) for word in words[row["concept"]][row["lang"]].split("|"))
        total += 1
        wrong += matches(query, text, row["lang"])
    print(f"look-alikes matched: {wrong} of {total}")


def _quoted(word: str) -> str:
    return '"' + word.replace('"', "") + '"'


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]))
