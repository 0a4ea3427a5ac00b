"""Parent and child: one job in, JSON lines out, and what happens when either of them does not keep to it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from monitor.collect.crawl.lines import limits_line, source_line
from monitor.collect.slots import HostSlots
from monitor.config import child_environment
from monitor.errors import SourceError, StoreError
from monitor.model import Source, VisitOutcome
from tests.rigs.crawl import (
    LIMITS,
    PATIENCE,
    SPIDER,
    CrawlRig,
    RememberedHosts,
    children,
    page,
    site_source,
    until,
)
from tests.rigs.web import Answer, WebRig, ok

pytestmark = pytest.mark.slow

TELLS = "        yield Draft(url=response.urljoin('/news/1'), title='The first of these')\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for a person's own spiders."""
    made = tmp_path / "my-spiders"
    made.mkdir()
    return made


def own(folder: Path, body: str, *, name: str = "own.py") -> CrawlRig:
    """Write a spider whose `parse` has this body; give who starts it."""
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    (folder / name).write_text(f"{SPIDER}\n    def parse(self, response):\n{indented}", encoding="utf-8")
    return CrawlRig(folders=[folder])


def front(web: WebRig, **changes: Any) -> Source:
    """The source that a person's own spider reads."""
    web.serve("/front?next", ok(page("Home")))
    return site_source("spider", web.serve("/front", ok(page("Home"))), spider="own", **changes)


async def test_the_child_speaks_json_lines_and_ends_with_done(web: WebRig) -> None:
    """Started by hand: a job of one line in; turns are asked for, granted, given back; the last line says done."""
    web.serve("/robots.txt", ok(b"User-agent: *\nDisallow: /no\n"))
    url = web.serve("/list", ok(page("Home", more='<a href="/news/81001">A long headline of the day</a>')))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from monitor.collect.crawl.child import main; main()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=child_environment(os.environ),
    )
    assert child.stdin
    assert child.stdout
    job = {"source": source_line(site_source("listing", url)), "limits": limits_line(LIMITS), "user_agent": "x/1"}
    child.stdin.write(json.dumps(job).encode() + b"\n")
    lines = []
    async with asyncio.timeout(PATIENCE):
        while raw := await child.stdout.readline():
            lines.append(json.loads(raw))
            if lines[-1]["type"] == "turn":
                child.stdin.write(json.dumps({"turn": lines[-1]["turn"]}).encode() + b"\n")
        assert await child.wait() == 0
    child.stdin.close()
    kinds = [line["type"] for line in lines]
    assert kinds == ["turn", "over", "robots", "turn", "over", "visit", "draft", "done"]
    assert lines[6]["draft"]["title"] == "A long headline of the day"


async def test_what_a_spider_prints_is_logged_and_breaks_nothing(web: WebRig, folder: Path) -> None:
    """print(), sys.stdout, file descriptor 1 and a line that looks like one of ours."""
    crawl = own(
        folder,
        "print('hello from the spider')\n"
        'sys.stdout.write(\'{"type": "done"}\\n\')\n'
        "sys.stdout.flush()\n"
        'os.write(1, b\'{"type": "draft", "draft": {"title": "forged"}}\\n\')\n'
        "os.system('echo from a program')\n" + TELLS.strip(),
    )
    collected = await crawl.visit(front(web))
    assert [draft.title for draft in collected.drafts] == ["The first of these"]
    assert collected.visit.outcome is VisitOutcome.READ
    assert "hello from the spider" in crawl.said
    assert "from a program" in crawl.said


async def test_a_spider_that_prints_without_measure_does_not_fill_the_log(web: WebRig, folder: Path) -> None:
    """20,000 lines: 200 are passed on, the others counted."""
    crawl = own(folder, "for number in range(20_000):\n    print('line', number)\n" + TELLS.strip())
    assert len((await crawl.visit(front(web))).drafts) == 1
    assert len(crawl.said) == 200
    assert crawl.log.named("crawl_said_more") == [{"lines": 19_800}]


