"""What a page says of feeds and of its site's other languages; runs in the parse worker only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urldefrag, urlsplit

from monitor.collect.discover.editions import edition_of, language_code
from monitor.collect.extract.page import parse_page
from monitor.model import FeedLink, PageLinks
from monitor.text import clean_line
from monitor.urls import canonical_url, web_url

_MOST_FEEDS = 40
_MOST_EDITIONS = 12
_MOST_LINKS = 5000
# RFC 4287, RSS Advisory Board, JSON Feed 1.1, and spellings in use.
_TYPE = re.compile(r"(?:application|text)/(?:x[.-])?(?:rss|atom|rdf|feed)(?:\+(?:xml|json))?", re.IGNORECASE)
_XML = re.compile(r"(?:application|text)/(?:xml|json)", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:rss2?|feeds?|atom|rdf|rssfeeds?|newsfeed)(?:[/._-]|\d?$)"
    r"|^/api/z[\w$-]{6,}$"  # Pangea, of RFE/RL
    r"|/feeds/posts/default",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|type|alt)=(?:rss2?|atom|rdf|feed)(?:&|$)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"^feeds\.|(?:^|\.)feedburner\.com$")  # where outlets keep feeds under another name
# Feeds of what readers write below an article, in the words of the region's programs.
_COMMENTS = re.compile(
    r"comment|koment|kommentar|coment|yorum|rəy|şərh|комментар|коментар|մեկնաբան|კომენტარ|/replies|oembed|wp-json",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|svg|webp|css|js|pdf|mp3|mp4|zip|apk)$", re.IGNORECASE)
Element = Any  # lxml's


def read_links(body: bytes, url: str, content_type: str | None) -> PageLinks:
    """Read a page's links.

    Raises:
        SourceError: it is no page.
    """
    root = parse_page(body, content_type).root
    base = _base(root, url)
    heads, anchors = list(_heads(root, base)), list(_anchors(root, base))
    feeds = {told: FeedLink(url=told, tagged=True) for link, told in heads if _is_feed_tag(link, told)}
    for link, told in anchors:
        if _is_feed_link(link, told, url):
            feeds.setdefault(told, FeedLink(url=told))
    return PageLinks(
        feeds=tuple(islice(feeds.values(), _MOST_FEEDS)),
        editions=tuple(islice(_editions(heads, anchors, url), _MOST_EDITIONS)),
        generator=_meta(root, "generator"),
        site=_meta(root, "og:site_name") or _meta(root, "application-name"),
        language=language_code(root.get("lang") or ""),
    )


def _base(root: Element, url: str) -> str:
    """Give what the page's links are relative to (HTML, 4.2.3)."""
    told = next((link.get("href") for link in root.iter("base") if link.get("href")), None)
    return (web_url(told, url) if told else None) or url


def _heads(root: Element, base: str) -> Iterator[tuple[Element, str]]:
    """Give the links of the head that lead to another form of the page, each with its address."""
    for link in islice(root.iter("link"), _MOST_LINKS):
        told = {word.lower() for word in (link.get("rel") or "").split()}
        if ("alternate" in told and "stylesheet" not in told) or "feed" in told:
            address = web_url(link.get("href"), base)
            if address:
                yield link, address


def _anchors(root: Element, base: str) -> Iterator[tuple[Element, str]]:
    for link in islice(root.iter("a", "area"), _MOST_LINKS):
        address = web_url(link.get("href"), base)
        if address and not _FILE.search(urlsplit(address).path):
            yield link, urldefrag(address).url


def _is_feed_tag(link: Element, url: str) -> bool:
    kind = (link.get("type") or "").partition(";")[0].strip()
    if _COMMENTS.search(f"{url} {link.get('title') or ''} {kind}"):
        return False
    return bool(_TYPE.fullmatch(kind) or ((_XML.fullmatch(kind) or not kind) and _looks_like_feed(url)))


def _is_feed_link(link: Element, url: str, page: str) -> bool:
    """Tell whether a link in the page may lead to a feed of this site, or to a page that lists some."""
    host, here = (urlsplit(address).hostname or "" for address in (url, page))
    near = f".{host}".endswith(f".{_bare(here)}") or f".{here}".endswith(f".{_bare(host)}")
    if not (near or _ELSEWHERE.search(host)) or _COMMENTS.search(url):
        return False
    return _looks_like_feed(url) or host.startswith("feeds.") or bool(_TYPE.match(link.get("type") or ""))


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _editions(
    heads: list[tuple[Element, str]], anchors: list[tuple[Element, str]], page: str
) -> Iterator[tuple[str, str]]:
    """Give the site's pages in other languages, one for each: those that the head names, else what looks like a switch.

    What the head says of the page itself tells its language; sites often have the same one for several countries.
    """
    named = [
        (language, url)
        for link, url in heads
        if (language := language_code(link.get("hreflang") or "")) and not _TYPE.match(link.get("type") or "")
    ]
    found = named or [(language, url) for _, url in anchors if (language := edition_of(url, page))]
    here = canonical_url(page)
    seen = {language for language, url in found if canonical_url(url) == here}
    for language, url in found:
        if language not in seen and canonical_url(url) != here:
            seen.add(language)
            yield language, url


def _meta(root: Element, name: str) -> str:
    for meta in islice(root.iter("meta"), 300):
        if (meta.get("name") or meta.get("property") or "").lower() == name:
            return clean_line(meta.get("content") or "", 120)
    return ""
