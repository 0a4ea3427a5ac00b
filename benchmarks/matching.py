"""Articles a second on one core: the rule index against one regular expression a rule, in one run.

    .venv/bin/python benchmarks/matching.py

Articles are 400 words drawn (seeded) from 50,000 invented words with the frequencies of natural text; each rule is
three of them, joined by OR. Stems only, so that what is compared is the index. Analysing an article is counted.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from monitor.language import Analyser, WordForms
from monitor.model import Article, Rule
from monitor.rules import RuleSet, read_article

ARTICLES = 200
WORDS = 400


def main() -> None:
    """Print the figures for 10, 1,000 and 10,000 rules."""
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices("abcdefghiklmnoprstuvz", k=chance.randint(3, 9))) for _ in range(50_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    texts = [" ".join(chance.choices(vocabulary, weights, k=WORDS)) for _ in range(ARTICLES)]
    for number in (10, 1000, 10_000):
        # Words of rules are rare ones, as they are in life.
        terms = [chance.sample(vocabulary[500:], 3) for _ in range(number)]
        ours, bare = _index(terms, texts), _regexes(terms, texts[: 2000 * ARTICLES // (number + 2000)])
        print(f"{number:6} rules: {ours:6.0f} articles/s by the index, {bare:6.0f} by regexes; ratio {ours / bare:.1f}")


def _index(terms: list[list[str]], texts: list[str]) -> float:
    analyser = Analyser(WordForms(None))
    rules = [Rule(name=f"r{n}", query=" OR ".join(words), to=("desk",)) for n, words in enumerate(terms)]
    ruleset = RuleSet(rules, analyser)
    now = datetime.now(UTC)

    def match(text: str) -> None:
        article = Article(source="s", outlet="S", language="en", title="", text=text, first_seen_at=now)
        ruleset.match(article, read_article(article, analyser))

    for text in texts:  # makes the index, and the keys of every word once, as in a daemon that has run for a while
        match(text)
    return _rate(match, texts)


def _regexes(terms: list[list[str]], texts: list[str]) -> float:
    patterns = [re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) for words in terms]
    return _rate(lambda text: [pattern.search(text) for pattern in patterns], texts)


def _rate(match: Callable[[str], object], texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        match(text)
    return len(texts) / (time.process_time() - started)


if __name__ == "__main__":
    main()
