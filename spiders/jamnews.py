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
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from monitor.model import Draft
from spiders.site import SiteSpider, absolute, line, same_site

# The first part of a path says the language; English has none.
LANGUAGES = {"ru": "ru", "am": "hy", "hy": "hy", "az": "az", "ge": "ka", "ka": "ka"}
# An article is a slug under its edition: /some-words/ or /ru/some-words/; sections are /category/some-words/.
ARTICLE = re.compile(r"/(?:(?:ru|am|hy|az|ge|ka)/)?[^/]*-[^/]*/?")
SHORTEST = 3  # words of a headline; what is shorter is a menu
MARKER = re.compile(
    r"[\s.,:;•·|()–—-]*\b\d+\s+"
    r"(?:new\s+updates?|нов\w+\s+обновлени\w+|նոր\s+թարմաց\w+|yeni\s+yenilənmə\w*|ახალი\s+განახლება)[\s.)]*",
    re.IGNORECASE,
)


class JamnewsSpider(SiteSpider):
    """Reads front pages; the English one leads to those of the other editions."""

    name = "jamnews"

    def parse(self, response: Response, **_: object) -> Iterator[Draft | Request]:
        """Give a pointer for each teaser of a front page, and ask for the pages of other editions."""
        titles: dict[str, str] = {}
        rolling: set[str] = set()
        for link in response.css("a[href]"):
            url = absolute(response.url, link.attrib["href"])
            if url is None or not same_site(url, response.url):
                continue
            if self.is_other_edition(url, response.url):
                yield Request(url)  # Scrapy asks once, however often it is linked
            elif ARTICLE.fullmatch(urlsplit(url).path):
                title = line(MARKER.sub(" ", " ".join(link.css("::text").getall())))
                titles[url] = max(titles.get(url, ""), title, key=len)
                # The marker stands in the link, or beside it in the same teaser.
                teaser = link.xpath("ancestor-or-self::*[self::article or self::li or self::a][last()]")
                if MARKER.search(" ".join(teaser.css("::text").getall())):
                    rolling.add(url)
        for url, title in titles.items():
            if len(title.split()) >= SHORTEST:
                yield self.pointer(url, title, rolling=url in rolling)

    def is_other_edition(self, url: str, page: str) -> bool:
        """Tell whether the English front page leads here to another one, which the user did not name."""
        is_front_page = urlsplit(url).path.strip("/") in LANGUAGES
        return is_front_page and urlsplit(page).path in {"", "/"} and url not in self.source.start

    def pointer(self, url: str, title: str, *, rolling: bool) -> Draft:
        """Give the draft; `updated_at` says that a page we may know has something new in it."""
        language = LANGUAGES.get(urlsplit(url).path.split("/")[1], "en")
        return Draft(url=url, title=title, language=language, updated_at=datetime.now(UTC) if rolling else None)
