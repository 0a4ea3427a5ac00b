"""Real pages of outlets: every feed that a page declares is found, and no feed of comments is."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from monitor.collect.discover.links import read_links
from monitor.urls import web_url
from tests.corpus.shingles import real_pages

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

# Another way than the program's: the tags as they stand in the bytes.
TAG = re.compile(rb"<link\b[^>]*\bapplication/(?:rss|atom)\+xml[^>]*>", re.IGNORECASE)
COMMENTS = re.compile(rb"com+ent|koment|oembed", re.IGNORECASE)
HREF = re.compile(rb"""\bhref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


def declared(body: bytes, url: str) -> set[str]:
    """Give the addresses that the page's link tags name as its alternates, without those that say they are of comments."""
    tags = [tag for tag in TAG.findall(body) if b"alternate" in tag.lower() and not COMMENTS.search(tag)]
    hrefs = [html.unescape(match[1].decode("utf-8", "replace")) for tag in tags if (match := HREF.search(tag))]
    return {found for href in hrefs if (found := web_url(urljoin(url, href.strip())))}


def test_declared_feeds_of_real_pages_are_found(corpus: Path) -> None:
    wanted = found = pages = 0
    for page in real_pages(corpus / "pages" / "aeb"):
        url = page.url if "://" in page.url else f"https://{page.url}"
        links = read_links(page.body, url, "text/html")
        tagged = {link.url for link in links.feeds if link.tagged}
        assert not [feed for link in links.feeds if "comments" in (feed := link.url)]
        wanted += len(declared(page.body, url))
        found += len(declared(page.body, url) & tagged)
        pages += bool(links.feeds)
    assert wanted > 80
    assert found >= 0.97 * wanted
    assert pages > 90
