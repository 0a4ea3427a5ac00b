"""Where the next page of a feed is."""

from __future__ import annotations

import json
import time

import pytest

from monitor.collect.paging import FeedLinks, links_of, next_page

URL = "https://valley.example/feed/"


def rss(head: str, *items: str) -> bytes:
    return f'<rss version="2.0"><channel>{head}{"".join(f"<item>{item}</item>" for item in items)}</channel></rss>'.encode()


@pytest.mark.parametrize(
    ("body", "following"),
    [
        (rss('<atom:link href="https://valley.example/feed/?p=2" rel="next"/>'), f"{URL}?p=2"),
        (rss("<atom:link rel='next' href='?p=2&amp;x=1'/>"), f"{URL}?p=2&x=1"),
        (b'<feed><link rel="prev-archive" href="/2026/10.atom"/></feed>', "https://valley.example/2026/10.atom"),
        (b'<feed><link rel="next" href="?p=2"/><link rel="prev-archive" href="/old"/></feed>', f"{URL}?p=2"),
        (b'<feed><entry><link rel="next" href="/wrong"/></entry></feed>', None),
        (rss('<link rel="next" href="javascript:alert(1)"/>'), None),
        (rss('<atom:link href="https://valley.example/feed/" rel="self"/>'), None),
        (
            json.dumps({"items": [], "next_url": "/feed.json?page=2"}).encode(),
            "https://valley.example/feed.json?page=2",
        ),
        (json.dumps({"items": [], "next_url": 7}).encode(), None),
        (b"{broken", None),
        (b"", None),
    ],
)
def test_a_feed_names_its_next_page_as_rfc_5005_or_json_feed_have_it(body: bytes, following: str | None) -> None:
    assert links_of(body, URL, None).following == following


@pytest.mark.parametrize(
    ("url", "system", "following"),
    [
        (URL, "wordpress", f"{URL}?paged=2"),
        (f"{URL}?paged=7&lang=ru", "wordpress", f"{URL}?lang=ru&paged=8"),
        ("https://valley.example/rss.xml", "drupal", "https://valley.example/rss.xml?page=1"),
        ("https://valley.example/rss.xml?page=1", "drupal", "https://valley.example/rss.xml?page=2"),
        ("https://v.example/feeds/posts/default", "", "https://v.example/feeds/posts/default?start-index=26"),
        ("https://v.example/x?start-index=26", "blogger", "https://v.example/x?start-index=51"),
        (URL, "", f"{URL}?paged=2"),  # called like WordPress's
        ("https://valley.example/news.xml", "", None),
    ],
)
def test_what_a_system_is_known_to_do_is_tried_where_a_feed_names_no_page(
    url: str, system: str, following: str | None
) -> None:
    assert next_page(url, FeedLinks(system=system), entries=25) == following


def test_the_system_is_what_the_feed_says_it_was_made_by() -> None:
    assert links_of(rss("<generator>https://wordpress.org/?v=6.4</generator>"), URL, None).system == "wordpress"
    assert links_of(rss("", "<generator>https://wordpress.org/</generator>"), URL, None).system == ""


def test_an_empty_page_or_one_that_leads_to_itself_is_the_last() -> None:
    assert next_page(f"{URL}?paged=9", FeedLinks(system="wordpress"), entries=0) is None
    assert next_page(URL, FeedLinks(following=URL), entries=10) is None


@pytest.mark.parametrize("piece", ["<link ", "<item>", "<a:link rel='", "<generator", "<entry ><link rel=next href=x "])
def test_a_hostile_feed_is_looked_through_within_the_workers_limit(piece: str) -> None:
    begin = time.process_time()
    links_of(piece.encode() * (1_000_000 // len(piece)), URL, None)
    assert time.process_time() - begin < 5
