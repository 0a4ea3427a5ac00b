"""Feeds that are read straight from their tree give what feedparser gives, or are left to it."""

from __future__ import annotations

import warnings

import pytest
from feedparser.mixin import _FeedParserMixin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.collect.feednames import READ, is_left_alone
from monitor.collect.parse import parse_feed
from tests.factories import NOW
from tests.rigs.feeds import URL, by_feedparser, read_straight

SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:own="https://one.example/ns"'
)


def rss(item: str, channel: str = "") -> bytes:
    return f'<rss version="2.0" {SPACES}><channel>{channel}<item>{item}</item></channel></rss>'.encode()


def atom(entry: str, feed: str = "", lang: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" {lang}>{feed}<entry>{entry}</entry></feed>'.encode()


SAME = {
    "everything": rss(
        "<title>T &amp;amp; U</title><link>/a?b=1&amp;c=2</link><guid isPermaLink='false'>g</guid><dc:creator>Ann</dc:creator>"
        "<pubDate>Tue, 24 Nov 2026 10:00:00 +0400</pubDate><description>&lt;p&gt;one&lt;/p&gt;</description>"
        "<content:encoded><![CDATA[<p>One</p><p>Two</p>]]></content:encoded><slash:comments>3</slash:comments><category>c</category>",
        "<title>F</title><language>ka</language><ttl>90</ttl><image><url>u</url><title>x</title><link>l</link></image>",
    ),
    "a guid that is the link": rss("<title>T</title><guid>https://one.example/1</guid>"),
    "a guid before the link": rss("<guid>https://one.example/1</guid><link>https://one.example/2</link>"),
    "too many slashes": rss("<link>https:////one.example/1</link>"),
    "a link that is none": rss("<link>http://[</link><guid isPermaLink='false'>1</guid>"),
    "an entity in a link": rss("<link>https://one.example/?a&amp;b;=1</link>"),
    "links of Atom in RSS": rss("<atom:link rel='self' href='https://one.example/s'/><atom:link href='https://one.example/1'/>"),
    "an enclosure alone": rss("<title>T</title><enclosure url='https://one.example/1.mp3' type='audio/mpeg'/>"),
    "two titles": rss("<title>one</title><title>two</title>"),
    "an empty title first": rss("<title/><title>two</title>"),
    "a picture's title first": rss("<media:content url='u'><media:title>picture</media:title></media:content><title>T</title>"),
    "a picture's title later": rss("<title>T</title><media:group><media:title>picture</media:title></media:group>"),
    "a picture's title alone": rss("<media:title>picture</media:title>"),
    "a title within an image": rss("<image><title>picture</title><url>u</url></image><title>T</title>"),
    "a title after a source": rss("<title>one</title><source url='https://two.example/'>Two</source><title>two</title>"),
    "two descriptions": rss("<description>one</description><description>two, and longer</description>"),
    "a content first": rss("<content:encoded>all of it</content:encoded><description>short</description>"),
    "a description of media": rss("<media:group><media:description>deep</media:description></media:group><description>flat</description>"),
    "two summaries": rss("<description>one</description><itunes:summary>two, and longer</itunes:summary>"),
    "a summary of the feed": rss("<description>d</description>", "<itunes:summary>s</itunes:summary><description>f</description>"),
    "summaries of the feed": rss("<description>one</description><description>two</description>", "<itunes:summary/><media:description/>"),
    "content elsewhere": atom("<title>T</title><content src='https://one.example/1'/>"),
    "a text for others": rss("<own:full-text>long</own:full-text><description>d</description><fulltext a='b'>no</fulltext>"),
    "a title for players": rss("<itunes:title>T</itunes:title><itunes:subtitle>s</itunes:subtitle>"),
    "the language of an item": rss("<title>T</title><dc:language>az</dc:language>"),
    "the language of a text": atom("<summary>s</summary><content xml:lang='hy'>c</content>"),
    "a picture enclosed": rss("<title>T</title><enclosure url='/p.jpg' type='image/JPEG'/><guid>7</guid>"),
    "two names": rss("<dc:creator>A</dc:creator><dc:creator>B</dc:creator>"),
    "an author by address": rss("<author>a@b.example (A)</author>"),
    "no author": rss("<author></author>"),
    "two dates": rss("<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate><dc:date>2026-11-24T12:00:00Z</dc:date>"),
    "a date that only feedparser reads": rss("<pubDate>2026-11-24T10:00:00+0000 GMT</pubDate>"),
    "UTF-8 taken for Latin-1": rss("<title>Ð¡ÐµÐ³Ð¾Ð´Ð½Ñ</title>"),
    "signs where controls are": rss("<title>a &#147;quote&#148;</title>"),
    "names of nobody's": rss("<title>T</title><own:title x='1'>no</own:title><fulltext>no</fulltext><amplink a='b'/>"),
    "a namespace without prefix": rss('<title>T</title><post-id xmlns="com-wordpress:feed-additions:1">7</post-id>'),
    "nested names of nobody's": rss("<title>T</title><own:a><own:b>no</own:b></own:a>"),
    "another prefix": b'<rss version="2.0" xmlns:d="http://purl.org/dc/elements/1.1/"><channel><item><d:creator>Ann</d:creator></item></channel></rss>',
    "the language of an entry": atom("<title xml:lang='ru_RU'>T</title>", lang='xml:lang="en"'),
    "no language": atom("<title xml:lang=''>T</title>", lang='xml:lang="en"'),
    "an absolute base": atom("<title>T</title><link href='a/1'/><id>x</id>", lang='xml:base="https://two.example/b/"'),
    "an entry's base": atom("<title>T</title><link href='1'/><id>y</id>").replace(b"<entry>", b"<entry xml:base='https://two.example/'>"),
    "a title as text": atom("<title type='text'>&lt;b&gt; tag</title><id>1</id>"),
    "a title as markup": atom("<title type='html'>&lt;b&gt;bold&lt;/b&gt;</title><id>1</id>"),
    "a person in parts": atom("<title>T</title><author><name>Ann</name><email>a@b.example</email><uri>/a</uri></author>"),
    "two persons": atom("<author><name>Ann</name></author><author><name/></author>"),
    "the source of an entry": atom("<title>T</title><source><id>s</id><title>S</title><author><name>X</name></author></source><summary>s</summary>"),
    "summary and content": atom("<summary>s</summary><content type='html'>&lt;p&gt;long&lt;/p&gt;</content><updated>2026-11-24T10:00:00Z</updated>"),
    "content without summary": atom("<content>plain</content>"),
    "no entries": b'<rss version="2.0"><channel><title>F</title></channel></rss>',
    "RSS 1.0": b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="u"><title>F</title>'
    b'<items><rdf:Seq><rdf:li resource="a"/></rdf:Seq></items></channel><item rdf:about="https://one.example/1"><title>T</title></item></rdf:RDF>',
}  # fmt: skip # a table


@pytest.mark.parametrize("body", SAME.values(), ids=SAME)
def test_what_is_read_straight_is_what_feedparser_reads(body: bytes) -> None:
    assert read_straight(body) is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert parse_feed(body, URL, None, NOW) == by_feedparser(body)


LEFT = {
    "a document type": b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss("<title>&a;</title>"),
    "entities in entities": b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + rss("<title>&b;</title>"),
    "an entity of HTML": rss("<title>a&nbsp;b</title>"),
    "not well-formed": rss("<title>T</title><description>a <b> c</description>"),
    "a prefix that nothing declares": rss("<title>T</title><foo:bar>x</foo:bar>"),
    "markup that is not escaped": rss("<description>a <b>b</b> c</description>"),
    "two authors by address": rss("<author>a@b.example (A)</author><dc:creator>B</dc:creator>"),
    "XHTML": atom("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></content>"),
    "packed content": atom("<content type='application/octet-stream'>eA==</content>"),
    "a relative base": atom("<title>T</title><link href='1'/>", lang='xml:base="b/"'),
    "a base without prefix": rss("<title>T</title><link base='https://two.example/'>1</link>"),
    "a date by another name": rss("<title>T</title><date>2026-11-24</date>"),
    "a name with an underscore": rss("<dc_creator>Ann</dc_creator>"),
    "a prefix for something else": b'<rss version="2.0" xmlns:dc="urn:x"><channel><item><dc:creator>Ann</dc:creator></item></channel></rss>',
    "a prefix for two things": b'<rss version="2.0" xmlns:a="urn:x"><channel><item xmlns:a="http://www.w3.org/2005/Atom"><a:title>T</a:title></item></channel></rss>',
    "an item in an item": rss("<title>T</title><item><title>U</title></item>"),
    "two channels": b'<rss version="2.0"><channel><title>F</title></channel><channel><item><title>T</title></item></channel></rss>',
    "another format": b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>T</title></entry></feed>',
    "a page": b"<html><body><p>x</p></body></html>",
}  # fmt: skip # a table


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_what_only_feedparser_knows_is_left_to_it(body: bytes) -> None:
    """(cases 24 and 25: a document type is never read)"""
    assert read_straight(body) is None


NAMES = sorted({"title", "link", "guid", "description", "pubDate", "author", "enclosure", "source", "image", "fulltext", "dc:date", "dc:title",
    "dc:creator", "content:encoded", "media:title", "media:description", "media:group", "itunes:summary", "atom:link", "atom:id", "own:x", "category", "language", "itunes:title", "itunes:subtitle", "own:full-text", "created"})  # fmt: skip # a table
TEXTS = st.sampled_from(["", "x", " a  b ", "&lt;p&gt;one&lt;/p&gt;", "https://one.example/1", "/2", "2026-11-24T10:00:00Z", "soon", "é", "Ð¡", "&#x93;q&#x94;", "<![CDATA[<b>b</b>]]>"])  # fmt: skip # a table
ATTRIBUTES = st.sampled_from(["", "", "", " href='https://one.example/h'", " type='html'", " isPermaLink='false'", " url='/u'", " rel='self'", " xml:lang='ka'", " x='y'"])  # fmt: skip # a table
LEAVES = st.builds("<{0}{1}>{2}</{0}>".format, st.sampled_from(NAMES), ATTRIBUTES, TEXTS)
ELEMENTS = LEAVES | st.builds("<media:{0}>{1}</media:{0}>".format, st.sampled_from(["group", "content"]), st.lists(LEAVES, max_size=3).map("".join))  # fmt: skip # a table


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(item=st.lists(ELEMENTS, max_size=8).map("".join), channel=st.lists(LEAVES, max_size=3).map("".join))
def test_no_feed_is_read_otherwise_than_by_feedparser(item: str, channel: str) -> None:
    body = rss(item, channel)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert parse_feed(body, URL, None, NOW) == by_feedparser(body)


def test_every_element_that_feedparser_knows_is_read_or_known_to_change_nothing() -> None:
    """A release of feedparser that knows more elements must be looked at."""
    known = {
        name.partition("_")[2].partition("_")[2]
        for name in dir(_FeedParserMixin)
        if name.startswith(("_start_", "_end_"))
    }
    harmless = {"category", "cloud", "copyright", "generator", "keywords", "rights"}
    unprefixed = {name.lower() for name in known if "_" not in name}
    assert {name for name in unprefixed if name not in READ and is_left_alone(name)} == harmless
    prefixes = {name.partition("_")[0].lower() for name in known if "_" in name}
    assert prefixes == {"cc", "content", "creativecommons", "dc", "dcterms", "feedburner", "georss", "gml", "itunes", "media", "psc", "xhtml"}  # fmt: skip # a table
