"""What the command line shows of pages and spiders."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import load
from monitor.model import IndexedText, Settled, TextState, Visit, VisitOutcome
from monitor.normalise import identity_keys
from monitor.store import current_owner, open_store
from monitor.text import minute
from tests.factories import article, visit
from tests.unit.test_cli import HEAD, call, parsed

SOURCES = """\
  - {name: one, outlet: One, feed: "https://one.example/feed"}
  - {name: two, outlet: Two, feed: "https://two.example/feed", full_text: always}
  - {name: three, outlet: Three, feed: "https://three.example/feed", full_text: never}
  - {name: four, outlet: Four, listing: "https://four.example/"}
"""
CONFIG = HEAD + SOURCES
PAGE = """<!doctype html><html lang="en"><head><title>The bridge is open again | River Post</title>
<link rel="canonical" href="https://river.example/news/17"><meta property="og:site_name" content="River Post">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "The bridge is open again",
"datePublished": "2026-11-20T14:05:00+04:00", "author": {"@type": "Person", "name": "Nino Example"}}</script></head>
<body><nav><a href="/">Home</a></nav><article><h1>The bridge is open again</h1>
<p>The old bridge over the river was opened to carts and people at noon, and the ferrymen watched from the bank.</p>
<p>Repairs had taken eleven months. The town paid for the stone, and the villages on the other side for the timber.</p>
</article><footer>About us</footer></body></html>"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


def stored(config: Path) -> None:
    """Store three articles of `four`: one read, one to be read, one that could not be."""
    store = open_store(load(config, environ={}).database, current_owner())
    now = datetime.now(UTC)
    store.sync(load(config, environ={}).sources, now=now, first_due=dict.fromkeys(("one", "two", "three", "four"), now))
    for number, state in enumerate((TextState.COMPLETE, TextState.WANTED, TextState.WANTED), 1):
        one = article(
            source="four",
            title=f"Title {number}",
            url=f"https://four.example/{number}",
            first_seen_at=now,
            text_state=state,
            page_read_at=now if state is TextState.COMPLETE else None,
        )
        store.add(one, identity_keys(one), IndexedText(title="", body=""))
    pages = {page.article_id: page for page in store.claim_pages(now=now, limit=9, lease=timedelta(1), only=["four"])}
    store.fail_page(pages[2], error="http_503: busy", attempts=1, due_at=now + timedelta(minutes=1))
    store.fail_page(pages[3], error="robots_disallowed: no", attempts=1, due_at=None)
    store.close()


def test_sources_list_tells_how_texts_are_got(config: Path) -> None:
    stored(config)
    rows = {row["source"]: row for row in parsed(call("sources", "list", "--json", "--config", str(config)))}
    assert {name: row["text"] for name, row in rows.items()} == {
        "one": "feed or page",
        "two": "page",
        "three": "feed",
        "four": "page",
    }
    assert rows["four"]["texts"] == {"page": 1, "wanted": 1, "failed": 1}
    told = call("sources", "list", "--config", str(config)).stdout
    assert "1 failed, 1 page, 1 wanted" in told


def test_case_94_a_feed_that_has_moved_is_told_with_what_to_write(config: Path) -> None:
    """`sources list` says where it is read now; nothing is said where config.yaml has that address (case 94)."""
    stored(config)
    store = open_store(config.parent / "data" / "monitor.db", current_owner())
    names = {state.source: state for state in store.states()}
    there = {"one": "https://new.example/feed", "two": load(config, environ={}).sources[1].url}
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    for name, address in there.items():
        visit = Visit(source=name, started_at=now, finished_at=now, outcome=VisitOutcome.READ, moved_to=address)
        store.settle([Settled(visit=visit, state=replace(names[name], address=address))])
    store.close()
    rows = {row["source"]: row for row in parsed(call("sources", "list", "--json", "--config", str(config)))}
    assert (rows["one"]["moved_to"], rows["two"]["moved_to"]) == ("https://new.example/feed", None)
    told = " ".join(call("sources", "list", "--config", str(config)).stdout.split())
    assert "https://new.example/feed" in "".join(told.split())
    assert "moved" in told


