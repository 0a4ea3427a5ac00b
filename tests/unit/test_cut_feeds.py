"""Feeds whose answer ends early: whole entries or none, and nothing is remembered of the rest."""

from __future__ import annotations

import contextlib
import json
from itertools import accumulate

import pytest

from monitor.collect.parse import parse_feed
from monitor.errors import SourceError
from monitor.model import Draft, ParsedFeed
from tests.factories import NOW

URL = "https://one.example/feed/"
ITEM = (
    "<item><title>Բանակցություն {0} &amp; խաղաղություն</title><link>https://one.example/a/{0}?x=1&amp;y=2</link>"
    "<guid>tag:{0}</guid><pubDate>Mon, 23 Nov 2026 10:0{0}:00 +0400</pubDate>"
    "<description><![CDATA[<p>ძველი </item> &lt;</p>]]></description><!-- </channel></rss> --></item>\n"
)
ENTRY = (
    '<entry><title type="html">Мир {0}</title><id>tag:{0}</id><link href="/a/{0}"/>'
    '<updated>2026-11-23T10:0{0}:00Z</updated><content type="html">&lt;p&gt;Слово&lt;/p&gt;</content></entry>\n'
)
RSS = ('<?xml version="1.0"?>\n<rss version="2.0"><channel><title>F</title>', ITEM, "</channel>")
ATOM = ('<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>', ENTRY, "</feed>")
RDF = (
    '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel/>',
    ITEM.replace("<item>", '<item rdf:about="https://one.example/{0}">'),
    "</rdf:RDF>",
)
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [',
    json.dumps({"id": "tag:_", "url": "/a/_", "title": "Մեկ _", "content_text": "}]}"}, ensure_ascii=False).replace("_", "{0}"),
    "]}",
)  # fmt: skip # a table


def parse(body: bytes) -> ParsedFeed:
    return parse_feed(body, URL, "application/xml; charset=utf-8", NOW)


def entries_before_the_cut(body: bytes) -> tuple[Draft, ...]:
    """Give the entries of a part of a feed, which must be known to be a part, or to be none."""
    with contextlib.suppress(SourceError):
        feed = parse(body)
        assert feed.cut
        return feed.drafts
    return ()


def document(parts: tuple[str, str, str], encoding: str) -> tuple[bytes, list[int], int]:
    """Give a feed of two entries, how many bytes each of them ends after, and where the whole is closed."""
    head, entry, tail = parts
    joint = ", " if head.startswith("{") else ""
    entries = [(joint if number else "") + entry.replace("{0}", str(number)) for number in range(2)]
    text = head + "".join(entries) + tail
    so_far = [*accumulate([head, *entries])][1:]
    return text.encode(encoding), [len(part.rstrip().encode(encoding)) for part in so_far], len(text.encode(encoding))


@pytest.mark.parametrize(
    ("parts", "encoding"),
    [
        (RSS, "utf-8"), (JSON, "utf-8"), pytest.param(ATOM, "utf-8", marks=pytest.mark.slow),
        pytest.param(RDF, "utf-8", marks=pytest.mark.slow), pytest.param(RSS, "utf-16-le", marks=pytest.mark.slow),
    ],
)  # fmt: skip # a table
def test_case_100_a_feed_cut_at_any_byte_gives_its_whole_entries_or_none(
    parts: tuple[str, str, str], encoding: str
) -> None:
    body, ends, closed = document(parts, encoding)
    whole = parse(body)
    assert (len(whole.drafts), whole.cut) == (2, False)
    for length in range(closed):
        drafts = entries_before_the_cut(body[:length])
        complete = sum(end <= length for end in ends)
        assert drafts in {whole.drafts[:complete], ()}, (length, body[:length][-80:])
        assert not complete or drafts, length


@pytest.mark.parametrize(
    "tail",
    ["</channel>", "</channel></rss>", "</CHANNEL>\n</RSS>", "</channel></rss><!-- cached -->", "</rss>", "</channel></rss>\n<b>"],
)  # fmt: skip # a table
def test_a_feed_that_is_closed_behind_its_last_entry_is_whole(tail: str) -> None:
    feed = parse((RSS[0] + ITEM.replace("{0}", "1") + tail).encode())
    assert (len(feed.drafts), feed.cut) == (1, False)


def test_entries_that_are_never_closed_are_kept_where_the_feed_is() -> None:
    body = "<rss><channel><item><title>One</title><item><title>Two</title></channel></rss>"
    feed = parse(body.encode())
    assert ([draft.title for draft in feed.drafts], feed.cut) == (["One", "Two"], False)


def test_an_empty_feed_is_whole_only_if_it_is_closed() -> None:
    assert not parse(b"<rss version='2.0'><channel></channel></rss>").cut
    assert not parse(b"<rss version='2.0'/>").cut
    assert parse(b"<rss version='2.0'><channel><title>F</title>").cut
    assert parse(RDF[0].encode()).cut
