"""Real sitemaps, whole and broken: pointers or nothing, and never an exception."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scrapy import Request
from scrapy.http import Response

from monitor.model import Draft
from spiders.site import MOST
from spiders.sitemap import SitemapSpider
from tests.factories import source

pytestmark = pytest.mark.corpus

WITHOUT_ENTRIES = {"error", "index", "sitemap2"}  # words in the names of files that are broken, or list only files


def test_every_real_sitemap_gives_web_addresses_or_nothing(corpus: Path) -> None:
    files = sorted((corpus / "sitemaps").iterdir())
    assert len(files) > 20
    for path in files:
        spider = SitemapSpider(source(url="https://www.example.com/map"))
        found = list(spider.parse(Response("https://www.example.com/map", body=path.read_bytes())))
        drafts = [item for item in found if isinstance(item, Draft)]
        asked = [item for item in found if isinstance(item, Request)]
        assert len(drafts) + len(asked) == len(found)
        addresses = [draft.url or "" for draft in drafts] + [request.url for request in asked]
        assert len(addresses) == len(set(addresses)), path.name
        assert all(urlsplit(url).scheme in {"http", "https"} for url in addresses), path.name
        assert len(drafts) <= MOST
        assert drafts or any(word in path.name for word in WITHOUT_ENTRIES), path.name
        for moment in (moment for draft in drafts for moment in (draft.published_at, draft.updated_at) if moment):
            assert moment.tzinfo is not None
