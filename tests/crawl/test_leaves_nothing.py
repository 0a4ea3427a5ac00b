"""A crawl leaves no socket, file or process behind, however it ended; while it runs, it listens nowhere."""

from __future__ import annotations

import asyncio
import gc
import socket
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from monitor.errors import SourceError
from tests.rigs.crawl import LIMITS, SPIDER, CrawlRig, children, page, site_source, until
from tests.rigs.web import Answer, WebRig, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

LISTENING = """
    custom_settings = {
        "TELNETCONSOLE_ENABLED": True, "TELNETCONSOLE_HOST": "127.0.0.1", "TELNETCONSOLE_PORT": [6023, 6073],
        "REMOTE_CONTROL_ENABLED": True,
        "TWISTED_REACTOR_ENABLED": True,
        "EXTENSIONS": {EXTENSIONS},
        "EXTENSIONS_BASE": {EXTENSIONS},
    }

    def parse(self, response):
        yield Draft(url=response.urljoin("/news/1"), title="The first of these")
        yield Request(response.urljoin("/hang"))
"""


@dataclass(frozen=True)
class Around:
    """What this process holds, and what lies about."""

    descriptors: int
    processes: frozenset[int]
    files: frozenset[Path]


def around(*folders: Path) -> Around:
    gc.collect()
    me = psutil.Process()
    return Around(
        descriptors=me.num_fds(),
        processes=frozenset(one.pid for one in me.children(recursive=True)),
        # What measures the coverage of the children writes its own.
        files=frozenset(
            path for folder in folders for path in folder.rglob("*") if not path.name.startswith(".coverage")
        ),
    )


def listening(process: psutil.Process) -> list[object]:
    """The sockets on which a process waits for others, of any family."""
    return [
        one
        for one in process.net_connections("all")
        if one.status == psutil.CONN_LISTEN or (one.family == socket.AF_UNIX and one.laddr)
    ]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, Path]:
    """Give folders of the test's own: for temporary files, for work, and as a home; children inherit them."""
    temp, work, home = (tmp_path / name for name in ("temp", "work", "home"))
    for folder in (temp, work, home):
        folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(work)
    return temp, work, home


async def failing(crawl: CrawlRig, web: WebRig) -> None:
    with pytest.raises(SourceError, match="http_500"):
        await crawl.visit(site_source("listing", web.serve("/broken", ok(status="500 Broken"))))


async def missing(crawl: CrawlRig, web: WebRig) -> None:
    with pytest.raises(SourceError, match="spider_missing"):
        await crawl.visit(site_source("spider", web.url("/x"), spider="nobody"))


async def good(crawl: CrawlRig, web: WebRig) -> None:
    url = web.serve("/list", ok(page("Home", more='<a href="/news/81001">A long headline of the day</a>')))
    assert (await crawl.visit(site_source("listing", url))).drafts
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/a", ok(page("A day of return"))))).draft


async def killed(crawl: CrawlRig, web: WebRig) -> None:
    async with crawl.reading() as run:
        assert (await run.read(web.url("/a"))).draft
        waiting = run.order(web.url("/hang"))
        (child,) = children()
        child.kill()
        with pytest.raises(SourceError, match="crawl_broken"):
            await waiting
        run.abandon()


async def given_up(crawl: CrawlRig, web: WebRig) -> None:
    async with crawl.reading() as run:
        assert (await run.read(web.url("/a"))).draft
        run.order(web.url("/hang"))
        run.abandon()


async def timed_out(crawl: CrawlRig, web: WebRig) -> None:
    short = CrawlRig()
    short.settings = replace(crawl.settings, limits=replace(LIMITS, crawl=timedelta(seconds=1)))
    with pytest.raises(SourceError, match="crawl_timeout"):
        await short.visit(site_source("listing", web.url("/hang")))


async def test_crawls_leave_no_socket_file_or_process_behind_however_they_end(
    web: WebRig, folders: tuple[Path, Path, Path]
) -> None:
    """Good, failing, without a spider, killed, given up and timed out: twice each, and all is as it was."""
    crawl = CrawlRig()
    web.serve("/robots.txt", ok())
    web.serve("/hang", Answer(b"", hang=True))
    await good(crawl, web)  # whatever is opened once and for all
    before = around(*folders)
    for _ in range(2):
        for story in (good, failing, missing, killed, given_up, timed_out):
            await story(crawl, web)
            assert children() == [], story.__name__

    def as_before() -> bool:
        now = around(*folders)
        # The server's side of a connection may close a little later.
        return now.descriptors <= before.descriptors and now.processes <= before.processes

    await until(as_before, f"the state of before, {before}, now {around(*folders)}")
    assert around(*folders).files == before.files


async def test_case_59_a_crawl_listens_nowhere_and_writes_no_file(
    web: WebRig, folders: tuple[Path, Path, Path]
) -> None:
    """Its telnet console and its remote control are off: seen from outside while it runs (case 59)."""
    crawl = CrawlRig()
    before = around(*folders)
    web.serve("/hang", Answer(b"", hang=True))
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/a", ok(page("A day of return"))))).draft
        run.order(web.url("/hang"))
        await until(lambda: "/hang" in web.paths, "the second request")
        (child,) = children()
        family = [child, *child.children(recursive=True)]
        assert [listening(one) for one in family] == [[] for _ in family]
        written = [file.path for one in family for file in one.open_files() if getattr(file, "mode", "r") != "r"]
        assert written == []
        assert around(*folders).files == before.files
        run.abandon()
    assert around(*folders).files == before.files


@pytest.mark.parametrize(
    "extensions",
    ["{}", '{"scrapy.extensions.telnet.TelnetConsole": 1, "scrapy.extensions.corestats.CoreStats": 2}'],
)
async def test_case_59_a_persons_own_spider_opens_no_port_by_its_settings(
    extensions: str, web: WebRig, tmp_path: Path, folders: tuple[Path, Path, Path]
) -> None:
    """Telnet, remote control and the reactor asked for in custom_settings (case 59)."""
    spiders = tmp_path / "spiders"
    spiders.mkdir()
    (spiders / "own.py").write_text((SPIDER + LISTENING).replace("{EXTENSIONS}", extensions), encoding="utf-8")
    crawl = CrawlRig(folders=[spiders])
    before = around(*folders)
    web.serve("/hang", Answer(b"", hang=True))
    url = web.serve("/front", ok(page("Home")))
    visit = asyncio.create_task(crawl.visit(site_source("spider", url, spider="own")))
    await until(lambda: "/hang" in web.paths or visit.done(), "the second request")
    assert not visit.done(), crawl.said
    (child,) = children()
    assert listening(child) == []
    assert around(*folders).files == before.files
    child.kill()
    assert len((await visit).drafts) == 1
