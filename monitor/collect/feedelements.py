"""What stands in one element of a feed, as feedparser takes it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Container, Mapping
from urllib.parse import urljoin

from lxml import etree

from monitor.collect.feednames import is_foreign, is_left_alone, name_of

Element = etree._Element  # noqa: SLF001 - the only name that lxml has for its type
OF_A_PERSON = frozenset({"name", "email", "uri", "url", "homepage", "itunes:name", "itunes:email"})
OF_AN_IMAGE = frozenset({"title", "url", "link", "width", "height", "description", "name"})
# The first base. With none, feedparser lets an xml:base inside one entry hold for all that follow; with the feed's
# address, it makes addresses of plain guids. Nothing can be joined to an URN, so everything stays as it is written.
NO_BASE = "urn:feed"
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")
_C1 = re.compile("[\x80-\x9f]")
_CP1252 = {n: text for n in range(128, 160) if (text := bytes([n]).decode("cp1252", "ignore"))}
_TEXTS = {
    "text": "text/plain",
    "plain": "text/plain",
    "html": "text/html",
    "text/plain": "text/plain",
    "text/html": "text/html",
}
_MATTER = frozenset("base href ispermalink lang mode rel src type uri url".split())


class Unsure(Exception):
    """Only feedparser knows what this is."""


def name_in(element: Element) -> str:
    """Give an element's name; `?` for one of a namespace that is not known, but has a prefix that is no other's."""
    return "?" if element.prefix and is_foreign(element.tag) else name_of(element.tag)


def attributes_of(element: Element) -> dict[str, str]:
    """Give attributes by name in lower case; feedparser takes names of namespaces that it does not know for plain."""
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        name = name_of(str(key))
        if name == "!" or (name in found and name in _MATTER) or (str(key)[0] == "{" and name in _MATTER):
            raise Unsure
        found[name] = str(value)
    if "base" in found:
        raise Unsure
    return found


def base_of(attributes: Mapping[str, str], inherited: str) -> str:
    """Give the base of what an element holds."""
    if not (base := attributes.get("xml:base")):
        return inherited
    if not base.startswith(("http://", "https://")):
        raise Unsure  # relative, or a scheme that feedparser may not take
    return joined(inherited, base)


def language_of(attributes: Mapping[str, str], inherited: str | None) -> str | None:
    """Give the language of what an element holds; an empty one is none."""
    lang = attributes.get("xml:lang", attributes.get("lang"))
    return inherited if lang is None else lang or None


def joined(base: str, address: str) -> str:
    """Give an address as feedparser joins it to a base; an empty one leads nowhere."""
    if not address:
        return ""
    address = _SLASHES.sub(r"\1", address) if ":///" in address else address
    if base == NO_BASE and address.isascii() and "[" not in address and "]" not in address:
        return address  # as urljoin would say, which splits both
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def type_of(attributes: Mapping[str, str], usual: str) -> str:
    """Give the media type of a text; others hold markup, or are packed."""
    kind = _TEXTS.get(attributes.get("type", usual).lower())
    if kind is None or "mode" in attributes:
        raise Unsure
    return kind


def href_of(attributes: Mapping[str, str]) -> str | None:
    """Give the address that an element names, in whichever attribute."""
    return attributes.get("url", attributes.get("uri", attributes.get("href")))


def expect(element: Element, names: Container[str]) -> None:
    """Accept these children, themselves without any."""
    if any(len(child) or name_in(child) not in names for child in element):
        raise Unsure


def text_in(element: Element) -> str:
    """Give the text of an element that holds nothing else."""
    if len(element):
        raise Unsure
    return element.text or ""


def value_of(element: Element) -> str:
    """Give the text of an element as feedparser keeps it."""
    return finished(text_in(element).strip())


def finished(text: str) -> str:
    """Undo what feedparser undoes: UTF-8 that was taken for Latin-1, and typographic signs where controls are."""
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_CP1252) if _C1.search(text) else text


def is_quiet(element: Element) -> bool:
    """Tell whether an element and all that is in it change nothing about an entry."""
    return is_left_alone(name_in(element)) and all(is_quiet(child) for child in element)
