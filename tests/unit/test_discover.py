"""From one address of an outlet to its feeds, with the daemon's own HTTP client and nothing else on the way out."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from functools import partial

import pytest
from aiohttp.abc import AbstractResolver

from monitor.collect.discover.answers import MOST_REQUESTS, Answers, Look
from monitor.collect.discover.editions import edition_of
from monitor.collect.discover.explore import Explorer
from monitor.collect.discover.links import read_links
from monitor.collect.discover.look import look
from monitor.collect.discover.usual import feed_places, newsworthy
from monitor.collect.discover.weigh import best_of_each_language, candidate, ordered
from monitor.collect.http import HttpClient
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.collect.worker import Failure
from monitor.collect.worker import look as look_in_worker
from monitor.errors import SourceError
from monitor.language import Detector
from monitor.model import (
    Candidate,
    Collected,
    Discovery,
    Draft,
    Limits,
    Looked,
    Origin,
    Source,
    SourceKind,
    SourceState,
    Texts,
)
from tests.factories import NOW, source, visit
from tests.fakes import FakeClock, FakeLog
from tests.rigs.bombs import coded, endless
from tests.rigs.crawl import remembered_pauses
from tests.rigs.web import WebRig, ok
from tests.unit.test_http import StubResolver

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)  # 127.0.0.2 and ::1 stay forbidden: canaries live there
LIMITS = Limits(
    gap=timedelta(),
    request=timedelta(seconds=2),
    first_byte=timedelta(seconds=2),
    connect=timedelta(seconds=1),
    feed_bytes=1 << 20,
)
PAGE = "text/html; charset=utf-8"
TITLES = {
    "en": ("The bridge over the river is open again", "Schools in the valley are closed because of the snow"),
    "ru": ("Мост через реку снова открыт", "Школы в долине закрыты из-за снега"),
    "hy": ("Գետի վրայի կամուրջը կրկին բաց է", "Հովտի դպրոցները փակ են ձյան պատճառով"),
    "ka": ("მდინარეზე ხიდი ისევ ღიაა", "ხეობის სკოლები თოვლის გამო დაკეტილია"),
    "az": ("Çay üzərindəki körpü yenidən açılıb", "Vadidəki məktəblər qar səbəbindən bağlanıb"),
}  # fmt: skip # a table


def feed(
    lang: str, *, title: str = "Mountain Echo", text: str = "", hours: float = 3, number: int = 6, at: str = ""
) -> bytes:
    """A feed of an outlet, written by us."""
    items = "".join(
        f"<item><title>{TITLES[lang][n % 2]} {n}</title><link>https://echo.example/{at or lang}/{n}</link>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=hours * n))}</pubDate><description>{TITLES[lang][0]}</description>"
        f"<content:encoded>{text}</content:encoded></item>"
        for n in range(number)
    )
    return f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{title}</title><language>{lang}</language>{items}</channel></rss>'.encode()


def page(head: str = "", body: str = "", lang: str = "en") -> bytes:
    return f'<!DOCTYPE html><html lang="{lang}"><head><title>Echo</title>{head}</head><body><p>News.</p>{body}</body></html>'.encode()


def tag(href: str, title: str = "Echo", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


class Spiders:
    """`protocols.Collector` for sitemaps and listings: gives what it was told to give, by kind."""

    def __init__(self) -> None:
        self.drafts: dict[SourceKind, Sequence[Draft]] = {}
        self.asked: list[tuple[SourceKind, str]] = []

    async def collect(self, source: Source, state: SourceState) -> Collected:
        assert state.source == source.name
        self.asked.append((source.kind, source.url))
        return Collected(visit=visit(source.name), drafts=tuple(self.drafts.get(source.kind, ())))


GUARDED = "<html><head><title>One</title>{}<script src='//captcha-api.example/smartcaptcha.js'></script></head></html>"


def test_a_wall_is_no_home_page_but_a_page_that_its_browser_fills_is_one() -> None:
    with pytest.raises(SourceError, match="challenge_page"):
        look(GUARDED.format("").encode(), "https://one.example/", "text/html", NOW)
    tag = "<link rel=alternate type=application/rss+xml href=/feed>"
    found = look(GUARDED.format(tag).encode(), "https://one.example/", "text/html", NOW)
    assert found.page is not None
    assert [feed.url for feed in found.page.feeds] == ["https://one.example/feed"]


async def here(body: bytes, url: str, content_type: str | None) -> Looked:
    return look(body, url, content_type, NOW)


def inside_a_worker(body: bytes, url: str, content_type: str | None) -> Looked | Failure:
    return look_in_worker(body, url, content_type, NOW)


class Search:
    """`await search.find(address)`; `asked` is told of every request."""

    def __init__(self) -> None:
        self.clock, self.log, self.spiders = FakeClock(), FakeLog(), Spiders()
        self.shown: list[str] = []
        self.allowed = LOOPBACK
        self.limits = LIMITS
        self.resolver: AbstractResolver | None = None
        self.read: Look = here

    async def find(self, address: str) -> Discovery:
        client = HttpClient(
            limits=self.limits,
            user_agent="news-coverage-monitor/0 (+tests@example.org)",
            turns=HostSlots(self.clock, 0.0),
            clock=self.clock,
            resolver=self.resolver,
        )

        answers = Answers(
            client=client,
            look=self.read,
            pauses=remembered_pauses(clock=self.clock),
            limits=self.limits,
            clock=self.clock,
            show=self.shown.append,
            allow_private=self.allowed,
        )
        detect = Detector(("en", "ru", "hy", "az", "ka"))
        like = source("new", allow_private=self.allowed)
        expected = ("en", "ru", "hy", "az", "ka")
        try:
            return await Explorer(
                answers, collector=self.spiders, detect=detect, clock=self.clock, like=like, expected=expected
            ).find(address)
        finally:
            await client.close()


def served(web: WebRig, **paths: bytes) -> None:
    """Serve bodies: `index` at /, `ru_feed` at /ru/feed/."""
    for name, body in paths.items():
        path = "/" if name == "index" else f"/{name.replace('_', '/')}/"
        web.serve(path, ok(body, Content_Type=PAGE if body.startswith(b"<!DOCTYPE html") else "application/rss+xml"))


def told(found: Discovery, web: WebRig) -> list[tuple[str | None, str, str]]:
    return [(one.language, one.url.removeprefix(web.url("")), one.origin) for one in found.candidates]


async def test_a_home_page_leads_to_the_feeds_of_all_its_languages(web: WebRig) -> None:
    """One edition declares its feed, one links to it, one says nothing and keeps it at the usual place."""
    served(
        web,
        index=page(
            '<meta property="og:site_name" content="Mountain Echo">'
            + tag("/feed/")
            + tag("/comments/feed/", "Comments Feed")
            + "".join(f'<link rel="alternate" hreflang="{code}" href="/{path}/">' for code, path in (("en", ""), ("ru", "ru"), ("hy", "am"), ("ka", "ge"), ("x-default", "")))
        ),
        feed=feed("en"),
        ru=page(tag("/ru/feed/"), lang="ru"),
        ru_feed=feed("ru"),
        am=page(body='<a href="/am/rss/">RSS</a>', lang="hy"),
        am_rss=feed("hy"),
        ge=page(tag("/feed/"), lang="ka"),
        ge_feed=feed("ka"),
    )  # fmt: skip # a table
    found = await Search().find(web.url("/"))
    assert told(found, web) == [
        ("en", "/feed/", "linked"), ("ru", "/ru/feed/", "linked"), ("hy", "/am/rss/", "shown"), ("ka", "/ge/feed/", "guessed"),
    ]  # fmt: skip # a table
    assert {one.outlet for one in found.candidates} == {"Mountain Echo"}
    assert len(best_of_each_language(found.candidates)) == 4
    assert "/comments/feed/" not in web.paths
    assert len(web.paths) == len(set(web.paths))


async def test_language_editions_are_found_by_the_switch_in_the_page_too(web: WebRig) -> None:
    served(web, index=page(tag("/feed/"), '<a href="/ru/">Рус</a> <a href="/news/">News</a>'), feed=feed("en"))
    served(web, ru=page(tag("/ru/feed/"), lang="ru"), ru_feed=feed("ru"))
    assert [language for language, _, _ in told(await Search().find(web.url("/")), web)] == ["en", "ru"]


async def test_of_many_editions_those_in_expected_languages_are_read(web: WebRig) -> None:
    codes = ("da", "de", "el", "es", "fi", "fr", "it", "ja", "nl", "ka")
    head = "".join(f'<link rel="alternate" hreflang="{code}" href="/{code}/">' for code in codes)
    served(web, index=page(head + tag("/feed/")), feed=feed("en"), ka=page(tag("/ka/feed/")), ka_feed=feed("ka"))
    assert [language for language, _, _ in told(await Search().find(web.url("/")), web)] == ["en", "ka"]
    assert "/nl/" not in web.paths


async def test_the_address_of_a_feed_is_that_feed(web: WebRig) -> None:
    served(web, any=feed("az"))
    found = await Search().find(web.url("/any/"))
    assert told(found, web) == [("az", "/any/", "given")]
    assert web.paths == ["/any/"]
    one = found.candidates[0]
    assert (one.entries, one.texts, one.outlet) == (6, Texts.SUMMARY, "Mountain Echo")
    assert one.per_day == pytest.approx(8)
    assert one.newest[0].title == f"{TITLES['az'][0]} 0"


async def test_an_article_leads_to_the_front_page_where_it_declares_nothing_itself(web: WebRig) -> None:
    served(web, news_17=page(), index=page(tag("/feed/")), feed=feed("en"))
    assert told(await Search().find(web.url("/news/17/")), web) == [("en", "/feed/", "linked")]


async def test_a_page_that_lists_feeds_is_read_for_them(web: WebRig) -> None:
    served(
        web,
        index=page(body='<a href="/rss/">Our feeds</a>'),
        rss=page(body='<a href="/rss/all/">all</a>'),
        rss_all=feed("ru"),
    )
    assert told(await Search().find(web.url("/")), web) == [("ru", "/rss/all/", "shown")]


async def test_without_a_scheme_https_is_asked_first(web: WebRig) -> None:
    served(web, index=page(tag("/feed/")), feed=feed("en"))
    found = await Search().find(web.place)
    assert told(found, web) == [("en", "/feed/", "linked")]


async def test_where_there_is_no_feed_a_sitemap_is_read_and_news_ones_first(web: WebRig) -> None:
    served(web, index=page())
    web.serve("/robots.txt", ok(f"Sitemap: {web.url('/tags.xml')}\nSitemap: {web.url('/news.xml')}\n".encode()))
    for path in ("/tags.xml", "/news.xml"):
        web.serve(path, ok(b'<?xml version="1.0"?><urlset><url><loc>https://echo.example/1</loc></url></urlset>'))
    search = Search()
    search.spiders.drafts[SourceKind.SITEMAP] = [
        Draft(url="https://echo.example/1", title=TITLES["en"][0], published_at=NOW)
    ]
    assert told(await search.find(web.url("/")), web) == [("en", "/news.xml", "sitemap")]
    assert search.spiders.asked == [(SourceKind.SITEMAP, web.url("/news.xml"))]


async def test_where_there_is_neither_the_front_page_is_read_as_a_list(web: WebRig) -> None:
    served(web, index=page())
    search = Search()
    search.spiders.drafts[SourceKind.LISTING] = [
        Draft(url=f"https://echo.example/{n}", title=TITLES["ka"][n % 2]) for n in range(5)
    ]
    found = await search.find(web.url("/"))
    assert told(found, web) == [("ka", "/", "front page")]
    assert found.candidates[0].texts is Texts.TITLES
    search.spiders.drafts[SourceKind.LISTING] = search.spiders.drafts[SourceKind.LISTING][:4]
    assert (await search.find(web.url("/"))).candidates == ()


async def test_usual_places_are_tried_only_where_robots_txt_allows_it_and_declared_ones_always(web: WebRig) -> None:
    served(web, index=page(), feed=feed("en"))
    web.serve("/robots.txt", ok(b"User-agent: *\nDisallow: /\n"))
    found = await Search().find(web.url("/"))
    assert (found.candidates, web.paths[:2]) == ((), ["/", "/robots.txt"])
    assert "/feed/" not in web.paths
    served(web, index=page(tag("/feed/")))
    assert told(await Search().find(web.url("/")), web) == [("en", "/feed/", "linked")]


async def test_two_addresses_of_one_feed_are_one_candidate(web: WebRig) -> None:
    served(
        web,
        index=page(tag("/rss/") + tag("/atom/") + tag("/full/")),
        rss=feed("en"),
        atom=feed("en"),
        full=feed("en", text="word " * 200),
    )
    (one,) = (await Search().find(web.url("/"))).candidates
    assert (one.url, one.texts) == (web.url("/full/"), Texts.FULL)
    assert set(one.also) == {web.url("/rss/"), web.url("/atom/")}


async def test_a_feed_that_moved_for_good_is_known_by_its_new_address(web: WebRig) -> None:
    web.serve("/old/", ok(status="301 Moved Permanently", Location="/new/"))
    served(web, index=page(tag("/old/")), new=feed("en"))
    assert told(await Search().find(web.url("/")), web) == [("en", "/new/", "linked")]


async def test_feeds_that_fail_or_are_empty_are_said(web: WebRig) -> None:
    served(web, index=page(tag("/gone/") + tag("/empty/")), empty=feed("en", number=0))
    found = await Search().find(web.url("/"))
    assert f"{web.url('/gone/')}: http_404" in found.remarks
    assert f"{web.url('/empty/')}: a feed without entries" in found.remarks
    assert f"{web.url('/')}: no feed found" in found.remarks


async def test_a_host_that_asks_to_be_left_alone_is_left_alone(web: WebRig) -> None:
    served(web, index=page(tag("/feed/")))
    web.serve("/feed/", ok(status="429 Too Many Requests", Retry_After="600"))
    found = await Search().find(web.url("/"))
    assert found.candidates == ()
    assert web.paths == ["/", "/feed/"]


async def test_there_is_an_end_to_what_is_asked(web: WebRig) -> None:
    """(case 45) A page that leads to ever more pages."""
    served(
        web, index=page("".join(f'<link rel="alternate" hreflang="x{chr(97 + n)}" href="/{n}/">' for n in range(20)))
    )
    for n in range(20):
        web.serve(f"/{n}/", ok(page("".join(tag(f"/{n}/{m}/feed/") for m in range(50))), Content_Type=PAGE))
        for m in range(50):
            inner = page("".join(tag(f"/{n}/{m}/{k}/feed/") for k in range(50)))
            web.serve(f"/{n}/{m}/feed/", ok(inner, Content_Type=PAGE))
    found = await Search().find(web.url("/"))
    assert len(web.paths) <= MOST_REQUESTS
    assert [remark for remark in found.remarks if "enough" in remark or "not all was tried" in remark] == [
        f"not all was tried: {MOST_REQUESTS} requests or 0:10:00 are as much as is tried"
    ]


# What an outlet, or somebody in its name, may do to us.


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
    ],
)
async def test_case_41_no_spelling_of_a_private_address_is_asked(address: str, web: WebRig) -> None:
    search = Search()
    search.allowed = ()
    for scheme in ("http://", "https://", ""):
        with pytest.raises(SourceError) as error:
            await search.find(f"{scheme}{address}:{web.port}/")
        assert error.value.kind in {"blocked_address", "bad_address"}  # the latter: no spelling of a host
    assert web.connections == 0


async def test_case_42_a_name_with_one_private_address_is_refused(web: WebRig) -> None:
    search = Search()
    search.allowed, search.resolver = (), StubResolver(["93.184.216.34", "127.0.0.1"])
    with pytest.raises(SourceError, match="blocked_address"):
        await search.find(f"http://echo.example:{web.port}/")
    assert web.connections == 0


async def test_case_43_a_name_that_rebinds_is_not_followed(web: WebRig, canary: WebRig) -> None:
    served(web, index=page(tag("/feed/")), feed=feed("en"))
    search = Search()
    search.resolver = StubResolver(["127.0.0.1"], [canary.place.rpartition(":")[0].strip("[]")])
    found = await search.find(f"http://echo.example:{web.port}/")
    assert len(found.candidates) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_case_44_no_redirect_leads_to_a_private_address(status: str, web: WebRig, canary: WebRig) -> None:
    away = ok(status=status, Location=canary.url("/feed/"))
    served(web, index=page(tag("/feed/")))
    for path in ("/feed/", "/robots.txt", "/rss", "/sitemap.xml"):
        web.serve(path, away)
    assert (await Search().find(web.url("/"))).candidates == ()
    web.serve("/", away)
    with pytest.raises(SourceError, match="blocked_address"):
        await Search().find(web.url("/"))


async def test_case_44_refresh_by_header_or_meta_is_not_followed(web: WebRig, canary: WebRig) -> None:
    body = page(f'<meta http-equiv="refresh" content="0; url={canary.url("/")}">')
    web.serve("/", ok(body, Content_Type=PAGE, Refresh=f"0; url={canary.url('/')}"))
    assert (await Search().find(web.url("/"))).candidates == ()


async def test_case_45_what_a_page_names_passes_the_guard(web: WebRig, canary: WebRig) -> None:
    there = canary.url("/feed/")
    head = (
        f'<base href="{canary.url("/")}">'
        + tag(there)
        + tag("relative/feed/")
        + f'<link rel="alternate" hreflang="ru" href="{there}">'
    )
    served(web, index=page(head, f'<a href="{there}">RSS</a>'))
    web.serve("/robots.txt", ok(f"Sitemap: {canary.url('/sitemap.xml')}\n".encode()))
    found = await Search().find(web.url("/"))
    assert found.candidates == ()
    assert f"{there}: blocked_address" in found.remarks


@pytest.mark.parametrize(
    "href",
    ["file:///etc/passwd", "ftp://echo.example/feed", "data:application/rss+xml,x", "javascript:feed()", "gopher://x/feed", "http://a@b@c/feed",
     "http://x:25/feed", "http://x:6379/feed", "\\\\x\\feed", "http://[/feed", "http://x/fe\x01ed"],
)  # fmt: skip # a table
async def test_case_46_what_is_no_web_address_is_neither_asked_nor_kept(href: str, web: WebRig) -> None:
    served(web, index=page(tag(href), f'<a href="{href}">RSS</a>'))
    found = await Search().find(web.url("/"))
    assert found.candidates == ()
    assert all(path.startswith("/") and "passwd" not in path for path in web.paths)
    if not href.startswith("\\"):
        with pytest.raises(SourceError, match=r"bad_address|blocked_address|dns"):
            await Search().find(href)


@pytest.mark.slow
async def test_bombs_and_endless_bodies_are_one_line(web: WebRig) -> None:
    """(cases 26 and 29 for discovery)"""
    web.serve("/", coded("gzip"))
    with pytest.raises(SourceError, match="too_large"):
        await Search().find(web.url("/"))
    web.serve("/", endless("Content-Type: text/html\r\n"))
    with pytest.raises(SourceError, match="too_large"):
        await Search().find(web.url("/"))
    served(web, index=page(tag("/bomb/") + tag("/feed/")), feed=feed("en"))
    web.serve("/bomb/", coded("gzip", "application/rss+xml"))
    web.serve("/robots.txt", endless("Content-Type: text/plain\r\n", b"# more\n" * 3000))
    found = await Search().find(web.url("/"))
    assert told(found, web) == [("en", "/feed/", "linked")]
    assert f"{web.url('/bomb/')}: too_large" in found.remarks


@pytest.mark.slow
async def test_a_feed_that_no_parser_ends_on_costs_itself_alone(web: WebRig) -> None:
    """(cases 21 and 23 for discovery) Pages and feeds are read in a worker that is killed at its limit."""
    hangs = b"<rss><channel><item " + b" ".join(b"a%d='1'" % n for n in range(100_000)) + b"/></channel></rss>"
    served(web, index=page(tag("/hangs/") + tag("/nested/") + tag("/feed/")), hangs=hangs, feed=feed("en"))
    web.serve("/nested/", ok(page(body="<div>" * 200_000 + "<a " * 100_000), Content_Type=PAGE))
    search = Search()
    pool = WorkerPool(limit=timedelta(seconds=2), clock=search.clock, workers=1)
    search.read = partial(pool.run, inside_a_worker)
    try:
        assert told(await search.find(web.url("/")), web) == [("en", "/feed/", "linked")]
    finally:
        pool.close()


# The parts.


def test_head_and_body_are_told_apart_and_what_is_no_feed_is_left_out() -> None:
    html = page(
        tag("/feed/") + tag("https://echo.example/atom.xml", kind="application/atom+xml; charset=utf-8") + tag("/feed.json", kind="application/feed+json")
        + tag("/x/feed/", "Echo » «Bridge» Лента комментариев") + tag("/y/feed/", "Feed de comentários") + tag("/wp-json/wp/v2/pages/1", kind="application/json") + tag("/oembed?format=xml", kind="text/xml+oembed")
        + '<link rel="alternate stylesheet" href="/rss.css"><link rel="alternate" media="handheld" href="/m/"><link rel="feed" href="/h/feed">',
        '<a href="/rss/politics.xml">x</a> <a href="/feedback/">x</a> <a href="https://other.example/rss">x</a> <a href="?feed=rss2">x</a>'
        ' <a href="https://feeds.feedburner.com/echo">x</a> <a href="/story/rssi-falls/">x</a> <a href="/api/zijrreypui">x</a> <a href="/rss.png">x</a>',
    )  # fmt: skip # a table
    links = read_links(html, "https://echo.example/", PAGE)
    assert [link.url.removeprefix("https://echo.example") for link in links.feeds if link.tagged] == [
        "/feed/",
        "/atom.xml",
        "/feed.json",
        "/h/feed",
    ]
    assert [link.url.removeprefix("https://echo.example") for link in links.feeds if not link.tagged] == [
        "/rss/politics.xml", "/?feed=rss2", "https://feeds.feedburner.com/echo", "/api/zijrreypui",
    ]  # fmt: skip # a table


@pytest.mark.parametrize(
    ("url", "language"),
    [("https://echo.example/ru/", "ru"), ("https://echo.example/am", "hy"), ("https://www.echo.example/ge/", "ka"), ("https://en.echo.example/", "en"),
     ("https://rus.echo.example", "ru"), ("https://echo.example/news/", None), ("https://echo.example/ru/news/", None), ("https://ru.other.example/", None),
     ("https://am.example/", None), ("https://echo.example/", None)],
)  # fmt: skip # a table
def test_editions_are_known_by_folder_or_host(url: str, language: str | None) -> None:
    assert edition_of(url, "https://echo.example/news/17") == language


def test_editions_are_one_for_each_other_language() -> None:
    head = "".join(
        f'<link rel="alternate" hreflang="{code}" href="https://{host}/">'
        for code, host in (("en-US", "echo.example"), ("en-GB", "uk.echo.example"), ("ru", "ru.echo.example"), ("ru-GE", "b.example"), ("x-default", "echo.example"))
    )  # fmt: skip # a table
    named = read_links(page(head, '<a href="/am/">Հայ</a>'), "https://www.echo.example/", PAGE)
    assert named.editions == (("ru", "https://ru.echo.example/"),)
    switched = read_links(
        page("", '<a href="/">Eng</a> <a href="/am/">Հայ</a> <a href="/hy/">Հայ</a> <a href="/uk/">UK</a>'),
        "https://echo.example/",
        PAGE,
    )
    assert switched.editions == (("hy", "https://echo.example/am/"),)


async def test_the_gap_that_robots_txt_asks_for_is_kept(web: WebRig) -> None:
    served(
        web,
        index=page(tag("/feed/"), '<a href="/ru/">Рус</a>'),
        feed=feed("en"),
        ru=page(tag("/ru/feed/")),
        ru_feed=feed("ru"),
    )
    web.serve("/robots.txt", ok(b"User-agent: *\nCrawl-delay: 7\n"))
    search = Search()
    began = search.clock.monotonic()
    await search.find(web.url("/"))
    assert web.paths[2:] == ["/ru/", "/feed/", "/ru/feed/"]
    assert search.clock.monotonic() - began == 14  # before the second and the third of them


def test_usual_places_depend_on_the_program_and_stay_in_the_edition() -> None:
    assert feed_places("https://echo.example/ru/", "WordPress 6.4")[0] == "https://echo.example/ru/feed/"
    assert feed_places("https://echo.example/ru", "Drupal 10")[0] == "https://echo.example/ru/rss.xml"
    assert (
        feed_places("https://echo.example/", "Joomla! - Open Source")[0] == "https://echo.example/?format=feed&type=rss"
    )
    assert len(feed_places("https://echo.example/", "")) == len(set(feed_places("https://echo.example/", ""))) == 9
    maps = ("https://e.example/tag-sitemap.xml", "https://e.example/sitemap.xml", "https://e.example/news-sitemap.xml")
    assert newsworthy(maps) == (maps[2], maps[1], maps[0])


def weighed(drafts: Sequence[Draft], **changes: object) -> Candidate:
    given: dict[str, object] = {
        "kind": SourceKind.FEED,
        "url": "https://echo.example/feed/",
        "origin": Origin.LINKED,
        "outlet": "Echo",
        "hint": None,
    }
    return candidate(drafts, detect=Detector(("en",)), now=NOW, **(given | changes))  # type: ignore[arg-type] # a table of keywords


def test_a_feed_that_sleeps_goes_behind_one_that_lives() -> None:
    old = [
        Draft(url=f"https://echo.example/o{n}", title=TITLES["en"][0], published_at=NOW - timedelta(days=200 + n))
        for n in range(3)
    ]
    new = [
        replace(draft, url=f"{draft.url}/", published_at=NOW - timedelta(hours=n + 1)) for n, draft in enumerate(old)
    ]
    asleep = weighed(old, url="https://echo.example/old/")
    awake = weighed(
        [replace(draft, url=f"https://echo.example/n{n}") for n, draft in enumerate(new)], origin=Origin.GUESSED
    )
    assert (asleep.asleep, awake.asleep) == (True, False)
    assert ordered([asleep, awake]) == (awake, asleep)


def test_the_best_are_of_languages_that_are_expected_and_of_others_only_where_there_is_none() -> None:
    en, de, unknown = (weighed([], url=f"https://echo.example/{lang}") for lang in ("en", "de", "x"))
    en, de, unknown = replace(en, language="en"), replace(de, language="de"), replace(unknown, language=None)
    assert best_of_each_language([de, unknown, en], ("en", "ru")) == (en,)
    assert best_of_each_language([de, unknown], ("en", "ru")) == (de,)
    assert best_of_each_language([unknown], ("en", "ru")) == (unknown,)


def test_dates_tell_how_often_articles_come_and_future_ones_nothing() -> None:
    drafts = [Draft(title=f"The bridge {n}", published_at=NOW - timedelta(days=2 * n)) for n in range(4)]
    assert weighed(drafts).per_day == pytest.approx(0.5)
    assert weighed([*drafts, Draft(title="x", published_at=NOW + timedelta(days=9))]).per_day == pytest.approx(0.5)
    assert weighed(drafts[:2]).per_day is None
    assert weighed([Draft(title="The bridge", published_at=NOW)] * 5).per_day is None
