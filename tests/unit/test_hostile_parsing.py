"""Feeds on which parsers fail, in this process: what is lost of them, and what a machine that is unsafe is told."""

from __future__ import annotations

import pyexpat
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner

from monitor.app.libraries import check_libraries
from monitor.cli.root import cli
from monitor.collect import worker
from monitor.errors import UnfitMachine
from monitor.model import ParsedFeed
from tests.factories import NOW
from tests.rigs.hostile_feeds import CRASHES, rss

URL = "https://one.example/feed/"


@pytest.mark.parametrize("place", CRASHES)
def test_case_32_what_makes_feedparser_raise_costs_itself_and_no_entry(place: str) -> None:
    """Every place where feedparser raises, and ours that trusted what it gave (case 32)."""
    found = worker.parse(CRASHES[place], URL, None, NOW)
    assert isinstance(found, ParsedFeed), found
    assert [draft.title for draft in found.drafts] == ["One", "Two"]


def test_case_32_the_corpus_is_of_feeds_on_which_feedparser_does_raise() -> None:
    """Else the test above would show nothing; a release may mend some of them (case 32)."""
    raised = 0
    for place, body in CRASHES.items():
        headers = {} if place.startswith("encodings") else {"content-type": "application/xml; charset=utf-8"}
        try:
            feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
        except Exception:  # noqa: BLE001 - anything at all is what it is about
            raised += 1
    assert raised >= 14


def test_case_32_a_coordinate_that_is_broken_leaves_the_rest_of_its_entry() -> None:
    """What stands before and after it, of the same entry (case 32)."""
    item = (
        "<title>T</title><georss:where><gml:Point srsName='EPSG:x'><gml:pos>1 2</gml:pos></gml:Point></georss:where>"
        "<link>https://one.example/a</link><guid>g</guid><description>text</description>"
        "<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate>"
    )
    found = worker.parse(rss(item), URL, None, NOW)
    assert isinstance(found, ParsedFeed)
    (draft,) = found.drafts
    assert (draft.title, draft.url, draft.guid, draft.summary) == ("T", "https://one.example/a", "g", "text")
    assert draft.published_at


@pytest.mark.parametrize(
    ("version", "safe"),
    [("expat_2.4.1", True), ("expat_2.5.0", True), ("expat_2.10.0", True), ("expat_3.0", True), ("expat_2.4.0", False),
     ("expat_2.2.10", False), ("expat_1.95.8", False)],
)  # fmt: skip # a table
def test_case_24_an_expat_that_expands_without_end_is_refused(
    version: str, monkeypatch: pytest.MonkeyPatch, *, safe: bool
) -> None:
    """(case 24)"""
    monkeypatch.setattr(pyexpat, "EXPAT_VERSION", version)  # what this machine has cannot be chosen
    if safe:
        check_libraries()
    else:
        with pytest.raises(UnfitMachine, match=r"install expat 2\.4\.1 or newer"):
            check_libraries()


@pytest.mark.parametrize("command", [("run",), ("collect",), ("sources", "test", "one")])
def test_case_24_nothing_that_reads_feeds_starts_on_such_a_machine(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, status 78, no database (case 24)."""
    monkeypatch.setattr(pyexpat, "EXPAT_VERSION", "expat_2.2.9")  # the same
    config = tmp_path / "config.yaml"
    config.write_text(
        "contact: a@example.org\nlanguages: [en]\nchannels: {desk: {type: maildir, path: mail}}\n"
        "rules: [{name: prisoners, query: prisoner, to: [desk]}]\n"
        'sources: [{name: one, outlet: One, feed: "https://one.example/feed"}]\n'
    )
    result = CliRunner().invoke(cli, [*command, "--config", str(config)])
    assert result.exit_code == 78
    told = [line for line in result.stderr.splitlines() if "expat" in line]
    assert told == [line for line in told if line.startswith("monitor: this Python reads XML with expat 2.2.9")]
    assert len(told) == 1
    assert not (tmp_path / "data" / "monitor.db").exists()