def test_what_could_not_be_read_is_shown_and_can_be_wanted_again(config: Path) -> None:
    stored(config)
    rows = parsed(call("sources", "unread", "--json", "--config", str(config)))
    assert [(row["article_id"], row["state"], row["error"]) for row in rows] == [
        (3, "failed", "robots_disallowed: no"),
        (2, "wanted", "http_503: busy"),
    ]
    assert parsed(call("sources", "unread", "one", "--json", "--config", str(config))) == []
    assert "2 articles" in call("sources", "unread", "--config", str(config)).stdout
    assert "pages: 1 to be read, 1 failed" in call("status", "--config", str(config)).stdout
    assert "1 page wanted once more" in call("sources", "unread", "four", "--again", "--config", str(config)).stdout
    rows = parsed(call("sources", "unread", "--json", "--config", str(config)))
    assert {row["state"] for row in rows} == {"wanted"}


def test_pages_that_nobody_will_read_are_not_said_to_be_read(config: Path) -> None:
    """Of a disabled source: they are told again once it is enabled; a source that was removed is as if it were disabled."""
    stored(config)
    for text in (
        CONFIG.replace("name: four,", "name: four, enabled: false,"),
        CONFIG[: CONFIG.index("  - {name: four")],
    ):
        config.write_text(text)
        assert "pages: " not in call("status", "--config", str(config)).stdout
        assert parsed(call("sources", "unread", "--json", "--config", str(config))) == []
    config.write_text(CONFIG)
    assert "pages: 1 to be read, 1 failed" in call("status", "--config", str(config)).stdout
    assert len(parsed(call("sources", "unread", "--json", "--config", str(config)))) == 2


def test_status_names_sources_that_were_read_in_part(config: Path) -> None:
    """As `sources list` does; a source that fails is told as failing alone."""
    stored(config)
    store = open_store(load(config, environ={}).database, current_owner())
    known = {state.source: state for state in store.states()}
    for name, error, failures in (("one", "http_404: /list/2", 0), ("two", "timeout: no answer", 2)):
        told = replace(known[name], last_error=error, failures=failures, last_good_at=datetime.now(UTC))
        store.settle([Settled(visit=visit(name), state=told)])
    store.close()
    result = call("status", "--config", str(config)).stdout
    assert "read in part: one: http_404: /list/2" in result
    assert re.search(r"two +\d+ .*timeout: no answer; again", result)
    assert "part: two" not in result
    (facts,) = parsed(call("status", "--json", "--config", str(config)))
    assert facts["partly"] == {"one": "http_404: /list/2"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("dns: no address", "no source can be reached; is the network up? run: "),
        ("spider_broken: no spider has name = 'x'", "no source can be read; each says why below. run: "),
    ],
)
def test_status_blames_the_network_only_for_what_a_network_can_do(error: str, told: str, config: Path) -> None:
    stored(config)
    store = open_store(load(config, environ={}).database, current_owner())
    states = [replace(state, last_error=error, failures=2) for state in store.states()]
    store.settle([Settled(visit=visit(state.source), state=state) for state in states])
    store.close()
    assert told in call("status", "--config", str(config)).stdout


def test_status_names_hosts_that_asked_to_be_left_alone(config: Path) -> None:
    """Their sources are well, but nothing comes of them for a while; a pause that is over is not told."""
    stored(config)
    now = datetime.now(UTC)
    store = open_store(load(config, environ={}).database, current_owner())
    store.pause_host("two.example", now + timedelta(minutes=30))
    store.pause_host("four.example", now - timedelta(minutes=1))
    store.close()
    until = now + timedelta(minutes=30)
    told = call("status", "--config", str(config)).stdout
    said = minute(until, load(config, environ={}).timezone)
    assert f"  left alone until {said}, as it asked: two.example\n" in told
    assert "four.example" not in told
    (facts,) = parsed(call("status", "--json", "--config", str(config)))
    assert facts["paused"] == {"two.example": f"{until:%Y-%m-%dT%H:%M:%SZ}"}


def test_case_60_status_names_sources_whose_certificates_are_not_checked(config: Path) -> None:
    """Whoever opted out is reminded of it (case 60)."""
    stored(config)
    assert "any certificate" not in call("status", "--config", str(config)).stdout
    config.write_text(CONFIG.replace("full_text: always}", "full_text: always, verify_tls: false}"))
    assert "any certificate is accepted (verify_tls: false): two" in call("status", "--config", str(config)).stdout
    (facts,) = parsed(call("status", "--json", "--config", str(config)))
    assert facts["unverified"] == ["two"]


