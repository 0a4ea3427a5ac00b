"""The spiders on pages of our own; nothing is downloaded."""

from __future__ import annotations

import gzip
import re
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.http import HtmlResponse, Response, XmlResponse

from monitor.model import Draft, Page, PageOrder, Selectors
from spiders.article import ArticleSpider
from spiders.jamnews import JamnewsSpider
from spiders.listing import ListingSpider
from spiders.site import MOST, is_no_article, moment, same_site
from spiders.sitemap import SitemapSpider
from tests.factories import source

SITE = "https://valley.example/"
MAP = f"{SITE}sitemap.xml"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def listing(html: str | bytes, url: str = SITE, **changes: Any) -> list[Draft]:
    return drafts(read(ListingSpider(source(**{"url": SITE} | changes)), html, url))


def sitemap(body: str | bytes, url: str = MAP, **changes: Any) -> list[Draft]:
    return drafts(read(SitemapSpider(source(**{"url": MAP} | changes)), body, url, Response))


def read(spider: Spider, body: str | bytes, url: str, kind: type[Response] = HtmlResponse, **told: Any) -> list[Any]:
    raw = body.encode() if isinstance(body, str) else body
    return list(spider.parse(kind(url, body=raw), **told))


def drafts(found: Iterable[Any]) -> list[Draft]:
    return [item for item in found if isinstance(item, Draft)]


def asked(found: Iterable[Any]) -> list[str]:
    """Give the addresses asked for, in the order in which Scrapy asks."""
    requests = [item for item in found if isinstance(item, Request)]
    return [request.url for request in sorted(requests, key=lambda request: -request.priority)]


def urlset(*entries: str) -> str:
    inner = "".join(f"<url>{entry}</url>" for entry in entries)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {NEWS}>{inner}</urlset>'


def index(*files: tuple[str, str]) -> str:
    inner = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{when}</lastmod></sitemap>" for loc, when in files)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'


# Where a spider begins.


async def test_a_spider_begins_at_every_start_page_or_at_the_sources_address() -> None:
    several = ListingSpider(source(start=(f"{SITE}a", f"{SITE}b")))
    assert [(request.url, request.dont_filter) async for request in several.start()] == [
        (f"{SITE}a", True),
        (f"{SITE}b", True),
    ]
    assert [request.url async for request in SitemapSpider(source(url=MAP)).start()] == [MAP]


# Article pages.


async def test_the_article_spider_hands_on_each_ordered_page_as_it_came() -> None:
    selectors = Selectors(title="h1")
    order = PageOrder(article_id=7, url=f"{SITE}a", source=source(selectors=selectors, country="ge"))

    async def orders() -> AsyncIterator[PageOrder]:
        yield order
        yield order

    spider = ArticleSpider(source=source(), orders=orders())
    requests = [request async for request in spider.start()]
    assert [(request.url, request.dont_filter) for request in requests] == [(f"{SITE}a", True)] * 2
    moved = Response(f"{SITE}b", body=b"<p>x", headers={"Content-Type": "text/html; charset=x"}, request=requests[0])
    assert list(spider.parse(moved)) == [
        Page(
            article_id=7,
            url=f"{SITE}b",
            body=b"<p>x",
            content_type="text/html; charset=x",
            selectors=selectors,
            country="ge",
            headers=(("Content-Type", "text/html; charset=x"),),
        )
    ]
    (page,) = spider.parse(Response(f"{SITE}a", request=requests[0]))
    assert page.content_type is None


# Listings.

