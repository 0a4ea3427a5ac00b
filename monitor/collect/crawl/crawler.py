"""A Scrapy crawler that carries what its parts need: no part reaches for a global (a part of scrapy's door)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from monitor.collect.crawl.blame import Blame
from monitor.collect.crawl.wire import Wire
from monitor.collect.http import HttpClient
from monitor.collect.pool import WorkerPool
from monitor.model import Limits, Source
from monitor.protocols import Clock

_HERE = "monitor.collect.crawl"
_IN_HAND = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a crawl works with."""

    source: Source
    limits: Limits
    conditions: Mapping[str, str]
    wire: Wire
    client: HttpClient
    extraction: WorkerPool
    blame: Blame
    clock: Clock


class DeskCrawler(Crawler):
    """A crawler at a desk."""

    def __init__(self, spider: type[Spider], desk: Desk) -> None:
        """Set up Scrapy with everything off that we do ourselves, or must not happen."""
        # With the priority of a command line: a spider's own settings must not open ports or turn limits off.
        super().__init__(spider, Settings(settings(), priority="cmdline"))
        self.desk = desk


def desk_of(crawler: Crawler) -> Desk:
    """Give the desk of a crawler that was made here."""
    assert isinstance(crawler, DeskCrawler)
    return crawler.desk


def settings() -> dict[str, object]:
    """Give Scrapy's settings: no reactor, no listening port, no middleware that repeats what our client does."""
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "EXTENSIONS_BASE": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {
            "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": 800,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": 900,
            f"{_HERE}.findings.Yields": 1000,
        },
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), f"{_HERE}.handler.PoliteHandler"),
        "DOWNLOAD_HANDLERS_BASE": {},  # no files, no FTP, no data addresses
        "ITEM_PIPELINES": {f"{_HERE}.findings.Findings": 1},
        # Many, because most of them only wait: the parent's turns say which are open, and the pages of a host that
        # hangs must not keep those of others from asking for theirs.
        "CONCURRENT_REQUESTS": _IN_HAND,
        "CONCURRENT_REQUESTS_PER_DOMAIN": _IN_HAND,
        "CONCURRENT_ITEMS": 2,  # Scrapy starts that many tasks for each response
        "DOWNLOAD_DELAY": 0,  # the parent's turns keep the gap
        "DEPTH_LIMIT": 50,
        "ADDONS": {},
        "FEEDS": {},  # with the next, what would write files
        "JOBDIR": None,
        "COOKIES_ENABLED": False,
        "STATS_DUMP": False,
        "SPIDER_MODULES": [],
    }
