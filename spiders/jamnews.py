"""JAMnews: what its feeds leave out, and the worked example for a site spider of your own.

JAMnews' feeds are the main way to it. This spider adds what they do not show: the front pages of all language editions,
and the rolling pages ("the main topics of the week") that grow all day under one address and say so in their teaser
("2 new updates"). It was written from that description: no page of the live site was at hand, it is tested on pages of
our own in the described shape, and only the English wording of the marker is known; the others are translations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Selector
from scrapy.http import Response

from monitor.model import Draft
from spiders.site import SiteSpider, absolute, is_no_article, line, same_site

# The first part of a path says the language; English has none.
LANGUAGES = {"ru": "ru", "am": "hy", "hy": "hy", "az": "az", "ge": "ka", "ka": "ka"}
# An article is a slug under its edition: /some-words/ or /ru/some-words/; sections are /category/some-words/.
ARTICLE = re.compile(r"/(?:(?:ru|am|hy|az|ge|ka)/)?[^/]*-[^/]*/?")
SHORTEST = 3  # words of a headline; what is shorter is a menu
HEADINGS = "h1, h2, h3, h4, h5, h6"
LEVELS = 6  # above a link in which its teaser ends
MARKER = re.compile(
    r"[\s.,:;•·|()–—-]*\b\d{1,3}\s+"
    r"(?:new\s+updates?|нов\w+\s+обновлени\w+|նոր\s+թարմաց\w+|yeni\s+yenil(?:ən)?mə\w*|ახალი\s+განახლება)[\s.)]*",
    re.IGNORECASE,
)


class JamnewsSpider(SiteSpider):
    """Reads front pages; the English one leads to those of the other editions."""

    name = "jamnews"

    def parse(self, response: Response, **_: object) -> Iterator[Draft | Request]:
        """Give a pointer for each teaser of a front page, and ask for the pages of other editions."""
        articles: dict[str, list[Any]] = {}
        for link in response.css("a[href]"):
            url = absolute(response.url, link.attrib["href"])
            if url is None or not same_site(url, response.url):
                continue
            if self.is_other_edition(url, response.url):
                yield Request(url)  # Scrapy asks once, however often it is linked
            elif ARTICLE.fullmatch(urlsplit(url).path) and not is_no_article(url):
                articles.setdefault(url, []).append(link)
        for url, links in articles.items():
            title = max(map(headline, links))[2]
            if len(title.split()) >= SHORTEST:
                marked = any(MARKER.search(shown(teaser(link, response))) for link in links)
                yield self.pointer(url, title, rolling=marked)

    def is_other_edition(self, url: str, page: str) -> bool:
        """Tell whether the English front page leads here to another one, which the user did not name."""
        is_front_page = urlsplit(url).path.strip("/") in LANGUAGES
        return is_front_page and urlsplit(page).path in {"", "/"} and url not in self.source.start

    def pointer(self, url: str, title: str, *, rolling: bool) -> Draft:
        """Give the draft; `updated_at` says that a page we may know has something new in it."""
        language = LANGUAGES.get(urlsplit(url).path.split("/")[1], "en")
        return Draft(url=url, title=title, language=language, updated_at=datetime.now(UTC) if rolling else None)


def headline(link: Selector) -> tuple[bool, int, str]:
    """Give a link's title without the marker, that of a heading before the longest."""
    inside = link.css(HEADINGS)
    around = link.xpath("ancestor::*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]")
    text = line(MARKER.sub(" ", shown(inside[0] if inside else link)))
    return bool(text and (inside or around)), len(text), text


def teaser(link: Selector, page: Response) -> Selector:
    """Give the largest thing around a link that leads to no other article: the marker stands somewhere in it."""
    here, found = absolute(page.url, link.attrib["href"]), link
    for level in link.xpath("ancestor::*[not(self::body or self::html or self::main)]")[::-1][:LEVELS]:
        urls = (absolute(page.url, href) for href in level.css("a::attr(href)").getall())
        if any(url and url != here and ARTICLE.fullmatch(urlsplit(url).path) for url in urls):
            break
        found = level
    return found


def shown(part: Selector) -> str:
    """Give the text of a part of a page."""
    return " ".join(part.css("::text").getall())