FRONT = """
<html><body>
<header><a href="/"><img src="logo.png" alt="Valley Times, news of the whole valley"></a></header>
<nav><a href="/2026/11/01/how-to-write-to-us-and-be-read">How to write to us and be read by everybody</a></nav>
<main>
  <article>
    <a href="/politics/">Politics and society of the valley</a>
    <a href="/2026/11/24/truce-holds/#comments"><img src="1.jpg" alt="A road"></a>
    <h2><a href="/2026/11/24/truce-holds/">The truce <b>h</b>olds for a third day</a></h2>
    <a href="/2026/11/24/truce-holds/">Read more about how the truce holds on the whole border</a>
    <time datetime="2026-11-24T14:30:00+04:00">today</time>
  </article>
  <article>
    <a href="https://www.valley.example/ru/news/48213">
      <div>Общество</div><div>Школа в горах снова открыта</div></a>
    <time datetime="2026-11-23">вчера</time>
  </article>
  <li><a href="/hy/ռազմագերիների-վերադարձը-և-խաղաղապահների-դերը"><h3>Ռազմագերիների վերադարձը և դերը</h3>
      <p>A summary that is longer than the headline above it, by far.</p></a></li>
  <li><a href="/az/xeber/99812.html" title="Əsirlərin qaytarılması davam edir"><img src="2.jpg"></a></li>
  <li><a href="/ka/ambebi/77123">ტყვეების გაცვლა დღეს განახლდა</a></li>
  <a href="/tag/prisoners-of-war-in-the-valley">Everything about prisoners of war in the valley</a>
  <a href="/author/anna-of-the-high-valley">Anna, who writes about the high valley</a>
  <a href="/about-us/">About us and the people behind this newspaper</a>
  <a href="/files/report-on-the-year-2026-en.pdf">The report on the year as a file to download</a>
  <a href="https://social.example/share?u=20261124">Share this article with all of your friends</a>
  <a href="mailto:desk@valley.example?subject=12345">Write to the people at the desk today</a>
  <a href="javascript:open(123456)">Open the window with the headlines of the day</a>
  <a href="http://[broken/12345">A link that is broken beyond all repair</a>
  <a href="/elections-2026/">Elections 2026: results</a>
  <a>No address at all, but the length of a headline</a>
</main>
<footer><a href="/2026/01/01/rules-of-this-site-in-full">The rules of this site in full length</a></footer>
</body></html>
"""


def test_a_listing_without_hints_gives_what_looks_like_an_article() -> None:
    assert listing(FRONT) == [
        Draft(
            url=f"{SITE}2026/11/24/truce-holds/",
            title="The truce holds for a third day",
            published_at=datetime(2026, 11, 24, 10, 30, tzinfo=UTC),
        ),
        Draft(
            url="https://www.valley.example/ru/news/48213",
            title="Общество Школа в горах снова открыта",
            published_at=datetime(2026, 11, 23, tzinfo=UTC),
        ),
        Draft(
            url=f"{SITE}hy/ռազմագերիների-վերադարձը-և-խաղաղապահների-դերը",
            title="Ռազմագերիների վերադարձը և դերը",
        ),
        Draft(url=f"{SITE}az/xeber/99812.html", title="Əsirlərin qaytarılması davam edir"),
        Draft(url=f"{SITE}ka/ambebi/77123", title="ტყვეების გაცვლა დღეს განახლდა"),
    ]


def test_a_pattern_takes_what_it_finds_whatever_it_looks_like() -> None:
    page = '<nav><a href="/n/1">One</a></nav><a href="/n/2"><img alt=" Two  words "></a><a href="/x/3">A long enough headline</a>'
    assert [(draft.url, draft.title) for draft in listing(page, links=r"/n/\d$")] == [
        (f"{SITE}n/1", "One"),
        (f"{SITE}n/2", "Two words"),
    ]


def test_a_title_is_the_headline_then_the_longest_text_and_a_pictures_only_at_last() -> None:
    picture = '<a href="/n/1"><img alt="A photograph of the whole valley in the snow of last winter"></a>'
    texts = '<a href="/n/1">More</a><a href="/n/1">Snow closes the road</a>'
    headline = '<a href="/n/1"><h3></h3><h4>Snow</h4> A long summary of it all</a>'
    assert listing(picture, links="/n/")[0].title.startswith("A photograph")
    assert [draft.title for draft in listing(picture + texts, links="/n/")] == ["Snow closes the road"]
    assert [draft.title for draft in listing(picture + texts + headline, links="/n/")] == ["Snow"]


def test_a_pattern_may_be_written_as_people_read_addresses() -> None:
    page = '<a href="/%D5%AC%D5%B8%D6%82%D6%80/1">Լուր</a><a href="/other/2">x</a>'
    assert [draft.title for draft in listing(page, links="/լուր/")] == ["Լուր"]


@pytest.mark.parametrize("selector", ["h2 a", "h2", "h2 a b", "h2 a::attr(href)"])
def test_a_selector_chooses_links_and_what_is_in_or_around_them(selector: str) -> None:
    page = '<a href="/menu">Menu</a><h2><a href="/1"><b>One</b></a></h2><h2><a href="/2"><b>Two</b></a></h2>'
    found = listing(page, selectors=Selectors(links=selector))
    assert [(draft.url, draft.title) for draft in found] == [(f"{SITE}1", "One"), (f"{SITE}2", "Two")]


