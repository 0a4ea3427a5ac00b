"""The pool of workers itself, for feeds as for pages: what no limit of a task's own can catch."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from monitor.clock import SystemClock
from monitor.collect import pool
from monitor.collect.pool import WorkerPool
from monitor.errors import SourceError
from tests.rigs.crawl import PATIENCE, until
from tests.rigs.site import rss

pytestmark = pytest.mark.slow


@pytest.fixture
async def workers() -> AsyncIterator[WorkerPool]:
    """Give a pool of one worker that has done something."""
    made = WorkerPool(limit=timedelta(seconds=5), clock=SystemClock(), workers=1)
    assert (await parse(made)) == 1
    yield made
    made.close()


async def parse(made: WorkerPool) -> int:
    feed = rss(["Prisoners came home"], at=datetime.now(UTC))
    return len((await made.parse(feed, url="https://one.example/", content_type=None)).drafts)


def worker() -> psutil.Process:
    (found,) = [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
    return found


async def test_case_21_a_pool_whose_worker_died_at_rest_works_again_at_once(workers: WorkerPool) -> None:
    """SIGKILL while nothing is to be done, as the machine sends it when memory runs out (case 21)."""
    for _ in range(2):
        resting = worker()
        resting.kill()
        await until(lambda resting=resting: not resting.is_running(), "the end of the worker")
        with contextlib.suppress(SourceError):  # it may not be known to be dead
            await parse(workers)
        assert await parse(workers) == 1


async def test_case_21_a_task_that_no_worker_takes_is_given_up_and_the_pool_replaced(
    workers: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that stops before it has said that it begins: no limit of the task counts yet (case 21)."""
    monkeypatch.setattr(pool, "_START", -4.0)
    stopped = worker()
    stopped.suspend()
    with pytest.raises(SourceError, match="parse_timeout"):
        await parse(workers)
    monkeypatch.undo()
    assert not stopped.is_running()
    assert await parse(workers) == 1
    assert worker().pid not in {stopped.pid, os.getpid()}


def test_a_worker_ends_at_once_without_a_word_of_what_libraries_do_at_an_ordinary_end() -> None:
    """Its pipe may close before it is killed; something that then wants a file would fill the log with its failure."""
    ends = [
        "import atexit, os",
        "atexit.register(print, 'tidied up')",
        "from monitor.collect.worker import begin",
        "begin(os.getppid(), 'json')",
    ]
    ended = subprocess.run(
        [sys.executable, "-P", "-c", "\n".join(ends)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
