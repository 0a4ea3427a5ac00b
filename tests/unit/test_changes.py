"""What changed between versions, as people see it: differences, `monitor article`, `monitor snapshot`."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import load
from monitor.model import IndexedText, Snapshot, Version
from monitor.normalise import identity_keys
from monitor.packing import pack, unpack
from monitor.render import changes
from monitor.store import current_owner, open_store
from tests.factories import NOW, article
from tests.unit.test_cli import CONFIG, call, parsed

BODY = b"<!doctype html><p>The bridge is open." * 40
FIRST = "The bridge is open.\n\nTwelve people came."
SECOND = "The old bridge is open.\n\nTwelve people came.\n\nFerrymen watched."
NOTHING = IndexedText(title="", body="")


def version(text: str, title: str = "Title", number: int = 0) -> Version:
    return Version(article_id=1, number=number, seen_at=NOW, replaced_at=None, title=title, summary="", text=text)


def told(before: str, after: str) -> list[list[tuple[str, str]]]:
    found = changes(version(before), version(after))
    return [[(part.kind, part.text) for part in change.parts] for change in found]


def test_words_are_compared_within_a_passage_and_passages_within_a_text() -> None:
    assert told(FIRST, SECOND) == [
        [("same", "The "), ("added", "old "), ("same", "bridge is open.")],
        [("added", "Ferrymen watched.")],
    ]
    assert told(SECOND, FIRST)[1] == [("removed", "Ferrymen watched.")]
    assert told(FIRST, FIRST) == []


def test_a_passage_that_is_another_altogether_is_not_compared_word_by_word() -> None:
    assert told("The bridge is open.", "Eight prisoners came home on Monday.") == [
        [("removed", "The bridge is open.")],
        [("added", "Eight prisoners came home on Monday.")],
    ]


def test_a_changed_title_is_a_change_of_its_own() -> None:
    (found,) = changes(version(FIRST, "Bridge open"), version(FIRST, "Bridge open again"))
    assert (found.field, found.words("added"), found.words("removed")) == ("title", 1, 0)


@pytest.mark.parametrize("text", ["word " * 20_000, "a\n\n" * 20_000, " ".join(map(str, range(20_000)))])
def test_no_text_takes_differences_long(text: str) -> None:
    """As long as a page's text may be; the worst of three orders of growth would take hours."""
    began = time.process_time()
    changes(version(text), version(text[::-1]))
    assert time.process_time() - began < 30


