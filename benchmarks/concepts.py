"""How well the shipped concepts find their words: marked sentences, near misses, parallel texts.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/concepts.py

How it is counted is said in `tests/corpus/gold.py`, which the test of these figures shares.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.language import Analyser, WordForms
from tests.corpus.gold import LANGUAGES, Tally, near_misses, parallel, tally

WORDS = Path(".cache/words")


def main(corpus: Path) -> None:
    """Print recall and precision by language with each miss and mistake, then near misses, then parallel texts."""
    analyser = Analyser(WordForms(WORDS))
    _print_sentences(corpus, analyser)
    asked, wrong, homographs = near_misses(corpus, analyser)
    print(f"\nnear misses matched: {len(wrong)} of {asked - len(homographs)}, homographs aside")
    print("\n".join(f"  wrong      {line}" for line in wrong))
    print("\n".join(f"  homograph  {line}" for line in homographs))
    _print_parallel(corpus, analyser)


def _print_sentences(corpus: Path, analyser: Analyser) -> None:
    tallies = tally(corpus, analyser, WORDS)
    print("marked sentences, word by word: found, missed, wrong, same form, recall, precision (same forms as wrong)")
    for lang, counts in sorted({**dict.fromkeys(LANGUAGES, Tally()), **tallies}.items()):
        missed, wrong, same = len(counts.missed), len(counts.wrong), len(counts.same_form)
        strict = counts.found / (counts.found + wrong + same or 1)
        if not counts.found:
            print(f"  {lang:3}    0   there are no sentences")
            continue
        print(
            f"  {lang:3} {counts.found:4} {missed:3} {wrong:3} {same:3}   "
            f"{counts.recall:.3f}  {counts.precision:.3f} ({strict:.3f})"
        )
    for lang, counts in sorted(tallies.items()):
        for what, lines in (("missed", counts.missed), ("wrong", counts.wrong), ("same form", counts.same_form)):
            print("".join(f"  {lang:3} {what:9} {line}\n" for line in lines), end="")


def _print_parallel(corpus: Path, analyser: Analyser) -> None:
    print("\nparallel texts: where a concept was found; in brackets, in how many of these English has it, too")
    print(f"  {'concept':22}" + "".join(f"{lang:>12}" for lang in LANGUAGES))
    for concept, found in parallel(corpus, analyser).items():
        cells = [f"{number} ({both})" if lang != "en" else str(number) for lang, (number, both) in found.items()]
        print(f"  {concept:22}" + "".join(f"{cell:>12}" for cell in cells))


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]))
