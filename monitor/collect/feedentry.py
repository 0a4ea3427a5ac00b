"""One entry of a well-formed feed, element by element, as feedparser would keep it.

Each method says what feedparser 6 does at that element.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.collect.feedelements import (
    OF_A_PERSON,
    OF_AN_IMAGE,
    Element,
    Unsure,
    attributes_of,
    expect,
    finished,
    href_of,
    is_quiet,
    joined,
    language_of,
    name_in,
    text_in,
    type_of,
    value_of,
)
from monitor.collect.feednames import READ, is_kept, name_of

_NO_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_OF_A_SOURCE = frozenset("id title link updated published category generator icon logo rights subtitle".split())
_HOLD_MEDIA = frozenset({"media:group", "media:content", "media:community"})
_NEVER = 100  # deeper than any element that is looked at


@dataclass(slots=True)
class Entry:
    """An entry while it is read; `depths` tells how deep what is kept stood."""

    base: str
    lang: str | None
    kept: dict[str, Any] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    title_depth: int = _NEVER
    has_content: bool = False

    def read(self, element: Element, depth: int) -> None:
        """Take in an element that stands in the entry, or so deep below."""
        name = name_in(element)
        if name in _HOLD_MEDIA and len(element):
            if not attributes_of(element).keys().isdisjoint({"lang", "xml:lang"}):
                raise Unsure
            for child in element:
                self.read(child, depth + 1)
        elif kind := READ.get(name):
            _WAYS[kind](self, element, depth)
        elif is_kept(name_of(element.tag)):
            self.unknown(element, name, depth)
        elif not is_quiet(element) or any(is_kept(name_of(below.tag)) for below in element.iterdescendants()):
            raise Unsure

    def title(self, element: Element, depth: int, *, passing: bool = False) -> None:
        """The first title that is not empty, of those that stand highest; a passing one does not keep others out."""
        attributes = attributes_of(element)
        kind = type_of(attributes, "text")
        value = value_of(element)
        if "xml:base" in attributes:
            raise Unsure
        if self.title_depth > depth:
            self._keep("title", value, depth)
            self.kept["title_detail"] = {
                "type": kind,
                "language": self._language(attributes),
                "base": self.base,
            }
        if value and not passing:
            self.title_depth = depth

    def media_title(self, element: Element, depth: int) -> None:
        """A title that passes."""
        self.title(element, depth, passing=True)

    def link(self, element: Element, depth: int) -> None:  # noqa: ARG002 - called like all others - every way has the same form
        """An address, in an attribute or as text; the last one that leads to a page is the entry's."""
        attributes = attributes_of(element)
        if "xml:base" in attributes:
            raise Unsure
        rel = attributes.get("rel", "alternate").lower()
        kind = attributes.get("type", "application/atom+xml" if rel == "self" else "text/html").lower()
        links = self.kept.setdefault("links", [])
        links.append(link := {"rel": rel, "type": kind})
        if href := href_of(attributes):
            link["href"] = joined(self.base, href)
            if rel == "alternate" and kind in {"html", "xhtml", "text/html", "application/xhtml+xml"}:
                self.kept["link"] = link["href"]
            if text_in(element).strip():
                raise Unsure
        elif "href" in attributes:
            raise Unsure
        else:
            value = finished(joined(self.base, text_in(element).strip()))
            self.kept["link"] = _NO_REFERENCE.sub(r"&\g<1>", value.replace("&amp;", "&"))
            if value:
                link["href"] = self.kept["link"]

    def identifier(self, element: Element, depth: int) -> None:
        """A guid, which is the link where there is none and it does not say otherwise."""
        attributes = attributes_of(element)
        if "xml:base" in attributes:
            raise Unsure
        text = text_in(element).strip()
        is_link = attributes.get("ispermalink", "true") == "true"
        value = finished(joined(self.base, text) if is_link else text)
        self._keep("id", value, depth)
        self.kept.setdefault("guidislink", is_link and "link" not in self.kept)
        if is_link:
            self.kept.setdefault("link", value)

    def enclosure(self, element: Element, depth: int) -> None:  # noqa: ARG002 - called like all others
        """A link, too, which nobody follows but where there is no other."""
        if len(element):
            raise Unsure
        attributes = attributes_of(element)
        link = {"rel": "enclosure", "type": attributes.get("type", "").lower()}
        if href := href_of(attributes):
            link["href"] = href
        self.kept.setdefault("links", []).append(link)

    def source(self, element: Element, depth: int) -> None:
        """Where an entry came from says nothing of it, but another title may follow."""
        titles = [child for child in element if name_in(child) == "title"]
        for child in element:
            if name_in(child) == "author":
                expect(child, OF_A_PERSON)
            elif len(child) or name_in(child) not in _OF_A_SOURCE:
                raise Unsure
        self.title_depth = depth + 1 if any(text_in(child).strip() for child in titles) else _NEVER

    def image(self, element: Element, depth: int) -> None:
        """A picture, whose title is the entry's where it has none."""
        self.title_depth = _NEVER
        for child in element:
            if name_in(child) == "title":
                self.title(child, depth + 1)
            elif len(child) or child.attrib or name_in(child) not in OF_AN_IMAGE - {"description", "name"}:
                raise Unsure

    def author(self, element: Element, depth: int) -> None:
        """The last author, by text or by name and address."""
        expect(element, OF_A_PERSON)
        if depth:
            raise Unsure
        own = [element.text or "", *(child.tail or "" for child in element)]
        self._keep("author", finished("".join(own).strip()), depth)
        parts = {name_in(child).rpartition(":")[2]: text_in(child).strip() for child in element}
        name, email = parts.get("name"), parts.get("email")
        if name or email:
            self.kept["author"] = f"{name} ({email})" if name and email else name or email
        self.kept.setdefault("authors", []).append({"name": (name if parts else self.kept["author"]) or ""})

    def published(self, element: Element, depth: int) -> None:
        """When it was published, as text."""
        self._keep("published", value_of(element), depth)

    def updated(self, element: Element, depth: int) -> None:
        """When it was changed, as text."""
        self._keep("updated", value_of(element), depth)

    def created(self, element: Element, depth: int) -> None:
        """When it was written, as text."""
        self._keep("created", value_of(element), depth)

    def language(self, element: Element, depth: int) -> None:
        """What it says of its language itself."""
        self._keep("language", value_of(element), depth)

    def subtitle(self, element: Element, depth: int) -> None:
        """Another kind of summary."""
        type_of(attributes_of(element), "text")
        self._keep("subtitle", value_of(element), depth)

    def unknown(self, element: Element, name: str, depth: int) -> None:
        """What feedparser keeps under its name because it does not know it."""
        local = name_of(element.tag)
        key = f"{element.prefix}_{local}" if name == "?" else local.replace(":", "_")
        if element.attrib:
            self.kept[key.lower()] = {}
        else:
            self._keep(key.lower(), value_of(element), depth)

    def finish(self) -> dict[str, Any]:
        """Give the entry; names of several authors are told apart from their addresses by feedparser alone."""
        authors = self.kept.get("authors", ())
        if len(authors) > 1 and any("@" in author.get("name", "") for author in authors):
            raise Unsure
        return self.kept

    def description(self, element: Element, depth: int) -> None:
        """A summary; a second one without a content between is a content."""
        attributes = attributes_of(element)
        type_of(attributes, "html")
        if "summary" in self.kept and not self.has_content:
            self.content(element, depth)
        else:
            self._keep("summary", value_of(element), depth)
            self.kept["summary_detail"] = {"language": self._language(attributes)}

    def content(self, element: Element, depth: int) -> None:
        """A content, here or elsewhere."""
        self.encoded(element, depth)
        if source := attributes_of(element).get("src"):
            self.kept["content"][-1]["src"] = source

    def encoded(self, element: Element, depth: int) -> None:  # noqa: ARG002 - called like all others
        """A content, which is the summary where there is none."""
        attributes = attributes_of(element)
        type_of(attributes, "text")
        self.has_content = True
        value = value_of(element)
        self.kept.setdefault("content", []).append({"value": value, "language": self._language(attributes)})
        self.kept.setdefault("summary", value)

    def contributor(self, element: Element, depth: int) -> None:  # noqa: ARG002 - called like all others
        """Who helped is not told."""
        expect(element, OF_A_PERSON)

    def _language(self, attributes: Mapping[str, str]) -> str | None:
        lang = language_of(attributes, self.lang)
        return lang.replace("_", "-") if lang else None

    def _keep(self, name: str, value: str, depth: int) -> None:
        if self._is_highest(name, depth):
            self.kept[name] = value

    def _is_highest(self, name: str, depth: int) -> bool:
        """Tell whether nothing stood higher; what stands as high comes later, and counts."""
        if depth > self.depths.get(name, depth):
            return False
        self.depths[name] = depth
        return True


_WAYS: dict[str, Callable[[Entry, Element, int], None]] = {
    "title": Entry.title,
    "media:title": Entry.media_title,
    "link": Entry.link,
    "id": Entry.identifier,
    "enclosure": Entry.enclosure,
    "source": Entry.source,
    "image": Entry.image,
    "author": Entry.author,
    "published": Entry.published,
    "updated": Entry.updated,
    "created": Entry.created,
    "language": Entry.language,
    "subtitle": Entry.subtitle,
    "description": Entry.description,
    "summary": Entry.description,
    "content": Entry.content,
    "encoded": Entry.encoded,
    "contributor": Entry.contributor,
}