def test_a_selector_that_finds_nothing_is_no_reason_to_guess() -> None:
    assert listing(FRONT, selectors=Selectors(links="h2.gone a")) == []


def test_links_are_relative_to_the_base_that_the_page_names_after_a_redirect() -> None:
    page = '<base href="/en/"><a href="a/1">One</a>'
    assert [draft.url for draft in listing(page, url="https://new.example/x/y", links="/a/")] == [
        "https://new.example/en/a/1"
    ]


def test_a_listing_is_no_article_of_itself() -> None:
    page = '<a href="#top">Top</a><a href="/">Home</a><a href="/s/?a=1">Start</a><a href="/s/a1">Article</a>'
    found = listing(page, links="/", start=(f"{SITE}s/", f"{SITE}s/?a=1"), url=f"{SITE}s/")
    assert [draft.title for draft in found] == ["Article"]


def test_a_date_goes_to_an_article_only_if_it_is_alone_with_it() -> None:
    page = '<div><time datetime="2026-11-24T10:00Z"></time><a href="/n/1">One</a><a href="/n/2">Two</a></div>'
    assert [draft.published_at for draft in listing(page, links="/n/")] == [None, None]
    many = "".join(f'<a href="/tag/{number}">x</a>' for number in range(30))
    page = (
        f'<a href="/n/1">One<time datetime="nonsense"></time></a><div><time datetime="2026-11-24"></time>{many}</div>'
    )
    assert [draft.published_at for draft in listing(page, links="/n/")] == [None]


def test_the_next_page_is_followed_as_far_as_pages_says() -> None:
    page = '<a href="/n/{0}">One</a><a rel="nofollow next" href="/page/{1}">Older</a>'
    assert asked(read(ListingSpider(source(url=SITE)), page.format(1, 2), SITE)) == []
    spider = ListingSpider(source(url=SITE, pages=2, links="/n/"))
    (draft, request) = read(spider, page.format(1, 2), SITE)
    assert (draft.url, request.url, request.cb_kwargs) == (f"{SITE}n/1", f"{SITE}page/2", {"page": 2})
    assert read(spider, page.format(1, 3), f"{SITE}page/2", page=2) == []  # known, and far enough


def test_the_next_page_may_be_selected_and_never_leads_away() -> None:
    page = '<a class="more" href="{}">More</a><link rel="next" href="/wrong">'
    spider = ListingSpider(source(url=SITE, pages=9, selectors=Selectors(next="a.more")))
    assert asked(read(spider, page.format("?p=2"), SITE)) == [f"{SITE}?p=2"]
    assert asked(read(spider, page.format("https://other.example/2"), SITE)) == []
    assert asked(read(spider, page.format("#top"), SITE)) == []


def test_a_listing_ends_at_its_limit() -> None:
    page = (
        "".join(f'<a href="/n/{number}">{number}</a>' for number in range(MOST + 5)) + '<a rel="next" href="?2">x</a>'
    )
    spider = ListingSpider(source(url=SITE, pages=2, links="/n/"))
    found = read(spider, page, SITE)
    assert [draft.url for draft in drafts(found)] == [f"{SITE}n/{number}" for number in range(MOST)]
    assert asked(found) == []


@pytest.mark.parametrize(
    "body", ["", "no markup", "\0\0", "<html></html>", "{}", '["a"]', "\ufeff", "<!-- <a href=/n/1>"]
)
def test_a_page_with_nothing_in_it_gives_nothing(body: str) -> None:
    assert listing(body, links="/n/") == []


@pytest.mark.parametrize("kind", [Response, XmlResponse, HtmlResponse])
def test_a_listing_is_read_whatever_type_the_server_claims(kind: type[Response]) -> None:
    spider = ListingSpider(source(url=SITE, links="/n/"))
    assert len(read(spider, '<p><a href="/n/1">One<br></a>', SITE, kind)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<a " * 40_000 + '><a href="/n/1">One</a>',
        "<div>" * 200_000 + '<a href="/n/1">One</a>',
        "<![CDATA[" * 40_000 + '<a href="/n/1">One</a>',
        '<div><time datetime="2026-11-24">' * 20_000 + '<a href="/n/1">One</a>' * 20_000,
    ],
)
def test_a_hostile_listing_costs_little(body: str) -> None:
    """What case 23 does to pages, done to listings."""
    began = time.process_time()
    listing(body, links="/n/")
    assert time.process_time() - began < 5


