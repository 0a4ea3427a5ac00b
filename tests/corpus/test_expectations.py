"""Other parsers' own test cases: our result agrees with what each expects, or a list says why it does not."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from monitor.collect.parse import parse_feed
from monitor.errors import SourceError
from monitor.model import ParsedFeed
from tests.corpus.expectations import Case, Verdict, cases_in, judge

DIFFERENCES = Path(__file__).parent / "differences.tsv"
SUITES = ("kurtmckee+feedparser", "nkanaev+yarr")


def differences() -> dict[str, str]:
    """Give the reasons by the pattern of the files' names."""
    with DIFFERENCES.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row[0]: row[1] for row in rows if not row[0].startswith("#")}


def parsed(body: bytes, url: str, content_type: str | None, now: datetime) -> ParsedFeed:
    try:
        return parse_feed(body, url, content_type, now)
    except SourceError:
        return ParsedFeed(drafts=())


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_other_parsers_expectations_are_met_or_it_is_said_why_not(
    corpus: Path, suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = differences()
    counts: Counter[str] = Counter()
    unsaid, untrue = [], []
    for case in cases_in(corpus / "feeds" / "unit" / suite):
        verdict, fields = judge(case, parsed)
        excused = any(fnmatchcase(case.name, pattern) for pattern in listed)
        counts[verdict.value] += 1
        counts.update(f"{field} {verdict}" for field in fields)
        if verdict is Verdict.DIFFERS and not excused:
            unsaid.append((case.name, case.expect))
        if verdict is Verdict.AGREES and excused:
            untrue.append(case.name)
    with capsys.disabled():
        sys.stdout.write(f"\n{suite}: {dict(sorted(counts.items()))}\n")
    assert counts[Verdict.AGREES] > 10
    assert unsaid == []
    assert untrue == []


def test_every_difference_has_its_reason() -> None:
    assert all(pattern and len(reason) > 5 for pattern, reason in differences().items())


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [
        ("not bozo and entries[0]['title'] == 'A <b>b</b>'", Verdict.AGREES),
        ("entries[0].title == 'A c'", Verdict.DIFFERS),
        ("entries[0]['title'] == 'A b' and entries[0]['id'] == '2'", Verdict.DIFFERS),
        ("entries[1]['title'] == 'A b'", Verdict.DIFFERS),
        ("entries[0]['published_parsed'] == (2026, 11, 23, 10, 0, 0, 0, 327, 0)", Verdict.AGREES),
        ("entries[0]['published'] == 'Mon, 23 Nov 2026 11:00:00 GMT'", Verdict.DIFFERS),
        ("entries[0]['author'] == 'Ann (a@b.example)' and encoding == 'utf-8'", Verdict.AGREES),
        ("encoding == 'utf-16'", Verdict.DIFFERS),
        ("entries[0]['rights'] == 'x'", Verdict.ELSEWHERE),
    ],
)
def test_a_case_can_agree_differ_or_be_about_something_else(expect: str, verdict: Verdict) -> None:
    item = (
        "<title>A &lt;i&gt;b&lt;/i&gt;</title><guid>1</guid><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
        "<author>a@b.example (Ann)</author>"
    )
    body = f"<rss><channel><item>{item}</item></channel></rss>".encode()
    assert judge(Case(name="x", body=body, headers={}, expect=expect), parsed)[0] is verdict
