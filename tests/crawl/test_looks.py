"""Pages that are looked at again, by a real child: what the server is asked, and what comes back."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from monitor.model import NO_VALIDATORS, Snapshots, Validators
from monitor.packing import unpack
from tests.rigs.crawl import CrawlRig, page
from tests.rigs.site import Site
from tests.rigs.web import WebRig, ok
from tests.unit.test_cli import call

pytestmark = pytest.mark.slow

TAG = '"of the page"'
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"


async def test_a_page_is_asked_for_only_if_it_is_another_than_it_was(web: WebRig, crawl: CrawlRig) -> None:
    """(the first reading learns the validators, the next one uses them)"""
    url = web.serve("/news/1", ok(page("First"), ETag=TAG, Last_Modified=DATE))
    other = web.serve("/news/2", ok(page("Second")))
    async with crawl.reading() as run:
        first = await run.read(url)
        assert first.draft is not None
        assert first.validators == Validators(etag=TAG.encode(), last_modified=DATE.encode())
        again = await run.order(url, validators=first.validators or NO_VALIDATORS)
        assert (again.unchanged, again.draft, again.error) == (True, None, None)
        plain = await run.read(other)
    asked = [number for number, path in enumerate(web.paths) if path == "/news/1"]
    assert [web.header("If-None-Match", number) for number in asked] == [None, TAG]
    assert web.header("If-Modified-Since", asked[1]) == DATE
    assert plain.validators == Validators()
    assert web.header("If-None-Match", web.paths.index("/news/2")) is None, "each page has its own"


@pytest.mark.parametrize("kept", [Snapshots.NEVER, Snapshots.ALWAYS])
async def test_a_page_comes_as_it_was_sent_where_it_is_to_be_kept(
    web: WebRig, crawl: CrawlRig, kept: Snapshots
) -> None:
    body = page("Первая", more="<p>Ещё.</p>")
    web.serve("/old", ok(status="301 Moved", Location="/news/1"))
    url = web.serve("/news/1", ok(body, Content_Type="text/html; charset=utf-8", X_Served_By="cache 7"))
    async with crawl.reading() as run:
        read = await run.read(web.url("/old"), snapshots=kept)
    assert read.draft is not None
    if kept is Snapshots.NEVER:
        assert read.snapshot is None
        return
    assert read.snapshot is not None
    assert (read.snapshot.url, read.snapshot.status) == (url, 200)
    assert ("X-Served-By", "cache 7") in read.snapshot.headers
    assert read.snapshot.sha256 == hashlib.sha256(body).hexdigest()
    assert unpack(read.snapshot.packed, read.snapshot.size) == body


def test_an_outlet_whose_page_grows_and_is_gone_is_told_of_and_kept(site: Site) -> None:
    """From the feed to the mail of what an edit added, to the page that is gone, and the page as it was sent."""
    site.full_text = "auto, snapshots: matched"
    site.limits = ", revisit: [1s, 1s, 1s, 1s], revisit_grown: [1s, 1s], revisit_batch: 0s, page_retry: [1s]"
    plain = page("Talks", words="ministers")
    grown = page(
        "Talks", words="ministers", more="<p>At noon a ceasefire was signed by the two of them in the town.</p>"
    )
    web = site.servers.web
    web.serve("/talks", ok(plain), ok(plain), ok(grown), ok(status="410 Gone"))
    site.feed("one", site_feed(site))
    site.write()
    process = site.start()
    site.wait(lambda: site.mails, "the mail")
    site.wait(lambda: site.rows("select status from v_gone"), "the page's end")
    assert site.stop(process) == 0
    raw = site.mails[0].raw.replace(b"=\r\n", b"").decode()
    assert "Added by an edit seen" in raw
    assert "ceasefire" in raw
    assert site.rows("select kind, revision, rules from alerts") == [("new", 1, '["ceasefire"]')]
    assert site.rows("select revision, status from snapshots") == [(1, 200)]
    written = site.folder / "page.html"
    told = call("snapshot", "1", "-o", str(written), "--config", str(site.config))
    assert told.exit_code == 0, told.output
    assert written.read_bytes() == grown
    assert "{+At noon a ceasefire" in call("article", "1", "--diff", "1", "--config", str(site.config)).stdout


def site_feed(site: Site) -> bytes:
    return (
        '<rss version="2.0"><channel><title>One</title><item><title>Talks</title>'
        f"<link>{site.servers.web.url('/talks')}</link><guid>1</guid><description>In short.</description>"
        f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item></channel></rss>"
    ).encode()
