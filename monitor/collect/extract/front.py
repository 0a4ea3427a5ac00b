"""Whether a page is a list of other pages: a front page, a section, a tag."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lxml.html import HtmlElement

from monitor.collect.extract.plain import plain

_HEADLINE = 25  # code points of a link that may be a headline
_FEW = 8  # headlines
_PROSE = 80  # code points of a line that tells something
_SHARE = 0.4  # of a page's text that is links
_MOST = 2000


def headlines_on(root: HtmlElement) -> frozenset[str]:
    """Give the linked headlines of a page that is mostly links; nothing where it is not, or marks one article."""
    articles = list(root.iter("article"))
    if len(articles) == 1 and next(articles[0].iter("h1"), None) is not None:
        return frozenset()
    links = [text for link in list(root.iter("a"))[:_MOST] if (text := " ".join(link.text_content()[:500].split()))]
    shown = sum(map(len, root.xpath("//body//text()[not(parent::script or parent::style or parent::noscript)]")))
    if sum(map(len, links)) < _SHARE * shown:
        return frozenset()
    return frozenset(plain(text) for text in links if len(text) >= _HEADLINE)


def is_list(lines: Sequence[str], headlines: Collection[str]) -> bool:
    """Tell whether a text consists of the headlines of other pages, and of what they are introduced by."""
    if len(headlines) < _FEW:
        return False
    linked = [line for line in lines if _is_headline(plain(line), headlines)]
    prose = [line for line in lines if len(line) >= _PROSE and line not in linked]
    return not lines or len(linked) >= max(_FEW // 2, len(prose)) or (bool(linked) and not prose)


def _is_headline(line: str, headlines: Collection[str]) -> bool:
    return line in headlines or any(headline in line and 2 * len(headline) > len(line) for headline in headlines)
