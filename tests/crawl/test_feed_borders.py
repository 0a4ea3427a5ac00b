"""What a feed must not reach, whoever sends it there; and the same of all ways out together."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.crawl.test_borders import CODES, elsewhere
from tests.rigs.certs import DAY, Authority, blunt
from tests.rigs.crawl import CrawlRig, page, site_source
from tests.rigs.hostile_feeds import rss
from tests.rigs.rounds import feed_source, rounds
from tests.rigs.web import WebRig, ok
from tests.rigs.witness import ChildWitness, StubResolver, watched

pytestmark = pytest.mark.slow

FEED = rss("<title>Prisoners return</title>")
NAMES = {
    "private.example": [["127.0.0.2"]],
    "mixed.example": [["127.0.0.1", "127.0.0.2"]],
    "mixed-late.example": [["127.0.0.2", "127.0.0.1"]],
    "meta.example": [["169.254.169.254"]],
    "mapped.example": [["::ffff:127.0.0.2"]],
    "nat64.example": [["64:ff9b::7f00:2"]],
    "both.example": [["127.0.0.1", "::1"]],
    "nothing.example": [["0.0.0.0"]],
}  # what a chain of aliases ends in is told as the answer for the name itself


async def test_case_42_a_feed_whose_name_has_one_private_address_is_not_connected_to(
    tmp_path: Path, web: WebRig, canary: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Private alone, beside an allowed one in either order, IPv4 in IPv6, the metadata service (case 42)."""
    witness = watched(monkeypatch)
    sources = [feed_source(host.partition(".")[0], f"http://{host}:{web.port}/feed") for host in NAMES]
    sources.append(feed_source("well", f"http://well.example:{web.port}/feed"))
    web.serve("/feed", ok(FEED))
    resolver = StubResolver({**NAMES, "well.example": [["127.0.0.1"]]})
    async with rounds(tmp_path, sources, resolver=resolver) as made:
        visits = await made.round()
    assert made.errors(visits) == dict.fromkeys((source.name for source in sources), "blocked_address") | {"well": None}
    assert all("is not a public address" in (visit.detail or "") for visit in visits.values() if visit.error)
    assert witness.connected == ["127.0.0.1"]
    assert canary.connections == 0


