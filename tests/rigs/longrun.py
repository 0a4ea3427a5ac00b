"""Months in minutes: outlets and a mail server here, the whole program in a process of its own (tests/rigs/soak.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.language_fixtures import CACHE
from tests.rigs.moody import FAULTS, MoodySink
from tests.rigs.site import Servers
from tests.rigs.smtp import HANG, LATE
from tests.rigs.soak import Sample
from tests.rigs.soak_web import WORDS, SoakWeb
from tests.rigs.verdict import Verdict, judge

RECIPIENT = "anna@example.org"
SWIFT = tuple(fault for fault in FAULTS if fault[1] != HANG and not fault[1].startswith(LATE))
MIB = 2**20


class SoakServers(Servers):
    """Outlets and a mail server for months, on a thread with a loop of its own."""

    def __init__(self, seed: int, outlets: int, **web: Any) -> None:
        self._seed, self._outlets, self._given = seed, outlets, web

    def __enter__(self) -> Self:
        self.start_loop()
        self.outlets = self.run(SoakWeb(self._seed, self._outlets, **self._given).__aenter__())
        faulty = self.outlets.faulty
        self.mail: MoodySink = self.run(MoodySink(seed=self._seed, often=faulty, ways=SWIFT).__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.outlets.__aexit__())
        self.run(self.mail.__aexit__())
        self.stop_loop()


@dataclass
class LongRun:
    """`with long_run(folder, seed=1, outlets=100) as made`; `made.round(hours=0.7)` gives what the process takes then."""

    folder: Path
    servers: SoakServers
    every: str
    process: subprocess.Popen[str]
    samples: list[Sample]

    def round(self, hours: float) -> Sample:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{hours}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, (self.folder / "log").read_text()[-5000:]
        self.samples.append(Sample(**json.loads(line)))
        with (self.folder / "samples").open("a") as kept:
            kept.write(line)
        return self.samples[-1]

    def finish(self) -> Verdict:
        """Let everything be visited and sent, with no faults any more, end the process, and judge."""
        self.servers.outlets.silent, self.servers.mail.often, self.servers.mail.away = True, 0.0, False
        for _ in range(6):
            self.round(3)
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(120) == 0, (self.folder / "log").read_text()[-5000:]
        web, mail = self.servers.outlets, self.servers.mail
        return judge(
            web.matching,
            mail.received,
            recipients=[RECIPIENT],
            database=self.folder / "data" / "monitor.db",
            published=web.number,
            repeats_allowed=mail.silences,
        )


@contextmanager
def long_run(folder: Path, *, seed: int, outlets: int, every: str, rate: int = 600, **web: Any) -> Iterator[LongRun]:
    """Give a program under a clock that skips; it ends with the block."""
    with SoakServers(seed, outlets, **web) as servers:
        config = _write(folder, servers, every=every, rate=rate)
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.rigs.soak", str(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | {"PYTHONWARNINGS": "default"},
            )
        with process:
            try:
                yield LongRun(folder, servers, every, process, [])
            finally:
                process.kill()


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Give the slope of the straight line through points (least squares)."""
    count = len(points)
    middle_x, middle_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def _write(folder: Path, servers: SoakServers, *, every: str, rate: int) -> Path:
    words = folder / "data" / "cache" / "words"
    words.parent.mkdir(parents=True, mode=0o700)
    words.symlink_to(CACHE)  # built once, not in each test
    rules = "\n".join(f"  - {{name: {word}, query: {word}, to: [desk]}}" for word in WORDS)
    sources = "\n".join(
        f"  - {{name: s{number}, outlet: O, language: en, every: {every}, first_visit: alert, full_text: never,"
        f' allow_private: [127.0.0.0/8], feed: "http://{host}:{servers.outlets.port}/feed"}}'
        for number, host in enumerate(servers.outlets.hosts)
    )
    config = folder / "config.yaml"
    config.write_text(
        f"""\
contact: tests@example.org
languages: [en]
channels:
  desk: {{type: email, to: [{RECIPIENT}]}}
smtp: {{host: 127.0.0.1, port: {servers.mail.port}, security: none, from: m@example.org, rate: {rate}/min,
       command: 5s, data: 5s}}
alerts: {{group_interval: 0s, wait_for_text: 0s}}
limits: {{gap: 0s, spread: 0s, cap: 2h, request: 3s, first_byte: 2s}}
rules:
{rules}
sources:
{sources}
""",
        encoding="utf-8",
    )
    return config
