"""The soundness stage: is the database whole, in its place, and its log short?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from monitor.errors import IndexDamaged, StoreDamaged
from monitor.model import FileLook, Notice
from monitor.pipeline.operator import Operator
from monitor.protocols import Clock, DatabaseFile, Log, OnStore, Upkeep
from monitor.pulse import Pulse

CAUSE, LOG_CAUSE = "database", "wal"
EVERY = timedelta(days=1)
FIRST = timedelta(minutes=10)  # a start looks through a small database itself, through the beginning of a large one
LARGE, TOO_LARGE = 16 * 2**20, 64 * 2**20  # bytes of the log: cut it; tell somebody that it cannot be cut
REBUILDING = timedelta(hours=1)  # a bound for making the search indexes anew
AGAIN = timedelta(minutes=10)  # after a check that could not be made


class Soundness:
    """Checks the database once a day, its files at every tick; raises StoreDamaged when it must not be used."""

    def __init__(
        self,
        *,
        keeper: Upkeep,
        file: DatabaseFile,
        index_damaged: Callable[[], bool],
        on_store: OnStore,
        aside: OnStore,
        slowly: OnStore,
        operator: Operator,
        whole: Callable[[], Awaitable[None]],
        pulse: Pulse,
        clock: Clock,
        log: Log,
    ) -> None:
        """Take the store's face, its file, what tells of a damaged search index, and threads beside the store's.

        `aside` is for looks, `slowly` for what takes minutes; `whole` hears of each look that found nothing.
        """
        self._keeper = keeper
        self._file = file
        self._index_damaged = index_damaged
        self._on_store = on_store
        self._aside = aside
        self._slowly = slowly
        self._operator = operator
        self._whole = whole
        self._pulse = pulse
        self._clock = clock
        self._log = log
        self._next = clock.monotonic() + FIRST.total_seconds()
        self._warned = False
        self._cleared = False  # what an earlier daemon said of the log

    async def tick(self) -> None:
        """Look.

        Raises:
            StoreDamaged: the file was taken away: nothing more may be written.
        """
        look = await self._aside(self._file.look)
        if look.moved:
            raise StoreDamaged(_MOVED)
        if look.wal_gone:
            await self._on_store(self._keeper.reopen)
            await self._aside(self._file.opened)
            self._log.warning("wal_was_removed", healed=True, remedy="leave -wal and -shm alone: they are the database")
        await self._watch_log(look)
        if self._index_damaged():
            await self._mend_indexes()

    def hurry(self) -> None:
        """Look through every page at the next opportunity: somebody has met damage."""
        self._next = self._clock.monotonic()

    async def check(self) -> None:
        """Look through every page once a day.

        Raises:
            StoreDamaged: it cannot be trusted: nothing more may be written. StoreError: it could not be looked through.
        """
        if self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + AGAIN.total_seconds()  # unless it comes to its end
        try:
            told = await self._slowly(self._file.check)
        except IndexDamaged:
            await self._mend_indexes()
            return
        if told is not None:
            raise StoreDamaged(f"a look through the whole database found it damaged: {told}; see `monitor db verify`")
        self._log.info("database_checked")
        await self._operator.forget(await self._operator.open(CAUSE) & {CAUSE})  # earlier versions told it so
        await self._whole()
        self._next = self._clock.monotonic() + EVERY.total_seconds()

    async def _mend_indexes(self) -> None:
        # Minutes, for a big database, in which everybody waits for the store: to be restarted would begin it anew.
        self._pulse.pardon(REBUILDING)
        try:
            await self._on_store(self._keeper.rebuild_indexes)
        finally:
            self._pulse.pardon(timedelta())
        self._log.warning("search_index_made_anew", lost="nothing")

    async def _watch_log(self, look: FileLook) -> None:
        """Cut a log that has grown; if a reader keeps it from being cut, say who that may be, once."""
        if look.wal <= LARGE:
            if self._warned or not self._cleared:
                self._warned, self._cleared = False, True
                await self._operator.forget(await self._operator.open(LOG_CAUSE) & {LOG_CAUSE})
            return
        if await self._on_store(self._keeper.checkpoint):
            return
        if look.wal <= TOO_LARGE or self._warned:
            return
        self._warned = True
        who = ", ".join(await self._aside(self._file.holders)) or "unknown"
        self._log.warning("wal_grows", bytes=look.wal, held_by=who)
        text = (
            f"A long reader keeps the database's log from being cut\n\nIt has {look.wal // 2**20} MiB. Open in: {who}."
        )
        await self._operator.tell([self._notice(LOG_CAUSE, f"{text}\n\n{_READER}")])

    def _notice(self, cause: str, text: str) -> Notice:
        return Notice(cause=cause, text=text, at=self._clock.now())


_MOVED = (
    "the database was moved, replaced or removed while the daemon ran: nothing more is written. What was written last"
    " is in its -wal: put the database back beside it and start again; another one beside it would be spoilt"
)
_READER = (
    "Nothing is lost; the disk fills slowly. End that program's transaction (a `sqlite3` shell, Datasette, a notebook"
    " that was left open): the log is cut within seconds."
)