async def test_case_43_a_feed_whose_name_rebinds_is_read_where_it_was_checked(
    tmp_path: Path, web: WebRig, canary: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question for a check and its connection; redirects to the same name ask no other (case 43)."""
    witness = watched(monkeypatch)
    web.serve("/feed", ok(status="302 Found", Location=f"http://rebinds.example:{canary.port}/feed"))
    web.serve("/direct", ok(FEED))
    resolver = StubResolver({"rebinds.example": [["127.0.0.1"], ["127.0.0.2"]]})
    sources = [
        feed_source("direct", f"http://rebinds.example:{web.port}/direct"),
        feed_source("redirected", f"http://rebinds.example:{web.port}/feed"),
    ]
    async with rounds(tmp_path, sources, resolver=resolver) as made:
        errors = made.errors(await made.round())
    assert errors == {"direct": None, "redirected": "connect"}  # nobody listens there but on 127.0.0.2
    assert resolver.asked == ["rebinds.example"]
    assert set(witness.connected) == {"127.0.0.1"}
    assert canary.connections == 0


async def test_case_43_a_page_whose_name_rebinds_is_read_where_it_was_checked(
    tmp_path: Path, web: WebRig, canary: WebRig
) -> None:
    """In a crawl's child: robots.txt, two pages and a redirect with one question; a private name is refused (cases 42, 43)."""
    names = {"rebinds.example": [["127.0.0.1"], ["127.0.0.2"]], **NAMES}
    witness = ChildWitness(tmp_path, names)
    crawl = CrawlRig(environ=witness.environ)
    base = f"http://rebinds.example:{web.port}"
    web.serve("/page", ok(page("A day of return")))
    web.serve("/moved", ok(status="301 Moved", Location=f"{base}/page"))
    async with crawl.reading() as run:
        for path in ("/page", "/moved", "/page"):
            assert (await run.read(f"{base}{path}")).draft
        for host in ("private.example", "mixed.example", "mixed-late.example"):
            read = await run.read(f"http://{host}:{canary.port}/page")
            assert read.error == "blocked_address", host
        assert (
            await run.read(web.serve("/out", ok(status="302 Found", Location=f"http://private.example:{canary.port}/")))
        ).error == "blocked_address"
    told = witness.told()
    assert told.asked("rebinds.example") == 1
    assert set(told.connected) == {"127.0.0.1"}
    assert canary.connections == 0


async def test_case_44_no_redirect_leads_a_feed_to_a_private_address_or_another_scheme(
    tmp_path: Path, web: WebRig, canary: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five codes, sixteen targets, at the first and at the second hop; nothing of it is remembered (case 44)."""
    witness = watched(monkeypatch)
    targets = elsewhere(canary)
    sources, expected = [], {}
    for code in CODES:
        for number, (target, word) in enumerate(targets.items()):
            path = f"/{code[:3]}/{number}"
            web.serve(path, ok(b"<rss>", status=code, Location=target, ETag='"evil"'))
            first = web.serve(f"{path}/first", ok(status="302 Found", Location=path))
            for name, url in ((f"s{code[:3]}-{number}", web.url(path)), (f"t{code[:3]}-{number}", first)):
                sources.append(feed_source(name, url))
                expected[name] = word
    async with rounds(tmp_path, sources) as made:
        errors = made.errors(await made.round())
        assert {name: (word, expected[name]) for name, word in errors.items() if word != expected[name]} == {}
        assert made.rows("SELECT count(*) FROM articles") == [(0,)]
        assert "evil" not in made.dump()
        assert {row[0] for row in made.rows("SELECT url FROM sources")} == {source.url for source in sources}
    assert set(witness.connected) == {"127.0.0.1"}
    assert canary.connections == 0


async def test_case_44_refresh_by_header_or_meta_is_not_followed_from_a_feed(
    tmp_path: Path, web: WebRig, canary: WebRig
) -> None:
    """What a feed names is never fetched: pictures, style sheets, hubs, its own new place (case 44)."""
    there = canary.url("/x")
    html = f'<html><head><meta http-equiv="refresh" content="0; url={there}"></head><body>moved</body></html>'.encode()
    named = (
        f"<link>{there}</link><image><url>{there}</url></image><docs>{there}</docs><cloud domain='127.0.0.2' port='{canary.port}' path='/x'/>"
        f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='hub' href='{there}'/><newLocation>{there}</newLocation>"
    )
    item = f"<title>Prisoners return</title><enclosure url='{there}'/><comments>{there}</comments><source url='{there}'>x</source>"
    answers = {
        "header": ok(FEED, Refresh=f"0; url={there}", Link=f"<{there}>; rel=hub", Content_Location=there),
        "meta": ok(html, Content_Type="text/html", Refresh=f"0; url={there}"),
        "named": ok(rss(item, channel=named, before=f'<?xml-stylesheet href="{there}"?>')),
        "none": ok(html, status="302 Found", Refresh=f"0; url={there}"),
    }
    sources = [feed_source(name, web.serve(f"/{name}", answer)) for name, answer in answers.items()]
    async with rounds(tmp_path, sources) as made:
        errors = made.errors(await made.round())
    assert errors == {"header": None, "meta": "not_a_feed", "named": None, "none": "http_302"}
    assert canary.connections == 0


async def test_case_45_every_address_that_is_connected_to_was_seen_by_the_guard(
    tmp_path: Path, web: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feeds, pages, listings, sitemaps and their robots.txt, through redirects, by address and by name (case 45)."""
    async with WebRig() as other:
        web.serve("/page", ok(page("A day of return")))
        web.serve("/list", ok(page("Home", more='<a href="/news/81001">A long headline of the day</a>')))
        web.serve("/map", ok(f"<sitemapindex><sitemap><loc>{web.url('/map2')}</loc></sitemap></sitemapindex>".encode()))
        web.serve("/map2", ok(f"<urlset><url><loc>{web.url('/news/1')}</loc></url></urlset>".encode()))
        web.serve("/feed", ok(FEED))
        moved = {
            name: other.serve(f"/{name}", ok(status="302 Found", Location=web.url(f"/{name}")))
            for name in ("page", "list", "map", "feed")
        }
        child = ChildWitness(tmp_path, {"one.example": [["127.0.0.1"]]})
        crawl = CrawlRig(environ=child.environ)
        async with crawl.reading() as run:
            assert (await run.read(moved["page"])).draft
            assert (await run.read(f"http://one.example:{web.port}/page")).draft
        assert (await crawl.visit(site_source("listing", moved["list"]))).drafts
        assert (await crawl.visit(site_source("sitemap", moved["map"]))).drafts
        in_children = child.told()
        assert in_children.unseen() == []
        assert len(in_children.connected) == web.connections + other.connections
        before = len(in_children.connected)
        here = watched(monkeypatch)
        sources = [feed_source("direct", web.url("/feed")), feed_source("moved", moved["feed"])]
        sources.append(feed_source("named", f"http://one.example:{web.port}/feed"))
        async with rounds(tmp_path, sources, resolver=StubResolver({"one.example": [["127.0.0.1"]]})) as made:
            assert set(made.errors(await made.round()).values()) == {None}
        assert here.unseen() == []
        assert before + len(here.connected) == web.connections + other.connections


def of_yesterday(context: ssl.SSLContext) -> ssl.SSLContext:
    """Speak TLS 1.0 and 1.1, and nothing newer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def contexts(authority: Authority, stranger: Authority) -> Mapping[str, ssl.SSLContext]:
    """Servers that are what they say, and others."""
    return {
        "good": authority.server(),
        "expired": authority.server(life=-DAY),
        "self-signed": authority.server(signed=False),
        "another-name": authority.server("another.example"),
        "unknown": stranger.server(),
    }


def trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let aiohttp trust an authority beside the system's; it makes its context when it is imported, once for all."""
    context = ssl.create_default_context(cafile=authority.file)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)


async def test_case_60_a_feeds_certificate_must_be_good_unless_its_source_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Expired, self-signed, for another name, of an unknown authority, TLS 1.0 and 1.1; a good one is taken (case 60).

    What is wrong is told; permission for one source is not another's, though it is the same server.
    """
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    trust(authority, monkeypatch)
    async with AsyncExitStack() as stack:
        rigs = {
            name: await stack.enter_async_context(WebRig(tls=context))
            for name, context in contexts(authority, stranger).items()
        }
        urls = {name: rig.serve("/feed", ok(FEED)) for name, rig in rigs.items()}
        urls["old"] = f"https://127.0.0.1:{stack.enter_context(blunt(of_yesterday(authority.server())))}/feed"
        sources = [feed_source(name, url) for name, url in urls.items()]
        lax = [feed_source(f"lax-{name}", url, verify_tls=False) for name, url in urls.items()]
        async with rounds(tmp_path, [*lax, *sources]) as made:
            visits = await made.round(*(one.name for one in lax), *(one.name for one in sources))
        errors = made.errors(visits)
        assert {name: errors[name] for name in urls} == dict.fromkeys(urls, "tls") | {"good": None}
        assert {name: errors[f"lax-{name}"] for name in urls} == dict.fromkeys(urls) | {"old": "tls"}
        told = {name: visits[name].detail or "" for name in urls}
        assert "expired" in told["expired"]
        assert "self-signed" in told["self-signed"]
        assert "mismatch" in told["another-name"]
        assert "verify_tls: false" in told["self-signed"]
        assert "protocol version" in told["old"].lower().replace("_", " ")
        assert {name: len(rig.requests) for name, rig in rigs.items()} == dict.fromkeys(rigs, 1) | {"good": 2}


async def test_case_62_no_redirect_leads_a_feed_from_tls_to_an_open_line_and_no_credentials_are_sent(
    tmp_path: Path, web: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """http to https may be followed; a .netrc, a user in an address, cookies and validators go nowhere else (case 62)."""
    (tmp_path / ".netrc").write_text("default login someone password secret\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    authority = Authority(tmp_path)
    trust(authority, monkeypatch)
    async with WebRig(tls=authority.server()) as safe, WebRig() as other:
        opened = web.serve("/open", ok(FEED))
        answers: dict[str, tuple[str, str | None]] = {
            "down": (safe.serve("/down", ok(status="301 Moved", Location=opened, Set_Cookie="a=b")), "redirect_downgrade"),
            "down-and-up": (safe.serve("/zig", ok(status="302 Found", Location=web.serve("/zag", ok(status="302 Found", Location=safe.url("/safe"))))), "redirect_downgrade"),
            "up": (web.serve("/up", ok(status="301 Moved", Location=safe.url("/safe"), Set_Cookie="a=b")), None),
            "asks": (web.serve("/asks", ok(status="401 Unauthorized", WWW_Authenticate='Basic realm="x"')), "http_401"),
            "named": (web.serve("/named", ok(status="302 Found", Location=other.url("/x").replace("http://", "http://me:secret@"))), "bad_address"),
            "across": (web.serve("/across", ok(status="302 Found", Location=other.serve("/feed", ok(FEED, ETag='"other"')), Set_Cookie="a=b")), None),
        }  # fmt: skip # a table
        safe.serve("/safe", ok(FEED, Set_Cookie="a=b; Secure"))
        sources = [feed_source(name, url) for name, (url, _) in answers.items()]
        async with rounds(tmp_path, sources) as made:
            for _ in range(2):
                assert made.errors(await made.round()) == {name: word for name, (_, word) in answers.items()}
            assert made.rows("SELECT url FROM articles WHERE url LIKE '%secret%'") == []
        heads = b"".join((*safe.requests, *web.requests, *other.requests)).lower()
    assert "/open" not in web.paths
    assert "/zag" not in web.paths
    for name in (b"authorization", b"cookie", b"referer", b"secret"):
        assert name not in heads
