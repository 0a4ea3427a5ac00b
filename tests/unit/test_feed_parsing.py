from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import worker
from monitor.collect.charset import decode
from monitor.collect.html import line_of, text_of
from monitor.collect.parse import parse_feed
from monitor.collect.pool import WorkerPool
from monitor.errors import SourceError
from monitor.model import ParsedFeed
from tests.factories import NOW
from tests.fakes import FakeClock

URL = "https://one.example/feed/"


def parse(body: str | bytes, content_type: str | None = None) -> ParsedFeed:
    return parse_feed(body.encode() if isinstance(body, str) else body, URL, content_type, NOW)


def rss(item: str, channel: str = "") -> str:
    return f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{channel}<item>{item}</item></channel></rss>'


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<title>a &amp;quot;b&amp;quot;</title>", 'a "b"'),
        ("<title>AT&amp;T</title>", "AT&T"),
        ("<title><![CDATA[<b>Bold</b> x]]></title>", "Bold x"),
        ("<title><![CDATA[<![CDATA[Inner]]]]><![CDATA[>]]></title>", "Inner"),
        ("<title><![CDATA[G&ouml;y&nbsp;h&uuml;cum]]></title>", "Göy hücum"),
        ("<title>x<script>alert(1)</script></title>", "x"),
        ("<title>3 &lt; 5 and 7 &gt; 2</title>", "3 < 5 and 7 > 2"),
    ],
)
def test_titles_are_plain_text_decoded_once(markup: str, text: str) -> None:
    """(case 111, traps 7 and 8)"""
    assert parse(rss(markup)).drafts[0].title == text


def test_atom_says_whether_its_title_is_markup() -> None:
    """(case 111)"""

    def title(kind: str, inner: str) -> str:
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="{kind}">{inner}</title><id>1</id></entry></feed>'
        return parse(body).drafts[0].title

    assert title("text", "&lt;b&gt; tag") == "<b> tag"
    assert title("html", "&lt;b&gt;bold&lt;/b&gt;") == "bold"
    assert title("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml"><b>bold</b></div>') == "bold"


def test_an_entry_is_read_whole() -> None:
    item = (
        "<title>T</title><link>/a?b=1</link><guid>g</guid><author>x@y (Ann)</author><pubDate>Tue, 24 Nov 2026 10:00:00 +0400</pubDate>"
        "<description>short</description><content:encoded><![CDATA[<p>One</p><p>Two<br>lines</p>]]></content:encoded>"
    )
    feed = parse(rss(item, "<title>F</title><language>ka</language><ttl>90</ttl>"))
    (draft,) = feed.drafts
    assert (draft.url, draft.guid, draft.summary, draft.text) == (
        "https://one.example/a?b=1",
        "g",
        "short",
        "One\n\nTwo\n\nlines",
    )
    assert draft.published_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    assert (feed.title, feed.language, feed.hint) == ("F", "ka", timedelta(minutes=90))


def test_double_escaped_cdata_is_not_lost() -> None:
    """(trap 3)"""
    assert (
        parse(rss("<title>T</title><description>&lt;![CDATA[ əsirlər ]]&gt;</description>")).drafts[0].summary
        == "əsirlər"
    )


def test_blanks_before_the_feed_do_no_harm() -> None:
    """(trap 4)"""
    assert parse("\n\n  " + rss("<title>T</title>")).drafts[0].title == "T"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "http://[", "mailto:a@b"])
def test_links_that_are_none_are_dropped(link: str) -> None:
    """(case 52)"""
    assert parse(rss(f"<title>T</title><link>{link}</link>")).drafts[0].url is None


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("cp1251", "", None), ("koi8-r", "", None), ("cp1251", "utf-8", None), ("koi8-r", "koi8-r", None), ("utf-8", "windows-1251", None),
        ("utf-16", "utf-16", None), ("utf-8-sig", "", None), ("cp1251", "", "text/xml; charset=windows-1251"), ("utf-16-le", "", None),
        ("utf-16-be", "", None), ("cp1251", "unicode_escape", None), ("cp1251", "zlib", None), ("cp1251", "idna", None), ("cp866", "", None),
    ],
)  # fmt: skip # a table
def test_russian_is_readable_whatever_the_feed_says_of_itself(encoding: str, declared: str, header: str | None) -> None:
    """(case 108)"""
    title = "Возвращение военнопленных обсудили в столице"
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (head + rss(f"<title>{title}</title>")).encode(encoding)
    assert parse(body, header).drafts[0].title == title