def test_an_unknown_source_is_one_line(config: Path) -> None:
    result = call("sources", "unread", "fuor", "--config", str(config))
    assert result.exit_code == 78
    assert "there is no enabled source fuor; see `monitor sources list`" in result.stderr


@pytest.mark.slow
def test_a_page_is_one_json_object(tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_text(PAGE)
    (told,) = parsed(call("try", "page", str(file), "--url", "https://river.example/news/17?utm_source=x"))
    assert list(told) == ["title", "text", "author", "published_at", "language", "canonical_url", "site"]
    assert told["title"] == "The bridge is open again"
    assert [part[:8] for part in told["text"].split("\n\n")] == ["The old ", "Repairs "]
    assert (told["author"], told["language"], told["site"]) == ("Nino Example", "en", "River Post")
    assert told["published_at"] == "2026-11-20T10:05:00Z"
    assert told["canonical_url"] == "https://river.example/news/17"


@pytest.mark.slow
def test_what_is_no_page_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(b"%PDF-1.4 \x00\x01")
    result = call("try", "page", str(file), "--url", "https://river.example/news/17")
    assert result.exit_code == 1
    assert result.stderr.startswith("monitor: not_a_page")
    assert result.stdout == ""


@pytest.mark.parametrize("kind", ["page", "feed"])
def test_no_more_is_read_of_a_file_than_of_an_answer(kind: str, tmp_path: Path) -> None:
    """A file without an end, too: it is said, and the machine is left its memory."""
    saved = tmp_path / "saved.html"
    saved.write_bytes(b"<html>" + b"x" * 11_000_000)
    for file in (saved, Path("/dev/zero")):
        result = call("try", kind, str(file), "--url", "https://river.example/news/17")
        assert result.exit_code == 1
        assert result.stderr.startswith(f"monitor: too_large: {file} has more than ")


@pytest.mark.parametrize("kind", ["page", "feed"])
@pytest.mark.parametrize("url", ["nonsense", "file:///etc/passwd", "https://river.example/a b"])
def test_an_address_that_is_none_is_a_mistake_of_usage(url: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_text(PAGE)
    result = call("try", kind, str(file), "--url", url)
    assert result.exit_code == 2
    assert "write one such as https://example.org/news/17" in result.stderr
    assert result.stdout == ""


@pytest.mark.slow
def test_a_page_is_tried_with_a_sources_selectors_and_with_ones_own(config: Path) -> None:
    """A source's selectors, language and country; one given beside it goes before; what found nothing is named."""
    more = 'language: ka, country: ge, selectors: {title: h1, text: "p + p", date: time}'
    config.write_text(CONFIG.replace('four.example/"', f'four.example/", {more}'))
    file = config.parent / "saved.html"
    file.write_text(PAGE)
    asked = ("try", "page", str(file), "--url", "https://river.example/news/17")
    (told,) = parsed(call(*asked, "--source", "four", "--config", str(config)))
    assert told["text"].startswith("Repairs had taken")
    assert (told["source"], told["outlet"], told["country"]) == ("four", "Four", "ge")
    assert told["unmatched"] == ["date"]
    (told,) = parsed(call(*asked, "--source", "four", "--config", str(config), "--select", "text = p:first-of-type"))
    assert told["text"].startswith("The old bridge")
    (told,) = parsed(call(*asked, "--select", "title=h9"))
    assert (told["title"], told["unmatched"]) == ("The bridge is open again", ["title"])
    assert "source" not in told


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--select", "body=p"], 2, "'body=p' is none; write title=CSS, text=CSS or date=CSS"),
        (["--select", "text"], 2, "'text' is none"),
        (["--source", "fuor"], 78, "there is no source fuor"),
    ],
)
def test_a_wrong_selection_is_one_line(arguments: list[str], status: int, told: str, config: Path) -> None:
    file = config.parent / "saved.html"
    file.write_text(PAGE)
    result = call("try", "page", str(file), "--url", "https://river.example/", *arguments, "--config", str(config))
    assert result.exit_code == status
    assert told in result.stderr


@pytest.mark.slow
def test_a_selection_that_is_no_css_is_one_line(config: Path) -> None:
    file = config.parent / "saved.html"
    file.write_text(PAGE)
    result = call("try", "page", str(file), "--url", "https://river.example/", "--select", "text=div[")
    assert result.exit_code == 1
    assert result.stderr.startswith("monitor: bad_selector: 'div['")
