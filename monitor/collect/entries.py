"""From an entry as feedparser gives it to a draft: which of its elements is the address, the title, the text (pure)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from monitor.collect.feedtimes import FeedTimes
from monitor.collect.html import line_of, text_of, unescaped
from monitor.collect.limits import AUTHOR, GUID, LANGUAGE, TEXT, TITLE
from monitor.model import Draft
from monitor.text import clean_line
from monitor.urls import web_url

Entry = dict[str, Any]
# Full texts as Yandex and Rambler had outlets give them, in their own namespaces or in none.
_FULL_TEXT = re.compile(r"(?:\w+_)?full-?text")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?/", re.IGNORECASE)
_OTHER_PAGES = frozenset({"replies", "via", "related"})
_MAIL = re.compile(r"[(<]?\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+[>)]?")
_NAKED = re.compile(r"www\.[\w-]+\.[\w.-]+(?:/|$)")


def draft_of(entry: Entry, base: str, times: FeedTimes, *, atom: bool) -> Draft:
    """Give the draft of an entry; `base` is what its links are relative to, `atom` tells whether the feed is one."""
    text = _content(entry)
    summary = text_of(string(entry, "summary") or string(entry, "subtitle"), TEXT)
    updated = moment(entry, "updated", times)
    return Draft(
        url=_url(entry, base),
        guid=guid_of(string(entry, "id")),
        title=_title(entry, atom=atom) or line_of(string(entry, "itunes_title"), TITLE),
        summary=summary if text is None or summary != text else "",
        text=text,
        author=_author(entry),
        published_at=moment(entry, "published", times) or moment(entry, "created", times) or updated,
        updated_at=updated,
        language=_language(entry),
    )


def guid_of(text: str) -> str | None:
    """Give an id that still tells entries apart where it is cut to its limit."""
    line = clean_line(text, len(text) + 1)
    if len(line) > GUID:
        digest = hashlib.sha256(line.encode()).hexdigest()
        line = f"{line[: GUID - len(digest) - 1]}#{digest}"
    return line or None


def string(mapping: Entry, name: str) -> str:
    """Give a member as text; empty where it is none."""
    value = dict.get(mapping, name)  # feedparser's own get answers `updated` with `published`, and warns of it
    return value if isinstance(value, str) else ""


def detail(entry: Entry, name: str) -> Entry:
    """Give what is said of an element; a feed may have an element of that name, which is text."""
    found = dict.get(entry, f"{name}_detail")
    return found if isinstance(found, dict) else {}


def moment(entry: Entry, name: str, times: FeedTimes) -> datetime | None:
    """Give a time of an entry.

    feedparser's own reading is not asked: it makes the 2nd of March of `2026-02-30`, 2010 of the year 10000 and UTC of
    every time without a zone.
    """
    return times.read(string(entry, name))


def _title(entry: Entry, *, atom: bool) -> str:
    """Give the title as plain text; only Atom's type="text" means its angle brackets (RFC 4287, section 3.1.1.1).

    References to characters that are left are resolved: nobody means them, and many escape once too often.
    """
    title = string(entry, "title")
    plain = atom and string(detail(entry, "title"), "type") == "text/plain"
    return clean_line(unescaped(title if plain else line_of(title, TITLE)), TITLE)


def _content(entry: Entry) -> str | None:
    """Give the longest of the contents as text; None where the entry has only a summary."""
    told = [string(part, "value") for part in _gathered(entry, "content")]
    told += [value for name, value in entry.items() if isinstance(value, str) and _FULL_TEXT.fullmatch(name)]
    return max((text_of(markup, TEXT) for markup in told), key=len, default="") or None


def _url(entry: Entry, base: str) -> str | None:
    link = _link(entry)
    return web_url(f"//{link}" if _NAKED.match(link) else link, base)


def _link(entry: Entry) -> str:
    """Give the address of an entry: what its link stands for, its alternate, or whatever else leads to its text."""
    link = string(entry, "link")
    if entry.get("guidislink") and not _ADDRESS.match(link):
        link = ""  # any guid that does not say that it is none is taken for an address
    if link and web_url(original := string(entry, "feedburner_origlink")):
        return original
    hrefs = [(string(one, "rel"), string(one, "href")) for one in _gathered(entry, "links") if not _is_picture(one)]
    alternates = [href for rel, href in hrefs if rel == "alternate" and href]
    if link and (link in alternates or not alternates):
        return link
    others = [href for rel, href in hrefs if rel not in _OTHER_PAGES and href]
    return next(
        filter(None, [*alternates, *others, *(string(part, "src") for part in _gathered(entry, "content"))]), ""
    )


def _is_picture(link: Entry) -> bool:
    """Tell whether a link leads to a picture; a recording may be all that there is of an entry."""
    return string(link, "rel") == "enclosure" and string(link, "type").startswith("image/")


def _gathered(entry: Entry, name: str) -> list[Entry]:
    """Give what feedparser has gathered under a name; whatever else a feed put there is left out."""
    found = dict.get(entry, name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _author(entry: Entry) -> str | None:
    """Give the names of the authors; an address only where there is no name.

    feedparser parts names and addresses wrongly where a domain ends in more than four letters: of one author, the text
    is read here.
    """
    authors = _gathered(entry, "authors")
    written = string(entry, "author")[:TITLE]
    names = (
        [string(author, "name") for author in authors] if len(authors) > 1 else [_MAIL.sub("", written).strip(" ()<>")]
    )
    told = ", ".join(dict.fromkeys(filter(None, (line_of(name, AUTHOR) for name in names))))
    return clean_line(told, AUTHOR) or line_of(written, AUTHOR) or None


def _language(entry: Entry) -> str | None:
    """Give the language that an entry declares for itself, its title or its text."""
    parts = (detail(entry, "title"), entry, *_gathered(entry, "content"), detail(entry, "summary"))
    return next((told for part in parts if (told := string(part, "language")[:LANGUAGE])), None)
