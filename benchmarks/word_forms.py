"""How many forms of a word its dictionary form finds, and how many look-alikes it matches wrongly.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/word_forms.py [--misses]

Forms: `language/forms.tsv`, those that were seen in real text (`CORP`, `UD:`) and all. Look-alikes are those of
`language/near_misses.tsv`, each tried against the words of its concept in `language/glossary.tsv`; notes in brackets
and after "contains" are no part of it. Homographs are counted apart: words spelled like a keyword or one of its forms,
which no means without the sentence can tell from it.

The start-up cost is that of this process from its start until one word of each language was analysed, and what it grew
by meanwhile; importing is part of the time.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from monitor.language import Analyser, Detector, WordForms
from monitor.rules import try_query

LANGUAGES = ("az", "en", "hy", "ka", "ru", "tr")
CACHE = Path(".cache/words")
SAMPLES = {"az": "əsirlərin", "en": "prisoners", "hy": "գերիների", "ka": "ტყვეების", "ru": "пленных", "tr": "esirlerin"}
HOMOGRAPHS = {
    ("en", "mine"): "the pronoun",
    ("en", "missing"): "the adjective",
    ("ru", "война"): "a book's title is the same word",
    ("hy", "-ական"): "an ending alone is no word of a text; as one it is spelled like ական, mine",
    ("az", "girov qoymaq"): "girov is pledge as well as hostage",
    ("az", "şəhid adı küçə"): "the same word in the name of a street",
    ("az", "danışıq dili"): "danışıq is speech as well as negotiation",
    ("ka", "სამშვიდობო ხელშეკრულება"): "სამშვიდობო is of peace as well as peacekeeping",
    ("ka", "-ომ-"): "a part of words alone is no word of a text; as one it is the stem of ომი, war",
    ("tr", "kayıp eşya"): "kayıp is loss as well as lost",
}


@dataclass
class Tally:
    """Forms of one language: asked, and not found."""

    asked: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share found."""
        return 1 - len(self.missed) / self.asked


class Bench:
    """The analyser, and how it is asked."""

    def __init__(self) -> None:
        """Load what there is."""
        self._analyser = Analyser(WordForms(CACHE))
        self._detect = Detector(LANGUAGES)

    def matches(self, query: str, text: str, lang: str) -> bool:
        """Tell whether a query finds a text."""
        found = try_query(query, [text], lang=lang, analyser=self._analyser, detect=self._detect)
        return bool(next(iter(found))["matched"])

    def forms(self, corpus: Path) -> tuple[dict[str, Tally], dict[str, Tally]]:
        """Give the attested forms and all of them, by language."""
        attested, every = defaultdict[str, Tally](Tally), defaultdict[str, Tally](Tally)
        for row in rows(corpus / "language" / "forms.tsv"):
            found = self.matches(quoted(row["lemma"]), row["form"], row["lang"])
            for tally in [every, attested] if re.search(r"CORP|UD:", row["sources"]) else [every]:
                tally[row["lang"]].asked += 1
                if not found:
                    tally[row["lang"]].missed.append(f"{row['lemma']} → {row['form']}")
        return attested, every

    def look_alikes(self, corpus: Path) -> tuple[int, list[str], list[str]]:
        """Give how many there are, those matched wrongly, and the homographs matched."""
        words = {row["concept"]: row for row in rows(corpus / "language" / "glossary.tsv")}
        total, wrong, homographs = 0, list[str](), list[str]()
        for row in rows(corpus / "language" / "near_misses.tsv"):
            text = re.sub(r"\s*(?:\(.*|contains .*)$", "", row["must_not_match"].strip('"'))
            query = " OR ".join(quoted(word.strip()) for word in words[row["concept"]][row["lang"]].split("|"))
            total += 1
            if self.matches(query, text, row["lang"]):
                why = HOMOGRAPHS.get((row["lang"], text))
                told = f"{row['lang']} {row['concept']}: {text}"
                if why is None:
                    wrong.append(told)
                else:
                    homographs.append(f"{told} ({why})")
        return total, wrong, homographs


def main(corpus: Path, *, misses: bool) -> None:
    """Print recall by language, look-alikes and the start-up cost."""
    before = psutil.Process().memory_full_info().pss
    bench = Bench()
    for lang, word in SAMPLES.items():
        bench.matches(word, word, lang)
    seconds = time.time() - psutil.Process().create_time()
    memory = (psutil.Process().memory_full_info().pss - before) / 2**20
    for name, tallies in zip(("attested", "all"), bench.forms(corpus), strict=True):
        print(f"{name} forms found: " + ", ".join(f"{lang} {tallies[lang].recall:.3f}" for lang in LANGUAGES))
        for lang in LANGUAGES if misses else ():
            tally = tallies[lang]
            print(f"  {lang}: {len(tally.missed)} of {tally.asked} missed; {', '.join(tally.missed)}")
    total, wrong, homographs = bench.look_alikes(corpus)
    print(f"look-alikes matched: {len(wrong)} of {total}, and {len(homographs)} homographs")
    for line in [*wrong, *homographs] if misses else wrong:
        print(f"  {line}")
    print(f"start-up of six languages: {seconds:.2f} s, {memory:.0f} MiB")


def quoted(word: str) -> str:
    """Give a term as it stands in a query."""
    return '"' + word.replace('"', "") + '"'


def rows(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list every form that was missed, and every homograph")
    main(Path(os.environ["MONITOR_CORPUS"]), misses=parser.parse_args().misses)
