"""The usual places of feeds and sitemaps, by the program that makes the site: pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

# What each program offers, in the order in which it is worth trying; the last is for the unknown.
_FEEDS = (
    (re.compile(r"wordpress|wp engine", re.IGNORECASE), ("feed/",)),
    (re.compile(r"drupal", re.IGNORECASE), ("rss.xml", "feed")),
    (re.compile(r"joomla", re.IGNORECASE), ("?format=feed&type=rss",)),
    (re.compile(r"blogger", re.IGNORECASE), ("feeds/posts/default?alt=rss",)),
    (re.compile(r"ghost", re.IGNORECASE), ("rss/",)),
    (re.compile(r"hugo|gatsby|astro|eleventy", re.IGNORECASE), ("index.xml", "rss.xml", "feed.xml")),
    (re.compile(r"jekyll", re.IGNORECASE), ("feed.xml", "atom.xml")),
    (re.compile(r"squarespace", re.IGNORECASE), ("?format=rss",)),
    (re.compile(r"typo3", re.IGNORECASE), ("?type=100", "feed.rss")),
)
_ANY = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss/news", "feeds/index.rss", "rss/all.xml")
_SITEMAPS = ("sitemap-news.xml", "news-sitemap.xml", "sitemap_news.xml", "sitemap.xml", "sitemap_index.xml")
_NEWS = re.compile(r"news|google|latest|recent|novosti|xeber", re.IGNORECASE)
_NO_NEWS = re.compile(r"categor|tag|author|page|image|video|static|archive", re.IGNORECASE)


def feed_places(page: str, generator: str) -> tuple[str, ...]:
    """Give where a feed of this front page may be, the likeliest first."""
    folder = page if urlsplit(page).path.endswith("/") else f"{page.partition('?')[0]}/"
    known = next((places for program, places in _FEEDS if program.search(generator)), ())
    return tuple(urljoin(folder, place) for place in dict.fromkeys((*known, *_ANY)))


def sitemap_places(page: str) -> tuple[str, ...]:
    """Give where a sitemap of this site may be."""
    return tuple(urljoin(page, f"/{place}") for place in _SITEMAPS)


def newsworthy(sitemaps: tuple[str, ...]) -> tuple[str, ...]:
    """Give sitemaps in the order in which they are worth trying: those that say news first, other things last."""
    return tuple(sorted(dict.fromkeys(sitemaps), key=lambda url: (not _NEWS.search(url), bool(_NO_NEWS.search(url)))))


def front_page(url: str) -> str:
    """Give the front page of an address's site."""
    return urljoin(url, "/")
