"""What listing, sitemap and site spiders share: where they begin, and how they read addresses, lines and dates."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from scrapy import Request, Spider

from monitor.model import Draft, Look, Source

MOST = 500  # pointers that one visit gives
# Parts of paths of pages that gather articles or are none, also as the region's languages are written in addresses.
_NO_ARTICLE = frozenset(
    """about about-us account advertise advertising author authors avtor avtory cart categories category contact
    contact-us contacts cookies donate elaqe faq feed haqqimizda help hakkimizda iletisim impressum jobs kategori
    kategoria kategoriya kateqoriya kontakt kontakty legal login logout newsletter o-nas page pages privacy
    privacy-policy register reklam reklama rss rubric rubrics rubrika search section sections share signin signup
    sitemap subscribe tag tags team teg terms topic topics user users vacancies wp-admin wp-login.php yazar""".split()
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp3|mp4|docx?|xlsx?|zip|xml|rss|ics|apk)$")
_RFC822 = re.compile(r"(?:\w{3},? )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d.*", re.ASCII)

Found = Draft | Look | Request  # what a page leads to


class SiteSpider(Spider):
    """A spider that begins at its source's start pages."""

    source: Source

    def __init__(self, source: Source) -> None:
        """Take the source as the user wrote it."""
        super().__init__()
        self.source = source

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every start page, also where one of them was read before."""
        for url in self.source.start or (self.source.url,):
            yield Request(url, dont_filter=True)


def absolute(base: str, href: str | None) -> str | None:
    """Give the http(s) address that a link leads to, without its fragment; None where it leads elsewhere."""
    if not href:
        return None
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        return url if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname else None
    except ValueError:  # such as http://[
        return None


def same_site(one: str, other: str) -> bool:
    """Tell whether two addresses are of one site: the same host, or one below the other."""
    here, there = (f".{(urlsplit(url).hostname or '').removeprefix('www.')}" for url in (one, other))
    return here.endswith(there) or there.endswith(here)


def is_no_article(url: str) -> bool:
    """Tell whether an address says that it is a home page, a list of articles, a page about the site, or a file."""
    parts = urlsplit(url)
    segments = [segment for segment in unquote(parts.path).lower().split("/") if segment]
    if not segments:
        return not parts.query
    return bool(_NO_ARTICLE.intersection(segments[-2:]) or _FILE.search(segments[-1]))


def line(text: str) -> str:
    """Give text as one line."""
    return " ".join(text.split())


def moment(text: str | None) -> datetime | None:
    """Give a time written as ISO 8601 or RFC 822, in UTC; one without a zone as it is: it is on the outlet's clock."""
    text = (text or "").strip()
    try:
        told = parsedate_to_datetime(text) if _RFC822.fullmatch(text) else datetime.fromisoformat(text)
        if told.tzinfo:
            return told.astimezone(UTC)
        return told if ":" in text else told.replace(tzinfo=UTC)  # a day is the same day everywhere
    except (ValueError, OverflowError):
        return None


def sortable(told: datetime | None, otherwise: datetime) -> datetime:
    """Give a time that can be compared with any other: one without a zone is off by hours at most."""
    return otherwise if told is None else told if told.tzinfo else told.replace(tzinfo=UTC)
