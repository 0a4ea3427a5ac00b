"""The real daemon under load, killed again and again; what was promised is checked at the end (case 1)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from sqlite_utils.utils import sqlite3

from tests.language_fixtures import CACHE
from tests.rigs.moody import MoodySink
from tests.rigs.press import PAGES, Outlet, Press
from tests.rigs.site import Servers
from tests.rigs.verdict import Verdict, judge

RECIPIENTS = ("anna@example.org", "boris@example.org")
PLACES = (
    "before_commit", "between_article_and_alert", "after_commit", "before_form", "after_form", "before_claim",
    "after_claim", "after_mail", "after_rcpt", "after_250", "before_settle", "after_settle",
    "before_page_commit", "between_page_and_alert", "after_page_commit",
)  # fmt: skip # a list
PATIENCE = 15.0  # seconds in which a daemon comes by its failpoint; pages take longest
LOGS = 5  # kept of daemons gone


class Ground(Servers):
    """The press and the mail server, on a thread with a loop of its own."""

    def __init__(self, seed: int, **press: Any) -> None:
        self._seed = seed
        self._given = press

    def __enter__(self) -> Self:
        self.start_loop()
        self.press = self.run(Press(self._seed, **self._given).__aenter__())
        self.sink: MoodySink = self.run(MoodySink(seed=self._seed).__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.press.__aexit__())
        self.run(self.sink.__aexit__())
        self.stop_loop()


@dataclass
class Siege:
    """An installation that is besieged; `run()` of kill.py and chaos.py say how."""

    folder: Path
    ground: Ground
    seed: int
    data: Path = field(init=False)
    kills: int = 0
    starts: list[float] = field(default_factory=list)  # seconds from the start of a process until it was ready
    daemon: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.chance = random.Random(self.seed)

    def write(self) -> None:
        words = self.data / "cache" / "words"
        words.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        words.symlink_to(CACHE)  # built once, not in each test
        press = self.ground.press
        sources = "\n".join(self._source(outlet) for outlet in (*press.press, press.pages))
        (self.folder / "config.yaml").write_text(
            f"""\
contact: tests@example.org
languages: [en]
operator: desk
channels:
  desk: {{type: email, to: [{", ".join(RECIPIENTS)}]}}
smtp: {{host: 127.0.0.1, port: {self.ground.sink.port}, security: none, from: m@example.org, rate: 60000/min,
       retry: [1s], connect: 2s, command: 2s, data: 3s}}
alerts: {{group_interval: 0s, wait_for_text: 0s}}
limits: {{floor: 1s, cap: 5s, gap: 0s, spread: 0s, probe: 1s, tick: 1s, page_retry: [1s{", 1s" * 40}]}}
rules:
  - {{name: prisoners, query: prisoner, to: [desk]}}