def test_other_encodings_and_broken_bytes_are_read_as_well_as_can_be() -> None:
    assert decode("Məhbus ძველი".encode() + b"\xff", None).startswith("Məhbus ძველი")
    assert decode(b"caf\xe9 noir", None) == "café noir"
    assert decode("日本".encode("iso2022_jp"), "text/xml; charset=iso-2022-jp") == "日本"
    assert decode(b"<?xml version='1.0' encoding='cp1252'?>\x81" + b"\xe9" * 20, None).endswith("é" * 20)


@pytest.mark.parametrize(
    "body",
    [
        rss("<title>&#xD800;T</title>"), rss("<title>&#99999999999;T</title>"), rss("<title>&#0;T</title>"),
        '<?xml version="1.0" encoding="\0"?>' + rss("<title>T</title>"),
        rss('<title>T</title><georss:point xmlns:georss="http://www.georss.org/georss">x</georss:point>'),
    ],
)  # fmt: skip # a table
def test_what_crashes_parsers_is_survived(body: str) -> None:
    """(case 32)"""
    found = worker.parse(body.encode(), URL, None, NOW)
    assert isinstance(found, ParsedFeed)
    assert found.drafts[0].title.endswith("T")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!DOCTYPE html><html><body>Log in to the WLAN</body></html>", "HTML"), (b"", "empty"), (b"hello", "no feed"),
        (b'{"a": 1}', "without items"), (b"{broken", "broken JSON"), (b"%PDF-1.4", "no feed"),
    ],
)  # fmt: skip # a table
def test_what_is_no_feed_is_said(body: bytes, said: str) -> None:
    """(case 96)"""
    with pytest.raises(SourceError, match="not_a_feed") as error:
        parse(body)
    assert said in error.value.detail
    assert worker.parse(body, URL, None, NOW) == worker.Failure("not_a_feed", error.value.detail)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><title>Just a moment...</title><body>Enable JavaScript</body></html>",
        b"<html><head><script src='/cdn-cgi/challenge-platform/cf-challenge.js'></script></head><body></body></html>",
        "<html><title>Вы не робот?</title><body><form></form></body></html>".encode(),
    ],
)
def test_a_bot_wall_that_answers_with_success_where_a_feed_was_is_said(body: bytes) -> None:
    """Its source is blocked, not another page: the remedy is the outlet's."""
    with pytest.raises(SourceError, match="challenge_page") as error:
        parse(body)
    assert "bot wall" in error.value.detail


def test_a_page_of_an_outlet_behind_a_wall_is_no_wall() -> None:
    """Their scripts stand in every page that they guard."""
    news = "<p>The bridge was opened by the mayor in the morning.</p>" * 20
    with pytest.raises(SourceError, match="not_a_feed"):
        parse(f"<html><title>One</title><script src='//geo.captcha-delivery.com/x'></script>{news}</html>".encode())


def test_json_feeds_are_read() -> None:
    items = [
        {"id": 7, "url": "/a", "title": "T", "content_html": "<p>x</p>", "date_published": "2026-11-24T10:00:00Z", "authors": [{"name": "A"}]},
        {"id": "b", "external_url": "https://two.example/", "content_text": "plain", "summary": "s", "author": {"name": "B"}, "language": "ka"},
        {"title": None, "authors": "x"},
        "nonsense",
    ]  # fmt: skip # a table
    feed = parse(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": items}))
    assert [(draft.url, draft.guid, draft.text, draft.author) for draft in feed.drafts] == [
        ("https://one.example/a", "7", "x", "A"), ("https://two.example/", "b", "plain", "B"), (None, None, None, None)
    ]  # fmt: skip # a table
    assert feed.drafts[0].published_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "hint"),
    [
        ("<ttl>999999999999</ttl>", timedelta(hours=24)), ("<ttl>x</ttl>", None), ("", None),
        ('<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">hourly</sy:updatePeriod>', None),
        ('<x xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></x>', timedelta(hours=6)),
    ],
)  # fmt: skip # a table
def test_update_hints_are_bounded(channel: str, hint: timedelta | None) -> None:
    """(case 91)"""
    assert parse(rss("<title>T</title>", channel)).hint == hint


