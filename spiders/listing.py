"""Listings: pages that link to articles, such as a home page or a section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from monitor.model import Draft, Source
from monitor.patterns import Pattern
from spiders.site import MOST, Found, SiteSpider, absolute, is_no_article, line, moment, same_site

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_INLINE = frozenset("b i em strong u mark font sub sup".split())  # may stand inside a word
_SILENT = frozenset("script style template svg noscript".split())
_CARD = 6  # levels above a date in which its link is looked for
_LINKS_IN_CARD = 20
_NUMBER = re.compile(r"20\d\d[/-]\d|(?<!\d)(?!20\d\d(?!\d))\d{4,}")  # a date or an id; a year alone is neither
_WORDS_IN_SLUG = 4
_ENOUGH = (15, 3)  # characters and words of a headline at an address that has a number
_ENOUGH_ALONE = (24, 4)  # and at one that has only a slug
Element = Any  # lxml's, which only lxml's own stubs could name


class ListingSpider(SiteSpider):
    """Gives a pointer for each article that a page links to, in the page's order, 500 at most.

    Which links those are, `selectors.links` and `links` say; without them it is guessed. `selectors.next` or rel=next
    is followed until `pages` pages are read from each start page, one by default.
    """

    name = "listing"
    following = 'a[rel~="next"], link[rel~="next"]'

    def __init__(self, source: Source) -> None:
        """Take the source."""
        super().__init__(source)
        self._pattern = Pattern(source.links) if source.links else None
        self._told: set[str | None] = {absolute("", url) for url in (source.url, *source.start)}
        self._left = MOST

    def parse(self, response: Response, page: int = 1, **_: object) -> Iterator[Found]:
        """Give the pointers of a page, and ask for the next one."""
        html = response.replace(cls=HtmlResponse)  # whatever the server calls it
        self._told.add(absolute("", response.url))
        titles = {url: title for url, title in self._titles(html).items() if url not in self._told}
        moments = moments_of(html, titles)
        for url, title in islice(titles.items(), self._left):
            self._told.add(url)
            self._left -= 1
            yield Draft(url=url, title=title, published_at=moments.get(url))
        if self._left and page < (self.source.pages or 1):
            yield from self._next(html, page)

    def _titles(self, html: HtmlResponse) -> Mapping[str, str]:
        """Give the addresses of articles and their titles, in the order of the page."""
        guess = not (self.source.selectors.links or self._pattern)
        links: dict[str, list[Element]] = {}
        for link in self._links(html):
            url = absolute(html.urljoin(""), link.get("href"))
            if url and (self._pattern is None or self._pattern.fits(url)) and not (guess and _is_navigation(link)):
                links.setdefault(url, []).append(link)
        titles = {url: _title(found) for url, found in links.items()}
        return {url: title for url, title in titles.items() if not guess or _is_article(url, title, html.url)}

    def _links(self, html: HtmlResponse) -> Iterator[Element]:
        """Give the links that may count: what the selector finds, is in it or around it; or all."""
        selector = self.source.selectors.links
        if selector is None:
            yield from html.selector.root.iter("a")
            return
        for found in html.css(selector.partition("::")[0]):
            yield from found.root.xpath("descendant-or-self::a | ancestor::a[1]")

    def _next(self, html: HtmlResponse, page: int) -> Iterator[Request]:
        """Ask for the next page."""
        if url := self._next_page(html):
            yield Request(url, cb_kwargs={"page": page + 1})

    def _next_page(self, html: HtmlResponse) -> str | None:
        """Give the address of the next page, if it is of this site and was not read before."""
        for link in html.css(self.source.selectors.next or self.following)[:1]:
            url = absolute(html.urljoin(""), link.attrib.get("href"))
            if url and url not in self._told and same_site(url, html.url):
                return url
        return None


def _title(links: Iterable[Element]) -> str:
    """Give what the links to one article call it: the best kind of text, and of that the longest."""
    told = [(kind, len(text), text) for link in links for kind, text in _texts(link)]
    return max(told)[2] if told else ""


def _texts(link: Element) -> Iterator[tuple[int, str]]:
    """Give the texts of a link with their kinds: 2 a headline, 1 other text, 0 what stands for a picture."""
    headings = [text for heading in link.iter(*_HEADINGS) if (text := _text(heading))]
    if headings:
        yield 2, headings[0]
    elif text := _text(link):
        yield 2 if any(above.tag in _HEADINGS for above in islice(link.iterancestors(), 3)) else 1, text
    else:
        alternatives = [link.get("title", ""), *(image.get("alt", "") for image in link.iter("img"))]
        yield from ((0, line(text)) for text in alternatives)


def _text(element: Element) -> str:
    """Give an element's text as one line; what stands in elements of its own is a word of its own."""
    pieces = []
    for piece in element.xpath(".//text()"):
        parent = piece.getparent()
        if piece.is_tail or parent.tag not in _SILENT:
            pieces.append(piece if parent.tag in _INLINE else f" {piece}")
    return line("".join(pieces))


def _is_navigation(link: Element) -> bool:
    return any(above.tag in {"nav", "footer"} for above in islice(link.iterancestors(), 30))


def _is_article(url: str, title: str, page: str) -> bool:
    """Guess whether a link leads to an article: of this site, a slug or a number in it, and a headline's length."""
    if is_no_article(url) or not same_site(url, page):
        return False
    parts = urlsplit(url)
    path = unquote(parts.path)
    has_number = bool(_NUMBER.search(f"{path}?{parts.query}"))
    has_slug = len(re.split(r"[-_]", path.strip("/").rpartition("/")[2])) >= _WORDS_IN_SLUG
    characters, words = _ENOUGH if has_number else _ENOUGH_ALONE
    return (has_number or has_slug) and len(title) >= characters and len(title.split()) >= words


def moments_of(html: HtmlResponse, urls: Mapping[str, str]) -> Mapping[str, datetime]:
    """Give the dates of articles: of each `<time datetime>`, the one article that its card links to."""
    base = html.urljoin("")
    found: dict[str, datetime] = {}
    for time in html.css("time[datetime]")[:MOST]:
        url = _card_of(time.root, base, urls)
        told = moment(time.attrib["datetime"])
        if url and told:
            found.setdefault(url, told)
    return found


def _card_of(time: Element, base: str, urls: Mapping[str, str]) -> str | None:
    """Give the only article that is linked near a date; None where there are several."""
    for level in islice(time.iterancestors(), _CARD):
        links = list(islice(level.iter("a"), _LINKS_IN_CARD + 1))
        near = {url for link in links if (url := absolute(base, link.get("href"))) in urls}
        if near or len(links) > _LINKS_IN_CARD:
            return near.pop() if len(near) == 1 and len(links) <= _LINKS_IN_CARD else None
    return None
