"""The names of elements in feeds: which mean something to `wellformed`, and which may stand there unread."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

ATOM = "http://www.w3.org/2005/atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS_1, _RSS_090 = "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"
# In lower case, as feedparser compares them; "" is what RSS and Atom themselves name.
NAMESPACES = {
    "": "",
    ATOM: "",
    _RSS_1: "",
    _RSS_090: "",
    RDF: "rdf",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://purl.org/rss/1.0/modules/annotate/": "annotate",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://webns.net/mvcb/": "admin",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://web.resource.org/cc/": "cc",
    "http://creativecommons.org/ns#license": "cc",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/2000/svg": "svg",
    "http://www.w3.org/1998/math/mathml": "math",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
"""Each namespace with the prefix that its names have here."""
_FULL_TEXT = re.compile(r"(?:\w+[:_])?full-?text")
_USERLAND = "backend.userland.com/rss"  # in whatever address of a namespace: RSS itself
OLDER = frozenset({_RSS_1, _RSS_090})
"""Of these, those that make a feed one of RSS 1.0 or 0.90."""
# Prefixes that feedparser goes by even where they stand for a namespace that it does not know; and words that, with
# another one behind them, would make the name of something that it keeps.
_TAKEN = frozenset(
    """
    admin cc content creativecommons dc dcterms feedburner georss gml itunes media psc rdf sy xhtml xml
    author feed id published summary title updated
    """.split()
)
# Names without prefix of which feedparser makes something, apart from those that are read; or that are its own words.
_MEANT = frozenset(
    """
    abstract body browserfriendly geom georssgeom channel date date_parsed email entry expirationdate feed
    fullitem height homepage image info issued_parsed item modified_parsed name newlocation rss tags textinput
    uri url
    webmaster where width author_detail authors content_detail contributors description_detail feed_detail guidislink
    href id_detail links published_parsed summary_detail title_detail updated_parsed items entries tagline_detail
    copyright_detail description_parsed math svg
    """.split()
)
# What an element is read as; the rest is left alone.
READ = {
    "title": "title",
    "dc:title": "title",
    "media:title": "media:title",
    "link": "link",
    "guid": "id",
    "id": "id",
    "enclosure": "enclosure",
    "source": "source",
    "author": "author",
    "managingeditor": "author",
    "dc:creator": "author",
    "dc:author": "author",
    "itunes:author": "author",
    "pubdate": "published",
    "published": "published",
    "issued": "published",
    "dcterms:issued": "published",
    "created": "created",
    "dcterms:created": "created",
    "language": "language",
    "dc:language": "language",
    "subtitle": "subtitle",
    "tagline": "subtitle",
    "itunes:subtitle": "subtitle",
    "updated": "updated",
    "modified": "updated",
    "lastbuilddate": "updated",
    "dc:date": "updated",
    "dcterms:modified": "updated",
    "description": "description",
    "dc:description": "description",
    "media:description": "description",
    "summary": "summary",
    "itunes:summary": "summary",
    "content": "content",
    "content:encoded": "encoded",
    "contributor": "contributor",
    "image": "image",
}
_LEFT_ALONE = frozenset(
    "dc dcterms media itunes sy slash thr taxo annotate wfw feedburner geo georss trackback pingback".split()
)
_NOT_LEFT_ALONE = frozenset(
    ["itunes:owner", "itunes:name", "itunes:email", "dc:contributor", "feedburner:browserfriendly"]
)
_KEPT = frozenset({"itunes:title", "feedburner:origlink"})
_NOT_OF_A_FEED = frozenset("rss feed channel item entry dc:title media:title fullitem body xhtml:body source !".split())


def known_as(uri: str) -> str | None:
    """Give the prefix of a namespace here; None where it is not known."""
    uri = uri.lower()
    return "" if _USERLAND in uri else NAMESPACES.get(uri)


def are_sure(declared: Collection[tuple[str, str]]) -> bool:
    """Tell whether names mean what they say, given all (prefix, namespace) that are declared in a document."""
    prefixes = [prefix for prefix, _ in declared if prefix]
    if len(prefixes) != len(set(prefixes)):
        return False
    ours = {known_as(uri) for _, uri in declared}
    with_prefix = [uri for prefix, uri in declared if prefix and known_as(uri) is None]
    if len(with_prefix) != len(set(with_prefix)):
        return False
    return all(
        (prefix in {known, ""} or prefix not in ours)
        if (known := known_as(uri)) is not None
        else (prefix.lower() not in _TAKEN if prefix else uri not in with_prefix)
        for prefix, uri in declared
    )


@lru_cache(1024)
def name_of(tag: str) -> str:
    """Give a name: local, with our prefix, in lower case; without where it has none, or its namespace is not known."""
    uri, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    if not local.isascii():
        return "!"
    prefix = known_as(uri)
    return f"{prefix}:{local.lower()}" if prefix else local.lower()


def is_kept(name: str) -> bool:
    """Tell whether an element that feedparser only keeps under its name is asked for."""
    return name in _KEPT or ("full" in name and _FULL_TEXT.fullmatch(name) is not None)


def is_foreign(tag: str) -> bool:
    """Tell whether a name is of a namespace that is not known."""
    return tag[0] == "{" and known_as(tag[1:].partition("}")[0]) is None


@lru_cache(1024)
def is_left_alone(name: str) -> bool:
    """Tell whether an element of this name, without children, changes nothing about an entry."""
    prefix, _, _ = name.rpartition(":")
    if prefix:
        return prefix in _LEFT_ALONE and name not in _NOT_LEFT_ALONE
    return name not in _MEANT and name != "!" and not _is_made_up(name)


@lru_cache(1024)
def is_of_a_feed(name: str) -> bool:
    """Tell whether an element of this name, in a feed but in no entry, leaves the entries as they are."""
    return name not in _NOT_OF_A_FEED and not _is_made_up(name)


def _is_made_up(name: str) -> bool:
    """Tell whether a name is one that feedparser makes of a prefix and a name, such as dc_creator."""
    return "_" in name and name.split("_", maxsplit=1)[0] in _TAKEN
