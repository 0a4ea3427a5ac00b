"""What a crawl of the past tells of the pages it was sent to, by the addresses that it was given."""

from __future__ import annotations

from typing import Any, cast

from monitor.collect.crawl.past import CrawlPast
from monitor.collect.crawl.process import Crawls, Heard
from monitor.model import PastOrder, Period, Source, Step, Way
from tests.factories import NOW, source


class OneFailure:
    """A crawl on which one request fails, told of by the address as it was sent."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def look(self, source: Source, past: PastOrder, heard: Heard) -> None:
        del source, past
        await heard({"type": "visit", "url": self._url, "error": "http_404"})


async def test_a_failure_is_that_of_the_page_however_its_address_was_written() -> None:
    """An address in Cyrillic or Armenian letters is sent in others: its page would never be known to be missing."""
    url = "https://новости.example/sitemap.xml"
    crawls = cast("Crawls", cast("Any", OneFailure("https://xn--b1amnebsh.example/sitemap.xml")))
    order = PastOrder(period=Period(since=NOW, until=NOW, latest=NOW), way=Way.SITEMAP, pages=1)
    shown = await CrawlPast(crawls).look(source(), [Step(url=url, way=Way.SITEMAP)], order)
    assert [(look.url, look.error) for look in shown.looks] == [(url, "http_404")]
