"""Real feeds: every entry that feedparser counts, no crash; polled twice by the real daemon, every entry is stored once."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import pytest

from monitor.clock import SystemClock
from monitor.collect.pool import WorkerPool
from monitor.urls import canonical_url, is_front, web_url
from tests.rigs.site import Site

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

MOST_ENTRIES = 1000  # a fetch
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!\[CDATA|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w+);")
# Titles that are about markup and have some: the feed, and the number of the entry in it.
ABOUT_MARKUP: frozenset[tuple[str, int]] = frozenset()


def real_feeds(corpus: Path) -> dict[str, Path]:
    """Give every captured feed under the name of its source."""
    with (corpus / "feeds" / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["class"] == "real"]
    return {f"feed-{number}": corpus / "feeds" / row["file"] for number, row in enumerate(rows)}


@cache
def entries_of(path: Path, url: str) -> tuple[str, ...]:
    """Count a feed's entries by another way than the program's own: a line for each, its address or its title."""
    body = path.read_bytes()
    if path.suffix == ".json":
        items = json.loads(body)["items"]
        return tuple(str(item.get("url") or item.get("title") or item["id"]) for item in items)
    # Texts are not looked at: to clean them, too, takes as long as all the rest.
    beside = {"response_headers": {"content-location": url}, "sanitize_html": False, "resolve_relative_uris": False}
    parsed = feedparser.parse(body, **beside)
    return tuple(
        urljoin(url, entry.get("feedburner_origlink", entry["link"])) if entry.get("link") else entry.get("title", "")
        for entry in parsed.entries
    )


async def test_every_real_feed_gives_all_its_entries_with_plain_titles_in_time(corpus: Path) -> None:
    """No crash, none over five seconds, never fewer entries than feedparser counts: those without anything included."""
    pool = WorkerPool(limit=timedelta(seconds=5), clock=SystemClock())
    fewer, marked = [], []
    try:
        for path in real_feeds(corpus).values():
            body = path.read_bytes()
            feed = await pool.parse(body, url="https://one.example/feed", content_type=None)
            assert not feed.cut, path
            if len(feed.drafts) + feed.left_out < len(entries_of(path, "https://one.example/feed")):
                fewer.append(path.name)
            titles = enumerate(draft.title for draft in feed.drafts)
            marked += [(path.name, number) for number, title in titles if MARKUP.search(title)]
    finally:
        pool.close()
    assert fewer == []
    assert frozenset(marked) == ABOUT_MARKUP


@pytest.mark.timeout(300)
def test_every_entry_of_real_feeds_is_stored_once_and_the_second_poll_finds_nothing(site: Site, corpus: Path) -> None:
    feeds = real_feeds(corpus)
    assert len(feeds) > 100
    for number, (name, path) in enumerate(feeds.items()):
        # Half of them know ETags; the other half sends the same body again.
        headers = {"ETag": f'"{name}"'} if number % 2 else {}
        site.feed(name, path.read_bytes(), **headers)
    site.email = False
    site.write()
    daemon = site.start()
    twice = f"select count(*) from (select source from visits group by source having count(*) > 1) having count(*) = {len(feeds)}"
    site.wait(lambda: site.database.exists() and site.rows(twice), "two visits of every feed")
    assert site.stop(daemon) == 0

    assert not [line for line in site.log().splitlines() if "crash" in line or "Traceback" in line]
    visits = site.rows("select source, outcome, entries, new_articles, error from visits order by id")
    first = {visit[0]: visit for visit in reversed(visits)}
    later = [visit for visit in visits if visit is not first[visit[0]]]
    assert Counter(visit[1] for visit in later).keys() == {"not_modified", "unchanged"}
    assert sum(visit[3] for visit in later) == 0

    for name, path in feeds.items():
        wanted = entries_of(path, site.servers.web.url(f"/{name}"))[:MOST_ENTRIES]
        _, outcome, entries, new, error = first[name]
        assert (outcome, entries) == ("read", len(wanted)), (path, error)
        assert new <= len(wanted)
    # Entries of a feed may all link to its front page, or to one script: then they differ in title.
    shared = "select canonical_url from articles where canonical_url <> '' group by canonical_url{} having count(*) > 1"
    assert all(is_front(url) for (url,) in site.rows(shared.format("")))
    assert site.rows(shared.format(", source, title")) == []
    # Nothing but a twin is left out: each entry's own address or, where it has none, its id or title is stored.
    stored = {text for row in site.rows("select title, canonical_url from articles") for text in row}
    stored |= {value for (value,) in site.rows("select value from article_ids")}
    missing = [
        (path.name, entry)
        for name, path in feeds.items()
        for entry in entries_of(path, site.servers.web.url(f"/{name}"))[:MOST_ENTRIES]
        if not {entry, " ".join(entry.split()), canonical_url(web_url(entry) or "http://none.invalid")} & stored
    ]
    assert missing == []
