"""What a page states in its JSON-LD scripts (schema.org's Article and its kinds)."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml.html import HtmlElement

from monitor.collect.extract.address import absolute
from monitor.collect.extract.claims import Claims, joined
from monitor.text import unescape
from monitor.urls import canonical_url

_SCRIPTS = './/script[contains(@type, "ld+json")]'
_LONGEST = 2_000_000  # characters of a script: pages of live blogs come near one million
_MOST_NODES = 3000
_MOST_SCRIPTS = 50
_MOST_PAGES = 5
_ARTICLE = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|NewsItem|Posting|Report|Review|Recipe)$")
_LIVE = re.compile(r"LiveBlogPosting$")
_PAGE = re.compile(r"(?:WebPage|ItemPage|VideoObject|AudioObject|PodcastEpisode|CreativeWork)$")
_WRAPPING = ("//", "<!--", "<![CDATA[", "-->", "]]>", ";")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_SALVAGED = re.compile(r'"(headline|datePublished|dateModified|inLanguage)"\s*:\s*"((?:[^"\\\n]|\\.){1,500})"')
_KIND_NAMED = re.compile(r'"@type"\s*:\s*"\w*(?:Article|Posting)"')
Node = Mapping[str, Any]


def read_jsonld(root: HtmlElement, url: str) -> tuple[Claims, Claims]:
    """Give what is stated about the article that the page is about, and what about the page and its films."""
    documents = [_loaded(script.text) for script in root.xpath(_SCRIPTS)[:_MOST_SCRIPTS] if script.text]
    nodes = list(_nodes(documents))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    chosen = _about([node for node in nodes if _is_kind(node, _ARTICLE)], url)
    rest = [node for node in nodes if _is_kind(node, _PAGE)][:_MOST_PAGES]
    return joined([_article(node, by_id) for node in chosen]), joined([_page(node) for node in rest])


def _article(node: Node, by_id: Mapping[str, Node]) -> Claims:
    return Claims(
        kind=_types(node),
        title=_strings(node, "headline", "name"),
        author=_names(node.get("author") or node.get("creator"), by_id),
        published=_strings(node, "datePublished", "dateCreated", "coverageStartTime"),
        modified=_strings(node, "dateModified"),
        language=_languages(node.get("inLanguage")),
        url=_addresses(node),
        site=_names(node.get("publisher"), by_id)[:1],
        summary=_strings(node, "description"),
        body=next(iter(_strings(node, "articleBody")), "") or _updates(node),
    )


def _updates(node: Node) -> str:
    """Give the entries of a live blog as one body."""
    entries = node.get("liveBlogUpdate")
    if not isinstance(entries, list):
        return ""
    nodes = [entry for entry in entries[:_MOST_NODES] if isinstance(entry, dict)]
    return "\n\n".join(text for node in nodes for text in _strings(node, "headline", "articleBody"))


def _page(node: Node) -> Claims:
    return Claims(
        published=_strings(node, "datePublished", "uploadDate"),
        modified=_strings(node, "dateModified"),
        language=_languages(node.get("inLanguage")),
    )


def _loaded(text: str) -> object:
    """Read a script; what is broken is mended where that is cheap, else its plain fields are picked out."""
    text = text[:_LONGEST]
    for mend in (str, _mended):
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):
            continue
    if not _KIND_NAMED.search(text):
        return {}
    found: dict[str, str] = {"@type": "Article"}
    for key, value in _SALVAGED.findall(text):
        found.setdefault(key, value)
    return found


def _mended(text: str) -> str:
    for mark in (*_WRAPPING, *reversed(_WRAPPING)):
        text = text.strip().removeprefix(mark).removesuffix(mark)
    return _TRAILING_COMMA.sub(r"\1", text)


def _nodes(documents: Sequence[object]) -> Iterator[Node]:
    """Give the objects of all scripts, those nearest to the top first."""
    waiting: deque[object] = deque(documents)
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        item = waiting.popleft()
        if isinstance(item, list):
            waiting.extend(item[:_MOST_NODES])
        elif isinstance(item, dict):
            yield item
            waiting.extend(
                item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "author", "publisher") if key in item
            )


def _is_kind(node: Node, kind: re.Pattern[str]) -> bool:
    return any(kind.search(name) for name in _types(node))


def _types(node: Node) -> tuple[str, ...]:
    types = node.get("@type")
    return tuple(name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str))


def _about(articles: Sequence[Node], url: str) -> Sequence[Node]:
    """Choose the article that the page is about: those with its address, else the first that has a date.

    Of several with its address a live blog is the page, its entries (whose addresses have fragments) are not.
    """
    here = _canonical(url)
    stated = [(node, {address for raw in _addresses(node) if (address := absolute(raw, url))}) for node in articles]
    whole = [node for node, own in stated if any("#" not in address and _canonical(address) == here for address in own)]
    found = whole or [node for node, own in stated if any(_canonical(address) == here for address in own)]
    live = [node for node, own in stated if _is_kind(node, _LIVE) and (node in found or not own or not found)]
    if live:
        return [live[0], *(node for node in whole if node is not live[0])][:2]
    return found[:1] or [node for node in articles if node.get("datePublished")][:1] or articles[:1]


def _canonical(url: str | None) -> str | None:
    try:
        return canonical_url(url) if url else None
    except ValueError:
        return None


def _addresses(node: Node) -> tuple[str, ...]:
    page = node.get("mainEntityOfPage")
    named = page.get("@id") or page.get("url") if isinstance(page, dict) else page
    return tuple(value.strip() for value in (named, node.get("url")) if isinstance(value, str) and value.strip())


def _strings(node: Node, *keys: str) -> tuple[str, ...]:
    """Give texts; a list of one is taken for it, numbers (moments) are written out."""
    values = (value[0] if isinstance(value := node.get(key), list) and value else value for key in keys)
    return tuple(unescape(str(value)) for value in values if isinstance(value, str | int) and str(value).strip())


def _names(value: object, by_id: Mapping[str, Node]) -> tuple[str, ...]:
    """Give the names of persons or organisations, however they are nested."""
    names: list[str] = []
    waiting: deque[object] = deque([value])
    for _ in range(100):
        if not waiting:
            break
        item = waiting.popleft()
        if isinstance(item, list):
            waiting.extend(item[:100])
        elif isinstance(item, dict):
            waiting.append(item.get("name") or by_id.get(str(item.get("@id")), {}).get("name"))
        elif isinstance(item, str) and item.strip():
            names.append(unescape(item))
    return tuple(dict.fromkeys(names))


def _languages(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    return (value,) if isinstance(value, str) else ()
