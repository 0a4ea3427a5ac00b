"""Feeds as they should not be: every entry, every date, every word of them is found all the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.collect.charset import decode
from monitor.collect.limits import FEED_ENTRIES
from monitor.collect.newest import newest
from monitor.collect.parse import parse_feed
from monitor.model import Draft, ParsedFeed
from tests.factories import NOW

URL = "https://one.example/feed/"
ONE = "<item><title>One</title><link>https://one.example/1</link><guid>1</guid></item>"
TWO = ONE.replace("One", "Two").replace("1<", "2<")


def parse(body: str) -> ParsedFeed:
    return parse_feed(body.encode(), URL, None, NOW)


def draft_of(inner: str, namespaces: str = "") -> Draft:
    return parse(f"<rss version='2.0' {namespaces}><channel><item>{inner}</item></channel></rss>").drafts[0]


@pytest.mark.parametrize(
    "body",
    [
        f"<rss>{ONE}{TWO}</rss>", f"<rss><channel/>{ONE}{TWO}</rss>", f"<rss><channel>{ONE}</channel><channel>{TWO}</channel></rss>",
        f"<rss><channel>{ONE}</channel></rss><rss><channel>{TWO}</channel></rss>", f"<rss><channel><rss><channel>{ONE}{TWO}</channel></rss></channel></rss>",
        f"<rss><channel><items>{ONE}{TWO}</items></channel></rss>", f"<rss><channel>{ONE.replace('</item>', TWO + '</item>')}</channel></rss>",
        f"<RSS><CHANNEL>{ONE}{TWO}</CHANNEL></RSS>".replace("item", "ITEM").replace("title", "TITLE").replace("link", "LINK"),
        f"<rss xmlns='http://backend.userland.com/rss2'><channel>{ONE}{TWO}</channel></rss>", f"<channel>{ONE}{TWO}</channel>",
        f"<rss xmlns='http://www.w3.org/1999/xhtml'><channel>{ONE}{TWO}</channel></rss>", f"<rss xmlns='http://search.yahoo.com/mrss/'><channel>{ONE}{TWO}</channel></rss>",
        f'<rss xmlns="http://purl.org/dc/elements/1.1/"><channel>{ONE}{TWO}</channel></rss>', f"<rss xmlns='urn:made-up'><channel>{ONE}{TWO}</channel></rss>",
        f"Warning: mysql_connect() failed <br />\n<rss><channel>{ONE}{TWO}</channel></rss>", f"<rss><channel>{ONE}{TWO}</channel></rss><script>x</script>\n",
        f"<rss><channel>{ONE}\x03\x0b{TWO}</channel></rss>", f"<rss><channel><title>a < b & c</title>{ONE}{TWO}</channel></rss>",
    ],
)  # fmt: skip # a table
def test_every_entry_is_found_wherever_it_stands(body: str) -> None:
    found = [(draft.title, draft.url) for draft in parse(body).drafts]
    assert found == [("One", "https://one.example/1"), ("Two", "https://one.example/2")]


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<link>\n  https://one.example/1\n</link>", "https://one.example/1"), ("<link>//one.example/1</link>", "https://one.example/1"),
        ("<link>www.one.example/1</link>", "https://www.one.example/1"), ("<guid>https://one.example/1</guid>", "https://one.example/1"),
        ("<guid>582934</guid>", None), ("<guid isPermaLink='false'>https://one.example/1</guid>", None),
        ("<link href='https://one.example/1'/>", "https://one.example/1"), ("<link/><a:link href='https://one.example/1'/>", "https://one.example/1"),
        ("<link>https://one.example/1</link><a:link rel='replies' href='https://one.example/1#c'/>", "https://one.example/1"),
        ("<link>https://feeds.example/~r/1</link><fb:origLink>https://one.example/1</fb:origLink>", "https://one.example/1"),
        ("<enclosure url='https://one.example/1.jpg' type='image/jpeg'/>", None),
        ("<enclosure url='https://one.example/1.mp3' type='audio/mpeg'/>", "https://one.example/1.mp3"),
        ("<link>https://one.example/1?a=1&b=2</link>", "https://one.example/1?a=1&b=2"),
        ("<image><link>https://one.example/image</link></image><link>https://one.example/1</link>", "https://one.example/1"),
    ],
)  # fmt: skip # a table
def test_an_entrys_address_is_that_of_its_page(inner: str, url: str | None) -> None:
    spaces = "xmlns:a='http://www.w3.org/2005/Atom' xmlns:fb='http://rssnamespace.org/feedburner/ext/1.0'"
    assert draft_of(inner, spaces).url == url


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<content:encoded>&lt;p&gt;Ceasefire&lt;/p&gt;</content:encoded>", "Ceasefire"), ("<media:description>Ceasefire</media:description>", "Ceasefire"),
        ("<yandex:full-text>Ceasefire</yandex:full-text>", "Ceasefire"), ("<full-text>Ceasefire</full-text>", "Ceasefire"),
        ("<rambler:fulltext>Ceasefire</rambler:fulltext>", "Ceasefire"), ("<itunes:summary>Ceasefire</itunes:summary>", "Ceasefire"),
        ("<itunes:subtitle>Ceasefire</itunes:subtitle>", "Ceasefire"), ("<body xmlns='http://www.w3.org/1999/xhtml'><p>Ceasefire</p></body>", "Ceasefire"),
        ("<description><p>Cease</p>fire</description>", "Cease\n\nfire"), ("<description>a &lt;object> <b>Ceasefire</b></description>", "a Ceasefire"),
        ("<description>&lt;iframe src='x'>Ceasefire</description>", "Ceasefire"), ("<description>&lt;!-- open >Ceasefire</description>", "Ceasefire"),
    ],
)  # fmt: skip # a table
@pytest.mark.parametrize("declared", [True, False])
def test_no_words_of_an_entry_are_lost(inner: str, words: str, *, declared: bool) -> None:
    spaces = (
        "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:media='http://search.yahoo.com/mrss/'"
        " xmlns:yandex='http://news.yandex.ru' xmlns:rambler='http://news.rambler.ru'"
        " xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    )
    draft = draft_of(f"<title>T</title>{inner}", spaces if declared else "")
    assert words in (draft.summary, draft.text)


@pytest.mark.parametrize(
    ("inner", "author"),
    [
        ("<author>ann@one.example (Ann)</author>", "Ann"), ("<author>ann@news.one.media (Ann)</author>", "Ann"), ("<author>Ann</author>", "Ann"),
        ("<author>ann@one.example</author>", "ann@one.example"), ("<dc:creator>Ann</dc:creator><dc:creator>Անի</dc:creator>", "Ann, Անի"),
        ("<author></author>", None),
    ],
)  # fmt: skip # a table
def test_authors_are_told_by_their_names(inner: str, author: str | None) -> None:
    assert draft_of(inner, "xmlns:dc='http://purl.org/dc/elements/1.1/'").author == author


def test_an_aggregators_entry_keeps_its_own_title_address_and_date() -> None:
    source = "<source><title>Other</title><id>o</id><updated>2020-01-01T00:00:00Z</updated><link href='https://o.example/'/></source>"
    inner = f"{source}<title>T</title><id>1</id><link href='/1'/><updated>2026-11-23T10:00:00Z</updated>"
    draft = parse(f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{inner}</entry></feed>").drafts[0]
    assert (draft.title, draft.url, draft.guid) == ("T", "https://one.example/1", "1")
    assert draft.published_at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_an_episode_has_the_title_that_only_its_podcast_names() -> None:
    assert (
        draft_of("<itunes:title>T</itunes:title>", "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'").title
        == "T"
    )


def test_of_too_many_entries_the_newest_are_taken_wherever_they_stand() -> None:
    days = [NOW - timedelta(days=number) for number in (5, 1, 9, 2)]
    drafts = [Draft(title=str(number), published_at=day) for number, day in enumerate(days)]
    assert [draft.title for draft in newest(drafts, 2)[0]] == ["1", "3"]
    assert newest([*drafts, Draft(title="undated")], 2)[0][1].title == "undated"
    assert newest(drafts, 4) == (tuple(drafts), 0)
    many = [*(Draft(title=f"undated {number}") for number in range(9)), *drafts]
    assert [draft.title for draft in newest(many, 4)[0]] == ["undated 0", "undated 8", "1", "3"]
    undated = [Draft(title=str(number)) for number in range(10)]
    kept, left_out = newest(undated, 3)
    assert ([draft.title for draft in kept], left_out) == (["0", "1", "9"], 7)


def test_a_feed_of_more_entries_than_a_fetch_may_bring_says_how_many_are_left_out() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(FEED_ENTRIES + 5))
    feed = parse(f"<rss><channel>{items}</channel></rss>")
    assert (len(feed.drafts), feed.left_out) == (FEED_ENTRIES, 5)


@pytest.mark.corpus
@pytest.mark.slow
def test_as_many_entries_are_read_as_begin_in_a_real_feeds_text(corpus: Path) -> None:
    """Counted without any parser: what opens as an entry outside of comments and CDATA sections."""
    silent = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
    fewer = []
    for path in sorted((corpus / "feeds" / "real").rglob("*")):
        if path.is_file() and path.suffix != ".json":
            body = path.read_bytes()
            begun = re.findall(r"<(?:\w+:)?(?:item|entry)[\s/>]", silent.sub("", decode(body, None)))
            if len(parse_feed(body, URL, None, NOW).drafts) < len(begun):
                fewer.append(path.name)
    assert fewer == []