# Sitemaps.


def test_a_news_sitemap_gives_titles_minutes_and_languages() -> None:
    entry = (
        "<loc> https://valley.example/a?x=1&amp;y=2 </loc><lastmod>2026-11-24T12:00:00Z</lastmod>"
        "<news:news><news:publication><news:name>Valley</news:name><news:language>ru-RU</news:language></news:publication>"
        "<news:publication_date>2026-11-24T14:05+04:00</news:publication_date>"
        "<news:title><![CDATA[Пленные & миротворцы]]></news:title></news:news>"
    )
    assert sitemap(urlset(entry)) == [
        Draft(
            url=f"{SITE}a?x=1&y=2",
            title="Пленные & миротворцы",
            language="ru",
            published_at=datetime(2026, 11, 24, 10, 5, tzinfo=UTC),
            updated_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
        )
    ]


def test_a_plain_sitemap_tells_of_changes_and_not_of_publication() -> None:
    assert sitemap(urlset(f"<loc>{SITE}a</loc><lastmod>2026-11-24</lastmod>", f"<loc>{SITE}b</loc>")) == [
        Draft(url=f"{SITE}a", updated_at=datetime(2026, 11, 24, tzinfo=UTC)),
        Draft(url=f"{SITE}b"),
    ]


def test_the_newest_come_first_and_no_more_than_the_limit() -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [
        f"<loc>{SITE}{n}</loc><lastmod>{(first + timedelta(hours=n)).isoformat()}</lastmod>" for n in range(MOST + 100)
    ]
    found = sitemap(urlset(f"<loc>{SITE}undated</loc>", *entries))
    assert [draft.url for draft in found] == [f"{SITE}{n}" for n in range(MOST + 99, 99, -1)]


def test_a_long_sitemap_without_dates_is_read_at_both_ends() -> None:
    found = [draft.url for draft in sitemap(urlset(*(f"<loc>{SITE}{n}</loc>" for n in range(2000))))]
    assert len(found) == MOST
    assert {f"{SITE}0", f"{SITE}1999"} <= set(found)


def test_a_sitemap_names_an_article_once_and_no_page_that_is_none() -> None:
    paths = ["", "a", "a", "a#x", "tag/a", "author/anna", "category/news/", "photo.jpg", "?p=5"]
    found = sitemap(urlset(*(f"<loc>{SITE}{path}</loc>" for path in paths)))
    assert [draft.url for draft in found] == [f"{SITE}a", f"{SITE}?p=5"]


def test_a_pattern_decides_alone_which_addresses_of_a_sitemap_count() -> None:
    entries = urlset(*(f"<loc>{SITE}{path}</loc>" for path in ("news/1", "tag/2", "%D5%AC/3")))
    assert [draft.url for draft in sitemap(entries, links="/tag/|/լ/")] == [f"{SITE}tag/2", f"{SITE}%D5%AC/3"]


def test_an_index_leads_to_its_newest_files_of_the_same_site() -> None:
    files = [
        (f"{SITE}old.xml", "2026-01-01"),
        (f"{SITE}new.xml", "2026-11-24T10:00:00Z"),
        (f"{SITE}newer.xml", "2026-11-24T15:00:00+04:00"),
        (f"{SITE}undated.xml", ""),
        (f"{SITE}google-news.xml", ""),
        (f"{SITE}post_tag-sitemap.xml", "2026-11-24T18:00:00Z"),
        (f"{SITE}author-sitemap.xml", "2026-11-24T18:00:00Z"),
        ("https://other.example/map.xml", "2026-11-24T19:00:00Z"),
        ("file:///etc/passwd", "2026-11-24T19:00:00Z"),
        (MAP, "2026-11-24T19:00:00Z"),
    ]
    found = read(SitemapSpider(source(url=MAP)), index(*files), MAP)
    assert asked(found) == [f"{SITE}{name}.xml" for name in ("google-news", "newer", "new", "old", "undated")]
    assert asked(read(SitemapSpider(source(url=MAP, pages=2)), index(*files), MAP)) == [
        f"{SITE}google-news.xml",
        f"{SITE}newer.xml",
    ]


