"""The demo from beginning to end: servers, an ordinary config.yaml, the real daemon, one kill, the verdict."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from monitor.demo.outlets import MIRROR, MIRROR_OF, OUTLETS
from monitor.demo.servers import Mailbox, Web
from monitor.demo.verdict import Verdict, all_done, judge, read_mails
from monitor.errors import ConfigError, MonitorError
from monitor.folders import make_private

RECIPIENTS = ("anna@newsroom.example", "desk@newsroom.example")
MARK = ".news-monitor-demo"
KILL_AT = 7.0  # seconds after the first request: mails are under way, half of the news is not out yet
LONGEST = 40.0
QUIET = 2.5  # seconds in which nothing more may come

CONFIG = """# Written by `monitor demo`. An ordinary configuration with short times:
#   monitor run --config {folder}/config.yaml
data: .
contact: demo@newsroom.example
timezone: Asia/Tbilisi
operator: desk
channels:
  desk: {{type: email, to: [{recipients}]}}
smtp:
  host: 127.0.0.1
  port: {port}
  security: none
  from: News monitor <monitor@newsroom.example>
  rate: 600/min
  retry: [1s, 2s]
alerts: {{group_interval: 2s, wait_for_text: 8s}}
limits: {{floor: 1s, gap: 0s, spread: 1s, probe: 1s, page_retry: [1s, 1s, 2s]}}
rules:
  - {{name: prisoners, query: '@prisoners', to: [desk]}}
  - {{name: peacekeepers, query: '@peacekeepers', to: [desk]}}
  - {{name: ceasefire, query: '@ceasefire', to: [desk]}}
sources:
{sources}
"""


class DemoError(MonitorError):
    """The demo could not run to its end."""


async def run_demo(folder: Path, *, tell: Callable[[str], None]) -> Verdict:
    """Run the demo in a folder; `tell` is given each step.

    Raises:
        ConfigError: the folder holds something else. DemoError: the daemon ended by itself.
    """
    _prepare(folder)
    server, mailbox = Web(), Mailbox(folder / "mail")
    await server.start()
    port = await mailbox.start()
    config = folder / "config.yaml"
    config.write_text(_config(folder, server.bases, port), encoding="utf-8")
    try:
        tell(f"{len(OUTLETS)} outlets on 127.0.0.1, a mail server at 127.0.0.1:{port}; starting the daemon")
        await _two_lives(config, folder, server, tell)
        return judge(folder / "monitor.db", folder / "mail", server.bases, RECIPIENTS)
    finally:
        await server.stop()
        await mailbox.stop()


async def _two_lives(config: Path, folder: Path, server: Web, tell: Callable[[str], None]) -> None:
    """Run the daemon, kill it, start it again, and end it when all is done."""
    with (folder / "daemon.log").open("ab") as log:
        first = await _daemon(config, log.fileno())
        await _until(lambda: server.elapsed() > KILL_AT and bool(read_mails(folder / "mail")), first, tell)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        tell(f"kill -9 after {len(read_mails(folder / 'mail'))} mails; starting the daemon again")
        second = await _daemon(config, log.fileno())
        try:
            await _until(
                lambda: all_done(folder / "monitor.db", folder / "mail", server.bases, RECIPIENTS), second, tell
            )
            tell("everything has arrived; waiting a moment for anything too much")
            await asyncio.sleep(QUIET)
            second.send_signal(signal.SIGTERM)
            if await second.wait() != 0:
                raise DemoError(f"the daemon ended with status {second.returncode}; see {folder / 'daemon.log'}")
        finally:
            if second.returncode is None:
                second.kill()
                await second.wait()


async def _daemon(config: Path, log: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "monitor", "run", "--config", str(config), stdout=log, stderr=log
    )


async def _until(done: Callable[[], bool], daemon: asyncio.subprocess.Process, tell: Callable[[str], None]) -> None:
    """Wait until something holds; after LONGEST go on, the verdict will say what is missing."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST
    while loop.time() < end:
        if daemon.returncode is not None:
            raise DemoError(f"the daemon ended with status {daemon.returncode}; see its log")
        if done():
            return
        await asyncio.sleep(0.25)
    tell("this takes longer than it should")


def _prepare(folder: Path) -> None:
    """Make the folder; clear what an earlier demo left, and nothing else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ConfigError((f"{folder} is not empty and not a demo's; name another folder with --dir",))
    try:
        make_private(folder)
        (folder / MARK).touch()
    except OSError as error:
        raise ConfigError((f"{folder}: {error.strerror}; name a folder that you may write to with --dir",)) from error
    shutil.rmtree(folder / "mail", ignore_errors=True)
    for leftover in [*folder.glob("monitor.db*"), folder / "daemon.log"]:
        leftover.unlink(missing_ok=True)


def _config(folder: Path, bases: Mapping[str, str], port: int) -> str:
    mirror = replace(next(outlet for outlet in OUTLETS if outlet.name == MIRROR_OF), name=MIRROR)
    lines = (
        f'  - {{name: {outlet.name}, outlet: "{outlet.outlet}", language: {outlet.language},'
        f' {outlet.kind}: "{bases[outlet.name]}/{outlet.name}/feed", every: 2s, allow_private: [127.0.0.0/8]}}'
        for outlet in (*OUTLETS, mirror)
    )
    return CONFIG.format(folder=folder, recipients=", ".join(RECIPIENTS), port=port, sources="\n".join(lines))
