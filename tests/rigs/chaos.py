"""A night of misfortune: every few seconds another fault, seeded; at the end all promises hold with no hand put to it.

    CHAOS=seconds CHAOS_SEED=n python -m tests.rigs.chaos

Disk and names are taken away in a mount namespace of its own (`unshare`), the clock is set by libfaketime; where one of
these cannot be had its faults are left out, and it says so.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils.utils import sqlite3

from tests.rigs.clocks import WallClock, library
from tests.rigs.siege import Siege, besieged

BEAT = 5.0  # seconds between two faults
RATE = 10.0  # articles a second
ROOM = 512 * 2**20  # bytes of the disk
FOR_GOOD = frozenset({2, 65, 75, 78})  # exit statuses after which a supervisor starts nothing again
INSIDE = "--inside"


@dataclass
class Chaos:
    """Faults of a siege: each begins, and ends after its seconds whatever else goes on."""

    siege: Siege
    share: float  # of the full length of each fault, for a short form
    namespace: bool
    clock: WallClock | None
    done: Counter[str] = field(default_factory=Counter)
    endings: Counter[int] = field(default_factory=Counter)  # exit statuses of daemons that ended by themselves
    under_way: dict[str, tuple[float, Callable[[], None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.siege.seed)
        self.hosts = Path("/etc/hosts")
        self.known = self.hosts.read_text()
        self.environment = self.clock.environment if self.clock else {}

    def faults(self) -> dict[str, tuple[Callable[[], Callable[[], None]], float]]:
        """What may happen: how it begins (which gives how it ends), and its length in seconds."""
        known: dict[str, tuple[Callable[[], Callable[[], None]], float]] = {
            "kill -9": (self._kill, 0),
            "SIGSTOP": (self._stop, 20),
            "database locked": (self._lock, 10),
            "mail server gone": (self._no_mail, 10),
        }
        if self.clock:
            known |= {"clock set": (self._set_clock, 15)}
        if self.namespace:
            known |= {"disk full": (self._fill, 10), "no name resolves": (self._no_names, 10)}
        return known

    def run(self, seconds: float) -> None:
        """Let it storm for so long, then let the last daemon finish."""
        faults, end, beat = self.faults(), time.monotonic() + seconds, 0.0
        self.siege.start(self.environment)
        self.siege.ready()
        while time.monotonic() < end:
            self._watch()
            if time.monotonic() - beat >= BEAT * max(self.share, 0.5):
                beat = time.monotonic()
                name = self.chance.choice([*faults])
                if name not in self.under_way:
                    begin, length = faults[name]
                    self.done[name] += 1
                    self.under_way[name] = (beat + length * self.share, begin())
            time.sleep(0.2)
        for _, undo in self.under_way.values():
            undo()
        self.under_way.clear()
        self._watch()
        # A start that finds itself days before what it wrote waits five minutes for the clock.
        self.siege.drain(900, again=self._watch)

    def _watch(self) -> None:
        """End what has lasted, start a daemon that has ended as a supervisor does, let the press forget what is stored."""
        for name, (end, undo) in list(self.under_way.items()):
            if time.monotonic() >= end:
                del self.under_way[name]
                undo()
        daemon = self.siege.daemon
        assert daemon is not None
        if (status := daemon.poll()) is not None:
            self.endings[status] += 1
            assert status not in FOR_GOOD, self.siege.log.read_text()[-5000:]
            time.sleep(0.5)
            self.siege.start(self.environment)
        self.siege.look()

    def _kill(self) -> Callable[[], None]:
        if self.siege.daemon is not None and self.siege.daemon.poll() is None:
            self.siege.kill()
            self.siege.start(self.environment)
        return _nothing

    def _stop(self) -> Callable[[], None]:
        stopped = self.siege.daemon
        assert stopped is not None
        stopped.send_signal(signal.SIGSTOP)
        return lambda: stopped.send_signal(signal.SIGCONT)

    def _lock(self) -> Callable[[], None]:
        connection = sqlite3.connect(self.siege.data / "monitor.db", timeout=1, isolation_level=None)
        with suppress(sqlite3.OperationalError):  # somebody writes, or there is no room for it
            connection.execute("BEGIN IMMEDIATE")
        return connection.close

    def _no_mail(self) -> Callable[[], None]:
        sink = self.siege.ground.sink
        sink.away = True
        return lambda: setattr(sink, "away", False)

    def _set_clock(self) -> Callable[[], None]:
        """An hour ahead or back, or two days ahead; and then right again, which is another step."""
        assert self.clock is not None
        self.clock.set(self.chance.choice((-3600, 3600, 172_800)))
        return functools.partial(self.clock.set, 0)

    def _fill(self) -> Callable[[], None]:
        used = shutil.disk_usage(self.siege.data).used
        _mount("-o", f"remount,size={used}", str(self.siege.data))
        return lambda: _mount("-o", f"remount,size={ROOM}", str(self.siege.data))

    def _no_names(self) -> Callable[[], None]:
        """Take the names away; a daemon that has just been started knows none of them."""
        self.hosts.write_text("127.0.0.1 localhost\n")
        self._kill()
        return lambda: [self.hosts.write_text(self.known), None][1]


def _nothing() -> None:
    pass


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def inside(folder: Path, seconds: float, seed: int, share: float, *, namespace: bool) -> int:
    """Storm, judge and show; 1 if a promise was broken."""
    hosts = {f"127.1.0.{number}": f"outlet{number}.test" for number in range(1, 251)}
    if namespace:
        _take_over(folder, hosts)
    began = time.monotonic()
    with besieged(folder, seed, rate=RATE, names=hosts if namespace else {}) as siege:
        chaos = Chaos(siege, share, namespace, WallClock(folder) if library() else None)
        chaos.run(seconds)
        # Each fault may cut a mail off after the server had it.
        found = siege.verdict(more_repeats=sum(chaos.done.values()) + sum(chaos.endings.values()))
    rows = {
        **chaos.done,
        "ended by themselves": dict(chaos.endings) or "none",
        "articles": siege.ground.press.published,
        "that match": len(siege.ground.press.matching),
        "mails": found.mails,
        "repeats": found.repeats,
        "lost": found.lost,
        "seconds": f"{time.monotonic() - began:.0f}",
        "seed": seed,
    }
    left_out = {"disk full", "no name resolves", "clock set"} - chaos.faults().keys()
    rows |= {"left out on this machine": ", ".join(sorted(left_out)) or "nothing"}
    sys.stdout.write("".join(f"{name:30}{value}\n" for name, value in rows.items()))
    sys.stdout.writelines(f"BROKEN: {problem}\n" for problem in found.problems)
    return 1 if found.problems else 0


def _take_over(folder: Path, hosts: Mapping[str, str]) -> None:
    """Make the data folder a disk of its own, and names our own; nothing of it is seen outside."""
    for name, text in {
        "hosts": "127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for address, name in hosts.items()),
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    }.items():
        (folder / name).write_text(text)
        _mount("--bind", str(folder / name), f"/etc/{name}")
    (folder / "data").mkdir(mode=0o700)
    _mount("-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "tmpfs", str(folder / "data"))


def main(arguments: list[str]) -> int:
    seconds, seed = float(os.environ.get("CHAOS", "3600")), int(os.environ.get("CHAOS_SEED", "20261128"))
    share = float(os.environ.get("CHAOS_SHARE", "1"))
    if INSIDE in arguments:
        return inside(Path(arguments[-1]), seconds, seed, share, namespace=True)
    own = ["unshare", "--user", "--map-root-user", "--mount"]
    with tempfile.TemporaryDirectory() as folder:
        if not shutil.which("unshare") or subprocess.run([*own, "true"], check=False, capture_output=True).returncode:
            return inside(Path(folder), seconds, seed, share, namespace=False)
        command = [*own, sys.executable, "-m", "tests.rigs.chaos", INSIDE, folder]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