def test_what_is_packed_is_unpacked_as_it_was_or_not_at_all() -> None:
    packed = pack(BODY)
    assert len(packed) < len(BODY) / 5
    assert unpack(packed, len(BODY)) == BODY
    for damaged in (packed[:-1], packed[:20], packed[:10] + b"\0" + packed[11:], b"", b"page"):
        with pytest.raises(ValueError, match=r"\w"):
            unpack(damaged, len(BODY))
    with pytest.raises(ValueError, match="were kept"):
        unpack(packed, len(BODY) - 1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a place with an article of three versions whose page is gone, and a snapshot of the last."""
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    loaded = load(file, environ={})
    store = open_store(loaded.database, current_owner())
    store.sync(loaded.sources, now=NOW, first_due={"one": NOW})
    one = article(text=FIRST, url="https://one.example/1", page_read_at=NOW)
    number = store.add(one, identity_keys(one), NOTHING)
    for hours, text in ((1, SECOND), (2, f"{SECOND}\n\nMore news.")):
        store.revise(replace(one, id=number, text=text), NOTHING, now=NOW + timedelta(hours=hours), keep=24)
    page = Snapshot(
        url="https://one.example/1",
        status=200,
        headers=(("Content-Type", "text/html"), ("Set-Cookie", "a=1")),
        sha256=hashlib.sha256(BODY).hexdigest(),
        size=len(BODY),
        packed=pack(BODY),
    )
    store.keep_snapshot(number, 2, page, now=NOW + timedelta(hours=2))
    store.lose(number, 410, now=NOW + timedelta(hours=3))
    store.close()
    return file


def ask(config: Path, *arguments: str) -> str:
    result = call(*arguments, "--config", str(config))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_articles_versions_are_listed_with_what_each_changed(config: Path) -> None:
    text = ask(config, "article", "1")
    assert "its page is gone since 2026-11-24 15:00 UTC (410); the text is kept" in text
    rows = [line for line in text.splitlines() if line.strip()[:1].isdigit()]
    assert "as first seen" in rows[0]
    assert "2026-11-24 13:00" in rows[1]
    assert "text: +3 -0 words: old" in rows[1]
    (found,) = parsed(call("article", "1", "--json", "--config", str(config)))
    assert [(row["revision"], row["added"], row["removed"]) for row in found["versions"]] == [
        (0, 0, 0),
        (1, 3, 0),
        (2, 2, 0),
    ]
    assert found["gone_at"] == "2026-11-24T15:00:00Z"
    assert [row["revision"] for row in found["snapshots"]] == [2]


@pytest.mark.parametrize(
    ("pair", "words"), [("0..2", ("{+old+}", "{+Ferrymen watched.+}")), ("2", ("{+More news.+}",))]
)
def test_a_diff_marks_words_that_came_and_went(config: Path, pair: str, words: tuple[str, ...]) -> None:
    text = ask(config, "article", "1", "--diff", pair)
    assert all(word in text for word in words)
    assert "[-old-]" in ask(config, "article", "1", "--diff", "1..0")
    rows = parsed(call("article", "1", "--diff", pair, "--json", "--config", str(config)))
    assert {row["to"] for row in rows} == {2}


def test_the_text_of_a_version_can_be_read(config: Path) -> None:
    assert FIRST in ask(config, "article", "1", "--revision", "0")
    assert parsed(call("article", "1", "--revision", "0", "--json", "--config", str(config)))[0]["text"] == FIRST


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("article", "9"), "there is no article 9; `monitor search` shows the numbers of articles"),
        (("article", "1", "--diff", "0..7"), "version 7 is not kept; kept: 0, 1, 2"),
        (("article", "1", "--diff", "0"), "version 0 is the first; it changed nothing"),
        (("article", "1", "--diff", "x"), "write 1..3, or 3 for what it changed"),
        (
            ("snapshot", "1", "--revision", "0", "-o", "x"),
            "no snapshot of article 1, version 0; there are those of versions 2",
        ),
        (("snapshot", "1", "-o", "/nowhere/x"), "/nowhere/x: No such file or directory"),
        (("article", "abc"), "'abc' is no such number; `monitor search` shows the numbers of articles"),
        (("article", "0"), "'0' is no such number"),
        (("article", "9" * 30), "is no such number"),
        (
            ("article", "1", "--revision", "9" * 19),
            "is no such number; `monitor article` shows the numbers of versions",
        ),
        (("snapshot", "one", "-o", "x"), "'one' is no such number; `monitor search` shows the numbers of articles"),
        (("explain", "abc"), "'abc' is no such number; `monitor alerts` shows the numbers of alerts"),
        (("mark", "abc", "relevant"), "'abc' is no such number; `monitor alerts` shows the numbers of alerts"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(config: Path, arguments: tuple[str, ...], told: str) -> None:
    result = call(*arguments, "--config", str(config))
    assert result.exit_code
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_snapshot_is_written_out_and_checked(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    text = ask(config, "snapshot", "1", "-o", str(file))
    assert file.read_bytes() == BODY
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"sha256: {hashlib.sha256(BODY).hexdigest()}" in text
    assert "Set-Cookie: a=1" in text
    other = tmp_path / "other.html"
    (row,) = parsed(call("snapshot", "1", "-o", str(other), "--json", "--config", str(config)))
    assert (row["revision"], row["fetched_at"], row["size"]) == (2, "2026-11-24T14:00:00Z", len(BODY))


def test_a_snapshot_never_takes_the_place_of_another_file(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "thesis.html"
    file.write_text("mine")
    result = call("snapshot", "1", "-o", str(file), "--config", str(config))
    assert (result.exit_code, result.output) == (1, f"monitor: {file}: File exists; name another file\n")
    assert file.read_text() == "mine"


@pytest.mark.parametrize("change", ["sha256 = 'x'", "body = x'00'", "size = 5"])
def test_a_damaged_snapshot_is_not_written_out(config: Path, tmp_path: Path, change: str) -> None:
    store = open_store(load(config, environ={}).database, current_owner())
    store._run(f"UPDATE snapshots SET {change}")
    store.close()
    result = call("snapshot", "1", "-o", str(tmp_path / "page.html"), "--config", str(config))
    assert result.exit_code == 1
    assert "the snapshot is damaged" in result.output
    assert not (tmp_path / "page.html").exists()


def test_search_says_that_a_page_is_gone(config: Path) -> None:
    store = open_store(load(config, environ={}).database, current_owner())
    store._run("UPDATE article_keys_fts SET title = '=title title' WHERE rowid = 1")
    store.close()
    assert "https://one.example/1 (gone)" in ask(config, "search", "=title", "--since", "2026-11-01")
    assert json.loads(ask(config, "search", "=title", "--since", "2026-11-01", "--json"))["gone_at"]
