"""Articles a second on one core: rules behind the index, one `re` a rule, one FTS5 MATCH a rule; in one run.

    MONITOR_CORPUS=folder .venv/bin/python benchmarks/matching.py

Articles are the distinct ones of `stories/*_news.jsonl` below that folder, cut to 3,000 characters; without it, texts
drawn from invented words. A rule is of three inflected words, of any of six languages, that stand in one article at
most, as the names and matters of rules do. How many of 10,000 rules an article matches decides about half of what it
costs; so there are two sets of them: in one most rules have no word as it stands in any of these articles, and some
fifty match each by other forms; in the other all words are of these articles, and a hundred match each.
Analysis is counted, after a first round: a daemon that has run for a while knows the keys of its words. Then 100,000
boolean rules: their speed, their memory, and what adding one takes.
"""

from __future__ import annotations

import gc
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils.utils import sqlite3

from monitor.language import Analyser, WordForms, split_words
from monitor.model import Article, Match, Rule
from monitor.rules import RuleSet, read_article

LENGTH = 3000
SECONDS = 4.0  # for each figure, at least one article
SHORTEST = 3  # letters of a word in a rule
LANGUAGES = ("en", "ru", "hy", "az", "ka", "tr")
SIZES = (100, 1000, 10_000)
MANY = 100_000
ADDED = 1000
Text = tuple[str, str]


def main() -> None:
    """Print the figures."""
    chance = random.Random(1)
    texts = list(dict.fromkeys(_corpus())) or list(_invented(chance))
    chance.shuffle(texts)
    words, foreign = _rare(texts)
    every = sorted({*words, *foreign})
    sys.stdout.write(f"{len(texts)} articles of {sum(len(text) for _, text in texts) / len(texts):.0f} characters\n")
    analyser = Analyser(WordForms(Path(os.environ.get("MONITOR_WORDS", ".cache/words"))))
    sparse = [chance.sample(words if number % 10 == 0 else foreign, 3) for number in range(max(SIZES))]
    for size in SIZES:
        _compare(sparse[:size], texts, analyser)
    _compare([chance.sample(every, 3) for _ in range(max(SIZES))], texts, analyser)
    _many(lambda number: words if number % 10 == 0 else foreign, texts, analyser, chance)
    _many(lambda _: every, texts, analyser, chance)


def _compare(terms: list[list[str]], texts: list[Text], analyser: Analyser) -> None:
    match = _index([" OR ".join(words) for words in terms], analyser)
    ours = _rate(match, texts, warm=True)
    found = sum(len(match(text)) for text in texts) / len(texts)
    bare = _rate(_regexes(terms), texts)
    fts = _rate(_fts(terms), texts)
    sys.stdout.write(
        f"{len(terms):7,} rules: {ours:6.0f} articles/s by the index; {bare:8.1f} by `re`, x {ours / bare:.1f};"
        f" {fts:8.2f} by FTS5, x {ours / fts:.1f}; {found:.1f} rules match an article\n"
    )


def _many(words: Callable[[int], list[str]], texts: list[Text], analyser: Analyser, chance: random.Random) -> None:
    few = _rate(_index([_boolean(words(number), chance) for number in range(100)], analyser), texts, warm=True)
    queries = [_boolean(words(number), chance) for number in range(MANY + ADDED)]
    gc.collect()
    before = _resident()
    ruleset = RuleSet([_rule(n, query) for n, query in enumerate(queries[:MANY])], analyser)
    match = _matching(ruleset, analyser)
    many = _rate(match, texts, warm=True)
    found = sum(len(match(text)) for text in texts) / len(texts)
    gc.collect()
    used = _resident() - before
    started = time.process_time()
    for number, query in enumerate(queries[MANY:], MANY):
        ruleset.add(_rule(number, query))
    added = (time.process_time() - started) / ADDED
    sys.stdout.write(
        f"{MANY:7,} boolean rules: {many:6.0f} articles/s, at 100 {few:.0f}, x {many / few:.2f};"
        f" {used / 2**20:.0f} MiB; {added * 1000:.2f} ms to add one;"
        f" {found:.1f} match an article\n"
    )


def _boolean(words: list[str], chance: random.Random) -> str:
    a, b, c, d, e = chance.sample(words, 5)
    return chance.choice(
        (
            f"({a} OR {b}) ({c} OR {d}) -{e}",
            f'"{a} {b}" OR {c} {d}',
            f"{a} ({b} OR {c} OR {d})",
            f"({a} OR {b}) NEAR/10 ({c} OR {d})",
            f"{a} {b} {c} -({d} OR {e})",
        )
    )


def _index(queries: list[str], analyser: Analyser) -> Callable[[Text], tuple[Match, ...]]:
    return _matching(RuleSet([_rule(number, query) for number, query in enumerate(queries)], analyser), analyser)


def _rule(number: int, query: str) -> Rule:
    return Rule(name=f"r{number}", query=query, to=("desk",))


def _matching(ruleset: RuleSet, analyser: Analyser) -> Callable[[Text], tuple[Match, ...]]:
    now = datetime.now(UTC)

    def match(text: Text) -> tuple[Match, ...]:
        article = Article(source="s", outlet="S", language=text[0], title="", text=text[1], first_seen_at=now)
        return ruleset.match(article, read_article(article, analyser))

    return match


def _regexes(terms: list[list[str]]) -> Callable[[Text], object]:
    patterns = [re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE) for words in terms]
    return lambda text: [pattern.search(text[1]) for pattern in patterns]


def _fts(terms: list[list[str]]) -> Callable[[Text], object]:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
    matches = [" OR ".join(f'"{word}"' for word in words) for words in terms]

    def match(text: Text) -> object:
        base.execute("DELETE FROM t")
        base.execute("INSERT INTO t VALUES (?)", [text[1]])
        return [base.execute("SELECT rowid FROM t WHERE t MATCH ?", [words]).fetchone() for words in matches]

    return match


def _rate(match: Callable[[Text], object], texts: list[Text], *, warm: bool = False) -> float:
    for text in texts if warm else ():
        match(text)
    done, started = 0, time.process_time()
    while (taken := time.process_time() - started) < SECONDS or not done:
        match(texts[done % len(texts)])
        done += 1
    return done / taken


def _corpus() -> Iterator[Text]:
    for file in sorted(Path(os.environ.get("MONITOR_CORPUS", "-")).glob("stories/*_news.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["lang"], f"{row['title']}\n\n{row['text']}"[:LENGTH]


def _invented(chance: random.Random) -> Iterator[Text]:
    vocabulary = ["".join(chance.choices("abcdefghiklmnoprstuvz", k=chance.randint(3, 9))) for _ in range(50_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    for _ in range(200):
        yield "en", " ".join(chance.choices(vocabulary, weights, k=450))


def _rare(texts: list[Text]) -> tuple[list[str], list[str]]:
    """Give the words that stand in one article, and words that stand in none."""
    counts = Counter(word for lang, text in texts for word in {(lang, word.lower()) for word in split_words(text)})
    found = {word for (_, word), count in counts.items() if count == 1}
    others = {word[::-1] for word in found}  # where there is no corpus
    for file in Path(os.environ.get("MONITOR_CORPUS", "-")).glob("language/parallel_6lang.jsonl"):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        others = {word.lower() for row in rows for lang in LANGUAGES for word in split_words(row[lang])}
    others -= {word for _, word in counts}
    return _usable(found), _usable(others)


def _usable(words: set[str]) -> list[str]:
    return sorted(word for word in words if word.isalpha() and len(word) >= SHORTEST)


def _resident() -> int:
    """Give the resident memory of this process in bytes (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