@pytest.mark.parametrize(
    "body",
    [
        "raise RuntimeError('no such thing')",
        "yield from ()\nraise RuntimeError('no such thing')",
        "return 1 / 0 if response else None",
    ],
)
async def test_a_spider_that_raises_is_an_error_and_no_empty_success(body: str, web: WebRig, folder: Path) -> None:
    """With the exception's own words."""
    with pytest.raises(SourceError, match="spider_error") as error:
        await own(folder, body).visit(front(web))
    assert "no such thing" in error.value.detail or "ZeroDivisionError" in error.value.detail


async def test_what_a_spider_told_before_it_raised_is_kept_and_the_error_shown(web: WebRig, folder: Path) -> None:
    collected = await own(folder, TELLS.strip() + "\nraise RuntimeError('no such thing')").visit(front(web))
    assert len(collected.drafts) == 1
    assert collected.visit.error == "spider_error"


async def test_a_constructor_that_raises_is_an_error_of_the_source(web: WebRig, folder: Path) -> None:
    crawl = own(folder, "pass")
    text = (
        (folder / "own.py").read_text().replace("        self.source = source\n", "        raise ValueError('wrong')\n")
    )
    (folder / "own.py").write_text(text)
    with pytest.raises(SourceError, match="spider_error") as error:
        await crawl.visit(front(web))
    assert "wrong" in error.value.detail
    assert web.requests == []


@pytest.mark.parametrize("broken", ["def (", "import no_such_module", "raise SystemError('at import')", "\0"])
async def test_a_file_that_cannot_be_read_is_named(broken: str, web: WebRig, folder: Path) -> None:
    (folder / "mine.py").write_text(broken, encoding="utf-8")
    crawl = CrawlRig(folders=[folder])
    with pytest.raises(SourceError, match="spider_broken") as error:
        await crawl.visit(front(web))
    assert str(folder / "mine.py") in error.value.detail
    # The other spiders, in other files and built in, still work.
    assert len((await own(folder, TELLS.strip()).visit(front(web))).drafts) == 1


async def test_a_mistyped_name_is_told_also_where_a_file_is_broken(web: WebRig, folder: Path) -> None:
    (folder / "mine.py").write_text("import no_such_module", encoding="utf-8")
    crawl = own(folder, TELLS.strip())
    with pytest.raises(SourceError, match="spider_missing") as error:
        await crawl.visit(replace(front(web), spider="owm"))
    assert "did you mean own?" in error.value.detail
    assert "mine.py:1: ModuleNotFoundError" in error.value.detail


async def test_a_persons_file_holds_up_no_page_and_no_listing(web: WebRig, folder: Path) -> None:
    """It sleeps when it is read, and has a spider that is named like a built-in one: nobody reads it for these."""
    (folder / "mine.py").write_text(SPIDER.replace('"own"', '"listing"') + "\ntime.sleep(3600)\n", encoding="utf-8")
    crawl = CrawlRig(folders=[folder])
    link = page("Home", more='<a href="/news/81001">A long headline of the day</a>')
    assert (await crawl.visit(site_source("listing", web.serve("/list", ok(link))))).drafts
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/a", ok(page("A day of return"))))).draft


async def test_a_spider_that_is_not_there_is_named_beside_those_that_are(web: WebRig, folder: Path) -> None:
    with pytest.raises(SourceError, match="spider_missing") as error:
        await CrawlRig(folders=[folder]).visit(front(web))
    for name in ("'own'", "jamnews", "listing", "sitemap", "article"):
        assert name in error.value.detail


@pytest.mark.parametrize("end", ["os._exit(0)", "os._exit(3)", "os.kill(os.getpid(), 9)"])
async def test_a_spider_that_ends_its_process_is_a_broken_crawl_whose_drafts_are_kept(
    end: str, web: WebRig, folder: Path
) -> None:
    collected = await ending(folder, end).visit(front(web))
    assert [draft.title for draft in collected.drafts] == ["The first of these"]
    assert collected.visit.outcome is VisitOutcome.FAILED
    assert collected.visit.error == "crawl_broken"
    assert collected.visit.validators is None or collected.visit.validators.etag is None


def ending(folder: Path, end: str) -> CrawlRig:
    """A spider that tells of one article, and ends its process when it reads the next page."""
    crawl = own(folder, f"{TELLS.strip()}\nyield Request(response.url + '?next', self.last)")
    with (folder / "own.py").open("a", encoding="utf-8") as file:
        file.write(f"\n    def last(self, response):\n        {end}\n")
    return crawl


