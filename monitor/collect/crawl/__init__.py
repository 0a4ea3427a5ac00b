"""Crawls: a Scrapy process for each, which asks its parent for turns and never sees the database."""

from monitor.collect.crawl.collector import CrawlCollector
from monitor.collect.crawl.memory import HostMemory
from monitor.collect.crawl.past import CrawlPast
from monitor.collect.crawl.process import Crawls, CrawlSettings
from monitor.collect.crawl.reader import CrawlPages

__all__ = ["CrawlCollector", "CrawlPages", "CrawlPast", "CrawlSettings", "Crawls", "HostMemory"]