sources:
{sources}
""",
            encoding="utf-8",
        )

    def _source(self, outlet: Outlet) -> str:
        full = "always" if outlet.name == PAGES else "never"
        return (
            f"  - {{name: {outlet.name}, outlet: {outlet.name}, language: en, every: 2s, first_visit: alert, full_text: {full},"
            f' allow_private: [127.0.0.0/8], feed: "{self.ground.press.url(outlet, "feed")}"}}'
        )

    def start(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        log = self.folder / f"log-{len(list(self.folder.glob('log-*')))}-{time.monotonic():.3f}"
        with log.open("wb") as out:
            self.daemon = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "monitor",
                    "run",
                    "--config",
                    str(self.folder / "config.yaml"),
                    "--data",
                    self.data,
                ],
                env=os.environ | {"PYTHONWARNINGS": "default"} | environ,
                stdout=out,
                stderr=out,
            )
        self.log, self._began = log, time.monotonic()
        return self.daemon

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the daemon that runs now has logged under a name."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [
            json.loads(line) for line in lines if f'"{name}"' in line and line.startswith("{") and line.endswith("}")
        ]

    def ready(self, limit: float = 60.0) -> None:
        """Wait until the daemon works, or has ended at a failpoint."""
        assert self.daemon is not None
        while self.daemon.poll() is None:
            if self.events("started"):
                self.starts.append(time.monotonic() - self._began)
                return
            assert time.monotonic() < self._began + limit, self.log.read_text()
            time.sleep(0.005)

    def kill(self) -> None:
        """End the daemon as nothing else does; one that ended by itself must have been killed at its failpoint."""
        assert self.daemon is not None
        self.daemon.kill()
        assert self.daemon.wait(60) == -signal.SIGKILL, self.log.read_text()
        self.kills += 1
        for old in sorted(self.folder.glob("log-*"), key=lambda path: path.stat().st_mtime)[:-LOGS]:
            old.unlink()
        self.look()

    def look(self) -> None:
        """Tell the press what is stored, so that it may let go of it."""
        if (self.data / "monitor.db").exists():
            found: dict[str, int] = dict(self.rows("SELECT source, count(*) FROM articles GROUP BY source"))
            self.ground.press.stored.update({name: found[name] - self.ground.press.stored[name] for name in found})

    def rows(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.data / "monitor.db", timeout=30)
        try:
            return list(connection.execute(sql))
        except sqlite3.OperationalError:  # not made yet, or locked by a fault of ours
            return []
        finally:
            connection.close()

    def pause(self, seconds: float) -> None:
        """Let time go by, as long as the daemon lives."""
        assert self.daemon is not None
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0 and self.daemon.poll() is None:
            time.sleep(min(rest, 0.25))
            if rest > 1:
                self.look()

    def drain(self, limit: float, again: Callable[[], None] = lambda: None) -> None:
        """Publish no more, and let the last daemon finish what there is; `again` may start one more."""
        assert self.daemon is not None
        self.ground.press.silent = True
        end = time.monotonic() + limit
        while any(self.open_work()):
            again()
            assert self.daemon.poll() is None, self.log.read_text()
            assert time.monotonic() < end, f"still to do: {self.open_work()}\n{self.log.read_text()[-5000:]}"
            time.sleep(0.5)
            self.look()
        self.daemon.send_signal(signal.SIGTERM)
        assert self.daemon.wait(60) == 0, self.log.read_text()

    def open_work(self) -> tuple[int, ...]:
        """Give how many articles are not stored, alerts not sent, and texts not read."""
        found = self.rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM v_alerts WHERE state <> 'sent'),"
            " (SELECT count(*) FROM articles WHERE text_state = 'wanted'),"
            " (SELECT count(*) FROM messages WHERE state <> 'sent')"
        )
        articles, *rest = found[0] if found else (0, 1)
        return (self.ground.press.published - articles, *rest)

    def verdict(self, *, more_repeats: int = 0) -> Verdict:
        """Judge; a mail that the server kept without a word comes again, and so does one whose daemon was killed."""
        press, sink = self.ground.press, self.ground.sink
        return judge(
            press.matching,
            sink.received,
            recipients=RECIPIENTS,
            database=self.data / "monitor.db",
            published=press.published,
            repeats_allowed=self.kills + sink.silences + more_repeats,
        )


@contextmanager
def besieged(folder: Path, seed: int, **press: Any) -> Iterator[Siege]:
    """Give an installation under load; its processes end with the block."""
    with Ground(seed, **press) as ground:
        siege = Siege(folder, ground, seed)
        siege.write()
        try:
            yield siege
        finally:
            if siege.daemon is not None and siege.daemon.poll() is None:
                siege.daemon.kill()
                siege.daemon.wait(60)


def kill_often(siege: Siege, kills: int, places: Collection[str] = PLACES) -> dict[str, int]:
    """Kill so many daemons: at random moments and at every failpoint in turn; gives how often each place was reached."""
    reached = dict.fromkeys(places, 0)
    for number in range(kills):
        place = [*places][number // 2 % len(places)] if number % 2 else ""
        siege.start({"FAIL": f"{place}:{siege.chance.randint(1, 4)}"} if place else {})
        if place or siege.chance.random() < 0.8:  # the others may die while they start
            siege.ready()
        siege.pause(PATIENCE if place else siege.chance.uniform(0.1, 2.0))
        assert siege.daemon is not None
        reached.update({place: reached[place] + (siege.daemon.poll() is not None)} if place else {})
        siege.kill()
        (siege.folder / "progress").write_text(
            f"{number + 1} of {kills} kills, {siege.ground.press.published} articles\n"
        )
    return reached