async def test_after_a_kill_in_the_middle_drafts_are_kept_and_the_turn_is_free_at_once(
    web: WebRig, folder: Path
) -> None:
    """kill -9 while a request is under way and its turn is held."""
    crawl = own(folder, f"{TELLS.strip()}\nyield Request(response.urljoin('/hang'))")
    web.serve("/hang", Answer(b"", hang=True))
    visit = asyncio.create_task(crawl.visit(front(web)))
    await until(lambda: "/hang" in web.paths, "the second request")
    (child,) = children()
    child.kill()
    collected = await visit
    assert len(collected.drafts) == 1
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.FAILED, "crawl_broken")
    async with asyncio.timeout(PATIENCE), crawl.turns.hold(f"127.0.0.1 {web.port}"):
        pass
    assert isinstance(crawl.turns, HostSlots)
    assert not any(slot.lock.locked() for slot in crawl.turns._slots.values())
    assert children() == []


async def test_of_a_killed_childs_pages_only_those_that_it_had_asked_for_count_as_tried(
    crawl: CrawlRig, web: WebRig
) -> None:
    """One request is under way, another page waits for its turn at the same host, a third was just ordered."""
    web.serve("/hang", Answer(b"", hang=True))
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/a", ok(page("A day of return"))))).draft
        asked = run.order(web.url("/hang"))
        await until(lambda: "/hang" in web.paths, "the request")
        waiting = [run.order(web.url(path)) for path in ("/a", "/b")]
        (child,) = children()
        workers = child.children(recursive=True)
        child.kill()
        read = await asked
        assert (read.error, read.counts) == ("crawl_broken", True)
        for unread in waiting:
            with pytest.raises(SourceError, match="crawl_broken"):
                await unread
        run.abandon()
    assert not psutil.wait_procs(workers, timeout=10)[1]


async def test_a_child_that_dies_before_it_asked_for_anything_costs_no_page_a_try(web: WebRig, folder: Path) -> None:
    """A dependency that cannot be imported: no page is told of, so all go back as they were."""
    (folder / "scrapy").mkdir()
    (folder / "scrapy" / "__init__.py").write_text("raise ImportError('half an upgrade')\n")
    crawl = CrawlRig(environ={"PYTHONPATH": str(folder)})
    async with crawl.reading() as run:
        waiting = run.order(web.url("/a"))
        with pytest.raises(SourceError, match="crawl_broken"):
            await waiting
        run.abandon()
    assert run.finished == []
    assert any("half an upgrade" in line for line in crawl.said)


