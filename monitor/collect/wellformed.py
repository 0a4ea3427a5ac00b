"""Well-formed feeds read straight from their tree: the entries that feedparser would give, in a tenth of its time.

feedparser is what counts. Whatever is not well-formed, or holds something whose meaning to feedparser is not written
down in `feedentry` and `feednames`, is left to it. Entries have its keys, as far as drafts are made of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from monitor.collect.feedelements import (
    OF_A_PERSON,
    OF_AN_IMAGE,
    Element,
    Unsure,
    attributes_of,
    base_of,
    expect,
    is_quiet,
    language_of,
    name_in,
    type_of,
    value_of,
)
from monitor.collect.feedentry import Entry
from monitor.collect.feednames import ATOM, OLDER, READ, are_sure, is_of_a_feed

_DECLARED = re.compile(rb"""xmlns(?::([^\s=]+))?\s*=\s*["']([^"']*)["']""")
_OF_A_FEED = frozenset(
    ["skiphours", "skipdays", "author", "contributor", "image", "textinput", "itunes:owner", "itunes:category"]
)
_TOLD = frozenset({"language", "dc:language", "ttl", "sy:updateperiod", "sy:updatefrequency"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a feed says, under feedparser's names; `atom` tells whether it is one of Atom."""

    atom: bool
    feed: dict[str, Any]
    entries: list[dict[str, Any]]


def read_wellformed(document: bytes, base: str) -> Told | None:
    """Read a feed in UTF-8 whose base is `base`; None leaves it to feedparser.

    Nothing of a document type is ever looked at, so there are no entities and nothing is fetched.
    """
    if b"<!DOCTYPE" in document:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        declared = _declared(document)
        return _Reader(base, declared).read(etree.fromstring(document, parser))
    except (etree.XMLSyntaxError, Unsure):
        return None


def _declared(document: bytes) -> frozenset[str]:
    """Give the namespaces that are declared anywhere, in lower case."""
    found = {
        (prefix.decode("utf-8", "replace"), uri.decode("utf-8", "replace"))
        for prefix, uri in _DECLARED.findall(document)
    }
    if not are_sure(found):
        raise Unsure
    return frozenset(uri.lower() for _, uri in found)


class _Reader:
    """Reads one feed."""

    def __init__(self, base: str, declared: frozenset[str]) -> None:
        self._base = base
        self._declared = declared
        self._feed: dict[str, Any] = {}
        self._entries: list[dict[str, Any]] = []
        self._lang: str | None = None
        self._has_content = False

    def read(self, root: Element) -> Told:
        name = name_in(root)
        attributes = attributes_of(root)
        self._base = base_of(attributes, self._base)
        self._lang = language_of(attributes, None)
        # The first of these namespaces that is declared tells feedparser the version.
        if root.tag.lower() == f"{{{ATOM}}}feed" and not self._declared & OLDER:
            self._read_feed(root, "entry")
        elif name == "rss" or (name == "rdf:rdf" and ATOM not in self._declared):
            self._read_root(root)
        else:
            raise Unsure
        if self._lang and name != "rdf:rdf":
            self._feed.setdefault("language", self._lang.replace("_", "-"))
        return Told(atom=name == "feed", feed=self._feed, entries=self._entries)

    def _read_root(self, root: Element) -> None:
        """RSS 2.0 has its items inside the channel, RSS 1.0 beside it."""
        if [name_in(child) for child in root].count("channel") != 1 or name_in(root[0]) != "channel":
            raise Unsure
        for child in root:
            name = name_in(child)
            if name == "channel":
                if attributes_of(child).keys() - {"rdf:about"}:
                    raise Unsure
                self._read_feed(child, "item")
            elif name == "item":
                self._read_entry(child)
            elif name in {"image", "textinput"}:
                expect(child, OF_AN_IMAGE)
            else:
                raise Unsure

    def _read_feed(self, feed: Element, entry: str) -> None:
        """Of a feed itself only its title, its language and its hints are wanted."""
        for child in feed:
            name = name_in(child)
            if name == entry:
                self._read_entry(child)
            else:
                self._read_part(child, name)

    def _read_part(self, part: Element, name: str) -> None:
        _check_part(part, name)
        if name == "title":
            if "title" in self._feed:
                raise Unsure
            type_of(attributes_of(part), "text")
            self._feed["title"] = value_of(part)
        elif name in {"language", "dc:language"}:
            self._feed["language"] = value_of(part)
        elif name in _TOLD:
            self._feed[name.replace(":", "_")] = "" if part.attrib else value_of(part)
        elif (kind := READ.get(name)) in {"description", "summary"}:
            # What follows a summary is taken for a content, which the next entry then seems to have.
            self._has_content |= "summary" in self._feed
            if kind == "summary":
                self._feed["summary"] = ""
        elif kind in {"content", "encoded"}:
            raise Unsure

    def _read_entry(self, item: Element) -> None:
        attributes = attributes_of(item)
        if attributes.keys() - {"xml:lang", "xml:base", "rdf:about"}:
            raise Unsure
        entry = Entry(
            base=base_of(attributes, self._base),
            lang=language_of(attributes, self._lang),
            has_content=self._has_content,
        )
        self._has_content = False
        if about := attributes.get("rdf:about"):
            entry.kept["id"] = about
        for child in item:
            entry.read(child, 0)
        self._entries.append(entry.finish())


def _check_part(part: Element, name: str) -> None:
    """Accept what stands in a feed beside its entries, if it changes nothing about them."""
    if name == "items":  # what RSS 1.0 has first: a list of addresses
        for child in part:
            expect(child, {"rdf:li"})
    elif name in _OF_A_FEED:
        expect(part, {"hour", "day", "itunes:category", *OF_A_PERSON, *OF_AN_IMAGE})
    elif len(part):
        if not is_quiet(part) or any(name_in(below) in _TOLD for below in part.iter()):
            raise Unsure
    elif not is_of_a_feed(name):
        raise Unsure