def test_an_index_of_indexes_ends_at_the_third_level_and_counts_all_files() -> None:
    spider = SitemapSpider(source(url=MAP, pages=3))
    (first,) = asked(read(spider, index((f"{SITE}1.xml", "")), MAP))
    two = [(f"{SITE}{name}.xml", "") for name in "abc"]
    second = read(spider, index(*two), first, depth=2)
    assert len(asked(second)) == 2
    assert read(SitemapSpider(source(url=MAP)), index(*two), f"{SITE}a.xml", depth=3) == []


def test_the_files_of_an_index_share_the_limit() -> None:
    spider = SitemapSpider(source(url=MAP))
    files = read(spider, index((f"{SITE}a.xml", ""), (f"{SITE}b.xml", "")), MAP)
    for file in files:
        entries = urlset(*(f"<loc>{file.url}/{n}</loc>" for n in range(2000)))
        assert len(read(spider, entries, file.url, Response, **file.cb_kwargs)) == MOST // 2


@pytest.mark.parametrize(
    "body",
    [
        "https://valley.example/a\r\n\n https://valley.example/b\nno address\nftp://valley.example/c\n",
        "\ufeffhttps://valley.example/a\nhttps://valley.example/b",
        '<rss xmlns:atom="x"><channel><link>/</link><image><url>/i</url></image><item><atom:link rel="self" href="/z"/><link>/a</link></item><item><link>/b</link></item></channel></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="edit" href="/z"/><link href="/a"/></entry><entry><link href="b"/></entry></feed>',
        '<urlset xmlns="http://wrong.example/"><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>',
        "<urlset><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>",
        '<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>/a</s:loc></s:url><s:url><s:loc>/b</s:loc></s:url></s:urlset>',
        "\ufeff \n<?xml version='1.0'?><urlset><url><loc>/a</loc></url><url><loc>/b</loc><lastmod>",
        "<urlset><url><loc>/a</loc><x></url><url><loc>/b</loc></url></wrong></urlset>",
        "<urlset><!-- <url><loc>/z</loc></url> --><url><!-- x --><loc>/a</loc></url><url><loc><![CDATA[/b]]></loc></url></urlset>",
    ],
)
def test_every_kind_of_sitemap_is_read_and_a_broken_one_as_far_as_it_goes(body: str) -> None:
    assert [draft.url for draft in sitemap(body)] == [f"{SITE}a", f"{SITE}b"]


def test_prefixes_that_were_never_declared_do_no_harm() -> None:
    body = "<urlset><url><loc>/a</loc><news:news><news:title>A & B</news:title></news:news></url></urlset>"
    assert [draft.title for draft in sitemap(body)] == ["A B"]


