"""SIGHUP: the daemon goes on as before unless the whole of another configuration can be used (case 76)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence

from monitor.config import Config
from monitor.daemon.service import Daemon
from monitor.daemon.supervisor import Supervisor
from monitor.errors import ConfigError, MonitorError
from monitor.protocols import Log

Reload = Callable[[], Awaitable[Config]]


class Reloader:
    """Runs a daemon until it is told to end or another configuration is ready for it."""

    def __init__(
        self,
        *,
        asked: asyncio.Event,
        load: Reload,
        hung_up: Callable[[], bool],
        supervisor: Supervisor,
        log: Log,
    ) -> None:
        """Take what reads the next configuration, what tells that SIGHUP means a closed terminal, and whom to tell.

        `asked` says that a reload is wanted, be it since before this one began: none that was asked for is passed over.
        """
        self._asked = asked
        self._load = load
        self._hung_up = hung_up
        self._supervisor = supervisor
        self._log = log

    async def run(self, daemon: Daemon) -> Config | None:
        """Run it; gives the next configuration once its visits and mails under way have ended, None at the end."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._hang_up, daemon)
        running = asyncio.create_task(daemon.run())
        telling = asyncio.create_task(self._tell(daemon))
        next_one = asyncio.create_task(self._next())
        try:
            await asyncio.wait({running, next_one}, return_when=asyncio.FIRST_COMPLETED)
            if not next_one.done():
                return None
            daemon.make_way()
            await asyncio.wait({running})
            return None if daemon.told_to_end.is_set() else next_one.result()
        finally:
            # While one configuration follows the other, too: it is read once more then.
            loop.add_signal_handler(signal.SIGHUP, self._asked.set)
            if not running.done():
                daemon.stop()
            await running
            for task in (telling, next_one):
                task.cancel()
            await asyncio.gather(telling, next_one, return_exceptions=True)

    def _hang_up(self, daemon: Daemon) -> None:
        """Read the configuration anew; where a person closed the terminal that the daemon was started in, end."""
        if self._hung_up():
            daemon.stop()
        else:
            self._asked.set()

    async def _tell(self, daemon: Daemon) -> None:
        """Say that it is ready after its first round, lock held and database open (case 78), and when it ends."""
        await daemon.ready.wait()
        self._supervisor.ready()
        await daemon.told_to_end.wait()
        self._supervisor.stopping()

    async def _next(self) -> Config:
        """Wait until another configuration is asked for and can be used; of one that cannot, only the log hears."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            self._supervisor.reloading()
            try:
                return await self._load()
            except ConfigError as error:
                self._refuse(error.problems)
            except MonitorError as error:
                self._refuse((str(error),))
            except Exception as error:  # noqa: BLE001 - a boundary: whatever is in that file, the work goes on
                self._log.error("reading_configuration_crashed", exc_info=error)
                self._refuse((repr(error),))

    def _refuse(self, problems: Sequence[str]) -> None:
        for problem in problems:
            self._log.error("configuration_refused", problem=problem)
        self._log.warning("configuration_kept", problems=len(problems))
        self._supervisor.ready()
        self._supervisor.status(f"configuration refused, the old one is kept: {problems[0]}")
