"""A whole installation in a folder: outlets and a mail server on loopback, a configuration, the real program."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self, TypeVar
from xml.sax.saxutils import escape

from tests.language_fixtures import CACHE
from tests.rigs import measuring
from tests.rigs.smtp import Received, Sink
from tests.rigs.web import WebRig, ok

T = TypeVar("T")
PATIENCE = 120.0  # seconds; a limit for what must happen, never something that is measured


class Servers:
    """A web server and a mail server on a thread with an event loop of their own."""

    def __enter__(self) -> Self:
        self.start_loop()
        self.web = self.run(WebRig().__aenter__())
        self.sink = self.run(Sink().__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.web.__aexit__())
        self.run(self.sink.__aexit__())
        self.stop_loop()

    def start_loop(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)


def rss(titles: Sequence[str], *, host: str = "one.example", at: datetime | None = None) -> bytes:
    """A feed with an entry for each title."""
    date = format_datetime(at or datetime.now(UTC))
    items = "".join(
        f"<item><title>{escape(title)}</title><link>https://{host}/{escape(title).replace(' ', '-')}</link>"
        f"<guid>{escape(title)}</guid><pubDate>{date}</pubDate></item>"
        for title in titles
    )
    return f'<rss version="2.0"><channel><title>One</title>{items}</channel></rss>'.encode()


@dataclass
class Site:
    """`Site(tmp_path, servers)`; `feed(...)`, `write()`, then `run()` or `start()`."""

    folder: Path
    servers: Servers
    email: bool = True
    extra: str = ""
    full_text: str = "never"  # the feeds' links lead nowhere
    limits: str = ""
    alerts: str = "group_interval: 0s"
    sources: list[str] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    logs: Path | None = None  # where the daemon's words go, if not into the folder
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "monitor.db"

    @property
    def log_file(self) -> Path:
        return self.logs or self.folder / "log"

    @property
    def mails(self) -> list[Received]:
        return list(self.servers.sink.received)

    def feed(self, name: str, body: bytes, **headers: str) -> None:
        """Serve a feed; asked again for the same name, serve another body from now on."""
        self.servers.web.serve(f"/{name}", ok(body, **headers))
        if name not in self.feeds:
            self.feeds.append(name)

    def write(self) -> Path:
        """Write the configuration, with short times."""
        words = self.folder / "data" / "cache" / "words"
        if not words.exists():
            words.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            words.symlink_to(CACHE)  # built once, not in each test
        channel = "{type: email, to: [anna@example.org]}" if self.email else "{type: maildir, path: mail}"
        sources = "\n".join(
            f"  - {{name: {name}, outlet: {name.title()}, language: en, every: 1s, first_visit: alert,"
            f' allow_private: [127.0.0.0/8], feed: "{self.servers.web.url("/" + name)}"}}'
            for name in self.feeds
        )
        sources = "\n".join(
            [sources, *(f"  - {{{text}, allow_private: [127.0.0.0/8]}}" for text in self.sources)]
        ).strip("\n")
        self.config.write_text(
            f"""\
contact: tests@example.org
languages: [en]
operator: desk
channels:
  desk: {channel}
smtp: {{host: 127.0.0.1, port: {self.servers.sink.port}, security: none, from: m@example.org, rate: 6000/min, retry: [1s]}}
alerts: {{{self.alerts}}}
defaults: {{full_text: {self.full_text}}}
limits: {{floor: 1s, gap: 0s, spread: 0s, probe: 1s, tick: 1s{self.limits}}}
rules:
  - {{name: prisoners, query: prisoner, to: [desk]}}
  - {{name: ceasefire, query: ceasefire, to: [desk]}}
sources:
{sources or "  []"}
{self.extra}""",
            encoding="utf-8",
        )
        return self.config

    def environment(self, **more: str) -> dict[str, str]:
        return measuring.environment(PYTHONWARNINGS="default") | more

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "monitor", *arguments, "--config", str(self.config)],
            env=self.environment(**environ),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, *arguments: str, umask: int = -1, **environ: str) -> subprocess.Popen[bytes]:
        """Start the daemon; what it says goes to `log`. `umask` -1 is this process's own."""
        with self.log_file.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "monitor", "run", "--config", str(self.config), *arguments],
                env=self.environment(**environ),
                stdout=log,
                stderr=log,
                umask=umask,
            )
        self.daemons.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        """End the daemon as systemd does, once it runs; gives its exit status."""
        self.wait(lambda: any(event["pid"] == process.pid for event in self.events("started")), "the start")
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE)

    def close(self) -> None:
        """Leave no process behind."""
        for process in self.daemons:
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)

    def wait(self, condition: Callable[[], object], what: str = "what was waited for") -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come\n{self.log()}")
            time.sleep(0.02)

    def log(self) -> str:
        file = self.log_file
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def events(self, name: str) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in self.log().splitlines() if line.startswith("{") and line.endswith("}")]
        return [event for event in told if event.get("event") == name]

    def rows(self, sql: str) -> list[Any]:
        """Ask the database as a stranger would, with Python's own sqlite3."""
        connection = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
