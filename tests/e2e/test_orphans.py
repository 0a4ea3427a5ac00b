"""SIGKILL of the daemon while its children work: none outlives it, and the next one does not wait for anything.

Times are told (`pytest -s`); what the next daemon needs is held against an undisturbed start on the same machine.
"""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from tests.rigs import crawl
from tests.rigs.hostile_feeds import SLOW
from tests.rigs.site import Site, rss
from tests.rigs.web import Answer, ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

AT_ONCE = 2.0  # seconds
WAITED = 30.0  # seconds that no lease or lock which is waited for would fall short of: it takes a minute at least


def started(site: Site) -> tuple[subprocess.Popen[bytes], float]:
    """Start a daemon; gives it and the seconds until it was ready."""
    began = time.monotonic()
    process = site.start()
    site.wait(lambda: any(event["pid"] == process.pid for event in site.events("started")), "the start")
    return process, time.monotonic() - began


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def busy(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Tell whether a child has worked for so long."""
    return any(child.cpu_times().user > seconds for child in family(process))


def works(process: psutil.Process) -> bool:
    """Tell whether a process lives; one that has ended may wait for a while until somebody takes note."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_the_end(site: Site, children: list[psutil.Process]) -> None:
    site.wait(lambda: not any(works(child) for child in children), "the end of the children")


def kill_and_start_again(site: Site, first: subprocess.Popen[bytes], usual: float) -> None:
    children = family(first)
    assert children
    first.kill()
    killed = time.monotonic()
    first.wait(60)
    second, taken = started(site)
    wait_for_the_end(site, children)
    gone = time.monotonic() - killed
    sys.stdout.write(f"\n{len(children)} children; ready in {taken:.2f} s, usually {usual:.2f} s\n")
    assert taken < 3 * usual + WAITED  # a start takes a second of CPU time, on a busy machine many of the clock's
    assert gone < taken + AT_ONCE
    assert site.stop(second) == 0


def end_at_once(site: Site, first: subprocess.Popen[bytes]) -> None:
    """Kill, and watch the children alone."""
    children = family(first)
    assert children
    first.kill()
    killed = time.monotonic()
    wait_for_the_end(site, children)
    gone = time.monotonic() - killed
    first.wait(60)
    sys.stdout.write(f"\n{len(children)} children gone after {gone:.2f} s\n")
    assert gone < AT_ONCE


@pytest.fixture
def usual(site: Site) -> float:
    """Give how long an undisturbed start takes here; the site has a feed that is read at once."""
    site.limits = ", parse: 90s, crawl: 90s"
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    process, seconds = started(site)
    assert site.stop(process) == 0
    return seconds


def hung_parse(site: Site) -> subprocess.Popen[bytes]:
    """A daemon one of whose workers reads a feed that takes minutes."""
    site.feed("hanging", SLOW["100,000 attributes on an item"])
    site.write()
    process, _ = started(site)
    site.wait(lambda: busy(process, 3.0), "the parser to hang")
    assert not [event for event in site.events("source_failed") if event["source"] == "hanging"]
    return process


def hung_crawl(site: Site) -> subprocess.Popen[bytes]:
    """A daemon whose crawl child has read one page, with a worker of its own, and waits for another."""
    web = site.servers.web
    web.serve("/first", ok(crawl.page("Prisoners came home")))
    web.serve("/second", Answer(b"", hang=True))
    entries = "".join(
        f"<item><title>{path}</title><link>{web.url(path)}</link></item>" for path in ("/second", "/first")
    )
    web.serve("/pages", ok(f'<rss version="2.0"><channel><title>P</title>{entries}</channel></rss>'.encode()))
    common = "outlet: P, language: en, every: 1s, first_visit: alert, full_text: always"
    site.sources.append(f'name: pages, {common}, feed: "{web.url("/pages")}"')
    site.write()
    process, _ = started(site)
    site.wait(lambda: "/second" in web.paths, "the second page's request")
    site.wait(
        lambda: site.rows("select 1 from articles where text_state = 'complete' and source = 'pages'"), "the first page"
    )
    (child,) = crawl.children(psutil.Process(process.pid))
    assert child.children(recursive=True)  # its own worker
    return process


@pytest.mark.parametrize("work", [hung_parse, hung_crawl])
def test_case_68_after_a_kill_amid_work_no_child_lives_for_two_seconds(work: object, site: Site, usual: float) -> None:
    """A feed that takes its parser minutes; a crawl with a worker of its own, in a request that hangs (case 68)."""
    assert usual
    assert callable(work)
    end_at_once(site, work(site))


@pytest.mark.parametrize("work", [hung_parse, hung_crawl])
def test_case_68_after_a_kill_amid_work_the_next_daemon_is_ready_as_soon_as_ever(
    work: object, site: Site, usual: float
) -> None:
    """What the dead one's children did is waited for by nobody (case 68)."""
    assert callable(work)
    kill_and_start_again(site, work(site), usual)
