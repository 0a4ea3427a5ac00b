"""What a crawl must not reach, whoever sends it there; the canary is a private address that no source was given."""

from __future__ import annotations

import ssl
import warnings
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.model import Robots
from tests.rigs.certs import DAY, Authority
from tests.rigs.crawl import SPIDER, CrawlRig, page, page_source, site_source, texts
from tests.rigs.web import WebRig, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

CODES = ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent")


def elsewhere(canary: WebRig) -> dict[str, str]:
    """Addresses that a page must not lead to, and the word for each."""
    port = canary.port
    return {
        canary.url("/x"): "blocked_address",
        f"//{canary.place}/x": "blocked_address",
        f"http://[::1]:{port}/x": "blocked_address",
        f"http://[::ffff:127.0.0.2]:{port}/x": "blocked_address",
        f"http://0.0.0.0:{port}/x": "blocked_address",
        f"http://0:{port}/x": "bad_address",
        "http://169.254.169.254/latest/meta-data/": "blocked_address",
        "http://10.0.0.1/": "blocked_address",
        "http://127.0.0.2:6379/": "bad_address",
        "http://127.0.0.2:25/": "bad_address",
        "http://user:pass@example.org/": "bad_address",
        "file:///etc/passwd": "bad_address",
        "ftp://127.0.0.2/x": "bad_address",
        "gopher://127.0.0.2/x": "bad_address",
        "data:text/html,<p>prisoners": "bad_address",
        "javascript:alert(1)": "bad_address",
    }


async def test_case_44_no_redirect_leads_a_page_to_a_private_address_or_another_scheme(
    crawl: CrawlRig, web: WebRig, canary: WebRig
) -> None:
    """Five codes, sixteen targets, at the first and at the second hop; robots.txt of the target neither (case 44)."""
    targets = elsewhere(canary)
    async with crawl.reading() as run:
        for code in CODES:
            urls = {}
            for number, target in enumerate(targets):
                path = f"/{code[:3]}/{number}"
                web.serve(path, ok(status=code, Location=target))
                urls[target] = web.serve(f"{path}/first", ok(status="302 Found", Location=path))
            reads = await run.read_all(urls)
            assert {target: read.error for target, read in reads.items()} == targets
        read = await run.read(web.serve("/good", ok(page("A day of return"))))
        assert read.draft
    assert canary.connections == 0


@pytest.mark.parametrize("kind", ["listing", "sitemap"])
async def test_case_44_no_redirect_leads_a_listing_or_its_robots_txt_there(
    kind: str, crawl: CrawlRig, web: WebRig, canary: WebRig
) -> None:
    """(case 44)"""
    start = [
        web.serve(f"/{number}", ok(status="302 Found", Location=target))
        for number, target in enumerate(elsewhere(canary))
    ]
    with pytest.raises(SourceError) as error:
        await crawl.visit(site_source(kind, start[0], start=tuple(start)))
    assert error.value.kind == "blocked_address"
    async with WebRig() as other:
        other.serve("/robots.txt", ok(status="302 Found", Location=canary.url("/robots.txt")))
        with pytest.raises(SourceError, match="blocked_address"):
            await crawl.visit(site_source(kind, other.serve("/x", ok(page("Home")))))
        assert other.paths == ["/robots.txt"]
    assert canary.connections == 0


async def test_case_44_refresh_by_header_or_meta_is_not_followed(crawl: CrawlRig, web: WebRig, canary: WebRig) -> None:
    """What stands on the page is read, in a page and in a listing; nothing it names is fetched (case 44)."""
    there = canary.url("/x")
    head = (
        f'<meta http-equiv="refresh" content="0; url={there}"><base href="{canary.url("/")}">'
        f'<link rel="canonical" href="{there}"><link rel="next" href="{there}"><link rel="icon" href="{there}">'
        f'<link rel="preload" href="{there}"><script src="{there}"></script><img src="{there}">'
    )
    body = page("A day of return", head=head, more=f'<iframe src="{there}"></iframe>')
    answer = ok(body, Refresh=f"0; url={there}", Link=f"<{there}>; rel=preload")
    async with crawl.reading() as run:
        read = await run.read(web.serve("/page", answer))
    assert read.draft
    assert "prisoners crossed the bridge" in (read.draft.text or "")
    await crawl_listing(crawl, web.serve("/list", answer))
    assert sorted(web.paths) == ["/list", "/page", "/robots.txt"]
    assert canary.connections == 0


async def crawl_listing(crawl: CrawlRig, url: str) -> None:
    with pytest.raises(SourceError, match="empty_listing"):
        await crawl.visit(site_source("listing", url, pages=3))


async def test_case_45_without_permission_nothing_is_connected_to_at_all(crawl: CrawlRig, web: WebRig) -> None:
    """Pages, listings, sitemaps and their robots.txt, on loopback by address and by name (case 45)."""
    url = web.serve("/x", ok(page("A day of return")))
    async with crawl.reading(allow_private=()) as run:
        urls = {
            "address": url,
            "name": url.replace("127.0.0.1", "localhost"),
            "short": url.replace("127.0.0.1", "127.1"),
        }
        reads = await run.read_all(urls)
        assert {name: read.error for name, read in reads.items()} == {
            "address": "blocked_address",
            "name": "blocked_address",
            "short": "bad_address",
        }
        # Another source's permission is its own, in the same child.
        assert (await run.read(url, allow_private=page_source().allow_private)).draft
        before = web.connections
        assert (await run.read(url)).error == "blocked_address"
        assert web.connections == before
    for kind in ("listing", "sitemap"):
        for robots in Robots:
            with pytest.raises(SourceError, match="blocked_address"):
                await crawl.visit(site_source(kind, url, allow_private=(), robots=robots))
    assert web.connections == before


