"""Sitemaps: news, plain, text and index files, packed or not, and feeds that are given as one (sitemaps.org, 0.9)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Selector
from scrapy.http import Response, XmlResponse
from scrapy.utils.gz import gunzip

from monitor.model import Draft, Source
from monitor.patterns import Pattern
from spiders.site import MOST, Found, SiteSpider, absolute, is_no_article, line, moment, same_site, sortable

_FILES = 5
_DEPTH = 3
_ENTRIES = 50_000  # of one file, as the protocol has it
_UNPACKED = 10 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
# What index files also list: pages that gather articles, and pages that are none.
_NO_ARTICLES = re.compile(
    r"categor|taxonom|[-_/]tags?\b|authors?\b|users?\b|\bpages?-sitemap|posts-page-|image", re.ASCII
)
# Halves of characters: lxml takes a reference to one, and cannot say then what it has read.
_HALF = re.compile(
    r"&#(?:x0*d[89a-f][0-9a-f]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));|[\ud800-\udfff]",
    re.IGNORECASE | re.ASCII,
)
Element = Any  # lxml's, which only lxml's own stubs could name


class SitemapSpider(SiteSpider):
    """Gives a pointer for each entry, the newest first, 500 at most; reads the newest files of an index, 5 by default.

    The files of an index share the 500 evenly, so that a large one does not take the place of the others.
    """

    name = "sitemap"

    def __init__(self, source: Source) -> None:
        """Take the source: `pages` files of an index are read, and `links` says which addresses are wanted."""
        super().__init__(source)
        self._pattern = Pattern(source.links) if source.links else None
        self._files_left = source.pages or _FILES
        self._told: set[str | None] = {None, source.url}

    def parse(self, response: Response, depth: int = 1, share: int = 0, **_: object) -> Iterator[Found]:
        """Give the drafts of a file, and ask for the files that it lists."""
        share = share or MOST // max(1, len(self.source.start))
        root, wanted = self._read(response)
        for draft in _newest(wanted, share):
            self._told.add(draft.url)
            yield draft
        if root is not None and depth < _DEPTH:
            yield from self._files(root, response.url, depth, share)

    def _read(self, response: Response) -> tuple[Element | None, list[Draft]]:
        """Give a file's root, if it is XML, and those of its entries that are wanted, each once."""
        text = _text(response)
        if text is None:
            self.logger.warning("%s is packed twice, or larger than %d bytes, or broken", response.url, _UNPACKED)
            return None, []
        root = _root(text)
        drafts = _feed_or_map(root, response.url) if root is not None else _lines(text)
        wanted = {draft.url: draft for draft in drafts if self._is_wanted(draft)}
        return root, [*wanted.values()]

    def _is_wanted(self, draft: Draft) -> bool:
        """Tell whether it is new in this visit, and an article."""
        url = draft.url or ""
        wanted = self._pattern.fits(url) if self._pattern else not is_no_article(url)
        return wanted and draft.url not in self._told

    def _files(self, root: Element, base: str, depth: int, share: int) -> Iterator[Request]:
        """Ask for the newest files of an index; Scrapy takes requests of one priority in any order."""
        chosen = _newest_files(root, base)[: self._files_left]
        self._files_left -= len(chosen)
        for place, url in enumerate(chosen):
            told = {"depth": depth + 1, "share": max(1, share // len(chosen))}
            yield Request(url, cb_kwargs=told, priority=-place)


def _text(response: Response) -> str | None:
    """Give the file's text; None where it is packed in a way that no sitemap is."""
    body = response.body
    if body.startswith(_GZIP):
        try:
            body = gunzip(body, max_size=_UNPACKED)
        except (ValueError, OSError, EOFError):
            return None
    if body.startswith(_GZIP):
        return None
    # Scrapy's own way to find an encoding: byte order mark, header, declaration, guess.
    return _HALF.sub("\ufffd", XmlResponse(response.url, headers=response.headers, body=body).text)


def _root(text: str) -> Element | None:
    """Give the document's root, as much of it as can be read; None for a text that is no XML.

    Entities are not resolved, and without `huge_tree` they cannot grow either, nor can the tree be very deep.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a part that was too deep or too long
        return Selector(text=text, type="xml", huge_tree=False).root


def _lines(text: str) -> Iterator[Draft]:
    """Read a text sitemap: an address a line."""
    for word in islice(text.lstrip("\ufeff").splitlines(), _ENTRIES):
        if url := absolute("", word):
            yield Draft(url=url)


def _feed_or_map(root: Element, base: str) -> Iterator[Draft]:
    """Read the entries of a sitemap, RSS or Atom, whatever namespace they claim."""
    for entry in islice(root.iter("{*}url", "{*}item", "{*}entry"), _ENTRIES):
        if url := absolute(base, _value(entry, "loc") or _link(entry)):
            yield Draft(
                url=url,
                title=_value(entry, "news", "title") or _value(entry, "title"),
                published_at=_first_moment(
                    entry, ("news", "publication_date"), ("pubDate",), ("published",), ("date",)
                ),
                updated_at=_first_moment(entry, ("lastmod",), ("updated",)),
                language=_value(entry, "news", "publication", "language").lower()[:2] or None,
            )


def _newest(drafts: Sequence[Draft], most: int) -> Sequence[Draft]:
    """Give the newest; files without dates grow at their beginning or at their end, so it takes from both."""
    if len(drafts) > most and not any(_when(draft) > _EARLIEST for draft in drafts):
        return [*drafts[: most - most // 2], *drafts[len(drafts) - most // 2 :]]
    return sorted(drafts, key=_when, reverse=True)[:most]


def _when(draft: Draft) -> datetime:
    return sortable(draft.published_at or draft.updated_at, _EARLIEST)


def _newest_files(root: Element, base: str) -> list[str]:
    """Give the site's own files of an index, the newest first; an undated file of news is taken to be new."""
    files = files_of(root, base)
    undated = {url: _LATEST if "news" in _file_name(url) else _EARLIEST for url in files}
    return sorted(files, key=lambda url: sortable(files[url], undated[url]), reverse=True)


def files_of(root: Element, base: str) -> dict[str, datetime | None]:
    """Give the site's own files of an index with their times, without those that by their names hold no articles."""
    files: dict[str, datetime | None] = {}
    for entry in root.iter("{*}sitemap"):
        url = absolute(base, _value(entry, "loc") or line(entry.text or ""))
        if url and url != base and same_site(url, base):
            files.setdefault(url, moment(_value(entry, "lastmod")))
    return {url: at for url, at in files.items() if not _NO_ARTICLES.search(_file_name(url))} or files


def _file_name(url: str) -> str:
    return "/" + urlsplit(url).path.lower().rpartition("/")[2]


def _value(element: Element, *path: str) -> str:
    """Give the text at a path of names; what no namespace was declared for has its prefix in the name."""
    for name in path:
        found = next((child for child in element if _name(child) == name), None)
        if found is None:
            return ""
        element = found
    return line("".join(element.itertext()))


def _name(element: Element) -> str:
    """Give an element's name without its namespace; comments have none."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _link(entry: Element) -> str:
    """Give the address of an RSS item (the text of its link) or of an Atom entry (RFC 4287, section 4.2.7)."""
    links = [child for child in entry if _name(child) == "link" and child.get("rel", "alternate") == "alternate"]
    return next((told for link in links if (told := line("".join(link.itertext())) or link.get("href", ""))), "")


def _first_moment(entry: Element, *paths: tuple[str, ...]) -> datetime | None:
    return next((told for path in paths if (told := moment(_value(entry, *path)))), None)