def test_a_feed_given_as_a_sitemap_keeps_titles_and_times() -> None:
    rss = "<rss><channel><item><title>Մի լուր</title><link>/a</link><pubDate>Tue, 24 Nov 2026 14:00:00 +0400</pubDate></item></channel></rss>"
    assert sitemap(rss) == [Draft(url=f"{SITE}a", title="Մի լուր", published_at=datetime(2026, 11, 24, 10, tzinfo=UTC))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_a_sitemap_may_have_any_encoding_that_it_declares(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><urlset><url><loc>/новости/1</loc></url></urlset>'
    assert [draft.url for draft in sitemap(body.encode(encoding))] == [f"{SITE}новости/1"]


def test_a_packed_sitemap_is_unpacked_also_where_its_end_is_missing() -> None:
    packed = gzip.compress(urlset(*(f"<loc>{SITE}{n}</loc>" for n in range(300))).encode())
    assert len(sitemap(packed)) == 300
    assert 0 < len(sitemap(packed[:-200])) <= 300
    assert sitemap(gzip.compress(b"https://valley.example/a") + gzip.compress(b"bc"))[0].url == f"{SITE}abc"


def test_a_sitemap_that_is_packed_twice_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """(case 26)"""
    assert sitemap(gzip.compress(gzip.compress(urlset(f"<loc>{SITE}a</loc>").encode()))) == []
    assert sitemap(b"\x1f\x8bnonsense") == []
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_a_bomb_is_unpacked_no_further_than_the_limit(caplog: pytest.LogCaptureFixture) -> None:
    """(case 26: sitemap.xml.gz)"""
    block = gzip.compress(bytes(64 * 1024 * 1024))
    bomb = block * 16  # a file of several parts is one file: 1 GiB
    assert len(bomb) < 2 * 1024 * 1024
    tracemalloc.start()
    began = time.process_time()
    assert sitemap(bomb) == []
    assert time.process_time() - began < 5
    assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    tracemalloc.stop()
    assert caplog.records


LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    "dtd",
    [
        f'<!DOCTYPE urlset [<!ENTITY a "haha">{LAUGHS}]>',
        f'<!DOCTYPE urlset [<!ENTITY j "{"ha" * 50_000}">]>',
        '<!DOCTYPE urlset SYSTEM "CANARY">',
        '<!DOCTYPE urlset [<!ENTITY j SYSTEM "CANARY">]>',
        '<!DOCTYPE urlset [<!ENTITY % p SYSTEM "CANARY"> %p; <!ENTITY j "x">]>',
        '<!DOCTYPE urlset [<!ENTITY j SYSTEM "FILE">]>',
    ],
)
def test_entities_neither_grow_nor_open_anything(dtd: str, tmp_path: Path) -> None:
    """(cases 24 and 25: sitemaps)"""
    (tmp_path / "secret").write_text("the secret")
    titled = f"<loc>{SITE}a</loc><news:news><news:title>{'&j;' * 1000}</news:title></news:news>"
    body = f'{dtd}<urlset {NEWS}><url>{titled}</url><url><loc a="&j;">{SITE}b</loc></url></urlset>'
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        body = body.replace("CANARY", f"http://127.0.0.1:{canary.getsockname()[1]}/x")
        began = time.process_time()
        found = sitemap(body.replace("FILE", (tmp_path / "secret").as_uri()))
        assert time.process_time() - began < 2
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert all(len(draft.title) < 10_000 and "secret" not in draft.title for draft in found)
    assert {draft.url for draft in found} <= {f"{SITE}a", f"{SITE}b"}


@pytest.mark.parametrize(
    "body", ["", "<", "<html><p>Wait a moment", "\0", "{}", "<a>" * 200_000, "<urlset>" + "<url>" * 100_000, "\ud800"]
)
def test_what_is_no_sitemap_gives_nothing(body: str) -> None:
    assert sitemap(body.encode("utf-8", "surrogatepass")) == []


@pytest.mark.slow
@pytest.mark.parametrize("half", ["&#xD800;", "&#xdfff;", "&#x00DABC;", "&#55296;", "&#57343;", "&#056000;"])
def test_half_a_character_in_a_sitemap_costs_itself(half: str) -> None:
    """Found by fuzzing: lxml reads such a reference and cannot tell what it has read (case 33)."""
    entry = f"<loc>{SITE}news/1</loc><news:news><news:title>A{half} day</news:title></news:news>"
    other = f"<loc>{SITE}news/2</loc><lastmod>{half}</lastmod>"
    assert {draft.url: draft.title for draft in sitemap(urlset(entry, other))} == {
        f"{SITE}news/1": "A\ufffd day",
        f"{SITE}news/2": "",
    }


def test_characters_beside_the_halves_stay() -> None:
    """The last Hangul syllable before them, and the first of private use after them."""
    entry = f"<loc>{SITE}news/1</loc><news:news><news:title>&#55203;&#xE000;</news:title></news:news>"
    assert sitemap(urlset(entry))[0].title == "\ud7a3\ue000"


@pytest.mark.slow
def test_a_sitemap_as_large_as_they_come_is_read_in_seconds() -> None:
    body = urlset(*(f"<loc>{SITE}{n}</loc><lastmod>2026-11-24T10:00:00Z</lastmod>" for n in range(50_000)))
    began = time.process_time()
    assert len(sitemap(body)) == MOST
    assert time.process_time() - began < 10


# JAMnews.

WEEK = "The main topics of the week in the South Caucasus"
JAM = "https://jam-news.example/"


def teaser(path: str, title: str, beside: str = "") -> str:
    return f'<article><a href="{path}"><img src="i.jpg"></a><h3><a href="{path}">{title}</a></h3>{beside}</article>'


def jamnews(html: str, url: str = JAM, **changes: Any) -> list[Any]:
    return read(JamnewsSpider(source(**{"url": JAM} | changes)), html, url)


def test_jamnews_knows_the_language_from_the_path() -> None:
    page = (
        teaser("/border-talks-begin/", "Talks about the border begin")
        + teaser("/ru/obmen-plennymi/", "Обмен пленными на границе")
        + teaser("/am/%D5%B2%D5%A1-%D5%A2%D5%A1/", "Ռազմագերիների վերադարձը այսօր")
        + teaser("/az/esirler-qayitdi/", "Əsirlər bu gün qayıtdı")
        + teaser("/ge/tkveebis-gatsvla/", "ტყვეების გაცვლა დღეს მოხდა")
    )
    found = drafts(jamnews(page))
    assert [draft.language for draft in found] == ["en", "ru", "hy", "az", "ka"]
    assert found[2].url == f"{JAM}am/%D5%B2%D5%A1-%D5%A2%D5%A1/"
    assert all(draft.updated_at is None for draft in found)


def test_jamnews_leaves_out_menus_sections_and_other_sites() -> None:
    page = (
        teaser("/category/conflict-in-karabakh/", "Everything about the conflict")
        + '<a href="/about-us/">About us</a><a href="/ru/">Русский</a><a href="https://t.example/jam-news-all-day">Read us there, too</a>'
        + teaser("/border-talks-begin/#more", "Talks about the border begin")
    )
    assert [draft.url for draft in drafts(jamnews(page, url=f"{JAM}ge/"))] == [f"{JAM}border-talks-begin/"]


@pytest.mark.parametrize(
    "marked",
    [
        teaser("/week-in-the-caucasus/", f"{WEEK}. 1 new update"),
        teaser("/week-in-the-caucasus/", f"{WEEK} (2 new updates)"),
        teaser("/week-in-the-caucasus/", f"<span>12 New Updates</span> {WEEK}"),
        teaser("/week-in-the-caucasus/", WEEK, "<p><b>2</b> new updates</p>"),
        f'<ul><li><a href="/week-in-the-caucasus/">{WEEK}<span>3 new updates</span></a></li><li>x</li></ul>',
        f'<a href="/week-in-the-caucasus/">{WEEK}<span>3 new updates</span></a>',
        f'<div><div><div><a href="/week-in-the-caucasus/">{WEEK}</a></div></div><div><span>1 new update</span></div></div>',
        f'<div><a href="/ru/">Русский</a><h2><a href="/week-in-the-caucasus/">{WEEK}</a></h2><em>2 new updates</em></div>',
        f'<a href="/week-in-the-caucasus/"><h3>{WEEK}</h3><p>A longer text about the week, told in one breath.</p>1 new update</a>',
    ],
)
def test_a_rolling_page_with_updates_is_told_anew_without_its_marker(marked: str) -> None:
    page = marked + teaser("/border-talks-begin/", "Talks about the border begin")
    before = datetime.now(UTC)
    rolling, other = drafts(jamnews(page))
    assert (rolling.url, rolling.title) == (f"{JAM}week-in-the-caucasus/", WEEK)
    assert rolling.updated_at is not None
    assert before <= rolling.updated_at <= datetime.now(UTC)
    assert other.updated_at is None


def test_a_marker_counts_for_its_own_teaser_alone() -> None:
    """Also where all teasers lie in one list, article or column."""
    marked = f'<div><a href="/week-in-the-caucasus/">{WEEK}</a><span>2 new updates</span></div>'
    other = '<div><a href="/border-talks-begin/">Talks about the border begin</a></div>'
    for around in ("article", "ul><li", "section", "div"):
        closing = "".join(f"</{tag}>" for tag in reversed(around.split("><")))
        found = drafts(jamnews(f"<{around}>{other}{marked}{other}{closing}"))
        assert {draft.url: draft.updated_at is not None for draft in found} == {
            f"{JAM}border-talks-begin/": False,
            f"{JAM}week-in-the-caucasus/": True,
        }


def test_a_jamnews_headline_is_that_of_the_heading_and_a_year_is_no_marker() -> None:
    more = '<a href="/border-talks-begin/">Read more about how the talks about the border begin on Monday</a>'
    page = teaser("/border-talks-begin/", "Talks about the border begin") + more
    assert [draft.title for draft in drafts(jamnews(page))] == ["Talks about the border begin"]
    (draft,) = drafts(jamnews(teaser("/phones-of-2026/", "Phones of 2026 new updates for all")))
    assert (draft.title, draft.updated_at) == ("Phones of 2026 new updates for all", None)


def test_a_rolling_page_without_updates_is_a_page_like_any_other() -> None:
    page = teaser("/week-in-the-caucasus/", WEEK) + teaser("/new-phones/", "Ten new phones with updates")
    assert [(draft.title, draft.updated_at) for draft in drafts(jamnews(page))] == [
        (WEEK, None),
        ("Ten new phones with updates", None),
    ]


def test_the_english_front_page_leads_to_the_editions_that_the_user_did_not_name() -> None:
    switch = '<a href="/">English</a><a href="/ru/">Русский</a><a href="/am/">Հայերեն</a><a href="/ge/">ქართული</a>'
    assert asked(jamnews(switch, start=(JAM, f"{JAM}am/"))) == [f"{JAM}ru/", f"{JAM}ge/"]
    assert asked(jamnews(switch, url=f"{JAM}ru/")) == []


def test_entries_with_and_without_zones_are_told_the_newest_first() -> None:
    times = {"a": "2026-11-24T10:00:00", "b": "2026-11-24T18:00:00+04:00", "c": "2026-11-24"}
    entries = (f"<loc>{SITE}{name}/truce-holds</loc><lastmod>{time}</lastmod>" for name, time in times.items())
    found = sitemap(urlset(*entries))
    assert [draft.url for draft in found] == [f"{SITE}{name}/truce-holds" for name in "bac"]
    assert found[1].updated_at == datetime(2026, 11, 24, 10)  # noqa: DTZ001 - on the outlet's clock


# What they share.


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-24T14:30:00+04:00", "2026-11-24T10:30:00+00:00"),
        ("2026-11-24T14:30+04", "2026-11-24T10:30:00+00:00"),
        ("2026-11-24T10:30Z", "2026-11-24T10:30:00+00:00"),
        (" 2026-11-24T10:30:00.123Z ", "2026-11-24T10:30:00.123000+00:00"),
        ("2026-11-24 10:30:00", "2026-11-24T10:30:00"),
        ("2026-11-24", "2026-11-24T00:00:00+00:00"),
        ("Tue, 24 Nov 2026 14:30:00 +0400", "2026-11-24T10:30:00+00:00"),
        ("24 Nov 2026 10:30 GMT", "2026-11-24T10:30:00+00:00"),
        ("1700000000", None),
        ("2026-02-30", None),
        ("0000-01-01", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("10000-01-01", None),
        ("2026-11-24T23:59:60Z", None),
        ("2026-11-24T10:00:00+25:00", None),
        ("24 Nov 2026 10:00:00 -9999", None),
        ("24 ноября 2026", None),
        ("24.11.2026", None),
        ("٢٠٢٦-١١-٢٤", None),
        ("yesterday", None),
        ("2026", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_right_or_none(text: str | None, told: str | None) -> None:
    """(case 107: dates in sitemaps and listings)"""
    found = moment(text)
    assert (found.isoformat() if found else None) == told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/x", "http://www.a.example/", True),
        ("https://ru.a.example/", "https://a.example/", True),
        ("https://a.example/", "https://nota.example/", False),
        ("https://a.example/", "https://a.example.org/", False),
    ],
)
def test_a_site_is_a_host_and_what_is_below_it(one: str, other: str, *, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same


def test_words_of_lists_count_only_at_an_addresss_end() -> None:
    assert is_no_article(f"{SITE}category/politics/")
    assert is_no_article(f"{SITE}news/page/3")
    assert not is_no_article(f"{SITE}category/politics/2026/truce-holds")
    assert not is_no_article(f"{SITE}archives/582934")


def test_no_spider_calls_a_draft_by_an_address_of_another_kind() -> None:
    """(case 46: links in pages)"""
    kinds = [
        "file:///etc/passwd",
        "data:text/html,x",
        "javascript:alert(1)",
        "ftp://a.example/",
        "gopher://a/",
        "//",
        "http://",
    ]
    page = "".join(f'<a href="{kind}">A headline of a sufficient length 12345</a>' for kind in kinds)
    assert listing(page, links=".") == []
    assert sitemap(urlset(*(f"<loc>{kind}</loc>" for kind in kinds)), links=".") == []
    assert jamnews(page) == []


def test_every_spider_has_a_name_that_nothing_else_has() -> None:
    names = [spider.name for spider in (ArticleSpider, ListingSpider, SitemapSpider, JamnewsSpider)]
    assert names == ["article", "listing", "sitemap", "jamnews"]
    assert all(re.fullmatch(r"[a-z]+", name) for name in names)