ROAMING = """
    custom_settings = {
        "DOWNLOAD_HANDLERS": {"file": "scrapy.core.downloader.handlers.file.FileDownloadHandler",
                              "data": "scrapy.core.downloader.handlers.datauri.DataURIDownloadHandler",
                              "http": "scrapy.core.downloader.handlers.http.HTTPDownloadHandler"},
        "ITEM_PIPELINES": {},
        "ROBOTSTXT_OBEY": False,
    }

    def parse(self, response):
        yield Draft(url=response.urljoin("/news/1"), title="The first one of these")
        for url in ["CANARY", "file:///etc/passwd", "data:text/plain,hello", "ftp://127.0.0.2/x", "http://[::1]:PORT/"]:
            yield Request(url, callback=self.got, dont_filter=True)

    def got(self, response):
        yield Draft(url=response.urljoin("/stolen"), title="stolen " + response.text)
"""


async def test_case_45_a_persons_own_spider_reaches_nothing_that_its_source_may_not(
    web: WebRig, canary: WebRig, tmp_path: Path
) -> None:
    """Private addresses, files and other schemes, whatever handlers its settings name (case 45)."""
    text = (SPIDER + ROAMING).replace("CANARY", canary.url("/x")).replace("PORT", str(canary.port))
    (tmp_path / "own.py").write_text(text, encoding="utf-8")
    crawl = CrawlRig(folders=[tmp_path])
    url = web.serve("/front", ok(page("Home")))
    collected = await crawl.visit(site_source("spider", url, spider="own"))
    assert [draft.url for draft in collected.drafts] == [web.url("/news/1")]
    assert "stolen" not in texts(collected.drafts)
    assert collected.visit.error == "blocked_address"
    assert canary.connections == 0
    assert sorted(web.paths) == ["/front", "/robots.txt"]


async def test_case_60_a_certificate_must_be_good_unless_a_source_says_otherwise(tmp_path: Path) -> None:
    """Expired, self-signed, for another name, of an unknown authority, TLS 1.1; a good one is taken (case 60)."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    old = authority.server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.maximum_version = old.minimum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
    contexts = {
        "good": authority.server(),
        "expired": authority.server(life=-DAY),
        "self-signed": authority.server(signed=False),
        "another name": authority.server("another.example"),
        "unknown": stranger.server(),
        "TLS 1.1": old,
    }
    crawl = CrawlRig(environ={"SSL_CERT_FILE": str(authority.file)})
    async with AsyncExitStack() as stack:
        rigs = {name: await stack.enter_async_context(WebRig(tls=context)) for name, context in contexts.items()}
        urls = {name: rig.serve("/page", ok(page("A day of return"))) for name, rig in rigs.items()}
        async with crawl.reading() as run:
            strict = {name: read.error for name, read in (await run.read_all(urls)).items()}
            asked = {name: rig.paths for name, rig in rigs.items()}
            lax = await run.read_all(urls, verify_tls=False)
        reads = {name: read.error for name, read in lax.items()}
        for kind in ("listing", "sitemap"):
            with pytest.raises(SourceError) as error:
                await crawl.visit(site_source(kind, urls["expired"]))
            assert error.value.kind == "tls"
    # A server that speaks an old TLS only hangs up: its robots.txt cannot be had, so nothing may be read.
    old_one = {"TLS 1.1": "robots_unreachable"}
    assert strict == dict.fromkeys(contexts, "tls") | {"good": None} | old_one
    assert asked == {name: ["/robots.txt", "/page"] if name == "good" else [] for name in contexts}
    assert reads == dict.fromkeys(contexts) | old_one


async def test_case_60_without_robots_the_certificate_itself_is_named(tmp_path: Path) -> None:
    """(case 60)"""
    crawl = CrawlRig()
    async with WebRig(tls=Authority(tmp_path).server()) as web, crawl.reading(robots=Robots.IGNORE) as run:
        read = await run.read(web.serve("/page", ok(page("A day of return"))))
    assert read.error == "tls"
    assert "certificate" in (read.detail or "").lower()
    assert web.requests == []


async def test_case_62_no_redirect_leads_from_tls_to_an_open_line_and_no_credentials_are_sent(
    web: WebRig, tmp_path: Path
) -> None:
    """http to https may be followed; a .netrc, a user in the address and cookies are of no use (case 62)."""
    (tmp_path / ".netrc").write_text("default login someone password secret\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    crawl = CrawlRig(environ={"HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc")})
    async with WebRig(tls=Authority(tmp_path).server()) as safe:
        open_url = web.serve("/open", ok(page("A day of return")))
        down = safe.serve("/down", ok(status="301 Moved", Location=open_url, Set_Cookie="a=b"))
        up = web.serve(
            "/up", ok(status="301 Moved", Location=safe.url("/safe"), Set_Cookie="a=b", WWW_Authenticate="Basic")
        )
        safe.serve("/safe", ok(page("A day of return"), Set_Cookie="a=b"))
        async with crawl.reading(verify_tls=False) as run:
            assert (await run.read(down)).error == "redirect_downgrade"
            read = await run.read(up)
            assert read.draft
            assert read.draft.url == safe.url("/safe")
            asked = web.serve("/asks", ok(status="401 Unauthorized", WWW_Authenticate='Basic realm="x"'))
            assert (await run.read(asked)).error == "http_401"
            assert (await run.read(asked.replace("http://", "http://me:secret@"))).error == "bad_address"
        with pytest.raises(SourceError, match="redirect_downgrade"):
            await crawl.visit(site_source("listing", down, verify_tls=False))
        heads = b"".join((*safe.requests, *web.requests)).lower()
    assert "/open" not in web.paths
    for name in (b"authorization", b"cookie", b"referer", b"secret"):
        assert name not in heads
