"""The whole program in one process, by a clock that skips what nothing happens in; tells what it takes as it goes.

    python -m tests.rigs.soak CONFIG

Each line of standard input is a number of hours: so much time is skipped, then what is due is done, and a line of JSON
says what the process takes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import psutil

from monitor.app import App, compose, open_app
from monitor.config import Config, load
from monitor.eventloop import loop_factory
from monitor.log import make_log

START = datetime(2026, 11, 2, tzinfo=UTC)


class SkippingClock:
    """`Clock` that goes as time does, and further when told."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._began = time.monotonic()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return time.monotonic() - self._began + self._skipped

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def skip(self, hours: float) -> None:
        self._skipped += hours * 3600


@dataclass(frozen=True)
class Sample:
    """What the process takes after a round."""

    visits: int
    sent: int
    seconds: float  # that the round took
    rss: int
    files: int
    threads: int
    children: int
    database: int


class Soak:
    """Drives the stages as the daemon's ticks do, one round after the other."""

    def __init__(self, app: App, config: Config, clock: SkippingClock) -> None:
        self._app = app
        self._config = config
        self._clock = clock
        self._me = psutil.Process()
        self._day = clock.now().date()

    async def round(self, hours: float) -> Sample:
        """Let time pass, visit what is due, send what there is."""
        self._clock.skip(hours)
        began = time.perf_counter()
        await self.work()
        seconds = time.perf_counter() - began
        for tick in (self._app.watching.tick, self._app.listening.tick, self._app.housekeeping.tick):
            await tick()
        taken = self.sample(seconds)
        if self._clock.now().date() != self._day:
            self._day = self._clock.now().date()
            self._app.parser.rest()  # as the daemon does with workers that have lived for a day
        return taken

    async def work(self) -> None:
        """Tick until nothing is left to do at this moment."""
        app = self._app
        while True:
            await app.collecting.tick()
            busy = any(lane.tasks for lane in app.collecting._lanes)  # what is under way shows nowhere else
            if not (await app.delivery.form() + await app.delivery.send()) and not busy:
                return
            await asyncio.sleep(0.002)

    def sample(self, seconds: float) -> Sample:
        database = self._config.database
        return Sample(
            visits=self._app.collecting.activity.visits,
            sent=self._app.delivery.sent,
            seconds=seconds,
            rss=self._me.memory_info().rss,
            files=self._me.num_fds(),
            threads=self._me.num_threads(),
            children=len(self._me.children(recursive=True)),
            database=sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*")),
        )


async def main(file: str) -> None:
    clock = SkippingClock()
    config = load(Path(file), environ=os.environ)
    # Patched, because only the composition root makes a clock, and this is the program's own composition.
    with mock.patch.object(compose, "SystemClock", return_value=clock):
        async with open_app(config, log=make_log(sys.stderr, human=False)) as app:
            soak = Soak(app, config, clock)
            while line := await asyncio.to_thread(sys.stdin.readline):
                sys.stdout.write(json.dumps(asdict(await soak.round(float(line)))) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main(sys.argv[1]))
