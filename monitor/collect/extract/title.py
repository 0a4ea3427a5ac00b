"""The headline, the author's name and the site's name, freed of what outlets hang on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from monitor.collect.extract.plain import plain
from monitor.collect.html import line_of
from monitor.collect.limits import AUTHOR, TITLE
from monitor.text import clean_line

_PARTED = re.compile(r"\s+[|–—\-·•»/]\s+|\s*\|\s*|:\s+")
_CUT = re.compile(r"(?:\.\.\.|…)$")
_BY = re.compile(
    r"^\W*(?:(?:written |reported |posted |story |text )?by|авторы?|текст|հեղինակ|müəllif|ავტორი|yazar|par|por|door)"
    r"\b[\s:]*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:https?:)?//|^www\.|^@|\.(?:com|org|net)/", re.IGNORECASE)
_MOST_AUTHORS = 10
_SHORTEST_NAME = 4


def title_of(root: HtmlElement, stated: Sequence[str], sites: Sequence[str]) -> str:
    """Choose the headline: what two places agree on, else the most trusted statement, else what is shown."""
    shown = [text for h1 in list(root.iter("h1"))[:5] if (text := clean_line(h1.text_content()[: 4 * TITLE], TITLE))]
    heads = [clean_line(head.text or "", TITLE) for head in list(root.iter("title"))[:1]]
    told = [text for raw in stated if (text := line_of(raw, TITLE))]
    bare = [without_site(text, sites, shown) for text in (*told, *heads) if text]
    for text in shown:
        if any(_same(text, one) for one in bare):
            return text
    if not bare:
        return shown[0] if shown else ""
    # Headlines in data are often cut: what goes on from there is the whole.
    return next((one for one in (*shown, *bare) if _continues(bare[0], one)), bare[0])


def names_of(stated: Sequence[str], host: str) -> tuple[str, ...]:
    """Give what a site may be called in titles: as it says, and as its host is called."""
    return (*stated, host, *(label for label in host.split(".") if len(label) >= _SHORTEST_NAME))


def without_site(title: str, sites: Sequence[str], shown: Sequence[str] = ()) -> str:
    """Take the site's name off a title: `Talks resume | JAMnews`, `JAMnews: talks resume`."""
    names = {plain(site) for site in sites if site}
    for match in reversed(list(_PARTED.finditer(title))):
        head, tail = title[: match.start()].strip(), title[match.end() :].strip()
        if head and (plain(tail) in names or any(_same(head, one) for one in shown)):
            return without_site(head, sites, shown)
        if tail and plain(head) in names:
            return tail
    return title


def author_of(stated: Sequence[str]) -> str | None:
    """Give the authors' names in one line; addresses of profiles are none."""
    names: dict[str, str] = {}
    for raw in stated[:_MOST_AUTHORS]:
        name = _BY.sub("", clean_line(raw, AUTHOR)).strip(" ,;|")
        if name and not _ADDRESS.search(name) and any(char.isalpha() for char in name):
            names.setdefault(plain(name), name)
    return clean_line(", ".join(names.values()), AUTHOR) or None


def _same(one: str, other: str) -> bool:
    return bool(plain(one)) and plain(one) == plain(other)


def _continues(cut: str, whole: str) -> bool:
    """Tell whether the second is the whole of what the first gives cut."""
    start = plain(_CUT.sub("", cut))
    return len(start) > 20 and len(plain(whole)) > len(start) and plain(whole).startswith(start)  # noqa: PLR2004 - enough to be the same headline
