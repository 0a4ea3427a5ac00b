"""How well the moment of a page is read from what it shows to people, judged by what it states to machines.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/dates.py [--misses]

Pages: `pages/aeb`. Those count that state a minute with its zone (JSON-LD, meta tags). All statements are taken away,
attributes of `time` elements too; what is left is what a reader sees, and the address. Shown clocks mostly have no
zone: the third figure is of those that are right but for a zone, i.e. a whole number of quarter hours away.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import html

from monitor.collect.extract import extract_page
from monitor.collect.extract.jsonld import read_jsonld
from monitor.collect.extract.meta import read_meta
from monitor.collect.extract.page import parse_page
from monitor.model import Selectors
from tests.corpus.shingles import RealPage, real_pages

NOW = datetime(2019, 11, 20, 12, tzinfo=UTC)  # the newest were saved then
DAY = timedelta(hours=26)
QUARTER = timedelta(minutes=15)
STATING = (
    '//script[contains(@type, "json")] | //meta[contains(@content, "20")][not(@charset)]'
    ' | //*[@itemprop="datePublished" or @itemprop="dateModified" or @itemprop="dateCreated"][@content]'
)


def main(corpus: Path, *, misses: bool) -> None:
    """Print the share of days and of minutes that are found."""
    days = minutes = clocks = pages = 0
    for page in real_pages(corpus / "pages" / "aeb"):
        truth = _stated(page)
        if truth is None:
            continue
        found = _moment(page.url, _bare(page))
        pages += 1
        off = abs(found - truth) if found else None
        days += off is not None and off <= DAY
        minutes += off is not None and off < timedelta(minutes=1)
        clock = off is not None and off <= DAY and (off % QUARTER < timedelta(minutes=1))
        clocks += clock
        if misses and not clock:
            print(page.name[:12], page.url[:90], truth, found)
    print(f"{pages} pages: {days} within 26 h, {minutes} to the minute, {clocks} to the minute but for the zone")


def _stated(page: RealPage) -> datetime | None:
    """Give the moment that a page states, if it states a minute and a zone."""
    root = parse_page(page.body, "text/html").root
    raw = (*read_jsonld(root, page.url)[0].published, *read_meta(root).published)
    exact = [
        text for text in raw if ":" in text and text.rstrip()[-6:-5] + text.rstrip()[-5:-4] + text[-1:] and _zoned(text)
    ]
    return _moment(page.url, page.body) if exact else None


def _zoned(text: str) -> bool:
    tail = text.strip()[10:]
    return tail.endswith("Z") or "+" in tail or "-" in tail


def _bare(page: RealPage) -> bytes:
    """Give the page without its statements."""
    root = parse_page(page.body, "text/html").root
    for element in root.xpath(STATING):
        if element.tag in {"script", "meta"}:
            element.drop_tree()
        else:
            del element.attrib["content"]
    for element in root.xpath("//*[@datetime]"):
        del element.attrib["datetime"]
    return html.tostring(root, encoding="utf-8")


def _moment(url: str, body: bytes) -> datetime | None:
    return extract_page(
        body, url=url, content_type="text/html; charset=utf-8", selectors=Selectors(), now=NOW
    ).published_at


if __name__ == "__main__":
    main(Path(os.environ["MONITOR_CORPUS"]), misses="--misses" in sys.argv)
