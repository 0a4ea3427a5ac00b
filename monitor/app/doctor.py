"""Looking the installation over: the machine, the files, the clock, and with a configuration every way out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from monitor.app.aside import Aside, ways_out_aside
from monitor.app.libraries import versions
from monitor.app.startup import private_networks
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.disk import look_at
from monitor.doctor import (
    clock,
    configuration_file,
    drift,
    mail_steps,
    mend,
    names,
    permissions,
    room,
    secret_file,
    source_failed,
    source_read,
)
from monitor.errors import MonitorError, SourceError
from monitor.folders import barred
from monitor.machine import findings
from monitor.model import Channel, ChannelKind, Check, Smtp, Source, SourceState, Verdict, fine, noted, wrong
from monitor.notify import Dialogue
from monitor.polling.trouble import calls_for_somebody
from monitor.protocols import Log
from monitor.store import ArchiveRows, orphans
from monitor.urls import host_of

Tell = Callable[[Check], None]
DATABASE = "monitor.db"


class Doctor:
    """Looks, and tells each check as it is done; nothing is stored and nothing sent."""

    def __init__(self, *, data: Path, log: Log, tell: Tell) -> None:
        """Take the data folder and who is told."""
        self._data = data
        self._log = log
        self._tell = tell
        self._clock = SystemClock()
        self._known: dict[str, SourceState] = {}
        self._began = self._clock.now(), self._clock.monotonic()

    def mend(self) -> int:
        """Make the files of the data folder their owner's alone; gives how many were not."""
        try:
            return mend(self._data)
        except OSError:  # the look at the folder, which follows, says so
            return 0

    def machine(self) -> None:
        """Look at what needs no configuration: libraries, files, disk, database, clock."""
        now = self._clock.now()
        for check in (*findings(versions(), now.date()), *permissions(self._data, os.geteuid())):
            self._tell(check)
        try:
            self._tell(room(look_at(self._data), self._data))
        except OSError as error:
            self._tell(_barred("disk", self._data, error, self._data))
        self._tell(clock(now, self._database()))

    def files(self, config: Config) -> None:
        """Look at the files that the configuration stands in, and those it names."""
        text = config.file.read_text(encoding="utf-8", errors="replace")
        self._tell(configuration_file(config.file, secret=any(secret in text for secret in config.secrets)))
        if allowed := private_networks(config):
            self._tell(fine("private networks", f"may be reached, as the configuration says: {', '.join(allowed)}"))
        if config.password_file is not None:
            self._tell(secret_file(config.password_file))

    async def outside(self, config: Config) -> None:
        """Try each way out: names, the mail server up to RCPT, each source once."""
        hosts = sorted({host for source in config.sources if (host := urlsplit(source.url).hostname)})
        found = await names(hosts, _resolve)
        self._tell(found)
        await self._mail(config)
        if found.verdict is Verdict.WRONG and len(hosts) > 1:
            self._tell(noted("sources", "not asked, as no name is found", "mend DNS, then run monitor doctor again"))
            return
        async with ways_out_aside(config, self._log) as aside:
            gate = asyncio.Semaphore(config.limits.total)
            await asyncio.gather(*(self._visit(source, aside, gate) for source in config.sources))

    def end(self) -> None:
        """Say how the clock went meanwhile."""
        wall, monotonic = self._began
        passed = timedelta(seconds=self._clock.monotonic() - monotonic)
        self._tell(drift(self._clock.now() - wall, passed))

    def _database(self) -> datetime | None:
        """Look at the database; gives the latest time in it."""
        file = self._data / DATABASE
        try:
            file.stat()
        except FileNotFoundError:
            if not orphans(file):
                self._tell(noted("database", f"there is none at {file} yet", "monitor run, or monitor collect"))
                return None
        except OSError as error:
            self._tell(_barred("database", file, error, self._data))
            return None
        try:
            archive = ArchiveRows(file)
            try:
                facts, newest, self._known = archive.facts(), archive.newest(), archive.states()
            finally:
                archive.close()
        except MonitorError as error:
            told, _, remedy = str(error).partition("; ")
            self._tell(wrong("database", told, remedy or f"ls -l {file}*"))
            return None
        self._tell(fine("database", f"{file}, {facts['articles']} articles, journal {facts['mode']}"))
        return newest

    async def _mail(self, config: Config) -> None:
        recipient = _first_address(config)
        if config.smtp is None or recipient is None:
            told = "no channel of type email: alerts go into a maildir only"
            self._tell(noted("mail", told, "set up smtp: and a channel of type email: docs/configuration.md"))
            return
        for check in mail_steps(config.smtp, await _talk(config.smtp, recipient)):
            self._tell(check)

    async def _visit(self, source: Source, aside: Aside, gate: asyncio.Semaphore) -> None:
        """Visit a source as if for the first time: the manners are those of the daemon, and nothing is kept."""
        now = self._clock.now()
        async with gate:
            try:
                collected = await aside.collector.collect(
                    source, SourceState(source=source.name, added_at=now, due_at=now)
                )
            except SourceError as error:
                lately = _fails_lately(self._known.get(source.name))
                self._tell(source_failed(source.name, error.kind, error.detail, lately=lately))
                return
            except Exception as error:  # noqa: BLE001 - the boundary of one source: the others are looked at (case 34)
                self._tell(source_failed(source.name, "internal", repr(error)))
                return
        visit = collected.visit
        self._tell(source_read(source.name, entries=len(collected.drafts), status=visit.status, error=visit.error))


def _fails_lately(state: SourceState | None) -> bool:
    """Tell whether a failure may be a bad hour, as `monitor status` has it; one of a source never read is none."""
    return state is not None and state.last_good_at is not None and not calls_for_somebody(state)


def _barred(name: str, place: Path, error: OSError, data: Path) -> Check:
    told, _, remedy = barred(place, error, data=data).partition("; ")
    return wrong(name, told, remedy)


async def _talk(smtp: Smtp, recipient: str) -> list[tuple[str, bool, str]]:
    return [(str(step.stage), step.ok, step.told) for step in await Dialogue(smtp).hold(recipient)]


async def _resolve(host: str) -> object:
    return await asyncio.get_running_loop().getaddrinfo(host_of(f"https://{host}/"), 443)


def _first_address(config: Config) -> str | None:
    """Give the operator's address, else the first that gets alerts."""

    def operators_first(channel: Channel) -> bool:
        return channel.name != config.operator

    emails = [channel for channel in config.channels if channel.kind is ChannelKind.EMAIL]
    return next((channel.to[0] for channel in sorted(emails, key=operators_first)), None)