@pytest.mark.parametrize(
    ("channel", "hours", "days"),
    [
        ("<skipHours><hour>0</hour><hour> 7 </hour><hour>24</hour><hour>25</hour></skipHours>", (0, 7), ()),
        ("<skipDays><day>Sunday</day>\n<day>monday</day><day>Someday</day></skipDays>", (), (0, 6)),
        ("<skipHours/><skipDays></skipDays>", (), ()),
        ("", (), ()),
    ],
)
def test_case_91_hours_and_days_in_which_a_feed_wants_not_to_be_read_are_told(
    channel: str, hours: tuple[int, ...], days: tuple[int, ...]
) -> None:
    feed = parse(rss("<title>T</title>", channel))
    assert (feed.skip_hours, feed.skip_days) == (hours, days)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a</p>\n<p>b\nc</p>", "a\n\nb c"), ("a<br/>b", "a\n\nb"), ("<style>x</style>a<script>y</script>b<!-- c -->d", "abd"),
        ("<ul><li>a<li>b</ul>", "a\n\nb"), ("plain & simple", "plain & simple"), ("&lt;b&gt; &amp;", "<b> &"), ("<", "<"), ("<!>", ""),
        ("a <b>bold</b> <i>x</i>.", "a bold x."), ("<!doctype html><title>a</title>", "a"), ("<html><frameset><frame>", ""),
    ],
)  # fmt: skip # a table
def test_html_becomes_paragraphs(markup: str, text: str) -> None:
    assert text_of(markup, 1000) == text


@given(st.text())
def test_any_markup_becomes_some_text(markup: str) -> None:
    line_of(markup, 100)


@pytest.mark.slow
async def test_a_feed_that_hangs_is_ended_and_another_goes_on() -> None:
    """(case 21)"""
    hostile = rss(
        "<title>T</title><description>&lt;a " + " ".join(f"a{n}=''" for n in range(100_000)) + "&gt;</description>"
    )
    body = (
        "<rss version='2.0'><channel><item "
        + " ".join(f"a{n}='x'" for n in range(100_000))
        + "><title>T</title></item></channel></rss>"
    )
    pool = WorkerPool(limit=timedelta(seconds=2), clock=FakeClock())
    try:
        with pytest.raises(SourceError, match="parse_timeout"):
            await pool.parse(body.encode(), url=URL, content_type=None)
        with contextlib.suppress(SourceError):  # our own text conversion may be through in time
            await pool.parse(hostile.encode(), url=URL, content_type=None)
        feed = None
        while feed is None:  # two seconds may be too short for any feed where much else runs
            with contextlib.suppress(SourceError):
                feed = await pool.parse(rss("<title>T</title>").encode(), url=URL, content_type=None)
        assert feed.drafts[0].title == "T"
    finally:
        pool.close()


@pytest.mark.slow
async def test_idle_workers_end_and_come_back() -> None:
    clock = FakeClock()
    pool = WorkerPool(limit=timedelta(seconds=5), clock=clock)
    try:
        with pytest.raises(SourceError, match="not_a_feed"):
            await pool.parse(b"", url=URL, content_type=None)
        pool.rest()
        assert pool._pool is not None
        clock.advance(700)
        pool.rest()
        assert pool._pool is None
        await pool.parse(rss("<title>T</title>").encode(), url=URL, content_type=None)
    finally:
        pool.close()


def test_an_xml_base_inside_one_entry_does_not_reach_the_next() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
    <entry><title>One</title><id>1</id><link href="/a/1"/><content type="html" xml:base="/a/1">x</content></entry>
    <entry xml:base="https://two.example/b/"><title>Two</title><id>2</id><link href="2"/></entry>
    <entry><title>Three</title><id>3</id><link href="3"/></entry></feed>"""
    feed = parse_feed(body, "https://one.example/feed", None, NOW)
    assert [draft.url for draft in feed.drafts] == [
        "https://one.example/a/1",
        "https://two.example/b/2",
        "https://one.example/3",
    ]
