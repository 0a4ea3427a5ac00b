"""Scrapy spiders, one short file a site; Scrapy loads them by name."""