async def test_a_folder_of_the_working_directory_is_not_taken_for_a_package(
    web: WebRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`spiders/` with an __init__.py, as people call the folder of their own, and one called like the program."""
    for name in ("spiders", "monitor", "scrapy"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('the wrong one')\n")
    monkeypatch.chdir(tmp_path)
    crawl = CrawlRig()
    url = web.serve("/list", ok(page("Home", more='<a href="/news/81001">A long headline of the day</a>')))
    assert (await crawl.visit(site_source("listing", url))).drafts
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/a", ok(page("A day of return"))))).draft
    assert crawl.said == []


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "time.sleep(3600)",
        "yield Request(response.urljoin('/hang'))",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass",
        "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
    ],
)
async def test_a_crawl_over_its_limit_is_killed_whatever_it_does(body: str, web: WebRig, folder: Path) -> None:
    """In Python, asleep, on the network, without ear for signals, in C."""
    crawl = own(folder, body)
    crawl.settings = replace(crawl.settings, limits=replace(LIMITS, crawl=timedelta(seconds=4)))
    web.serve("/hang", Answer(b"", hang=True))
    visit = asyncio.create_task(crawl.visit(front(web)))
    await until(lambda: "/front" in web.paths or visit.done(), "the first request")
    found = children()
    error = None
    try:
        collected = await visit
        error = collected.visit.error
    except SourceError as raised:
        error = raised.kind
    assert error == "crawl_timeout"
    assert not psutil.wait_procs(found, timeout=10)[1]


@pytest.mark.parametrize("body", ["while True: pass", "import re\nre.match('(a+)+$', 'a' * 64 + 'b')"])
async def test_case_23_a_step_that_takes_too_much_time_ends_its_crawl_at_once(
    body: str, web: WebRig, folder: Path
) -> None:
    """In Python and in C, which gives no other thread its turn: what was told before is kept (case 23)."""
    crawl = own(folder, f"{TELLS.strip()}\nyield Request(response.url + '?next', self.last)")
    with (folder / "own.py").open("a", encoding="utf-8") as file:
        file.write("\n    def last(self, response):\n" + "".join(f"        {line}\n" for line in body.splitlines()))
    crawl.settings = replace(crawl.settings, limits=replace(LIMITS, parse=timedelta(seconds=1)))
    collected = await crawl.visit(front(web))
    assert len(collected.drafts) == 1
    assert (collected.visit.outcome, collected.visit.error) == (VisitOutcome.FAILED, "parse_timeout")
    assert children() == []


async def test_case_23_many_steps_may_take_longer_together(web: WebRig, folder: Path) -> None:
    """Twelve pages of 0.2 s of work each, with a limit of one second for a step (case 23)."""
    crawl = own(
        folder,
        "end = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\n"
        "number = int(response.url.partition('?')[2] or 0)\n"
        "yield Draft(url=response.urljoin(f'/news/{number}'), title='One of these')\n"
        "if number < 11:\n"
        "    yield Request(response.urljoin(f'/front?{number + 1}'))",
    )
    crawl.settings = replace(crawl.settings, limits=replace(LIMITS, parse=timedelta(seconds=1)))
    for number in range(12):
        web.serve(f"/front?{number}", ok(page("Home")))
    collected = await crawl.visit(front(web))
    assert (len(collected.drafts), collected.visit.error) == (12, None)


async def test_a_store_in_the_way_ends_the_crawl_and_is_told(web: WebRig) -> None:
    """What is known of a host cannot be read, or not be kept: nobody waits for the crawl's limit."""

    class Locked(RememberedHosts):
        def hosts(self, names: object) -> dict[str, object]:  # type: ignore[override] # it only raises
            raise StoreError(f"database is locked, {names}")

    crawl = CrawlRig()
    crawl.hosts = Locked()
    async with crawl.reading() as run:
        with pytest.raises(StoreError):
            await run.read(web.serve("/a", ok(page("A day of return"))))
        run.abandon()
    assert web.requests == []
    assert children() == []


async def test_the_child_knows_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch, web: WebRig) -> None:
    """Nor does its worker; and it has no database open."""
    secrets = {
        "SMTP_PASSWORD": "c4nary",
        "AWS_SECRET_ACCESS_KEY": "c4nary",
        "FAIL": "c4nary",
        "http_proxy": "http://c4nary",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    crawl = CrawlRig()
    async with crawl.reading() as run:
        assert (await run.read(web.serve("/a", ok(page("A day of return"))))).draft
        (child,) = children()
        family = [child, *child.children(recursive=True)]
        assert len(family) >= 2
        for one in family:
            assert "c4nary" not in str(one.environ())
            assert "c4nary" not in " ".join(one.cmdline())
            assert not [file.path for file in one.open_files() if file.path.endswith((".db", "-wal", "-journal"))]
        assert "PATH" in child.environ()


PARENT = """
import asyncio, sys
from tests.rigs.crawl import CrawlRig, children
import psutil

async def main():
    async with CrawlRig().reading() as run:
        await run.read(sys.argv[1])
        waiting = run.order(sys.argv[2])
        (child,) = children()
        print(*(one.pid for one in (child, *child.children(recursive=True))), flush=True)
        await waiting

asyncio.run(main())
"""


async def test_when_the_parent_is_killed_child_and_worker_are_gone_in_a_moment(web: WebRig) -> None:
    """kill -9: no orphan is left, also in the middle of a request."""
    web.serve("/hang", Answer(b"", hang=True))
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        web.serve("/a", ok(page("A day of return"))),
        web.url("/hang"),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert parent.stdout
    async with asyncio.timeout(PATIENCE):
        family = [psutil.Process(int(pid)) for pid in (await parent.stdout.readline()).split()]
        assert len(family) >= 2
        await until(lambda: "/hang" in web.paths, "the second request")
        parent.kill()
        await parent.wait()
    assert not await asyncio.to_thread(lambda: psutil.wait_procs(family, timeout=10)[1])
